// The rows from the engine's tables, and how the ledger is printed.
#include "ledger.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>
#include <tuple>

#include "dsl/agg/agg.h"
#include "dsl/query/query.h"
#include "engine/dsl/golden.h"
#include "route/params.h"
#include "route/route.h"
#include "weir/verdict.h"

namespace weir::ledger {
namespace {

constexpr std::array kMethods = {Method::kGet, Method::kHead,   Method::kPost,
                                 Method::kPut, Method::kDelete, Method::kPatch};

Row denied(std::string kind, std::string name, DenyCode code) {
  std::string note(why(kind, name));
  const DenyInfo& info = deny_info(code);
  if (note.empty()) note = info.reason;
  return {std::move(kind), std::move(name), Decision::kDenied, std::string(info.code), note};
}

void append_routes(std::vector<Row>& out) {
  for (std::span<const weir::Row> table : {served_rows(), denied_rows()}) {
    for (const weir::Row& row : table) {
      for (Method method : kMethods) {
        if (!takes(row, method)) continue;
        std::string name = std::string(method_name(method)) + " " + std::string(row.path);
        if (row.id == RouteId::kNone) {
          out.push_back(denied("route", name, row.deny));
          continue;
        }
        const RouteInfo& info = route_info(row.id);
        bool own = info.answered.starts_with("by Weir itself");
        out.push_back({"route", name, own ? Decision::kAnswered : Decision::kRewritten, "",
                       std::string(info.name) + ": " + std::string(info.answered)});
      }
    }
  }
}

Row param_row(std::string name, const ParamRow& param) {
  std::string kind = "param";
  switch (param.use) {
    case ParamUse::kDenied:
      return denied(kind, name, param.code);
    case ParamUse::kForward:
      return {kind, name, Decision::kChecked, "", "sent on"};
    case ParamUse::kBody:
      return {kind, name, Decision::kRewritten, "", "written into the body"};
    case ParamUse::kIndex:
      return {kind, name, Decision::kRewritten, "", "applies to the index expression"};
    case ParamUse::kAnswered:
      break;
  }
  if (param.kind == ValueKind::kOneOf) {
    return {kind, name, Decision::kChecked, "", "only `" + std::string(param.choices) + "`"};
  }
  return {kind, name, Decision::kAnswered, "", "acted upon by Weir, or makes no difference"};
}

void append_params(std::vector<Row>& out) {
  for (std::size_t i = 1; i < kRouteCount; ++i) {
    auto route = static_cast<RouteId>(i);
    for (std::span<const ParamRow> table : {param_rows(route), common_param_rows(route)}) {
      for (const ParamRow& param : table) {
        out.push_back(
            param_row(std::string(route_info(route).name) + " " + std::string(param.name), param));
      }
    }
  }
}

bool has_key(const std::string& text, const std::string& key) {
  return text.find("\"" + key + "\":") != std::string::npos;
}

// The types whose golden cases forward something else than was sent. A change counts for the case's
// own type unless another type that is rewritten stands in it, too.
std::set<std::string> rewritten_types(const std::vector<test::GoldenFile>& files) {
  std::set<std::string> found;
  for (bool grown = true; grown;) {
    grown = false;
    for (const test::GoldenFile& file : files) {
      if (found.count(file.name) != 0) continue;
      bool rewritten = std::any_of(file.ok.begin(), file.ok.end(), [&](const test::Case& one) {
        std::string sent = test::minified(one.send);
        return sent != one.forward && std::none_of(files.begin(), files.end(), [&](const auto& f) {
                 return f.name != file.name && has_key(sent, f.name);
               });
      });
      if (!rewritten) continue;
      found.insert(file.name);
      grown = true;
    }
  }
  return found;
}

template <typename Type>
void append_types(std::span<const Type> types, const std::string& kind,
                  const std::vector<test::GoldenFile>& golden, std::vector<Row>& out) {
  std::set<std::string> rewritten = rewritten_types(golden);
  for (const Type& type : types) {
    std::string name(type.name);
    if (type.walk == nullptr) {
      out.push_back(denied(kind, name, type.deny));
      continue;
    }
    bool changed = rewritten.count(name) != 0;
    out.push_back({kind, name, changed ? Decision::kRewritten : Decision::kChecked, "", ""});
  }
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string outcome(const Row& row) {
  std::string out(decision_name(row.decision));
  return row.decision == Decision::kDenied ? out + " `" + row.code + "`" : out;
}

// Kinds in the order in which they are shown, each with what it is.
struct Kind {
  std::string_view name;
  std::string_view title;
};
constexpr Kind kKinds[] = {
    {"route", "endpoints (method and path)"},
    {"param", "URI parameters (with their endpoint)"},
    {"search body", "keys of a search body"},
    {"query", "query types"},
    {"query form", "short and long forms of queries"},
    {"agg", "aggregation types"},
    {"score function", "functions of `function_score`"},
    {"intervals rule", "rules of `intervals`"},
    {"significance heuristic", "heuristics of `significant_*`"},
    {"suggester", "suggesters"},
    {"highlighter", "highlighters"},
    {"highlight", "keys of `highlight`"},
    {"sort", "forms of `sort`"},
    {"sort key", "keys of a sort by a field"},
    {"geo sort key", "keys of `_geo_distance`"},
    {"nested sort key", "keys of a nested sort"},
    {"script sort key", "keys of `_script`"},
    {"rescorer", "rescorers"},
    {"collapse", "keys of `collapse`"},
    {"inner_hits", "keys of `inner_hits`"},
    {"slice", "keys of `slice`"},
    {"pit", "keys of `pit`"},
    {"_source", "keys of `_source`"},
    {"msearch header", "keys of an `_msearch` header"},
    {"count body", "keys of a `_count` body"},
    {"mget body", "keys of an `_mget` body"},
    {"mget doc", "keys of an item of `_mget`"},
    {"scroll body", "keys of a `_search/scroll` body"},
    {"clear scroll body", "keys to close a scroll"},
    {"delete pit body", "keys to close a point in time"},
    {"field_caps body", "keys of a `_field_caps` body"},
};

std::vector<const Row*> of_kind(const std::vector<Row>& all, std::string_view kind) {
  std::vector<const Row*> out;
  for (const Row& row : all) {
    if (row.kind == kind) out.push_back(&row);
  }
  return out;
}

std::string section(const Kind& kind, const std::vector<Row>& all) {
  std::string out = "\n## " + std::string(kind.name) + ": " + std::string(kind.title) +
                    "\n\n| name | decision | how, or why not |\n|---|---|---|\n";
  for (const Row* row : of_kind(all, kind.name)) {
    out += "| `" + cell(row->name) + "` | " + outcome(*row) + " | " + cell(row->note) + " |\n";
  }
  return out;
}

}  // namespace

std::string_view decision_name(Decision decision) {
  switch (decision) {
    case Decision::kRewritten:
      return "rewritten";
    case Decision::kChecked:
      return "checked";
    case Decision::kAnswered:
      return "answered here";
    case Decision::kDenied:
      break;
  }
  return "denied";
}

std::vector<Row> rows(const std::string& golden) {
  std::vector<Row> all;
  append_routes(all);
  append_params(all);
  append_types(query_types(), "query", test::read_golden_folder(golden + "/query"), all);
  append_types(agg_types(), "agg", test::read_golden_folder(golden + "/agg"), all);
  append_probed(all);
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return all;
}

std::string summary(const std::vector<Row>& all) {
  std::string out =
      "| kind of name | known | rewritten | checked | answered here | denied |\n"
      "|---|---:|---:|---:|---:|---:|\n";
  for (const Kind& kind : kKinds) {
    std::map<Decision, std::size_t> count;
    std::vector<const Row*> rows = of_kind(all, kind.name);
    for (const Row* row : rows) ++count[row->decision];
    out += "| " + std::string(kind.title) + " | " + std::to_string(rows.size());
    for (Decision decision :
         {Decision::kRewritten, Decision::kChecked, Decision::kAnswered, Decision::kDenied}) {
      out += " | " + std::to_string(count[decision]);
    }
    out += " |\n";
  }
  return out;
}

std::string denied_names(const std::vector<Row>& all) {
  std::string out = "| what | denied | why |\n|---|---|---|\n";
  for (std::string_view kind :
       {"query", "agg", "search body", "suggester", "highlighter", "sort"}) {
    std::vector<std::pair<std::string, std::string>>
        groups;  // reason, names; in the order of the first names
    for (const Row* row : of_kind(all, kind)) {
      if (row->decision != Decision::kDenied) continue;
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& one) { return one.first == row->note; });
      if (group == groups.end()) group = groups.insert(groups.end(), {row->note, ""});
      group->second += (group->second.empty() ? "`" : ", `") + row->name + "`";
    }
    for (const auto& [note, names] : groups) {
      out += "| " + std::string(kind) + " | " + names + " | " + cell(note) + " |\n";
    }
  }
  return out;
}

std::string document(const std::vector<Row>& all) {
  std::string out =
      "# The ledger\n\n"
      "Every name that OpenSearch knows and a client can write, with what Weir does about it in "
      "the\n"
      "`sealed` profile. `engine/tools/update-readme` makes this file from the engine's tables and "
      "from what the engine\n"
      "says to a request with the name in it; `tests/ledger` holds it against the names that "
      "OpenSearch's servers and its\n"
      "API specification list.\n\n"
      "- *rewritten*: the request that goes on is not the one that came, so that its meaning holds "
      "for the visible documents\n"
      "- *checked*: sent on as it is, once it has been understood to the last byte\n"
      "- *answered here*: by Weir itself\n"
      "- *denied*: refused with this code\n\n";
  out += summary(all);
  for (const Kind& kind : kKinds) out += section(kind, all);
  return out;
}

std::string as_lines(const std::vector<Row>& all) {
  std::string out;
  for (const Row& row : all) {
    out += row.kind + '\t' + row.name + '\t' + std::string(decision_name(row.decision)) + '\t' +
           row.code + '\t' + row.note + '\n';
  }
  return out;
}

}  // namespace weir::ledger
