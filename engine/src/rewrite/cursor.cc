// Scroll and point in time. The client only ever holds sealed ids: bound to its token and to the
// token's epoch, so that neither another token nor this one after a change of its filters can go on
// with them.
#include "json/text.h"
#include "rewrite/parts.h"

namespace weir {
namespace {

std::optional<Failure> open_cursor(const Context& context, CursorKind kind, std::string_view sealed,
                                   std::string& out) {
  if (context.request.sealer == nullptr) return Failure{DenyCode::kCursorUnavailable, {}, {}};
  if (!context.request.sealer->open(context.seal(kind), sealed, out)) {
    return Failure{DenyCode::kCursorInvalid, {}, {}};
  }
  return std::nullopt;
}

struct ScrollRequest {
  std::string_view id;
  std::string_view keep_alive;
};

std::optional<Failure> read_scroll(const Context& context, ScrollRequest& out) {
  if (const Param* id = context.target.find("scroll_id")) out.id = id->value;
  if (const Param* keep_alive = context.target.find("scroll")) out.keep_alive = keep_alive->value;
  if (!context.route.scroll_id.empty()) out.id = context.route.scroll_id;
  if (context.request.body.empty()) return std::nullopt;
  Failure failure;
  auto walk = begin_walk(context, context.request.body, failure);
  if (!walk) return failure;
  bool walked = walk->object([&](std::string_view key) {
    if (key == "scroll_id") return walk->string(out.id);
    if (key == "scroll") return walk->string(out.keep_alive);
    return walk->fail(DenyCode::kBodyKeyUnknown, key);
  });
  if (!walked || !walk->end()) return walk->failure();
  return std::nullopt;
}

// A list of sealed ids, each opened, as the JSON array that goes upstream.
std::optional<Failure> open_list(const Context& context, CursorKind kind,
                                 std::span<const std::string_view> sealed, std::string& json) {
  if (sealed.empty()) return Failure{DenyCode::kCursorInvalid, {}, {}};
  if (sealed.size() > context.limits().max_cursor_ids)
    return Failure{DenyCode::kCursorTooMany, {}, {}};
  json += '[';
  for (std::string_view id : sealed) {
    std::string opened;
    if (auto broken = open_cursor(context, kind, id, opened)) return broken;
    if (json.size() > 1 && json.back() != '[') json += ',';
    append_json_string(opened, json);
  }
  json += ']';
  return std::nullopt;
}

std::optional<Failure> read_ids(const Context& context, std::string_view key_name,
                                std::vector<std::string_view>& out) {
  if (context.request.body.empty()) return std::nullopt;
  Failure failure;
  auto walk = begin_walk(context, context.request.body, failure);
  if (!walk) return failure;
  auto one = [&] {
    std::string_view id;
    if (out.size() > context.limits().max_cursor_ids) return walk->fail(DenyCode::kCursorTooMany);
    if (!walk->string(id)) return false;
    out.push_back(id);
    return true;
  };
  bool walked = walk->object([&](std::string_view key) {
    if (key != key_name) return walk->fail(DenyCode::kBodyKeyUnknown, key);
    if (walk->json.type() != JsonType::kArray) return one();
    return walk->array([&](std::uint32_t) { return one(); });
  });
  if (!walked || !walk->end()) return walk->failure();
  return std::nullopt;
}

void split_ids(std::string_view list, std::vector<std::string_view>& out) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    out.push_back(list.substr(0, comma));
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
}

Verdict close_cursors(const Context& context, CursorKind kind, std::string_view path,
                      std::string_view key, std::span<const std::string_view> ids) {
  std::string body = "{\"";
  body += key;
  body += "\":";
  std::string list;
  if (auto broken = open_list(context, kind, ids, list)) return deny(context, *broken);
  body += list;
  body += '}';
  context.work.pieces.push_back(context.arena().copy(body));
  ResponsePlan plan;
  plan.kind = kind == CursorKind::kScroll ? PlanKind::kClearCursors : PlanKind::kSealCursors;
  plan.seal = context.seal(kind);
  return context.build.forward(Method::kDelete, path, kJson, context.work.pieces, plan);
}

}  // namespace

Verdict rewrite_scroll_next(const Context& context) {
  ScrollRequest scroll;
  if (auto broken = read_scroll(context, scroll)) return deny(context, *broken);
  std::string id;
  if (auto broken = open_cursor(context, CursorKind::kScroll, scroll.id, id))
    return deny(context, *broken);
  std::string body = R"({"scroll_id":)";
  append_json_string(id, body);
  if (!scroll.keep_alive.empty()) {
    if (!is_keep_alive(scroll.keep_alive, context.limits())) {
      return context.build.deny(DenyCode::kCursorKeepAlive, "/scroll");
    }
    body += R"(,"scroll":)";
    append_json_string(scroll.keep_alive, body);
  }
  context.work.pieces.push_back(context.arena().copy(body + "}"));
  TargetText target({"/_search/scroll"}, context.arena());
  add_forwarded(context, target);
  ResponsePlan plan;
  plan.kind = PlanKind::kSealCursors;
  plan.seal = context.seal(CursorKind::kScroll);
  return context.build.forward(Method::kPost, target.take(), kJson,
                               context.work.pieces, plan);
}

Verdict rewrite_scroll_clear(const Context& context) {
  std::vector<std::string_view> ids;
  if (const Param* id = context.target.find("scroll_id")) split_ids(id->value, ids);
  split_ids(context.route.scroll_id, ids);
  // A body's ids win over those of the path and the parameter.
  std::vector<std::string_view> in_body;
  if (auto broken = read_ids(context, "scroll_id", in_body)) return deny(context, *broken);
  return close_cursors(context, CursorKind::kScroll, "/_search/scroll", "scroll_id",
                       in_body.empty() ? ids : in_body);
}

Verdict rewrite_pit_create(const Context& context) {
  if (context.request.sealer == nullptr) return context.build.deny(DenyCode::kCursorUnavailable);
  const Param* keep_alive = context.target.find("keep_alive");
  if (keep_alive == nullptr) {
    return context.build.deny(DenyCode::kCursorKeepAlive, "?keep_alive");
  }
  IndexSelection indices;
  if (auto refused = select_indices(context, indices)) return *refused;
  Arena& arena = context.arena();
  TargetText target({"/", indices.upstream, "/_search/point_in_time"}, arena);
  target.param("keep_alive", keep_alive->value, arena)
      .param("allow_partial_pit_creation", "false", arena);
  IndexOptions options = index_options(context.target);
  options.ignore_unavailable = options.ignore_unavailable || indices.names_for_pattern;
  add_index_options(options, target);
  add_forwarded(context, target);
  ResponsePlan plan;
  plan.kind = PlanKind::kSealCursors;
  plan.seal = context.seal(CursorKind::kPointInTime);
  return context.build.forward(Method::kPost, target.take(), {}, {}, plan);
}

Verdict rewrite_pit_delete(const Context& context) {
  std::vector<std::string_view> ids;
  if (context.request.body.empty()) return context.build.deny(DenyCode::kBodyRequired);
  if (auto broken = read_ids(context, "pit_id", ids)) return deny(context, *broken);
  return close_cursors(context, CursorKind::kPointInTime, "/_search/point_in_time", "pit_id", ids);
}

}  // namespace weir
