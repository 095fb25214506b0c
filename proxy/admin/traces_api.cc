// Orders to trace: of the caller's account, and about requests of that account's tokens only.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "admin/call.h"
#include "admin/json_body.h"
#include "admin/operations.h"
#include "admin/times.h"
#include "trace/tracer.h"
#include "weir/routes.h"

namespace weir::proxy {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t kMaxName = 255;
constexpr std::int64_t kMaxSeconds = 86400;

std::string read_index(const JsonValue& value, std::string& out) {
  const std::string text = value.IsString() ? text_of(value) : "";
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (text.empty() || text.size() > kMaxName || !plain) {
    return "must be a name or a pattern of 1 to 255 visible ASCII characters";
  }
  out = text;
  return {};
}

std::string read_route(const JsonValue& value, std::string& out) {
  const std::string text = value.IsString() ? text_of(value) : "";
  std::string known;
  for (const std::string_view name : route_names()) {
    if (text == name) {
      out = text;
      return {};
    }
    known += (known.empty() ? "`" : ", `") + std::string(name) + "`";
  }
  return "must be a name from the README's table of endpoints, as `route` in the log has it: one "
         "of " +
         known;
}

std::string read_sample(const JsonValue& value, double& out) {
  if (!value.IsNumber() || !(value.GetDouble() > 0 && value.GetDouble() <= 1)) {
    return "must be a number above 0 and at most 1";
  }
  out = value.GetDouble();
  return {};
}

std::string read_seconds(const JsonValue& value, std::int64_t now_ms, std::int64_t& until_ms) {
  if (!value.IsNumber() || !(value.GetDouble() > 0 && value.GetDouble() <= kMaxSeconds)) {
    return "must be a number above 0 and at most " + std::to_string(kMaxSeconds);
  }
  until_ms = now_ms + std::llround(std::ceil(value.GetDouble() * 1000));
  return {};
}

std::string read_until(const JsonValue& value, std::int64_t now_ms, std::int64_t& until_ms) {
  std::optional<Seconds> time;
  if (value.IsNumber()) {
    time = time_of_number(value.GetDouble());
  } else if (value.IsString()) {
    time = time_of_text(text_of(value));
  }
  if (!time || *time * 1000 <= now_ms || *time * 1000 > now_ms + kMaxSeconds * 1000) {
    return "must be a time within the next day: seconds (a fraction is dropped), milliseconds, or "
           "a text with its zone such as `2026-11-22T18:30:00Z`";
  }
  until_ms = *time * 1000;
  return {};
}

std::vector<Problem> read_order(std::string_view body, std::int64_t now_ms, TraceOrder& order) {
  int subjects = 0;
  int ends = 0;
  const auto counted = [](int& count, auto read) {
    return [&count, read](const JsonValue& value) {
      ++count;
      return read(value);
    };
  };
  std::int64_t token = 0;
  ObjectReader reader;
  reader.key("token", counted(subjects, [&](const JsonValue& value) {
               return read_whole(value, 1, 2147483647, token);
             }));
  reader.key("index", counted(subjects, [&](const JsonValue& value) {
               return read_index(value, order.index);
             }));
  reader.key("route", counted(subjects, [&](const JsonValue& value) {
               return read_route(value, order.route);
             }));
  reader.key("sample", [&](const JsonValue& value) { return read_sample(value, order.sample); });
  reader.key("seconds", counted(ends, [&](const JsonValue& value) {
               return read_seconds(value, now_ms, order.until_ms);
             }));
  reader.key("until", counted(ends, [&](const JsonValue& value) {
               return read_until(value, now_ms, order.until_ms);
             }));
  auto problems = reader.read(body);
  if (problems.empty() && subjects != 1) {
    problems.push_back({"", "exactly one of `token`, `index` and `route` says what to trace"});
  }
  if (problems.empty() && ends != 1) {
    problems.push_back({"", "either `seconds` or `until` says when it ends"});
  }
  order.token = static_cast<std::uint32_t>(token);
  return problems;
}

void put_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void put_order(Writer& out, const TraceOrder& order) {
  out.StartObject();
  put_key(out, "id");
  out.Uint(order.id);
  if (order.token != 0) {
    put_key(out, "token");
    out.Uint(order.token);
  }
  for (const auto& [key, text] : {std::pair("index", &order.index), {"route", &order.route}}) {
    if (!text->empty()) {
      put_key(out, key);
      out.String(text->data(), static_cast<rapidjson::SizeType>(text->size()));
    }
  }
  put_key(out, "sample");
  out.Double(order.sample);
  put_key(out, "until");
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03d000000", static_cast<int>(order.until_ms % 1000));
  const std::string until = std::to_string(order.until_ms / 1000) + fraction;
  out.RawValue(until.data(), until.size(), rapidjson::kNumberType);
  put_key(out, "traced");
  out.Uint64(order.traced);
  out.EndObject();
}

SmallResponse written(const rapidjson::StringBuffer& buffer) {
  return json_answer({buffer.GetString(), buffer.GetSize()});
}

}  // namespace

SmallResponse get_traces(ApiContext& context, const Call& call) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartArray();
  for (const TraceOrder& order : context.tracer.orders(call.account(), context.now_ms())) {
    put_order(out, order);
  }
  out.EndArray();
  return written(buffer);
}

SmallResponse order_trace(ApiContext& context, const Call& call) {
  const std::int64_t now_ms = context.now_ms();
  TraceOrder wanted;
  wanted.account = call.account();
  if (const auto problems = read_order(call.request.body, now_ms, wanted); !problems.empty()) {
    return refuse(call, 400, "traces/INVALID_BODY", joined(problems));
  }
  const auto made = context.tracer.add(std::move(wanted), now_ms);
  if (!made) {
    return refuse(call, 400, "traces/LIMIT_REACHED",
                  "too much is being traced already; end a trace or wait until one ends");
  }
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  put_order(out, *made);
  return written(buffer);
}

SmallResponse end_trace(ApiContext& context, const Call& call) {
  const auto id = static_cast<std::uint32_t>(call.id);
  if (!context.tracer.remove(call.account(), id, context.now_ms())) {
    return not_found(call, "trace", "traces/TRACE_NOT_FOUND", call.id);
  }
  return empty_answer(204);
}

}  // namespace weir::proxy
