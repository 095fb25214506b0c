#include "front/capabilities.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <array>

namespace weir::proxy {
namespace {

using Json = rapidjson::Value;

// By the first letters: plugins name theirs `saveQuery`, `createShortUrl`, `editJobs`.
constexpr std::array<std::string_view, 10> kChanges = {
    "save", "create", "edit", "delete", "write", "update", "import", "export", "manage", "copy"};
// Groups of pages that a viewer does not get.
constexpr std::array<std::string_view, 3> kHiddenPages = {"dev_tools", "management",
                                                          "opensearch_dashboards_overview"};

std::string_view text_of(const Json& name) { return {name.GetString(), name.GetStringLength()}; }

bool changes(std::string_view name) {
  return name == "showWriteControls" ||
         std::any_of(kChanges.begin(), kChanges.end(),
                     [&](std::string_view verb) { return name.starts_with(verb); });
}

void forbid(Json& flags, auto which) {
  if (!flags.IsObject()) return;
  for (auto& member : flags.GetObject()) {
    if (member.value.IsObject()) {
      forbid(member.value, which);
    } else if (member.value.IsBool() && which(text_of(member.name))) {
      member.value.SetBool(false);
    }
  }
}

bool hidden_page(std::string_view name) {
  return std::any_of(kHiddenPages.begin(), kHiddenPages.end(),
                     [&](std::string_view page) { return name.starts_with(page); });
}

}  // namespace

std::optional<std::string> read_only_capabilities(std::string_view json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(
      json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return std::nullopt;
  for (auto& group : document.GetObject()) {
    const std::string_view name = text_of(group.name);
    if (name == "navLinks" || name == "catalogue") {
      forbid(group.value, hidden_page);
    } else if (hidden_page(name)) {
      forbid(group.value, [](std::string_view) { return true; });
    } else {
      forbid(group.value, changes);
    }
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document.Accept(writer);
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace weir::proxy
