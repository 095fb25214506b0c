// The table of deny codes as data, and the error body that every refusal has.
#include <array>

#include "base/json_string.h"
#include "weir/verdict.h"

namespace weir {
namespace {

constexpr std::array kTable = {
#define WEIR_DENY(name, code, status, reason) DenyInfo{DenyCode::name, code, status, reason},
#include "weir/deny_codes.def"
#undef WEIR_DENY
};

// Clients act on some of OpenSearch's own type names; everything else is Weir's.
std::string_view error_type(DenyCode code) {
  if (code == DenyCode::kUpstreamNoIndex) return "index_not_found_exception";
  if (code == DenyCode::kUpstreamNotFound) return "resource_not_found_exception";
  if (code == DenyCode::kCursorInvalid) return "search_context_missing_exception";
  return "weir_denied";
}

void append_cause(const DenyInfo& info, std::string_view path, std::string_view detail,
                  std::string& out) {
  std::string reason(info.reason);
  if (!detail.empty()) {
    reason += ": `";
    reason += detail;
    reason += '`';
  }
  out += R"("type":")";
  out += error_type(info.id);
  out += R"(","reason":)";
  append_json_string(reason, out);
  out += R"(,"code":")";
  out += info.code;
  out += '"';
  if (!path.empty()) {
    out += R"(,"path":)";
    append_json_string(path, out);
  }
}

}  // namespace

const DenyInfo& deny_info(DenyCode code) noexcept { return kTable[static_cast<std::size_t>(code)]; }

std::span<const DenyInfo> all_deny_codes() noexcept { return kTable; }

void append_error_body(DenyCode code, std::string_view path, std::string_view detail,
                       std::string& out) {
  const DenyInfo& info = deny_info(code);
  out += R"({"error":{"root_cause":[{)";
  append_cause(info, path, detail, out);
  out += "}],";
  append_cause(info, path, detail, out);
  out += R"(},"status":)";
  out += std::to_string(info.status);
  out += '}';
}

std::size_t Verdict::body_bytes() const noexcept {
  std::size_t total = 0;
  for (std::string_view piece : body_) total += piece.size();
  return total;
}

std::string_view method_name(Method method) noexcept {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
    case Method::kDelete:
      return "DELETE";
    case Method::kPatch:
      return "PATCH";
    case Method::kOptions:
      return "OPTIONS";
  }
  return "GET";
}

}  // namespace weir
