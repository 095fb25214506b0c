// Shared tokens: read, change and delete.
#include <algorithm>
#include <utility>

#include "admin/changes.h"
#include "admin/operations.h"
#include "admin/requests.h"
#include "admin/search_requests.h"
#include "admin/token_limits.h"
#include "admin/token_rows.h"

namespace weir::proxy {
namespace {

/// The rows with their secrets; an answer if one cannot be read.
Refusal show_all(const ApiContext& context, const Call& call, std::vector<TokenRow> rows,
                 std::vector<ShownToken>& out) {
  for (TokenRow& row : rows) {
    const std::int32_t id = row.id;
    auto token = show_token(context, call, std::move(row));
    if (!token) {
      return unreadable_secret(call, id);
    }
    out.push_back(std::move(*token));
  }
  return std::nullopt;
}

/// The token the call is about; an answer if there is none, or not in the state the caller has
/// seen.
Refusal find_called(const Call& call, Transaction& work, std::optional<TokenRow>& out) {
  out = work.find_token(call.account(), call.id);
  return out ? check_conditions(call, out->revision) : token_not_found(call, call.id);
}

/// The row with the changes that are asked for.
TokenRow changed(const UpdateTokenRequest& request, TokenRow row) {
  row.name = request.name.value_or(row.name);
  row.filters = request.filters.value_or(row.filters);
  row.filters_operator = request.filters_operator.value_or(row.filters_operator);
  if (request.expiry.given) {
    row.expires_at = request.expiry.at;
  }
  row.enabled = request.enabled.value_or(row.enabled);
  if (request.limits) {
    row.limits = token_limits_json(*request.limits);
  }
  return row;
}

/// Whether what the token sees, or for how long, may be another: then open cursors end.
EpochMove epoch_move(const TokenRow& before, const TokenRow& after) {
  const bool same = before.filters == after.filters &&
                    before.filters_operator == after.filters_operator &&
                    before.expires_at == after.expires_at && before.enabled == after.enabled;
  return same ? EpochMove::kKeep : EpochMove::kMove;
}

SmallResponse token_answer(const ShownToken& token) {
  SmallResponse response = json_answer(token_json(token));
  add_etag(response, token.row.revision);
  return response;
}

SmallResponse change_token(ApiContext& context, const Call& call, UpdateForm form) {
  const auto wanted = parse_update_token(call.request.body, form);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  const auto work = context.store.begin_write();
  std::optional<TokenRow> before;
  if (auto refusal = find_called(call, *work, before)) {
    return *refusal;
  }
  TokenRow after = changed(wanted.value(), *before);
  std::vector<std::string> warnings;
  if (wanted.value().filters) {
    Refusal refusal = check_filters(call, *work, after.filters);
    if (!refusal) {
      refusal = judge_new_filters(context, call, *work, after.filters, before->filters, warnings);
    }
    if (refusal) {
      return *refusal;
    }
  }
  Change change{.token = call.id, .before = token_record(*before), .after = token_record(after)};
  change.widens =
      widens(access_of(*before, *work), access_of(after, *work), call.settings.unfiltered);
  change.links = before->links;
  if (change.before != change.after) {
    after.updated_at = context.now();
    work->update_token(after, epoch_move(*before, after));
    after = *work->find_token(call.account(), call.id);
  }
  auto shown = show_token(context, call, std::move(after));
  if (!shown) {
    return unreadable_secret(call, call.id);
  }
  if (change.before != change.after) {
    if (auto refusal = bring_into_force(context, call, *work, {change})) {
      return *refusal;
    }
  }
  shown->widening = widening_of({change});
  shown->warnings = std::move(warnings);
  SmallResponse response = token_answer(*shown);
  add_widened_header(response, {change});
  return response;
}

}  // namespace

SmallResponse get_all_tokens(ApiContext& context, const Call& call) {
  std::vector<ShownToken> shown;
  auto refusal = show_all(context, call, context.store.begin_read()->tokens(call.account()), shown);
  return refusal ? *refusal : json_answer(tokens_json(shown));
}

SmallResponse search_tokens(ApiContext& context, const Call& call) {
  const auto search = parse_token_search(call.request.body);
  if (!search) {
    return refuse_body(call, search.problems());
  }
  auto rows = context.store.begin_read()->tokens(call.account());
  for (TokenRow& row : rows) {
    row = with_latest_use(context, std::move(row));
  }
  const Page& page = search.value().page;
  const std::size_t total = take_page(search.value(), context.now(), rows);
  std::vector<ShownToken> shown;
  auto refusal = show_all(context, call, std::move(rows), shown);
  return refusal ? *refusal : json_answer(token_page_json(shown, {page.number, page.size, total}));
}

SmallResponse get_token(ApiContext& context, const Call& call) {
  std::optional<TokenRow> row;
  if (auto refusal = find_called(call, *context.store.begin_read(), row)) {
    return *refusal;
  }
  const auto token = show_token(context, call, std::move(*row));
  return token ? token_answer(*token) : unreadable_secret(call, call.id);
}

SmallResponse update_token(ApiContext& context, const Call& call) {
  return change_token(context, call, UpdateForm::kWhole);
}

SmallResponse patch_token(ApiContext& context, const Call& call) {
  return change_token(context, call, UpdateForm::kPart);
}

SmallResponse delete_token(ApiContext& context, const Call& call) {
  const auto work = context.store.begin_write();
  std::optional<TokenRow> row;
  if (auto refusal = find_called(call, *work, row)) {
    return *refusal;
  }
  work->delete_token(call.account(), call.id);
  const Change change{.token = call.id, .before = token_record(*row), .after = ""};
  if (auto refusal = bring_into_force(context, call, *work, {change})) {
    return *refusal;
  }
  SmallResponse response = empty_answer(204);
  if (row->links != 0) {
    response.headers.emplace_back("x-weir-links-ended", std::to_string(row->links));
  }
  return response;
}

SmallResponse rotate_token(ApiContext& context, const Call& call) {
  const auto wanted = parse_rotate(call.request.body);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  const auto work = context.store.begin_write();
  std::optional<TokenRow> before;
  if (auto refusal = find_called(call, *work, before)) {
    return *refusal;
  }
  const Seconds now = context.now();
  const Seconds grace = wanted.value().grace;
  TokenRow after = *before;
  auto secret = make_secret(context, after);
  if (!secret) {
    return empty_answer(503);
  }
  const bool two_before = before->former_until && *before->former_until > now;
  after.former_digest = grace > 0 ? std::optional(before->digest) : std::nullopt;
  after.former_until = grace > 0 ? std::optional(now + grace) : std::nullopt;
  after.updated_at = now;
  // Where a secret ends with this change, so do the cursors that its holder has open.
  work->update_token(after, grace == 0 || two_before ? EpochMove::kMove : EpochMove::kKeep);
  if (!keep_secret(context, call, *work, after, *secret)) {
    return empty_answer(503);
  }
  after = *work->find_token(call.account(), call.id);
  const Change change{
      .token = call.id, .before = token_record(*before), .after = token_record(after)};
  if (auto refusal = bring_into_force(context, call, *work, {change})) {
    return *refusal;
  }
  return token_answer({.row = with_latest_use(context, std::move(after)),
                       .secret = std::move(secret),
                       .now = now,
                       .rotated = true});
}

}  // namespace weir::proxy
