// Search templates: the cluster renders the text, and what comes of it is walked and rewritten as
// the body of a _search, so that nothing can hide in a template. Rendering reads no document. A
// stored template is the cluster's: every token may read it and none may write it.
#include <algorithm>

#include "http/percent.h"
#include "json/text.h"
#include "rewrite/parts.h"
#include "rewrite/template_text.h"

namespace weir {
namespace {

struct TemplateRequest {
  std::string_view id;      // JSON; empty: none
  std::string_view source;  // JSON; empty: none
  std::string_view text;    // of the source, as Mustache reads it
  std::string_view params;  // JSON; empty: none
  TemplateParams size;
};

std::string_view value_text(const Walk& walk, std::size_t begin) {
  return walk.json.text().substr(begin, walk.here() - begin);
}

bool walk_source(Walk& walk, TemplateRequest& out) {
  std::size_t begin = walk.here();
  bool object = walk.json.type() == JsonType::kObject;
  bool walked = object ? walk.skip() : walk.string(out.text);
  if (!walked) return false;
  out.source = value_text(walk, begin);
  if (!object) return true;
  // OpenSearch writes the object anew. As far as tags go that is the same text, unless a brace is
  // written as an escape.
  out.text = out.source;
  bool escaped = out.source.find("\\u00") != std::string_view::npos;
  return escaped ? walk.fail(DenyCode::kTemplateTag, "\\u00") : true;
}

// Every value of the parameters is read: how long can a section over one of them get?
bool measure(Walk& walk, TemplateParams& size) {
  switch (walk.json.type()) {
    case JsonType::kObject:
      return walk.object([&](std::string_view) { return measure(walk, size); });
    case JsonType::kArray:
      return walk.array([&](std::uint32_t i) {
        size.longest = std::max<std::uint64_t>(size.longest, i + 1);
        return measure(walk, size);
      });
    case JsonType::kString: {
      std::string_view text;
      if (!walk.string(text)) return false;
      size.longest = std::max<std::uint64_t>(size.longest, text.size());
      return true;
    }
    case JsonType::kNumber:
    case JsonType::kTrue:
    case JsonType::kFalse:
    case JsonType::kNull:
    case JsonType::kNone:
      break;
  }
  return walk.skip();
}

bool walk_params(Walk& walk, TemplateRequest& out) {
  if (walk.json.type() != JsonType::kObject) return walk.fail(DenyCode::kTemplateShape);
  std::size_t begin = walk.here();
  if (!measure(walk, out.size)) return false;
  out.params = value_text(walk, begin);
  out.size.bytes = out.params.size();
  return true;
}

bool walk_template_key(Walk& walk, std::string_view key, TemplateRequest& out) {
  if (key == "id") {
    std::string_view id;
    if (!walk.string(id)) return false;
    out.id = json_string(id, walk.arena);
    return !id.empty() || walk.fail(DenyCode::kTemplateShape);
  }
  if (key == "source") return walk_source(walk, out);
  if (key == "params") return walk_params(walk, out);
  if (key == "explain" || key == "profile") {
    bool wanted = false;
    return walk.boolean(wanted) && (!wanted || walk.fail(DenyCode::kBodyKeyDenied, key));
  }
  return walk.fail(DenyCode::kBodyKeyUnknown, key);
}

std::optional<Failure> read_template(const Context& context, TemplateRequest& out) {
  std::string_view text = context.request.body;
  if (text.empty()) return Failure{DenyCode::kBodyRequired, {}, {}};
  if (text.size() > context.limits().max_template_bytes)
    return Failure{DenyCode::kTemplateSize, {}, {}};
  Failure failure;
  auto walk = begin_walk(context, text, failure);
  if (!walk) return failure;
  bool walked =
      walk->object([&](std::string_view key) { return walk_template_key(*walk, key, out); });
  if (!walked || !walk->end()) return walk->failure();
  if (!context.route.doc_id.empty()) {
    if (!out.id.empty()) return Failure{DenyCode::kTemplateShape, "/id", {}};
    out.id = json_string(context.route.doc_id, context.arena());
  }
  if (out.id.empty() == out.source.empty()) return Failure{DenyCode::kTemplateShape, {}, {}};
  std::string_view tag;
  auto code = check_template(out.text, out.size, context.limits(), tag);
  if (code) return Failure{*code, "/source", context.arena().copy(printable_detail(tag))};
  return std::nullopt;
}

Verdict render(const Context& context, PlanKind kind) {
  TemplateRequest wanted;
  if (auto broken = read_template(context, wanted)) return deny(context, *broken);
  std::string_view name = wanted.id.empty() ? R"({"source":)" : R"({"id":)";
  std::string_view params = wanted.params.empty() ? std::string_view("{}") : wanted.params;
  for (std::string_view piece : {name, wanted.id, wanted.source, std::string_view(R"(,"params":)"),
                                 params, std::string_view("}")}) {
    if (!piece.empty()) context.work.pieces.push_back(piece);
  }
  TargetText target({"/_render/template"}, context.arena());
  if (kind == PlanKind::kStream) add_forwarded(context, target);
  ResponsePlan plan;
  plan.kind = kind;
  return context.build.forward(Method::kPost, target.take(), kJson,
                               context.work.pieces, plan);
}

// The search in the cluster's answer, which puts the rendered text between its own brackets as it
// is.
std::optional<Failure> read_rendered(const Context& context, std::string_view& out) {
  Failure broken{DenyCode::kTemplateOutput, {}, {}};
  Failure ignored;
  auto walk = begin_walk(context, context.request.rendered, ignored);
  if (!walk) return broken;
  bool walked = walk->object([&](std::string_view key) {
    if (key != "template_output" || walk->json.type() != JsonType::kObject) return false;
    std::size_t begin = walk->here();
    if (!walk->skip()) return false;
    out = value_text(*walk, begin);
    return true;
  });
  if (!walked || !walk->end() || out.empty()) return broken;
  return std::nullopt;
}

}  // namespace

Verdict rewrite_search_template(const Context& context) {
  if (context.request.rendered.empty()) return render(context, PlanKind::kRender);
  std::string_view text;
  if (auto broken = read_rendered(context, text)) return deny(context, *broken);
  return rewrite_search_text(context, text);
}

Verdict rewrite_render_template(const Context& context) {
  return render(context, PlanKind::kStream);
}

Verdict rewrite_stored_template(const Context& context) {
  std::string_view name = context.route.doc_id;
  if (name == "." || name == "..") return context.build.deny(DenyCode::kTemplateShape);
  std::string_view id = percent_encode(name, "", context.arena());
  TargetText target({"/_scripts/", id}, context.arena());
  add_forwarded(context, target);
  ResponsePlan plan;
  plan.kind = PlanKind::kStoredTemplate;
  return context.build.forward(Method::kGet, target.take(), {}, {}, plan);
}

}  // namespace weir
