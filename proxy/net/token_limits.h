// What the operator of a token may ask beside its filters: how often, how much, from where. The
// engine knows nothing of it; the gate looks it up by the token's id in a table that is published
// together with the policy.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "http/head_guard.h"

namespace weir::proxy {

/// IPv4 addresses stand as ::ffff:a.b.c.d.
using IpAddress = std::array<std::uint8_t, 16>;

/// Nothing if `text` is no literal address. The zone of a link-local one does not count.
std::optional<IpAddress> parse_ip_address(std::string_view text);

struct Network {
  IpAddress address{};
  std::uint8_t prefix = 128;  // bits, of 128; INVARIANT: the bits beyond it are 0

  bool contains(const IpAddress& other) const noexcept;
  /// "10.0.0.0/8", "2001:db8::/32"; a single address has no prefix.
  std::string text() const;
  friend bool operator==(const Network&, const Network&) = default;
};

/// An address or a network in the form of Network::text(). Nothing if it is none, or names bits
/// beyond its prefix.
std::optional<Network> parse_network(std::string_view text);

/// "https://host[:port]" in lower case and without the scheme's own port; a host that begins with
/// `*.` stands for all below it. Nothing if `text` is anything else.
std::optional<std::string> parse_origin(std::string_view text);

struct TokenLimits {
  std::optional<double> requests_per_second;
  std::optional<std::uint32_t> concurrent_searches;
  std::optional<std::uint64_t> response_bytes;  // of one answer's body
  std::vector<Network> networks;                // empty: from everywhere
  std::vector<std::string> referrers;           // empty: any and none; forms of parse_origin()

  bool none() const noexcept { return *this == TokenLimits(); }
  /// `remote` is the peer's literal address.
  bool allows_remote(std::string_view remote) const;
  /// By every `Origin`, or where there is none every `Referer`, of which there has to be one.
  bool allows_referrer(const RequestHead& head) const;
  friend bool operator==(const TokenLimits&, const TokenLimits&) = default;
};

/// Of the tokens that have any. Immutable once it is published or forked.
class TokenLimitsTable {
 public:
  TokenLimitsTable() = default;
  TokenLimitsTable& operator=(const TokenLimitsTable&) = delete;

  /// A table that begins with what is in this one and shares it, until one of them changes a part.
  std::shared_ptr<TokenLimitsTable> fork() const {
    return std::shared_ptr<TokenLimitsTable>(new TokenLimitsTable(*this));
  }

  void add(std::uint32_t token_id, TokenLimits limits);
  void remove(std::uint32_t token_id);
  /// Null if the token has none. The table must outlive the use.
  const TokenLimits* find(std::uint32_t token_id) const noexcept;

 private:
  using Part = std::unordered_map<std::uint32_t, std::shared_ptr<const TokenLimits>>;
  static constexpr std::size_t kParts = 1024;

  TokenLimitsTable(const TokenLimitsTable& other) : parts_(other.parts_) {}
  Part& own_part(std::uint32_t token_id);

  std::array<std::shared_ptr<Part>, kParts> parts_;
  std::bitset<kParts> own_;  // INVARIANT: only those are changed, and they are in no other table
};

}  // namespace weir::proxy
