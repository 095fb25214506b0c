// The table of deny codes as data, and the error body that every refusal has.
#include <array>
#include <cstdio>

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

void append_json_text(std::string_view text, std::string& out) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
}

void append_cause(const DenyInfo& info, std::string_view path, std::string_view detail,
                  std::string& out) {
  out += R"("type":")";
  out += error_type(info.id);
  out += R"(","reason":")";
  append_json_text(info.reason, out);
  if (!detail.empty()) {
    out += ": `";
    append_json_text(detail, out);
    out += '`';
  }
  out += R"(","code":")";
  out += info.code;
  out += '"';
  if (!path.empty()) {
    out += R"(,"path":")";
    append_json_text(path, out);
    out += '"';
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
