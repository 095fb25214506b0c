// Sharing links of shared tokens: list, make and revoke.
#include <utility>

#include "admin/changes.h"
#include "admin/link_answers.h"
#include "admin/link_requests.h"
#include "admin/operations.h"

namespace weir::proxy {
namespace {

/// With its secret, where it is stored and may be shown again; nothing if it cannot be read.
std::optional<ShownLink> show_link(const ApiContext& context, const Call& call, LinkRow row) {
  std::optional<Secret> secret;
  if (call.settings.reveal == Reveal::kAlways && !row.sealed_secret.empty()) {
    secret = context.keys.open_secret(link_secret_id(row.id), row.sealed_secret);
    if (!secret) {
      return std::nullopt;
    }
  }
  context.usage.add_to(row);
  return ShownLink{.row = std::move(row), .secret = std::move(secret)};
}

SmallResponse unreadable_link(const Call& call, std::int32_t id) {
  return refuse(call, 500, "shared-tokens/SECRET_UNREADABLE",
                "the secret of link " + std::to_string(id) +
                    " cannot be read with this key file; revoke the link");
}

SmallResponse link_answer(const ApiContext& context, const ShownLink& link) {
  SmallResponse response = json_answer(link_json(link, context.front_url));
  add_etag(response, link.row.revision);
  return response;
}

/// A new secret, sealed where it may be shown again. REQUIRES: `row` is stored but for it.
bool keep_secret(const ApiContext& context, const Call& call, Transaction& work, LinkRow& row,
                 const Secret& secret) {
  if (call.settings.reveal == Reveal::kOnce) {
    return true;
  }
  auto sealed = context.keys.seal_secret(link_secret_id(row.id), secret);
  if (!sealed) {
    return false;
  }
  work.set_sealed_link_secret(row.id, *sealed);
  row.sealed_secret = std::move(*sealed);
  return true;
}

/// What stands in the store, or why it does not.
Refusal make_link(ApiContext& context, const Call& call, LinkRow row, ShownLink& out) {
  const auto work = context.store.begin_write();
  if (!work->find_token(call.account(), call.id)) {
    return token_not_found(call, call.id);
  }
  if (const std::size_t limit = call.settings.max_links_per_token;
      work->count_links(call.id) >= limit) {
    return limit_reached(call, "links on one token", limit);
  }
  auto secret = generate_secret();
  const auto digest = secret ? context.keys.token_digest(secret->unsafe_reveal()) : std::nullopt;
  if (!digest) {
    return empty_answer(503);
  }
  row.digest = *digest;
  row.id = work->insert_link(row);
  if (!keep_secret(context, call, *work, row, *secret)) {
    return empty_answer(503);
  }
  const Change change{.token = call.id, .before = "", .after = link_record(row)};
  if (auto refusal = bring_into_force(context, call, *work, {change})) {
    return refusal;
  }
  out = {.row = std::move(row), .secret = std::move(secret)};
  return std::nullopt;
}

}  // namespace

SmallResponse get_links(ApiContext& context, const Call& call) {
  const auto read = context.store.begin_read();
  if (!read->find_token(call.account(), call.id)) {
    return token_not_found(call, call.id);
  }
  std::vector<ShownLink> shown;
  for (LinkRow& row : read->links(call.account(), call.id)) {
    const std::int32_t id = row.id;
    auto link = show_link(context, call, std::move(row));
    if (!link) {
      return unreadable_link(call, id);
    }
    shown.push_back(std::move(*link));
  }
  return json_answer(links_json(shown, context.front_url));
}

SmallResponse get_link(ApiContext& context, const Call& call) {
  auto row = context.store.begin_read()->find_link(call.account(), call.id, call.link_id);
  if (!row) {
    return link_not_found(call, call.link_id);
  }
  if (auto refusal = check_conditions(call, row->revision)) {
    return *refusal;
  }
  const auto link = show_link(context, call, std::move(*row));
  return link ? link_answer(context, *link) : unreadable_link(call, call.link_id);
}

SmallResponse create_link(ApiContext& context, const Call& call) {
  auto wanted = parse_create_link(call.request.body);
  if (!wanted) {
    return refuse_body(call, wanted.problems());
  }
  CreateLinkRequest request = std::move(wanted).value();
  if (request.snapshot) {
    auto frozen = freeze_time(request.path, request.from, request.to, context.now_ms());
    if (!frozen) {
      const Problem& problem = frozen.problems().front();
      return refuse_body(call, {{problem.where, "`" + problem.where.substr(1) + "` " + problem.what}});
    }
    request.path = std::move(frozen).value();
  }
  LinkRow row;
  row.token = call.id;
  row.account = call.account();
  row.name = std::move(request.name);
  row.snapshot = request.snapshot;
  row.path = std::move(request.path);
  row.objects = "[]";
  row.created_at = context.now();
  ShownLink made;
  auto refusal = make_link(context, call, std::move(row), made);
  return refusal ? *refusal : link_answer(context, made);
}

SmallResponse revoke_link(ApiContext& context, const Call& call) {
  const auto work = context.store.begin_write();
  const auto row = work->find_link(call.account(), call.id, call.link_id);
  if (!row) {
    return link_not_found(call, call.link_id);
  }
  if (auto refusal = check_conditions(call, row->revision)) {
    return *refusal;
  }
  work->delete_link(call.account(), call.id, call.link_id);
  const Change change{.token = call.id, .before = link_record(*row), .after = ""};
  auto refusal = bring_into_force(context, call, *work, {change});
  return refusal ? *refusal : empty_answer(204);
}

}  // namespace weir::proxy
