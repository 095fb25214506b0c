#include "response/own_items.h"

#include "base/json_string.h"

namespace weir::response {
namespace {

void append_coordinates(std::string_view index, std::string_view id, std::string& out) {
  out += R"({"_index":)";
  append_json_string(index, out);
  out += R"(,"_id":)";
  append_json_string(id, out);
}

// The value of `error` in the body every refusal has: {"error":{…},"status":N}.
void append_inner_error(DenyCode code, std::string_view path, std::string_view detail,
                        std::string& out) {
  std::string body;
  append_error_body(code, path, detail, body);
  std::size_t from = body.find(':') + 1;
  out.append(body, from, body.rfind(R"(,"status":)") - from);
}

}  // namespace

void append_missing_document(std::string_view index, std::string_view id, std::string& out) {
  append_coordinates(index, id, out);
  out += R"(,"found":false})";
}

void append_document_error(const PlanItem& item, DenyCode code, std::string_view path,
                           std::string_view detail, std::string& out) {
  append_coordinates(item.index, item.id, out);
  out += R"(,"error":)";
  append_inner_error(code, path, detail, out);
  out += '}';
}

void append_denied_multi_search(std::span<const PlanItem> items, std::string& out) {
  out += R"({"took":0,"responses":[)";
  for (const PlanItem& item : items) {
    if (&item != items.data()) out += ',';
    append_error_body(item.code, item.deny_path, item.deny_detail, out);
  }
  out += "]}";
}

void append_denied_multi_get(std::span<const PlanItem> items, std::string& out) {
  out += R"({"docs":[)";
  for (const PlanItem& item : items) {
    if (&item != items.data()) out += ',';
    append_document_error(item, item.code, item.deny_path, item.deny_detail, out);
  }
  out += "]}";
}

}  // namespace weir::response
