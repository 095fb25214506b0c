#include "admin/link_requests.h"

#include "admin/json_body.h"
#include "admin/requests.h"

namespace weir::proxy {
namespace {

std::string read_url(const JsonValue& value, std::string& out) {
  if (!value.IsString()) return "must be a text";
  auto path = parse_dashboards_url(text_of(value));
  if (!path) return path.problems().front().what;
  out = std::move(path).value();
  return {};
}

std::string read_kind(const JsonValue& value, bool& snapshot) {
  const std::string kind = value.IsString() ? text_of(value) : "";
  snapshot = kind == "snapshot";
  return snapshot || kind == "live" ? "" : "must be `live` or `snapshot`";
}

std::string read_time(const JsonValue& value, std::optional<TimeMs>& out) {
  // No `now` here: whoever writes a time of their own writes which.
  const std::string text = value.IsString() ? text_of(value) : "";
  out = text.starts_with('n') ? std::nullopt : parse_dashboards_time(text, 0, false);
  return out ? "" : "must be a time with its zone such as `2026-11-22T18:30:00Z`";
}

}  // namespace

Result<CreateLinkRequest> parse_create_link(std::string_view body) {
  CreateLinkRequest request;
  ObjectReader reader;
  reader.key("name", [&](const JsonValue& value) {
    return read_label(value, kMaxNameBytes, request.name);
  });
  reader.required("url", [&](const JsonValue& value) { return read_url(value, request.path); });
  reader.key("kind", [&](const JsonValue& value) { return read_kind(value, request.snapshot); });
  reader.key("timeFrom", [&](const JsonValue& value) { return read_time(value, request.from); });
  reader.key("timeTo", [&](const JsonValue& value) { return read_time(value, request.to); });
  auto problems = reader.read(body);
  if (problems.empty() && !request.snapshot && (request.from || request.to)) {
    problems.push_back({"", "`timeFrom` and `timeTo` are for links of the kind `snapshot`"});
  }
  if (!problems.empty()) return problems;
  return request;
}

}  // namespace weir::proxy
