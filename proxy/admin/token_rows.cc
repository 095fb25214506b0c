#include "admin/token_rows.h"

#include <algorithm>
#include <utility>

#include "admin/token_limits.h"

namespace weir::proxy {

TokenRow with_latest_use(const ApiContext& context, TokenRow row) {
  context.usage.add_to(row);
  return row;
}

std::optional<ShownToken> show_token(const ApiContext& context, const Call& call, TokenRow row) {
  std::optional<Secret> secret;
  if (call.settings.reveal == Reveal::kAlways && !row.sealed_secret.empty()) {
    secret = context.keys.open_secret(static_cast<std::uint32_t>(row.id), row.sealed_secret);
    if (!secret) {
      return std::nullopt;
    }
  }
  return ShownToken{.row = with_latest_use(context, std::move(row)),
                    .secret = std::move(secret),
                    .now = context.now()};
}

Access access_of(const TokenRow& row, Transaction& work) {
  Access access{{}, row.filters_operator, row.expires_at, row.enabled};
  if (auto limits = parse_token_limits(row.limits)) {
    access.limits = std::move(limits).value();
  }
  for (const std::int32_t id : row.filters) {
    if (auto filter = work.find_filter(row.account, id)) {
      access.filters.push_back({std::move(filter->field), std::move(filter->value)});
    }
  }
  return access;
}

Refusal check_filters(const Call& call, Transaction& work, const std::vector<std::int32_t>& ids) {
  if (ids.empty() && call.settings.unfiltered == Unfiltered::kDeny) {
    return refuse(call, 400, "shared-tokens/UNFILTERED_DENIED",
                  "tokens without a filter are switched off here (`tokens.unfiltered`); attach "
                  "at least one filter");
  }
  if (const std::size_t limit = call.settings.max_filters_per_token; ids.size() > limit) {
    return limit_reached(call, "filters on one token", limit);
  }
  for (const std::int32_t id : ids) {
    if (!work.find_filter(call.account(), id)) {
      return filter_not_found(call, id);
    }
  }
  return std::nullopt;
}

Refusal judge_new_filters(ApiContext& context, const Call& call, Transaction& work,
                          const std::vector<std::int32_t>& ids,
                          const std::vector<std::int32_t>& before,
                          std::vector<std::string>& warnings) {
  std::vector<Filter> filters;
  for (const std::int32_t id : ids) {
    auto row = work.find_filter(call.account(), id);
    if (row && !std::binary_search(before.begin(), before.end(), id)) {
      filters.push_back({std::move(row->field), std::move(row->value)});
    }
  }
  return judge_filters(context, call, filters, warnings);
}

std::optional<Secret> make_secret(const ApiContext& context, TokenRow& row) {
  auto secret = generate_secret();
  const auto digest = secret ? context.keys.token_digest(secret->unsafe_reveal()) : std::nullopt;
  if (!digest) {
    return std::nullopt;
  }
  row.digest = *digest;
  return secret;
}

bool keep_secret(const ApiContext& context, const Call& call, Transaction& work, TokenRow& row,
                 const Secret& secret) {
  if (call.settings.reveal == Reveal::kOnce) {
    // What a rotation leaves behind would be shown as the token's secret, should all be shown
    // again.
    if (!row.sealed_secret.empty()) {
      work.set_sealed_secret(row.id, "");
      row.sealed_secret.clear();
    }
    return true;
  }
  auto sealed = context.keys.seal_secret(static_cast<std::uint32_t>(row.id), secret);
  if (!sealed) {
    return false;
  }
  work.set_sealed_secret(row.id, *sealed);
  row.sealed_secret = std::move(*sealed);
  return true;
}

}  // namespace weir::proxy
