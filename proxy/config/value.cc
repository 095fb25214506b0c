#include "config/value.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace weir::proxy {
namespace {

std::string quote(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) {
    return std::nullopt;
  }
  return number;
}

const std::string* text_of(const Value& value) { return std::get_if<std::string>(&value.data); }

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// `12UNIT` as a number of the smallest unit; nothing if it is not written so or does not fit.
template <std::size_t kCount>
std::optional<std::uint64_t> with_unit(std::string_view text,
                                       const std::array<Unit, kCount>& units) {
  const auto digits = text.find_first_not_of("0123456789");
  if (digits == std::string_view::npos) {
    return std::nullopt;
  }
  const auto number = whole_number(text.substr(0, digits));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& candidate) {
    return candidate.name == text.substr(digits);
  });
  if (!number || unit == units.end() || *number > UINT64_MAX / unit->factor) {
    return std::nullopt;
  }
  return *number * unit->factor;
}

constexpr std::array<Unit, 5> kTimes = {
    {{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 3> kSizes = {
    {{"GiB", 1U << 30U}, {"MiB", 1U << 20U}, {"KiB", 1U << 10U}}};

template <std::size_t kCount>
std::string render_unit(std::uint64_t value, const std::array<Unit, kCount>& units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(value);
}

bool is_host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.front() != '-' && host.front() != '.' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_';
         });
}

bool is_ip(int family, const std::string& host) {
  std::array<unsigned char, 16> ignored{};
  return inet_pton(family, host.c_str(), ignored.data()) == 1;
}

/// Splits `host:port` and `[v6]:port`. `port` is empty when there is none.
bool split_host(std::string_view text, std::string& host, std::string_view& port, bool& bracketed) {
  bracketed = text.starts_with('[');
  if (bracketed) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) {
      return false;
    }
    host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    const auto colon = text.find(':');
    host = text.substr(0, colon);
    text.remove_prefix(std::min(colon, text.size()));
  }
  if (text.empty()) {
    port = {};
    return true;
  }
  port = text.substr(1);
  return text.front() == ':' && !port.empty();
}

std::string out_of_range(std::string_view given, const std::string& low, const std::string& high) {
  return quote(given) + " is out of range; use " + low + " to " + high;
}

}  // namespace

std::string parse_text(const Value& value, std::string& out) {
  const std::string* text = text_of(value);
  if (text == nullptr) {
    return "a text in quotes is expected here";
  }
  if (text->find('\0') != std::string::npos) {
    return "a text without NUL is expected here";
  }
  out = *text;
  return {};
}

std::string parse_list(const Value& value, char separator, List& out) {
  if (const List* list = std::get_if<List>(&value.data)) {
    out = *list;
    return {};
  }
  const std::string* text = text_of(value);
  if (value.typed || text == nullptr) {
    return "a list of texts is expected here, for instance [\"logs-*\"]";
  }
  List items;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(separator), rest.size());
    if (const auto item = trim(rest.substr(0, end)); !item.empty()) {
      items.emplace_back(item);
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  out = std::move(items);
  return {};
}

std::string parse_switch(const Value& value, bool& out) {
  if (const bool* flag = std::get_if<bool>(&value.data)) {
    out = *flag;
    return {};
  }
  const std::string* text = text_of(value);
  if (value.typed || text == nullptr || (*text != "true" && *text != "false")) {
    return "true or false is expected here";
  }
  out = *text == "true";
  return {};
}

std::string parse_count(const Value& value, std::uint64_t low, std::uint64_t high,
                        std::uint64_t& out) {
  std::optional<std::uint64_t> number;
  std::string given;
  if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
    given = std::to_string(*integer);
    number = whole_number(given);
  } else if (const std::string* text = text_of(value); text != nullptr && !value.typed) {
    given = *text;
    number = whole_number(given);
    if (!number) {
      return quote(given) + " is not a whole number";
    }
  } else {
    return "a whole number is expected here, without quotes";
  }
  if (!number || *number < low || *number > high) {
    return out_of_range(given, std::to_string(low), std::to_string(high));
  }
  out = *number;
  return {};
}

std::string parse_size(const Value& value, std::uint64_t low, std::uint64_t high,
                       std::uint64_t& out) {
  const std::string* text = text_of(value);
  if (text == nullptr || text->find_first_not_of("0123456789") == std::string::npos) {
    return parse_count(value, low, high, out);
  }
  const auto bytes = with_unit(*text, kSizes);
  if (!bytes) {
    return quote(*text) + " is not a size; write bytes, or for instance `64KiB`, `16MiB`, `1GiB`";
  }
  if (*bytes < low || *bytes > high) {
    return out_of_range(*text, render_size(low), render_size(high));
  }
  out = *bytes;
  return {};
}

std::string parse_duration(const Value& value, Millis low, Millis high, Millis& out) {
  const std::string* text = text_of(value);
  const auto millis = text == nullptr ? std::nullopt : with_unit(*text, kTimes);
  if (!millis) {
    return (text == nullptr ? std::string("this") : quote(*text)) +
           " is not a time; write a number with its unit in quotes, for instance \"500ms\", "
           "\"30s\", \"5m\", \"7d\"";
  }
  if (*millis < static_cast<std::uint64_t>(low.count()) ||
      *millis > static_cast<std::uint64_t>(high.count())) {
    return out_of_range(*text, render_duration(low), render_duration(high));
  }
  out = Millis(static_cast<std::int64_t>(*millis));
  return {};
}

std::string parse_address(const Value& value, ListenAddress& out) {
  const std::string* text = text_of(value);
  if (text == nullptr) {
    return "an address in quotes is expected here, for instance \"127.0.0.1:9600\"";
  }
  std::string host;
  std::string_view port_text;
  bool bracketed = false;
  const bool split = split_host(*text, host, port_text, bracketed);
  if (host == "localhost") {
    host = "127.0.0.1";
  }
  const auto port = whole_number(port_text);
  if (!split || !port || *port > 65535 || !is_ip(bracketed ? AF_INET6 : AF_INET, host)) {
    return quote(*text) +
           " is not an address to listen on; write IP:PORT, for instance `127.0.0.1:9600`, "
           "`0.0.0.0:9600` or `[::1]:9600`";
  }
  out = {host, static_cast<std::uint16_t>(*port)};
  return {};
}

std::string parse_choice(const Value& value, const std::vector<std::string_view>& names,
                         std::size_t& out) {
  const std::string* text = text_of(value);
  const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
  if (found != names.end()) {
    out = static_cast<std::size_t>(found - names.begin());
    return {};
  }
  std::string list;
  for (const std::string_view name : names) {
    list += (list.empty() ? "" : ", ") + quote(name);
  }
  return (text == nullptr ? std::string("this") : quote(*text)) + " is not offered; use one of " +
         list;
}

std::string parse_url(std::string_view text, UpstreamSettings& out) {
  const std::string hint =
      quote(text) + " is not a URL of a search cluster; write http[s]://HOST[:PORT][/PREFIX]";
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://")) {
    return hint;
  }
  std::string_view rest = text.substr(tls ? 8 : 7);
  const auto slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  std::string_view prefix = rest.substr(slash);
  while (prefix.ends_with('/')) {
    prefix.remove_suffix(1);
  }
  if (authority.find('@') != std::string_view::npos) {
    return "credentials do not belong into the URL, where they show; use `upstream.user` and "
           "`upstream.password`";
  }
  std::string host;
  std::string_view port_text;
  bool bracketed = false;
  if (!split_host(authority, host, port_text, bracketed)) {
    return hint;
  }
  const auto port =
      port_text.empty() ? std::optional<std::uint64_t>(tls ? 443 : 80) : whole_number(port_text);
  const bool prefix_ok = prefix.find("//") == std::string_view::npos &&
                         std::all_of(prefix.begin(), prefix.end(), [](char c) {
                           return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '%';
                         });
  if (!port || *port == 0 || *port > 65535 || !prefix_ok ||
      !(bracketed ? is_ip(AF_INET6, host) : is_host_name(host))) {
    return hint;
  }
  out.tls = tls;
  out.host = host;
  out.port = static_cast<std::uint16_t>(*port);
  out.path_prefix = prefix;
  return {};
}

std::string render_size(std::uint64_t bytes) { return render_unit(bytes, kSizes); }

std::string render_duration(Millis value) {
  return value.count() == 0 ? "0ms"
                            : render_unit(static_cast<std::uint64_t>(value.count()), kTimes);
}

std::string render_address(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string render_list(const List& list, char separator) {
  std::string text;
  for (const std::string& item : list) {
    if (!text.empty()) {
      text.push_back(separator);
    }
    text += item;
  }
  return text;
}

}  // namespace weir::proxy
