// The slow reference of the response editors: the whole answer is parsed (RapidJSON judges and
// decodes it), looked at as a tree, and the client's answer is made of it in one piece. It shares
// no code with the editors except the mapping of upstream errors and the texts Weir writes itself,
// which have tests of their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/response/agg_reference.h"
#include "engine/response/reference_tree.h"
#include "response/upstream_error.h"
#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir::response::reference {

struct Answer {
  int status = 0;
  std::string body;
  friend bool operator==(const Answer&, const Answer&) = default;
};

class Reference {
 public:
  Reference(const ResponsePlan& plan, const Sealer* sealer, const Limits& limits = {})
      : plan_(plan), sealer_(sealer), limits_(limits) {}

  /// What the client gets; nothing when the answer has to be broken off.
  std::optional<Answer> answer(int status, std::string_view body) {
    std::optional<Answer> out = with_body(status, body);
    if (out && plan_.head_only) out->body.clear();
    return out;
  }

 private:
  std::optional<Answer> with_body(int status, std::string_view body) {
    bool cleared = plan_.kind == PlanKind::kClearCursors && (status == 200 || status == 404);
    if (plan_.kind == PlanKind::kExists && (status == 200 || (status == 404 && plan_.head_only))) {
      return Answer{status, ""};
    }
    if (holds_answer(plan_) && status == 200) {
      if (body.size() > limits_.max_held_answer_bytes) return std::nullopt;
      return Answer{200, std::string(body)};
    }
    if (plan_.kind == PlanKind::kStream && status == 200) return Answer{200, std::string(body)};
    if (status != 200 && !cleared) {
      return error(
          map_upstream_error(plan_.kind, status, body.substr(0, limits_.max_upstream_error_bytes)));
    }
    bool good = valid(body);
    if (cleared) return clear_cursors(status, body, good);
    if (!good) return std::nullopt;
    text_ = body;
    root_ = TreeReader(body).read();
    if (root_.kind != '{') return std::nullopt;
    switch (plan_.kind) {
      case PlanKind::kSealCursors:
        return seal_cursors();
      case PlanKind::kDocument:
      case PlanKind::kSource:
        return document(root_, plan_.index, plan_.id);
      case PlanKind::kCount:
        return count();
      case PlanKind::kMultiSearch:
      case PlanKind::kMultiGet:
        return items();
      case PlanKind::kStoredTemplate:
        return stored_template(body);
      case PlanKind::kLookup:
      case PlanKind::kRender:
      case PlanKind::kFieldCaps:
      case PlanKind::kFieldsSeen:
      case PlanKind::kStream:
      case PlanKind::kExists:
      case PlanKind::kClearCursors:
        break;
    }
    return std::nullopt;
  }

  static Answer error(DenyCode code) {
    Answer out{deny_info(code).status, ""};
    append_error_body(code, "", "", out.body);
    return out;
  }
  std::string raw(const Node& node) const {
    return std::string(text_.substr(node.begin, node.end - node.begin));
  }

  // --- answers that pass with some places changed
  std::string edited(std::size_t begin, std::size_t end, const std::vector<Edit>& edits) const {
    std::string out;
    for (const Edit& edit : edits) {
      out += text_.substr(begin, edit.begin - begin);
      out += edit.text;
      begin = edit.end;
    }
    return out += text_.substr(begin, end - begin);
  }
  bool seal(const Node& id, CursorKind kind, std::vector<Edit>& edits) const {
    if (id.kind != '"' || sealer_ == nullptr) return false;
    std::string plain = decode(raw(id));
    if (plain.size() > limits_.max_cursor_bytes) return false;
    SealContext context = plan_.seal;
    context.kind = kind;
    std::string sealed;
    if (!sealer_->seal(context, plain, sealed)) return false;
    edits.push_back({id.begin, id.end, '"' + sealed + '"'});
    return true;
  }
  void drop_failures(const Node& shards, std::vector<Edit>& edits) const {
    bool any_before = false;
    std::size_t last_end = shards.begin + 1;
    for (std::size_t i = 0; i < shards.keys.size(); ++i) {
      if (shards.keys[i] == "failures") {
        edits.push_back({last_end, shards.values[i].end, ""});
      } else {
        if (i > 0 && !any_before) {
          std::size_t comma = text_.find(',', last_end);
          edits.push_back({comma, comma + 1, ""});
        }
        any_before = true;
      }
      last_end = shards.values[i].end;
    }
  }
  static bool turn_aggs(bool turned, const std::string& key, const Node& value,
                        std::vector<Edit>& edits) {
    bool aggs = turned && key == "aggregations" && value.kind == '{';
    return !aggs || AggTurner(edits).turn(value);
  }
  std::optional<Answer> seal_cursors() {
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < root_.keys.size(); ++i) {
      const std::string& key = root_.keys[i];
      const Node& value = root_.values[i];
      if (key == "error") return std::nullopt;
      if (key == "_scroll_id" && !seal(value, CursorKind::kScroll, edits)) return std::nullopt;
      if (key == "pit_id" && !seal(value, CursorKind::kPointInTime, edits)) return std::nullopt;
      if (key == "_shards" && value.kind == '{') drop_failures(value, edits);
      if (!turn_aggs(plan_.turned_aggs, key, value, edits)) return std::nullopt;
      if (key != "pits") continue;
      if (value.kind != '[') return std::nullopt;
      for (const Node& pit : value.values) {
        if (pit.kind != '{') return std::nullopt;
        for (std::size_t j = 0; j < pit.keys.size(); ++j) {
          if (pit.keys[j] != "pit_id") continue;
          if (!seal(pit.values[j], CursorKind::kPointInTime, edits)) return std::nullopt;
        }
      }
    }
    return Answer{200, edited(0, text_.size(), edits)};
  }

  // --- searches of one hit
  std::optional<Answer> document(const Node& search, std::string_view index, std::string_view id) {
    if (search.count("error") > 0 || search.count("hits") != 1) return std::nullopt;
    const Node& outer = *search.find("hits");
    if (outer.kind != '{' || outer.count("hits") != 1) return std::nullopt;
    const Node& list = *outer.find("hits");
    if (list.kind != '[' || list.values.size() > 1) return std::nullopt;
    const Node* hit = list.values.empty() ? nullptr : &list.values[0];
    if (hit != nullptr && hit->kind != '{') return std::nullopt;
    if (plan_.kind == PlanKind::kSource) {
      if (hit != nullptr && hit->count("_source") > 1) return std::nullopt;
      const Node* source = hit == nullptr ? nullptr : hit->find("_source");
      return source == nullptr ? error(DenyCode::kUpstreamNotFound) : Answer{200, raw(*source)};
    }
    if (hit == nullptr) {
      return Answer{404,
                    "{\"_index\":" + quote(index) + ",\"_id\":" + quote(id) + ",\"found\":false}"};
    }
    return found(*hit);
  }
  std::optional<Answer> found(const Node& hit) const {
    std::vector<std::string> members;
    bool told = false;
    for (std::size_t i = 0; i < hit.keys.size(); ++i) {
      const std::string& key = hit.keys[i];
      bool late = key == "_source" || key == "fields";
      bool early = key == "_index" || key == "_id" || key == "_version" || key == "_routing";
      if (!late && !early) continue;
      if (hit.count(key) > 1) return std::nullopt;
      if (late && !std::exchange(told, true)) members.emplace_back("\"found\":true");
      members.push_back('"' + key + "\":" + raw(hit.values[i]));
    }
    if (!told) members.emplace_back("\"found\":true");
    Answer out{200, "{"};
    for (const std::string& member : members) out.body += (out.body == "{" ? "" : ",") + member;
    out.body += '}';
    return out;
  }
  static std::string quote(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
      constexpr std::string_view kHex = "0123456789abcdef";
      if (c == '"' || c == '\\') out += '\\';
      if (static_cast<unsigned char>(c) < 0x20) {
        out += std::string("\\u00") + kHex[static_cast<std::size_t>(c) / 16] +
               kHex[static_cast<std::size_t>(c) % 16];
      } else {
        out += c;
      }
    }
    return out + '"';
  }

  // --- several of them
  std::optional<Answer> items() {
    if (root_.count("error") > 0 || root_.count("responses") != 1) return std::nullopt;
    bool get = plan_.kind == PlanKind::kMultiGet;
    std::string took = "0";
    for (std::size_t i = 0; root_.keys[i] != "responses"; ++i) {
      if (root_.keys[i] == "took") took = raw(root_.values[i]);
    }
    for (std::size_t i = 0; i < root_.keys.size(); ++i) {
      const Node& value = root_.values[i];
      if (root_.keys[i] != "took") continue;
      if (value.kind != '0' || value.end - value.begin > 20) return std::nullopt;
    }
    const Node& list = *root_.find("responses");
    if (list.kind != '[') return std::nullopt;
    std::string out = get ? "{\"docs\":[" : "{\"took\":" + took + ",\"responses\":[";
    std::size_t next = 0;
    for (const PlanItem& item : plan_.items) {
      if (&item != plan_.items.data()) out += ',';
      if (item.denied) {
        out += item_error(item, item.code, item.deny_path, item.deny_detail);
        continue;
      }
      if (next == list.values.size()) return std::nullopt;
      const Node& upstream = list.values[next++];
      if (upstream.kind != '{') return std::nullopt;
      std::optional<std::string> text = one_item(item, upstream);
      if (!text) return std::nullopt;
      out += *text;
    }
    if (next != list.values.size()) return std::nullopt;
    return Answer{200, out + "]}"};
  }
  std::optional<std::string> one_item(const PlanItem& item, const Node& upstream) {
    if (!upstream.keys.empty() && upstream.keys[0] == "error") {
      if (upstream.count("error") > 1) return std::nullopt;
      const Node* status = upstream.find("status");
      int number = status == nullptr ? 500 : std::stoi(raw(*status));
      std::string kept =
          ("{\"error\":" + raw(upstream.values[0])).substr(0, limits_.max_upstream_error_bytes);
      return item_error(item, map_upstream_error(plan_.kind, number, kept), "", "");
    }
    if (upstream.count("error") > 0) return std::nullopt;
    if (plan_.kind == PlanKind::kMultiGet) {
      std::optional<Answer> one = document(upstream, item.index, item.id);
      return one ? std::optional(one->body) : std::nullopt;
    }
    std::vector<Edit> edits;
    for (std::size_t i = 0; i < upstream.keys.size(); ++i) {
      bool shards = upstream.keys[i] == "_shards" && upstream.values[i].kind == '{';
      if (shards) drop_failures(upstream.values[i], edits);
      if (!turn_aggs(item.turned_aggs, upstream.keys[i], upstream.values[i], edits)) {
        return std::nullopt;
      }
    }
    return edited(upstream.begin, upstream.end, edits);
  }
  std::string item_error(const PlanItem& item, DenyCode code, std::string_view path,
                         std::string_view detail) const {
    std::string body;
    append_error_body(code, path, detail, body);
    if (plan_.kind == PlanKind::kMultiSearch) return body;
    Node tree = TreeReader(body).read();
    const Node& inner = *tree.find("error");
    return "{\"_index\":" + quote(item.index) + ",\"_id\":" + quote(item.id) +
           ",\"error\":" + body.substr(inner.begin, inner.end - inner.begin) + "}";
  }

  // --- small answers
  static bool counter(const Node* node, std::string_view text) {
    if (node == nullptr || node->kind != '0') return false;
    std::string_view digits = text.substr(node->begin, node->end - node->begin);
    return digits.size() < 20 && digits.find_first_not_of("0123456789") == std::string_view::npos;
  }
  std::optional<Answer> count() {
    if (text_.size() > limits_.max_held_response_bytes) return std::nullopt;
    const Node* hits = root_.find("hits");
    const Node* shards = root_.find("_shards");
    if (hits == nullptr || hits->kind != '{') return std::nullopt;
    if (shards == nullptr || shards->kind != '{') return std::nullopt;
    const Node* total = hits->count("total") > 1 ? nullptr : hits->find("total");
    if (total != nullptr && total->kind == '{') {
      const Node* relation = total->find("relation");
      if (relation != nullptr && raw(*relation) != "\"eq\"") return std::nullopt;
      total = total->find("value");
    }
    for (const Node* number :
         {total, shards->find("total"), shards->find("successful"), shards->find("failed")}) {
      if (!counter(number, text_)) return std::nullopt;
    }
    if (raw(*shards->find("failed")) != "0") return error(DenyCode::kUpstreamUnavailable);
    return Answer{200, "{\"count\":" + raw(*total) +
                           ",\"_shards\":{\"total\":" + raw(*shards->find("total")) +
                           ",\"successful\":" + raw(*shards->find("successful")) +
                           ",\"skipped\":0,\"failed\":0}}"};
  }
  std::optional<Answer> stored_template(std::string_view body) {
    if (body.size() > limits_.max_held_response_bytes) return std::nullopt;
    const Node* script = root_.find("script");
    const Node* language = script == nullptr ? nullptr : script->find("lang");
    bool is_template = language != nullptr && raw(*language) == "\"mustache\"";
    return is_template ? Answer{200, std::string(body)} : error(DenyCode::kUpstreamNotFound);
  }
  std::optional<Answer> clear_cursors(int status, std::string_view body, bool good) {
    bool shape = false;
    text_ = body;
    if (good && body.size() <= limits_.max_held_response_bytes) {
      root_ = TreeReader(body).read();
      const Node* succeeded = root_.find("succeeded");
      shape = root_.count("succeeded") == 1 && root_.count("num_freed") == 1 &&
              (succeeded->kind == 't' || succeeded->kind == 'f') &&
              counter(root_.find("num_freed"), body);
    }
    if (shape && root_.keys.size() == 2) return Answer{status, std::string(body)};
    if (status == 404) return error(map_upstream_error(plan_.kind, 404, body));
    if (!shape) return std::nullopt;
    return Answer{200, "{\"succeeded\":" + raw(*root_.find("succeeded")) +
                           ",\"num_freed\":" + raw(*root_.find("num_freed")) + "}"};
  }

  const ResponsePlan& plan_;
  const Sealer* sealer_;
  Limits limits_;
  std::string_view text_;
  Node root_;
};

}  // namespace weir::response::reference
