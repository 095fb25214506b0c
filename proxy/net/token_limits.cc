#include "net/token_limits.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr int kMappedBits = 96;
constexpr std::size_t kMaxHost = 253;

bool is_v4(const IpAddress& address) {
  return std::equal(kMapped.begin(), kMapped.end(), address.begin());
}

// The bits of byte `index` that lie within the prefix.
std::uint8_t mask(int prefix, std::size_t index) {
  const int bits = std::clamp(prefix - 8 * static_cast<int>(index), 0, 8);
  return static_cast<std::uint8_t>(0xff00U >> static_cast<unsigned>(bits));
}

std::optional<int> parse_number(std::string_view text, int high) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < 0 || number > high) return std::nullopt;
  return number;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
         c == ':' || c == '[' || c == ']';
}

// Where the port begins (with its colon), or the size.
std::size_t host_end(std::string_view authority) {
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return std::min(colon, authority.size());
}

bool fits_origin(std::string_view pattern, std::string_view origin) {
  constexpr std::string_view kAnyHost = "://*.";
  const std::size_t star = pattern.find(kAnyHost);
  if (star == std::string_view::npos) return pattern == origin;
  const std::string_view scheme = pattern.substr(0, star + 3);
  const std::string_view tail = pattern.substr(star + kAnyHost.size() - 1);  // with its dot
  return origin.size() > scheme.size() + tail.size() && origin.starts_with(scheme) &&
         origin.ends_with(tail);
}

}  // namespace

std::optional<IpAddress> parse_ip_address(std::string_view text) {
  const std::string plain(text.substr(0, text.find('%')));
  IpAddress address{};
  if (inet_pton(AF_INET6, plain.c_str(), address.data()) == 1) return address;
  std::copy(kMapped.begin(), kMapped.end(), address.begin());
  if (inet_pton(AF_INET, plain.c_str(), address.data() + kMapped.size()) == 1) return address;
  return std::nullopt;
}

bool Network::contains(const IpAddress& other) const noexcept {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if ((other[i] & mask(prefix, i)) != address[i]) return false;
  }
  return true;
}

std::string Network::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool v4 = is_v4(address) && prefix >= kMappedBits;
  const void* from = v4 ? address.data() + kMapped.size() : address.data();
  inet_ntop(v4 ? AF_INET : AF_INET6, from, out.data(), out.size());
  std::string text = out.data();
  if (prefix != 128) text += "/" + std::to_string(v4 ? prefix - kMappedBits : prefix);
  return text;
}

std::optional<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view literal = text.substr(0, slash);
  if (literal.find_first_of("%") != std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> address = parse_ip_address(literal);
  if (!address) return std::nullopt;
  Network network{*address, 128};
  if (slash != std::string_view::npos) {
    const bool v4 = literal.find(':') == std::string_view::npos;
    const auto bits = parse_number(text.substr(slash + 1), v4 ? 32 : 128);
    if (!bits) return std::nullopt;
    network.prefix = static_cast<std::uint8_t>(*bits + (v4 ? kMappedBits : 0));
  }
  if (!network.contains(*address)) return std::nullopt;
  return network;
}

std::optional<std::string> parse_origin(std::string_view text) {
  std::string origin(text);
  std::transform(origin.begin(), origin.end(), origin.begin(), to_lower);
  const std::string_view scheme = origin.starts_with("https://")  ? "https://"
                                  : origin.starts_with("http://") ? "http://"
                                                                  : "";
  std::string_view authority = std::string_view(origin).substr(scheme.size());
  if (scheme.empty() || authority.empty() || authority.size() > kMaxHost) return std::nullopt;
  std::string_view host = authority.substr(0, host_end(authority));
  std::string_view port = authority.substr(host.size());
  if (!port.empty()) {
    if (!parse_number(port.substr(1), 65535)) return std::nullopt;
    if (port == (scheme == "https://" ? ":443" : ":80")) port = {};
  }
  const std::string_view below = host.starts_with("*.") ? host.substr(2) : host;
  if (below.empty() || below.front() == '.' ||
      !std::all_of(below.begin(), below.end(), is_host_char)) {
    return std::nullopt;
  }
  return std::string(scheme).append(host).append(port);
}

TokenLimitsTable::Part& TokenLimitsTable::own_part(std::uint32_t token_id) {
  const std::size_t at = token_id % kParts;
  if (!own_.test(at)) {
    parts_[at] = parts_[at] ? std::make_shared<Part>(*parts_[at]) : std::make_shared<Part>();
    own_.set(at);
  }
  return *parts_[at];
}

void TokenLimitsTable::add(std::uint32_t token_id, TokenLimits limits) {
  if (limits.none()) return;
  own_part(token_id).insert_or_assign(token_id,
                                      std::make_shared<const TokenLimits>(std::move(limits)));
}

void TokenLimitsTable::remove(std::uint32_t token_id) {
  if (find(token_id) != nullptr) own_part(token_id).erase(token_id);
}

const TokenLimits* TokenLimitsTable::find(std::uint32_t token_id) const noexcept {
  const Part* part = parts_[token_id % kParts].get();
  if (part == nullptr) return nullptr;
  const auto found = part->find(token_id);
  return found == part->end() ? nullptr : found->second.get();
}

bool TokenLimits::allows_remote(std::string_view remote) const {
  if (networks.empty()) return true;
  const std::optional<IpAddress> address = parse_ip_address(remote);
  return address && std::any_of(networks.begin(), networks.end(),
                                [&](const Network& network) { return network.contains(*address); });
}

bool TokenLimits::allows_referrer(const RequestHead& head) const {
  if (referrers.empty()) return true;
  for (const std::string_view name : {"origin", "referer"}) {
    bool seen = false;
    for (const auto& [key, value] : head.headers) {
      if (key != name) continue;
      seen = true;
      const std::size_t path = value.find_first_of("/?#", value.find("://") + 3);
      const std::optional<std::string> origin = parse_origin(value.substr(0, path));
      // A star is for the lists only.
      const bool listed =
          origin && origin->find('*') == std::string::npos &&
          std::any_of(referrers.begin(), referrers.end(),
                      [&](const std::string& item) { return fits_origin(item, *origin); });
      if (!listed) return false;
    }
    if (seen) return true;
  }
  return false;
}

}  // namespace weir::proxy
