#include "admin/inquiry_requests.h"

#include <algorithm>
#include <array>

#include "admin/json_body.h"
#include "admin/requests.h"
#include "inquire/json.h"

namespace weir::proxy {
namespace {

constexpr std::array kMethods = {Method::kGet,    Method::kHead,  Method::kPost,   Method::kPut,
                                 Method::kDelete, Method::kPatch, Method::kOptions};
constexpr std::size_t kMaxDrafts = 64;
constexpr std::size_t kMaxPathBytes = 8192;

std::string read_method(const JsonValue& value, Method& out) {
  const std::string name = value.IsString() ? text_of(value) : "";
  for (const Method method : kMethods) {
    if (method_name(method) == name) {
      out = method;
      return {};
    }
  }
  return "must be one of GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";
}

bool takes_lines(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path.ends_with("/_msearch") || path.ends_with("/_msearch/template");
}

std::vector<Problem> read_drafts(const JsonValue& value, const std::string& place,
                                 std::vector<Filter>& out) {
  if (!value.IsArray() || value.Size() > kMaxDrafts) {
    return {{place, "`drafts` must be a list of at most " + std::to_string(kMaxDrafts) +
                        " filters, each with `field` and `value`"}};
  }
  std::vector<Problem> problems;
  for (const JsonValue& item : value.GetArray()) {
    Filter& filter = out.emplace_back();
    ObjectReader reader;
    reader.required("field", [&](const JsonValue& json) {
      return read_label(json, kMaxFieldBytes, filter.field);
    });
    reader.required("value", [&](const JsonValue& json) -> std::string {
      if (!json.IsString()) return "must be a text";
      filter.value = text_of(json);
      return {};
    });
    auto more = reader.read_value(item, place);
    // `*` and `?` are looked for as they are: a preview stores nothing.
    if (std::string wrong = more.empty() ? check_filter(filter, true) : ""; !wrong.empty()) {
      more.push_back({place, "`drafts`: " + wrong});
    }
    problems.insert(problems.end(), more.begin(), more.end());
  }
  return problems;
}

}  // namespace

Result<DraftRequest> parse_draft(std::string_view body) {
  DraftRequest request;
  std::int64_t samples = request.preview.samples;
  std::int64_t intervals = request.preview.intervals;
  ObjectReader reader;
  reader.key("filters", [&](const JsonValue& value) {
    return value.IsNull() ? std::string() : read_filters(value, request.filters);
  });
  reader.nested(
      "drafts",
      [&](const JsonValue& value, const std::string& place) {
        return read_drafts(value, place, request.drafts);
      },
      false);
  reader.key("filtersOperator", [&](const JsonValue& value) {
    return read_operator(value, request.filters_operator);
  });
  reader.key("timeField", [&](const JsonValue& value) {
    return read_label(value, kMaxFieldBytes, request.preview.time_field);
  });
  reader.key("samples", [&](const JsonValue& value) {
    return read_whole(value, 0, kMaxPreviewSamples, samples);
  });
  reader.key("intervals", [&](const JsonValue& value) {
    return read_whole(value, 1, kMaxPreviewIntervals, intervals);
  });
  auto problems = reader.read(body.empty() ? "{}" : body);
  if (!problems.empty()) return problems;
  request.preview.samples = static_cast<std::uint32_t>(samples);
  request.preview.intervals = static_cast<std::uint32_t>(intervals);
  return request;
}

Result<ExplainedRequest> parse_explained_request(std::string_view body) {
  ExplainedRequest request;
  ObjectReader reader;
  reader.required("method",
                  [&](const JsonValue& value) { return read_method(value, request.method); });
  reader.required("path", [&](const JsonValue& value) -> std::string {
    request.target = value.IsString() ? text_of(value) : "";
    const bool good = request.target.starts_with('/') && request.target.size() <= kMaxPathBytes;
    return good ? "" : "must begin with `/`, for instance `/logs-*/_search`";
  });
  reader.key("contentType", [&](const JsonValue& value) {
    return read_label(value, kMaxFieldBytes, request.content_type);
  });
  reader.key("body", [&](const JsonValue& value) -> std::string {
    request.body = value.IsString() ? text_of(value) : text_of_value(value);
    return {};
  });
  auto problems = reader.read(body);
  if (!problems.empty()) return problems;
  if (request.content_type.empty() && !request.body.empty()) {
    request.content_type =
        takes_lines(request.target) ? "application/x-ndjson" : "application/json";
  }
  return request;
}

Result<WhyRequest> parse_why(std::string_view body) {
  WhyRequest request;
  ObjectReader reader;
  auto text = [](std::string& out) {
    return [&out](const JsonValue& value) { return read_label(value, kMaxFieldBytes, out); };
  };
  reader.required("index", text(request.index));
  reader.required("id", text(request.id));
  auto problems = reader.read(body);
  if (!problems.empty()) return problems;
  if (request.index.empty() || request.id.empty()) {
    return std::vector<Problem>{{"", "`index` and `id` must not be empty"}};
  }
  return request;
}

}  // namespace weir::proxy
