// A small policy for unit tests, and a sealer that seals by writing the context in front.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "weir/policy.h"

namespace weir::support {

inline constexpr std::int64_t kNow = 1'700'000'000;

inline TokenDigest digest_of(std::string_view secret) {
  TokenDigest digest;
  for (std::size_t i = 0; i < digest.bytes.size() && i < secret.size(); ++i) {
    digest.bytes[i] = static_cast<std::uint8_t>(secret[i]);
  }
  return digest;
}

inline Token make_token(std::uint32_t id, std::string_view secret, std::vector<Filter> filters) {
  Token token;
  token.id = id;
  token.digest = digest_of(secret);
  token.account = "default";
  token.filters = std::move(filters);
  return token;
}

/// Account `default` with scope `logs-*`; tokens `payments` (team = payments), `either` (team = a
/// OR team = b), `open` (no filter), `expired`.
inline PolicySource sample_source() {
  PolicySource source;
  source.accounts.push_back({"default", {"logs-*"}});
  source.tokens.push_back(make_token(1, "payments", {{"team", "payments"}}));
  source.tokens.push_back(make_token(2, "either", {{"team", "a"}, {"team", "b"}}));
  source.tokens.back().filters_operator = FiltersOperator::kOr;
  source.tokens.push_back(make_token(3, "open", {}));
  source.tokens.push_back(make_token(4, "expired", {{"team", "payments"}}));
  source.tokens.back().expires_at = kNow;
  return source;
}

inline std::shared_ptr<const PolicySnapshot> compile(const PolicySource& source) {
  auto result = compile_policy(source);
  if (!result.ok()) throw std::runtime_error(result.problems().front().what);
  return result.value();
}

inline std::shared_ptr<const PolicySnapshot> sample_snapshot() { return compile(sample_source()); }

class PlainSealer : public Sealer {
 public:
  bool seal(const SealContext& context, std::string_view plain,
            std::string& out) const noexcept override {
    out += prefix(context);
    out += plain;
    return true;
  }
  bool open(const SealContext& context, std::string_view sealed,
            std::string& out) const noexcept override {
    std::string expected = prefix(context);
    if (!sealed.starts_with(expected)) return false;
    out += sealed.substr(expected.size());
    return true;
  }

 private:
  static std::string prefix(const SealContext& context) {
    return "sealed-" + std::to_string(static_cast<int>(context.kind)) + "-" +
           std::to_string(context.token_id) + "-" + std::to_string(context.token_epoch) + "-";
  }
};

}  // namespace weir::support
