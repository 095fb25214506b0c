// Prints what the engine's tables say, for people: endpoints, URI parameters, the ledger and deny
// codes as markdown.
//
//   weir_tables                  prints all sections
//   weir_tables --check FILE     fails if a section of the file is missing or differs
//   weir_tables --update FILE    writes the sections anew; the markers must be there
//   weir_tables --ledger         prints the whole ledger as a document
//   weir_tables --ledger-summary prints the README's section about it, which --check leaves to
//   tests/ledger weir_tables --ledger-lines   prints it for programs: kind, name, decision, code
//   and note, separated by tabs
//
// A section stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`.
#include <array>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "ledger.h"
#include "route/params.h"
#include "route/route.h"
#include "weir/verdict.h"

namespace weir {
namespace {

constexpr std::array kMethods = {Method::kGet, Method::kHead,   Method::kPost,
                                 Method::kPut, Method::kDelete, Method::kPatch};

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& text : cells) out += " " + text + " |";
  return out + "\n";
}

std::string header(const std::vector<std::string>& names) {
  std::string out = row(names) + "|";
  for (std::size_t i = 0; i < names.size(); ++i) out += "---|";
  return out + "\n";
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += separator;
    out += part;
  }
  return out;
}

std::vector<RouteId> served_routes() {
  std::vector<RouteId> routes;
  for (std::size_t i = 1; i < kRouteCount; ++i) routes.push_back(static_cast<RouteId>(i));
  return routes;
}

std::string methods_of(const Row& of) {
  std::vector<std::string> names;
  for (Method method : kMethods) {
    if (takes(of, method)) names.emplace_back(method_name(method));
  }
  return join(names, ", ");
}

std::string endpoints() {
  std::string out = header({"name", "endpoint", "what", "how it is answered"});
  std::size_t served = 0;
  for (RouteId route : served_routes()) {
    std::vector<std::string> paths;
    for (const Row& candidate : served_rows()) {
      if (candidate.id != route) continue;
      paths.push_back(methods_of(candidate) + " " + code(candidate.path));
      for (Method method : kMethods) served += takes(candidate, method) ? 1 : 0;
    }
    const RouteInfo& info = route_info(route);
    out += row({code(info.name), join(paths, "<br>"), cell(info.does), cell(info.answered)});
  }
  std::map<DenyCode, std::size_t> denied;
  std::size_t all_denied = 0;
  for (const Row& candidate : denied_rows()) {
    for (Method method : kMethods) {
      denied[candidate.deny] += takes(candidate, method) ? 1 : 0;
      all_denied += takes(candidate, method) ? 1 : 0;
    }
  }
  out +=
      "\nOpenSearch and its plugins know " + std::to_string(served + all_denied) +
      " pairs of method and path. Weir serves " + std::to_string(served) + " and denies " +
      std::to_string(all_denied) +
      "; any other path is denied with `route.unknown`, any other method with `route.method`.\n\n";
  out += header({"code", "pairs denied", "reason"});
  for (const auto& [reason, count] : denied) {
    out +=
        row({code(deny_info(reason).code), std::to_string(count), cell(deny_info(reason).reason)});
  }
  return out;
}

std::string choices_of(std::string_view choices) {
  std::vector<std::string> out;
  std::stringstream stream{std::string(choices)};
  for (std::string choice; std::getline(stream, choice, '|');) out.push_back(code(choice));
  return join(out, ", ");
}

std::string values_of(const ParamRow& param) {
  std::string most = std::to_string(param.max);
  switch (param.kind) {
    case ValueKind::kNone:
      return "";
    case ValueKind::kBool:
      return "`true`, `false`, empty (is `true`)";
    case ValueKind::kInt:
      return std::to_string(param.min) + " to " + most;
    case ValueKind::kBoolOrInt:
      return "`true`, `false`, 0 to " + most;
    case ValueKind::kTime:
      return "a time with a unit: `30s`";
    case ValueKind::kKeepAlive:
      return "a time with a unit, at most `" + std::to_string(Limits().max_keep_alive_seconds) +
             "s`: `1m`";
    case ValueKind::kNames:
      return "names separated by commas";
    case ValueKind::kPatterns:
      return "names or patterns separated by commas";
    case ValueKind::kOneOf:
      return choices_of(param.choices);
    case ValueKind::kExpandWildcards:
      return "`open`, `none`";
    case ValueKind::kPreference:
      return "letter or digit, then up to 127 of letters, digits and `_.-`";
    case ValueKind::kFilterPath:
      return "letters, digits and `_.*,-`";
    case ValueKind::kText:
      return "text";
  }
  return "";
}

std::string use_of(const ParamRow& param) {
  switch (param.use) {
    case ParamUse::kDenied:
      return "denied";
    case ParamUse::kForward:
      return "sent on";
    case ParamUse::kBody:
      return "written into the body";
    case ParamUse::kIndex:
      return "applies to the index expression";
    case ParamUse::kAnswered:
      if (param.kind == ValueKind::kOneOf) return "accepted: Weir does so anyway";
      if (param.kind == ValueKind::kKeepAlive || param.kind == ValueKind::kText) {
        return "acted upon by Weir";
      }
      return "accepted, makes no difference";
  }
  return "";
}

std::string routes_text(const std::set<RouteId>& routes) {
  if (routes.size() + 1 == kRouteCount) return "all";
  std::vector<std::string> names;
  for (RouteId route : routes) names.push_back(code(route_info(route).name));
  return join(names, ", ");
}

std::string parameters() {
  using Key = std::array<std::string, 3>;  // name, values, use
  std::map<Key, std::set<RouteId>> accepted;
  std::map<std::string, std::set<RouteId>> denied;
  for (RouteId route : served_routes()) {
    for (std::span<const ParamRow> rows : {param_rows(route), common_param_rows(route)}) {
      for (const ParamRow& param : rows) {
        if (param.use == ParamUse::kDenied) {
          denied[std::string(param.name)].insert(route);
        } else {
          accepted[{std::string(param.name), values_of(param), use_of(param)}].insert(route);
        }
      }
    }
  }
  std::string out = header({"parameter", "values", "what happens", "endpoints"});
  for (const auto& [key, routes] : accepted) {
    out += row({code(key[0]), cell(key[1]), cell(key[2]), routes_text(routes)});
  }
  out +=
      "\nKnown to OpenSearch and denied with `param.denied`; any other name is "
      "`param.unknown`:\n\n";
  out += header({"parameter", "endpoints"});
  for (const auto& [name, routes] : denied) out += row({code(name), routes_text(routes)});
  return out;
}

std::string codes() {
  std::string out = header({"code", "status", "reason"});
  for (const DenyInfo& info : all_deny_codes()) {
    out += row({code(info.code), std::to_string(info.status), cell(info.reason)});
  }
  return out;
}

struct Section {
  std::string name;
  std::string text;
};

std::vector<Section> sections() {
  return {{"endpoints", endpoints()}, {"parameters", parameters()}, {"codes", codes()}};
}

bool read_file(const std::string& path, std::string& out) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream stream;
  stream << file.rdbuf();
  out = stream.str();
  return file.good();
}

std::string ledger_section() {
  std::vector<ledger::Row> all = ledger::rows(WEIR_GOLDEN_FOLDER);
  return ledger::summary(all) + "\nDenied in the profile `sealed`:\n\n" + ledger::denied_names(all);
}

// Puts the sections into `document`; false and a message if a marker is missing.
bool fill(std::string& document, const std::vector<Section>& wanted) {
  for (const Section& section : wanted) {
    std::string begin = "<!-- " + section.name + ":begin -->\n";
    std::string end = "<!-- " + section.name + ":end -->";
    std::size_t from = document.find(begin);
    std::size_t to = document.find(end);
    if (from == std::string::npos || to == std::string::npos || to < from) {
      std::cerr << "the markers of section `" << section.name << "` are missing\n";
      return false;
    }
    from += begin.size();
    document.replace(from, to - from, section.text);
  }
  return true;
}

int print_ledger(const std::string& option) {
  if (option == "--ledger") {
    std::cout << ledger::document(ledger::rows(WEIR_GOLDEN_FOLDER));
  } else if (option == "--ledger-lines") {
    std::cout << ledger::as_lines(ledger::rows(WEIR_GOLDEN_FOLDER));
  } else {
    std::cout << ledger_section();
  }
  return 0;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.empty()) {
    for (const Section& section : sections()) std::cout << section.text << '\n';
    return 0;
  }
  if (arguments.size() == 1 && arguments[0].starts_with("--ledger"))
    return print_ledger(arguments[0]);
  bool check = arguments[0] == "--check";
  if (arguments.size() != 2 || (!check && arguments[0] != "--update")) {
    std::cerr << "usage: weir_tables [--check FILE | --update FILE | --ledger[-summary|-lines]]\n";
    return 2;
  }
  std::string have;
  if (!read_file(arguments[1], have)) {
    std::cerr << "`" << arguments[1] << "` cannot be read\n";
    return 1;
  }
  std::string want = have;
  std::vector<Section> wanted = sections();
  if (!check) wanted.push_back({"ledger", ledger_section()});
  if (!fill(want, wanted)) return 1;
  if (check) {
    if (want == have) return 0;
    std::cerr << "the tables in `" << arguments[1] << "` are old; run engine/tools/update-readme\n";
    return 1;
  }
  std::ofstream file(arguments[1], std::ios::binary);
  file << want;
  file.close();
  return file.good() ? 0 : 1;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::run({argv + 1, argv + argc}); }
