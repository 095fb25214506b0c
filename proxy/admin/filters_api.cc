// Filters: made, read, changed and deleted. A change of a filter is a change of every token that
// uses it.
#include <algorithm>
#include <utility>

#include "admin/changes.h"
#include "admin/operations.h"
#include "admin/requests.h"
#include "admin/search_requests.h"
#include "admin/token_rows.h"

namespace weir::proxy {
namespace {

SmallResponse filter_answer(const ShownFilter& filter) {
  SmallResponse response = json_answer(filter_json(filter));
  add_etag(response, filter.row.revision);
  return response;
}

bool is_as_asked(const FilterRow& row, const CreateFilterRequest& request) {
  return row.field == request.field && row.value == request.value &&
         row.description == request.description && row.literal == request.literal;
}

FilterRow changed(const UpdateFilterRequest& request, FilterRow row) {
  row.field = request.field.value_or(row.field);
  if (request.value) {
    row.value = *request.value;
    row.literal = request.literal;
  }
  row.description = request.description.value_or(row.description);
  return row;
}

/// Stores `after`. The filter's own change, and one for every token that sees something else by it.
std::vector<Change> update_row(const Call& call, Transaction& work, const FilterRow& before,
                               FilterRow& after) {
  std::vector<TokenRow> rows;
  std::vector<Access> accesses;
  if (before.field != after.field || before.value != after.value) {
    rows = work.tokens_using_filter(call.account(), before.id);
  }
  for (const TokenRow& row : rows) {
    accesses.push_back(access_of(row, work));
  }
  work.update_filter(after);
  after = *work.find_filter(call.account(), before.id);
  Change change{
      .filter = before.id, .before = filter_record(before), .after = filter_record(after)};
  std::vector<Change> changes = {change};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    change.token = rows[i].id;
    change.links = rows[i].links;
    change.widens = widens(accesses[i], access_of(rows[i], work), call.settings.unfiltered);
    changes.push_back(change);
  }
  return changes;
}

/// REQUIRES: `rows` are the tokens that used the filter, as they were before it was deleted.
std::vector<Change> changes_of_deletion(const Call& call, Transaction& work,
                                        const FilterRow& filter, std::vector<TokenRow> rows) {
  std::vector<Change> changes = {
      {.filter = filter.id, .before = filter_record(filter), .after = ""}};
  for (TokenRow& row : rows) {
    Change change{.token = row.id, .filter = filter.id, .before = token_record(row), .after = ""};
    std::erase(row.filters, filter.id);
    change.after = token_record(row);
    const Access after = access_of(row, work);
    Access before = after;
    before.filters.push_back({filter.field, filter.value});
    change.widens = widens(before, after, call.settings.unfiltered);
    change.links = row.links;
    changes.push_back(std::move(change));
  }
  return changes;
}

SmallResponse change_filter(ApiContext& context, const Call& call, UpdateForm form) {
  const auto wanted = parse_update_filter(call.request.body, form);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  const auto work = context.store.begin_write();
  const auto before = work->find_filter(call.account(), call.id);
  if (!before) {
    return filter_not_found(call, call.id);
  }
  if (auto refusal = check_conditions(call, before->revision)) {
    return *refusal;
  }
  ShownFilter shown{.row = changed(wanted.value(), *before)};
  if (filter_record(*before) == filter_record(shown.row)) {
    shown.widening = Widening{};
    return filter_answer(shown);
  }
  if (shown.row.field != before->field || shown.row.value != before->value) {
    if (auto refusal =
            judge_filters(context, call, {{shown.row.field, shown.row.value}}, shown.warnings)) {
      return *refusal;
    }
  }
  const auto changes = update_row(call, *work, *before, shown.row);
  if (auto refusal = bring_into_force(context, call, *work, changes)) {
    return *refusal;
  }
  shown.widening = widening_of(changes);
  SmallResponse response = filter_answer(shown);
  add_widened_header(response, changes);
  return response;
}

}  // namespace

SmallResponse get_all_filters(ApiContext& context, const Call& call) {
  return json_answer(filters_json(context.store.begin_read()->filters(call.account())));
}

SmallResponse search_filters(ApiContext& context, const Call& call) {
  const auto search = parse_filter_search(call.request.body);
  if (!search) {
    return refuse_body(call, search.problems());
  }
  auto rows = context.store.begin_read()->filters(call.account());
  const Page& page = search.value().page;
  const std::size_t total = take_page(search.value(), rows);
  return json_answer(filter_page_json(rows, {page.number, page.size, total}));
}

SmallResponse get_filter(ApiContext& context, const Call& call) {
  auto row = context.store.begin_read()->find_filter(call.account(), call.id);
  if (!row) {
    return filter_not_found(call, call.id);
  }
  if (auto refusal = check_conditions(call, row->revision)) {
    return *refusal;
  }
  return filter_answer({std::move(*row)});
}

SmallResponse create_filter(ApiContext& context, const Call& call) {
  const auto wanted = parse_create_filter(call.request.body);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  CreateFilterRequest request = wanted.value();
  if (auto refusal = take_client_key(call, request.client_key)) {
    return *refusal;
  }
  const auto work = context.store.begin_write();
  if (request.client_key) {
    if (auto known = work->find_filter_by_client_key(call.account(), *request.client_key)) {
      if (is_as_asked(*known, request)) {
        return filter_answer({std::move(*known)});
      }
      return refuse(call, 409, "shared-tokens/CLIENT_KEY_CONFLICT",
                    "filter " + std::to_string(known->id) +
                        " has this client key and is not what is asked for; change that filter, "
                        "or take another key",
                    {{"id", std::to_string(known->id)}});
    }
  }
  if (const std::size_t limit = call.settings.max_filters_per_account;
      work->count_filters(call.account()) >= limit) {
    return limit_reached(call, "filters", limit);
  }
  ShownFilter shown;
  if (auto refusal =
          judge_filters(context, call, {{request.field, request.value}}, shown.warnings)) {
    return *refusal;
  }
  shown.row.account = call.account();
  shown.row.field = request.field;
  shown.row.value = request.value;
  shown.row.description = request.description;
  shown.row.literal = request.literal;
  shown.row.client_key = request.client_key;
  shown.row.id = work->insert_filter(shown.row);
  // No token has it yet, so the policy in force stays as it is.
  const Change change{.filter = shown.row.id, .before = "", .after = filter_record(shown.row)};
  auto refusal = bring_into_force(context, call, *work, {change}, Reach::kStoreOnly);
  return refusal ? *refusal : filter_answer(shown);
}

SmallResponse update_filter(ApiContext& context, const Call& call) {
  return change_filter(context, call, UpdateForm::kWhole);
}

SmallResponse patch_filter(ApiContext& context, const Call& call) {
  return change_filter(context, call, UpdateForm::kPart);
}

SmallResponse delete_filter(ApiContext& context, const Call& call) {
  const auto work = context.store.begin_write();
  const auto filter = work->find_filter(call.account(), call.id);
  if (!filter) {
    return filter_not_found(call, call.id);
  }
  if (auto refusal = check_conditions(call, filter->revision)) {
    return *refusal;
  }
  const auto changes =
      changes_of_deletion(call, *work, *filter, work->delete_filter(call.account(), call.id));
  if (auto refusal = bring_into_force(context, call, *work, changes)) {
    return *refusal;
  }
  // The published answer has no body; who knows to confirm gets the addition in one.
  SmallResponse response = call.parameters.count("confirm") > 0
                               ? json_answer(widening_json(widening_of(changes)))
                               : empty_answer(200);
  add_widened_header(response, changes);
  return response;
}

}  // namespace weir::proxy
