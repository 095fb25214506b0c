#include "admin/call.h"

#include <set>
#include <utility>

#include "admin/requests.h"
#include "http/small_error.h"
#include "http/text.h"
#include "learn/judgement.h"

namespace weir::proxy {

SmallResponse json_answer(std::string body) {
  SmallResponse response;
  response.body = std::move(body);
  return response;
}

SmallResponse empty_answer(int status) {
  SmallResponse response;
  response.status = status;
  response.content_type.clear();
  return response;
}

SmallResponse refuse(const Call& call, int status, std::string_view code, std::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& parameters) {
  return error_answer(status, code, message, call.request.request_id, parameters);
}

std::string joined(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    text += (text.empty() ? "" : "; ") + problem.what;
  }
  return text;
}

SmallResponse refuse_body(const Call& call, const std::vector<Problem>& problems) {
  return refuse(call, 400, "shared-tokens/INVALID_BODY", joined(problems));
}

SmallResponse not_found(const Call& call, const std::string& kind, std::string_view code,
                        std::int32_t id) {
  return refuse(
      call, 400, code,
      kind + " with id " + std::to_string(id) + " not found for account " + call.account(),
      {{"id", std::to_string(id)}, {"account", call.account()}});
}

SmallResponse token_not_found(const Call& call, std::int32_t id) {
  return not_found(call, "token", "shared-tokens/TOKEN_NOT_FOUND", id);
}

SmallResponse link_not_found(const Call& call, std::int32_t id) {
  return not_found(call, "link", "shared-tokens/LINK_NOT_FOUND", id);
}

SmallResponse filter_not_found(const Call& call, std::int32_t id) {
  return not_found(call, "filter", "shared-tokens/FILTER_NOT_FOUND", id);
}

SmallResponse limit_reached(const Call& call, const std::string& what, std::size_t limit) {
  return refuse(call, 400, "shared-tokens/LIMIT_REACHED",
                "the account may have " + std::to_string(limit) + " " + what + "; delete some",
                {{"currentLimit", std::to_string(limit)}});
}

SmallResponse unreadable_secret(const Call& call, std::int32_t id) {
  return refuse(call, 500, "shared-tokens/SECRET_UNREADABLE",
                "the secret of token " + std::to_string(id) +
                    " cannot be read with this key file; delete the token");
}

Refusal check_conditions(const Call& call, std::uint64_t revision) {
  const std::string etag = etag_of(revision);
  const bool reads = call.route.conditional == Conditional::kIfNoneMatch;
  const Condition condition =
      reads ? if_none_match(call.request, etag) : if_match(call.request, etag);
  if (condition == Condition::kMalformed) {
    return refuse(call, 400, "endpoints/INVALID_HEADER",
                  std::string(reads ? "If-None-Match" : "If-Match") +
                      " must be `*` or entity tags in quotes, as an `ETag` gives them");
  }
  if (condition != Condition::kFails) {
    return std::nullopt;
  }
  if (reads) {
    SmallResponse response = empty_answer(304);
    add_etag(response, revision);
    return response;
  }
  SmallResponse response =
      refuse(call, 412, "shared-tokens/CONFLICT",
             "somebody has changed it since; read it again and decide anew", {{"etag", etag}});
  add_etag(response, revision);
  return response;
}

void add_etag(SmallResponse& response, std::uint64_t revision) {
  response.headers.emplace_back("etag", etag_of(revision));
}

Refusal take_client_key(const Call& call, std::optional<std::string>& key) {
  std::optional<std::string> header;
  for (const auto& [name, value] : call.request.headers) {
    if (name != "idempotency-key") {
      continue;
    }
    const std::string_view text = trim(value);
    if (header || !is_client_key(text)) {
      return refuse(call, 400, "endpoints/INVALID_HEADER",
                    "Idempotency-Key must be given once, with 1 to " +
                        std::to_string(kMaxClientKeyBytes) + " visible ASCII characters");
    }
    header = text;
  }
  if (header && key && *header != *key) {
    return refuse(call, 400, "endpoints/INVALID_HEADER",
                  "Idempotency-Key and `clientKey` are two different keys; give one");
  }
  if (header) {
    key = std::move(header);
  }
  return std::nullopt;
}

Refusal judge_filters(ApiContext& context, const Call& call, const std::vector<Filter>& filters,
                      std::vector<std::string>& warnings) {
  if (context.knowledge == nullptr || filters.empty()) {
    return std::nullopt;
  }
  const Account& account = context.publisher.account(call.account());
  std::set<std::string> fields;
  for (const Filter& filter : filters) {
    fields.insert(filter.field);
  }
  const auto learned = context.knowledge->learn(account, fields);
  if (learned == nullptr) {
    SmallResponse response =
        refuse(call, 503, "shared-tokens/MAPPINGS_UNKNOWN",
               "the search cluster does not say whether the filter is exact; nothing was "
               "changed, try again");
    response.headers.emplace_back("retry-after", "5");
    return response;
  }
  for (const Filter& filter : filters) {
    Judgement judgement = judge_filter(*learned, account, filter);
    if (!judgement.refusal.empty()) {
      return refuse(call, 400, "shared-tokens/FILTER_NOT_EXACT",
                    "a filter must be the exact value of the field: " + judgement.refusal,
                    {{"field", filter.field}});
    }
    if (!judgement.warning.empty()) {
      warnings.push_back(std::move(judgement.warning));
    }
  }
  return std::nullopt;
}

}  // namespace weir::proxy
