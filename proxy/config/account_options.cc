#include "config/account_options.h"

#include <algorithm>

#include "config/options.h"
#include "net/token_limits.h"

namespace weir::proxy {
namespace {

using Count = std::optional<std::size_t> AccountConfig::*;

AccountOption count(std::string_view key, Count field, std::uint64_t high) {
  return {key, [field, high](AccountConfig& account, const Value& value) {
            std::uint64_t number = 0;
            std::string wrong = parse_count(value, 1, high, number);
            if (wrong.empty()) account.*field = static_cast<std::size_t>(number);
            return wrong;
          }};
}

// What may stand in the directive: nothing that could end it or begin another.
std::string parse_frame_ancestors(const Value& value, std::vector<std::string>& out) {
  List sources;
  std::string wrong = parse_list(value, ',', sources);
  for (std::string& source : sources) {
    const bool word = source == "self" || source == "none";
    if (source == "none" && sources.size() > 1) wrong = "`none` stands alone";
    if (word) continue;
    const std::optional<std::string> origin = parse_origin(source);
    if (!origin)
      wrong = "`" + source + "` is not an origin; write `https://HOST[:PORT]`, `self` or `none`";
    source = origin.value_or("");
  }
  if (wrong.empty()) out = std::move(sources);
  return wrong;
}

std::vector<AccountOption> make_options() {
  return {
      {"profile", [](auto& account, const Value& v) { return parse_profile(v, account.profile); }},
      {"scripts", [](auto& account, const Value& v) { return parse_scripts(v, account.scripts); }},
      {"fields", [](auto& account, const Value& v) { return parse_fields(v, account.fields); }},
      count("max_tokens", &AccountConfig::max_tokens, kMaxRows),
      count("max_filters", &AccountConfig::max_filters, kMaxRows),
      count("max_filters_per_token", &AccountConfig::max_filters_per_token,
            Limits{}.max_filters_per_token),
      count("max_links_per_token", &AccountConfig::max_links_per_token, kMaxLinks),
      count("max_concurrent_calls", &AccountConfig::max_concurrent_calls, kMaxCalls),
      {"default_ttl",
       [](auto& account, const Value& v) {
         return parse_duration(v, kMinTtl, kMaxTtl, account.default_ttl.emplace());
       }},
      {"confirm_widening",
       [](auto& account, const Value& v) {
         return parse_switch(v, account.confirm_widening.emplace());
       }},
      {"frame_ancestors",
       [](auto& account, const Value& v) {
         return parse_frame_ancestors(v, account.frame_ancestors);
       }},
  };
}

}  // namespace

const std::vector<AccountOption>& account_options() {
  static const std::vector<AccountOption> all = make_options();
  return all;
}

const AccountOption* find_account_option(std::string_view key) {
  const auto& all = account_options();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const AccountOption& option) { return option.key == key; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace weir::proxy
