#include "admin/token_limits.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>

namespace weir::proxy {
namespace {

using rapidjson::Value;

constexpr std::size_t kMaxItems = 64;
constexpr double kMinRate = 0.001;
constexpr double kMaxRate = 1e6;
constexpr std::uint64_t kMaxConcurrent = 1'000'000;
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 50U;

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// As it may be shown: cut and without bytes that upset a terminal.
std::string shown(const Value& value) {
  std::string text(text_of(value).substr(0, 64));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < 0x20 || c >= 0x7f; }, '?');
  return text;
}

std::string read_rate(const Value& value, std::optional<double>& out) {
  if (!value.IsNumber() || !(value.GetDouble() >= kMinRate && value.GetDouble() <= kMaxRate)) {
    return "must be a number from 0.001 to 1000000; leave it out for no limit";
  }
  out = value.GetDouble();
  return {};
}

template <typename T>
std::string read_count(const Value& value, std::uint64_t high, std::optional<T>& out) {
  if (!value.IsUint64() || value.GetUint64() == 0 || value.GetUint64() > high) {
    return "must be a whole number from 1 to " + std::to_string(high) +
           "; leave it out for no limit";
  }
  out = static_cast<T>(value.GetUint64());
  return {};
}

// `parse` turns a text into an item, or into nothing.
template <typename T, typename Parse>
std::string read_list(const Value& value, Parse parse, std::string_view form, std::vector<T>& out) {
  if (!value.IsArray() || value.Empty() || value.Size() > kMaxItems) {
    return "must be a list of 1 to " + std::to_string(kMaxItems) +
           " texts; leave it out for no limit";
  }
  for (const Value& item : value.GetArray()) {
    std::optional<T> parsed;
    if (item.IsString()) parsed = parse(text_of(item));
    if (!parsed) {
      const std::string what = item.IsString() ? "`" + shown(item) + "`" : "something else";
      return "holds " + what + "; write " + std::string(form);
    }
    if (std::find(out.begin(), out.end(), *parsed) == out.end()) out.push_back(std::move(*parsed));
  }
  return {};
}

std::string read_member(std::string_view name, const Value& value, TokenLimits& out, bool& known) {
  if (name == "requestsPerSecond") return read_rate(value, out.requests_per_second);
  if (name == "concurrentSearches") {
    return read_count(value, kMaxConcurrent, out.concurrent_searches);
  }
  if (name == "responseBytes") return read_count(value, kMaxBytes, out.response_bytes);
  if (name == "networks") {
    return read_list(value, parse_network, "`192.0.2.7`, `10.0.0.0/8` or `2001:db8::/32`",
                     out.networks);
  }
  if (name == "referrers") {
    return read_list(value, parse_origin, "`https://app.example` or `https://*.example`",
                     out.referrers);
  }
  known = false;
  return {};
}

void put_text(rapidjson::Writer<rapidjson::StringBuffer>& out, const std::string& text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

}  // namespace

std::vector<Problem> read_token_limits(const rapidjson::Value& value, const std::string& place,
                                       TokenLimits& out) {
  out = TokenLimits();
  if (value.IsNull()) return {};
  if (!value.IsObject()) return {{place, "`limits` must be an object, or null for none"}};
  std::vector<Problem> problems;
  std::vector<std::string_view> seen;
  for (const auto& member : value.GetObject()) {
    const std::string_view name = text_of(member.name);
    const std::string where = place + "/" + shown(member.name);
    bool known = true;
    const std::string wrong = read_member(name, member.value, out, known);
    if (!known) {
      problems.push_back({where, "unknown key `" + shown(member.name) +
                                     "` in `limits`; it takes requestsPerSecond, "
                                     "concurrentSearches, responseBytes, networks and referrers"});
    } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      problems.push_back({where, "`" + shown(member.name) + "` is given twice"});
    } else if (!wrong.empty()) {
      problems.push_back({where, "`" + shown(member.name) + "` " + wrong});
    }
    seen.push_back(name);
  }
  return problems;
}

std::string token_limits_json(const TokenLimits& limits) {
  if (limits.none()) return {};
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  if (limits.requests_per_second) {
    out.Key("requestsPerSecond");
    const double rate = *limits.requests_per_second;
    if (rate == std::floor(rate)) {
      out.Uint64(static_cast<std::uint64_t>(rate));
    } else {
      out.Double(rate);
    }
  }
  if (limits.concurrent_searches) {
    out.Key("concurrentSearches");
    out.Uint(*limits.concurrent_searches);
  }
  if (limits.response_bytes) {
    out.Key("responseBytes");
    out.Uint64(*limits.response_bytes);
  }
  if (!limits.networks.empty()) {
    out.Key("networks");
    out.StartArray();
    for (const Network& network : limits.networks) put_text(out, network.text());
    out.EndArray();
  }
  if (!limits.referrers.empty()) {
    out.Key("referrers");
    out.StartArray();
    for (const std::string& origin : limits.referrers) put_text(out, origin);
    out.EndArray();
  }
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

Result<TokenLimits> parse_token_limits(std::string_view json) {
  TokenLimits limits;
  if (json.empty()) return limits;
  rapidjson::Document document;
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  if (document.Parse<kFlags>(json.data(), json.size()).HasParseError()) {
    return std::vector<Problem>{{"/limits", "the limits of the token are not well-formed JSON"}};
  }
  auto problems = read_token_limits(document, "/limits", limits);
  if (!problems.empty()) return problems;
  return limits;
}

}  // namespace weir::proxy
