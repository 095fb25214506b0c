// Inquiries about a shared token, or about filters that are not saved yet: what they show, what
// the gate does with a request, and why a document shows or does not.
#include <optional>
#include <utility>

#include "admin/call.h"
#include "admin/inquiries.h"
#include "admin/inquiry_requests.h"
#include "admin/operations.h"

namespace weir::proxy {
namespace {

AskedFilter asked(FilterRow row) { return {row.id, {std::move(row.field), std::move(row.value)}}; }

Scene scene_of(const ApiContext& context, const Call& call, Transaction& work,
               const TokenRow& row) {
  Scene scene;
  scene.account = context.publisher.account(call.account());
  scene.filters_operator = row.filters_operator;
  for (const std::int32_t id : row.filters) {
    if (auto filter = work.find_filter(call.account(), id)) {
      scene.filters.push_back(asked(std::move(*filter)));
    }
  }
  return scene;
}

}  // namespace

SmallResponse preview_token(ApiContext& context, const Call& call) {
  std::optional<std::uint32_t> samples;
  std::optional<std::uint32_t> intervals;
  Refusal wrong = read_number<std::uint32_t>(call, "samples", kMaxPreviewSamples, samples);
  if (!wrong)
    wrong = read_number<std::uint32_t>(call, "intervals", kMaxPreviewIntervals, intervals);
  if (wrong) return *wrong;
  PreviewRequest wanted;
  wanted.samples = samples.value_or(wanted.samples);
  wanted.intervals = intervals.value_or(wanted.intervals);
  if (const auto field = call.parameters.find("timeField"); field != call.parameters.end()) {
    wanted.time_field = field->second;
  }
  const auto work = context.store.begin_read();
  const auto row = work->find_token(call.account(), call.id);
  if (!row) return token_not_found(call, call.id);
  return context.inquiries->preview(scene_of(context, call, *work, *row), std::move(wanted),
                                    call.request.request_id);
}

SmallResponse preview_draft(ApiContext& context, const Call& call) {
  auto wanted = parse_draft(call.request.body);
  if (!wanted) return refuse_body(call, wanted.problems());
  DraftRequest request = std::move(wanted).value();
  const auto work = context.store.begin_read();
  for (const std::int32_t id : request.filters) {
    if (!work->find_filter(call.account(), id)) return filter_not_found(call, id);
  }
  TokenRow row;
  row.filters = request.filters;
  row.filters_operator = request.filters_operator;
  Scene scene = scene_of(context, call, *work, row);
  for (Filter& draft : request.drafts) scene.filters.push_back({0, std::move(draft)});
  return context.inquiries->preview(std::move(scene), std::move(request.preview),
                                    call.request.request_id);
}

SmallResponse explain_request(ApiContext& context, const Call& call) {
  const auto request = parse_explained_request(call.request.body);
  if (!request) return refuse_body(call, request.problems());
  const auto row = context.store.begin_read()->find_token(call.account(), call.id);
  if (!row) return token_not_found(call, call.id);
  return json_answer(explanation_json(*context.publisher.in_force(), request.value(), row->digest,
                                      &context.keys.cursor_sealer(), context.now()));
}

SmallResponse why_document(ApiContext& context, const Call& call) {
  auto wanted = parse_why(call.request.body);
  if (!wanted) return refuse_body(call, wanted.problems());
  const auto work = context.store.begin_read();
  const auto row = work->find_token(call.account(), call.id);
  if (!row) return token_not_found(call, call.id);
  return context.inquiries->why(scene_of(context, call, *work, *row), std::move(wanted).value(),
                                call.request.request_id);
}

}  // namespace weir::proxy
