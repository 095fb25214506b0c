#include "admin/changes.h"

#include <algorithm>
#include <utility>

#include "observe/log.h"

namespace weir::proxy {
namespace {

std::string widened_ids(const std::vector<Change>& changes) {
  std::string ids;
  std::size_t count = 0;
  for (const Change& change : changes) {
    if (!change.widens) {
      continue;
    }
    if (++count > kMaxIdsInHeader) {
      return ids + ", ...";
    }
    ids += (ids.empty() ? "" : ", ") + std::to_string(change.token);
  }
  return ids;
}

/// An answer if the account wants to be asked before somebody sees more.
Refusal ask(const Call& call, const std::vector<Change>& changes) {
  const Widening widening = widening_of(changes);
  if (!widening.widens || !call.settings.confirm_widening ||
      call.parameters.find("confirm") != call.parameters.end()) {
    return std::nullopt;
  }
  SmallResponse response =
      refuse(call, 409, "shared-tokens/CONFIRM_WIDENING",
             "this change lets holders of shared tokens see more, or for longer; nothing was "
             "changed, send it again with `?confirm=widen` if that is meant",
             {{"widensTokens", std::to_string(widening.tokens)}});
  add_widened_header(response, changes);
  return response;
}

void append_audit(ApiContext& context, const Call& call, Transaction& work,
                  const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    AuditRow row;
    row.at_ms = context.now_ms();
    row.account = call.account();
    row.kind = "change";
    row.operation = call.route.id;
    row.api_token = call.caller.id;
    row.token = change.token;
    row.filter = change.filter;
    row.request_id = call.request.request_id;
    row.widens = change.widens;
    row.before = change.before;
    row.after = change.after;
    work.append_audit(row);
  }
}

void log_change(ApiContext& context, const Call& call, const std::vector<Change>& changes) {
  if (context.log == nullptr) {
    return;
  }
  const Change& asked = changes.front();
  const std::int32_t id =
      call.route.path.find("/filters") != std::string_view::npos ? asked.filter : asked.token;
  context.log->event(LogLevel::kInfo, "shared_tokens_changed",
                     {{"operation", call.route.id},
                      {"id", std::to_string(id)},
                      {"account", call.account()},
                      {"api_token", std::to_string(call.caller.id)},
                      {"widened", widened_ids(changes)},
                      {"request_id", call.request.request_id}});
}

}  // namespace

Widening widening_of(const std::vector<Change>& changes) {
  const auto count = static_cast<std::size_t>(std::count_if(
      changes.begin(), changes.end(), [](const Change& change) { return change.widens; }));
  std::size_t links = 0;
  for (const Change& change : changes) {
    links += change.widens ? change.links : 0;
  }
  return {.widens = count > 0, .tokens = count, .links = links};
}

void add_widened_header(SmallResponse& response, const std::vector<Change>& changes) {
  if (std::string ids = widened_ids(changes); !ids.empty()) {
    response.headers.emplace_back("x-weir-widened", std::move(ids));
  }
}

Refusal bring_into_force(ApiContext& context, const Call& call, Transaction& work,
                         const std::vector<Change>& changes, Reach reach) {
  if (auto refusal = ask(call, changes)) {
    return refusal;
  }
  append_audit(context, call, work, changes);
  if (reach == Reach::kStoreOnly) {
    work.commit();
    log_change(context, call, changes);
    return std::nullopt;
  }
  auto turn = context.publisher.turn();
  auto prepared = context.publisher.prepare(work);
  if (!prepared) {
    if (context.log != nullptr) {
      context.log->event(
          LogLevel::kError, "policy_refused",
          {{"reason", joined(prepared.problems())}, {"request_id", call.request.request_id}});
    }
    return refuse(call, 500, "shared-tokens/POLICY_REFUSED",
                  "the change does not make a valid policy and was not carried out: " +
                      joined(prepared.problems()));
  }
  work.commit();
  context.publisher.publish(std::move(prepared).value());
  turn.unlock();
  if (context.fleet != nullptr) {
    context.fleet->confirm(context.publisher.version());
  }
  log_change(context, call, changes);
  return std::nullopt;
}

}  // namespace weir::proxy
