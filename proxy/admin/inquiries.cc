#include "admin/inquiries.h"

#include <set>
#include <utility>

#include "http/small_error.h"

namespace weir::proxy {
namespace {

// An inquiry is some small searches; a cluster that needs longer for one is not well.
constexpr Millis kPatience{10000};

/// What the engine or the search cluster has against the question itself is the asker's to mend.
bool is_askers(const std::string& code) {
  for (const DenyInfo& info : all_deny_codes()) {
    if (info.code == code) return info.status == 400 || info.status == 403 || info.status == 404;
  }
  return false;
}

SmallResponse failed(const Problem& problem, const std::string& request_id) {
  if (is_askers(problem.where)) {
    return error_answer(400, "inquiries/REFUSED", "the question cannot be asked: " + problem.what,
                        request_id, {{"code", problem.where}});
  }
  SmallResponse response =
      error_answer(503, "inquiries/FAILED", "the question cannot be answered now: " + problem.what,
                   request_id, {{"code", problem.where}});
  response.headers.emplace_back("retry-after", "5");
  return response;
}

}  // namespace

Inquiries::Inquiries(Parts parts, const std::vector<UpstreamSettings>& upstreams)
    : parts_(std::move(parts)), first_(upstreams.front()) {
  for (const UpstreamSettings& upstream : upstreams) by_account_.emplace(upstream.name, upstream);
}

const UpstreamSettings& Inquiries::upstream_of(const std::string& account) const {
  const auto found = by_account_.find(account);
  return found == by_account_.end() ? first_ : found->second;
}

/// `inquire` makes a Result<std::string>, the body of the answer, of an Asker and the scene.
template <typename Inquire>
SmallResponse Inquiries::inquire(Scene scene, std::string request_id, Inquire inquire) const {
  SmallResponse answer;
  answer.later = [this, scene = std::move(scene), request_id = std::move(request_id),
                  inquire = std::move(inquire)]() mutable -> SmallResponse {
    if (parts_.knowledge != nullptr) {
      std::set<std::string> fields = scene.fields;
      for (const AskedFilter& asked : scene.filters) fields.insert(asked.filter.field);
      scene.learned = parts_.knowledge->learn(scene.account, fields);
      if (scene.learned == nullptr) {
        const DenyInfo& info = deny_info(DenyCode::kMappingsUnknown);
        return failed({std::string(info.code), std::string(info.reason)}, request_id);
      }
      scene.account.keeps_catalog = true;
      scene.account.catalog = std::make_shared<Catalog>(catalog_of(*scene.learned));
    }
    scene.now_seconds = parts_.now();
    UpstreamClient upstream(upstream_of(scene.account.name), kPatience);
    Asker asker(upstream, parts_.sealer);
    Result<std::string> body = inquire(asker, scene);
    if (!body) return failed(body.problems().front(), request_id);
    SmallResponse response;
    response.body = std::move(body).value();
    return response;
  };
  return answer;
}

SmallResponse Inquiries::preview(Scene scene, PreviewRequest wanted, std::string request_id) const {
  return inquire(
      std::move(scene), std::move(request_id),
      [wanted = std::move(wanted)](Asker& asker, const Scene& from) -> Result<std::string> {
        const auto preview = make_preview(asker, from, wanted);
        if (!preview) return preview.problems();
        return preview_json(preview.value(), wanted);
      });
}

SmallResponse Inquiries::why(Scene scene, WhyRequest wanted, std::string request_id) const {
  return inquire(std::move(scene), std::move(request_id),
                 [wanted = std::move(wanted)](Asker& asker, const Scene& from) {
                   return why_json(asker, from, wanted);
                 });
}

SmallResponse Inquiries::fields(Scene scene, FieldsRequest wanted, std::string request_id) const {
  return inquire(std::move(scene), std::move(request_id),
                 [wanted = std::move(wanted), this](Asker& asker, const Scene& from) {
                   return fields_json(asker, from, parts_.knowledge, wanted);
                 });
}

SmallResponse Inquiries::values(Scene scene, ValuesRequest wanted, std::string request_id) const {
  scene.fields.insert(wanted.field);
  return inquire(std::move(scene), std::move(request_id),
                 [wanted = std::move(wanted)](Asker& asker, const Scene& from) {
                   return values_json(asker, from, wanted);
                 });
}

}  // namespace weir::proxy
