#include "admin/requests.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "weir/limits.h"

namespace weir::proxy {
namespace {

using rapidjson::Value;

// From here on a number is taken for milliseconds: as seconds it would be the year 5138, as
// milliseconds it is 1973.
constexpr double kFirstMilliseconds = 1e11;
constexpr double kLastMilliseconds = 1e15;

struct Nowhere {
  using Ch = char;
  void Put(char /*c*/) {}
};

bool is_valid_utf8(std::string_view text) {
  rapidjson::MemoryStream in(text.data(), text.size());
  Nowhere out;
  while (in.Tell() < text.size()) {
    if (!rapidjson::UTF8<>::Validate(in, out)) {
      return false;
    }
  }
  return true;
}

std::string text_of(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

/// A key as it may be shown: cut and without bytes that upset a terminal.
std::string shown(const Value& key) {
  std::string text = text_of(key).substr(0, 64);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      c = '?';
    }
  }
  return text;
}

/// One object being read: each known key has a reader, everything else is a problem.
class ObjectReader {
 public:
  using Reader = std::function<std::string(const Value&)>;  // what is wrong; empty when nothing

  void key(std::string_view name, Reader reader) {
    keys_.push_back({name, std::move(reader), false});
  }
  void required(std::string_view name, Reader reader) {
    keys_.push_back({name, std::move(reader), true});
  }

  /// `body` is the whole request body; `wrapper` a key that may stand around the object, or empty.
  std::vector<Problem> read(std::string_view body, std::string_view wrapper) {
    rapidjson::Document document;
    if (body.find('\0') != std::string_view::npos || body.starts_with("\xef\xbb\xbf")) {
      return {{"", "the body is not well-formed JSON in UTF-8 (a NUL or a byte order mark)"}};
    }
    constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
    if (document.Parse<kFlags>(body.data(), body.size()).HasParseError()) {
      std::string why = rapidjson::GetParseError_En(document.GetParseError());
      return {{"", "the body is not well-formed JSON: " + why + " (at byte " +
                       std::to_string(document.GetErrorOffset()) + ")"}};
    }
    const Value* object = &document;
    std::string prefix;
    if (!wrapper.empty() && object->IsObject() && object->MemberCount() == 1 &&
        text_of(object->MemberBegin()->name) == wrapper) {
      object = &object->MemberBegin()->value;
      prefix = "/" + std::string(wrapper);
    }
    if (!object->IsObject()) {
      return {{prefix, "a JSON object is expected here"}};
    }
    return read_members(*object, prefix);
  }

 private:
  struct Key {
    std::string_view name;
    Reader reader;
    bool required;
    bool seen = false;
  };

  std::vector<Problem> read_members(const Value& object, const std::string& prefix) {
    std::vector<Problem> problems;
    for (const auto& member : object.GetObject()) {
      const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) {
        return key.name == std::string_view(member.name.GetString(), member.name.GetStringLength());
      });
      const std::string where = prefix + "/" + shown(member.name);
      if (found == keys_.end()) {
        problems.push_back({where, "unknown key `" + shown(member.name) + "`"});
      } else if (std::exchange(found->seen, true)) {
        problems.push_back({where, "`" + shown(member.name) + "` is given twice"});
      } else if (std::string wrong = found->reader(member.value); !wrong.empty()) {
        problems.push_back({where, "`" + shown(member.name) + "` " + wrong});
      }
    }
    for (const Key& key : keys_) {
      if (key.required && !key.seen) {
        problems.push_back({prefix, "`" + std::string(key.name) + "` is required"});
      }
    }
    return problems;
  }

  std::vector<Key> keys_;
};

/// Text for people: UTF-8 without control characters.
std::string read_label(const Value& value, std::size_t limit, std::string& out) {
  if (!value.IsString()) {
    return "must be a text";
  }
  std::string text = text_of(value);
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (text.size() > limit || !clean || !is_valid_utf8(text)) {
    return "must be at most " + std::to_string(limit) +
           " bytes of UTF-8 without control characters";
  }
  out = std::move(text);
  return {};
}

std::string read_filters(const Value& value, std::vector<std::int32_t>& out) {
  if (!value.IsArray()) {
    return "must be a list of filter ids; use [] for none";
  }
  const std::size_t limit = Limits{}.max_filters_per_token;
  if (value.Size() > limit) {
    return "holds more than " + std::to_string(limit) + " filters";
  }
  std::vector<std::int32_t> ids;
  for (const Value& item : value.GetArray()) {
    if (!item.IsInt()) {
      return "must hold int32 ids only";
    }
    ids.push_back(item.GetInt());
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
    return "holds an id twice";
  }
  out = std::move(ids);
  return {};
}

std::string read_operator(const Value& value, FiltersOperator& out) {
  const std::string text = value.IsString() ? text_of(value) : "";
  if (text != "AND" && text != "OR") {
    return "must be `AND` or `OR`";
  }
  out = text == "OR" ? FiltersOperator::kOr : FiltersOperator::kAnd;
  return {};
}

std::string read_expiry(const Value& value, ExpiryChange& out) {
  if (value.IsNull()) {
    out = {.given = true, .at = std::nullopt};
    return {};
  }
  const double number = value.IsNumber() ? value.GetDouble() : 0;
  if (number <= 0 || number > kLastMilliseconds) {
    return "must be `null` for never, or a time after 1970 in seconds (a fraction is dropped) or "
           "milliseconds";
  }
  const double seconds = number >= kFirstMilliseconds ? number / 1000 : number;
  out = {.given = true, .at = static_cast<Seconds>(std::floor(seconds))};
  return {};
}

std::string read_bool(const Value& value, bool& out) {
  if (!value.IsBool()) {
    return "must be true or false";
  }
  out = value.GetBool();
  return {};
}

/// Both keys that clients use for the name.
void add_name(ObjectReader& reader, std::optional<std::string>& name) {
  for (const std::string_view key : {"tokenName", "name"}) {
    reader.key(key, [&name](const Value& value) -> std::string {
      std::string text;
      if (std::string wrong = read_label(value, kMaxNameBytes, text); !wrong.empty()) {
        return wrong;
      }
      if (name && *name != text) {
        return "is another name than the one beside it; give one";
      }
      name = std::move(text);
      return {};
    });
  }
}

bool is_field_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxFieldBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '@' || c == '.' || c == '-';
         });
}

}  // namespace

Result<CreateTokenRequest> parse_create_token(std::string_view body) {
  CreateTokenRequest request;
  if (body.empty()) {
    return request;
  }
  std::optional<std::string> name;
  ObjectReader reader;
  add_name(reader, name);
  reader.key("filters", [&](const Value& value) {
    return value.IsNull() ? std::string() : read_filters(value, request.filters);
  });
  reader.key("filtersOperator",
             [&](const Value& value) { return read_operator(value, request.filters_operator); });
  reader.key("expirationDate",
             [&](const Value& value) { return read_expiry(value, request.expiry); });
  reader.key("token", [](const Value&) {
    return std::string("cannot be chosen; the answer holds a random one");
  });
  auto problems = reader.read(body, "post");
  if (!problems.empty()) {
    return problems;
  }
  request.name = std::move(name).value_or("");
  return request;
}

Result<UpdateTokenRequest> parse_update_token(std::string_view body) {
  UpdateTokenRequest request;
  ObjectReader reader;
  add_name(reader, request.name);
  reader.required("filters",
                  [&](const Value& value) { return read_filters(value, request.filters); });
  reader.key("filtersOperator", [&](const Value& value) {
    return read_operator(value, request.filters_operator.emplace());
  });
  reader.key("expirationDate",
             [&](const Value& value) { return read_expiry(value, request.expiry); });
  auto problems = reader.read(body, "");
  if (!problems.empty()) {
    return problems;
  }
  return request;
}

Result<CreateFilterRequest> parse_create_filter(std::string_view body) {
  CreateFilterRequest request;
  ObjectReader reader;
  reader.key("id", [](const Value& value) {
    return value.IsInt() || value.IsNull() ? std::string()
                                           : std::string("must be an int32 (and is not used)");
  });
  reader.required("field", [&](const Value& value) -> std::string {
    request.field = value.IsString() ? text_of(value) : "";
    return is_field_name(request.field) ? "" : "must match `^[a-zA-Z0-9_@.-]+$`";
  });
  reader.required("value", [&](const Value& value) -> std::string {
    if (!value.IsString()) {
      return "must be a text; write numbers and booleans in quotes";
    }
    request.value = text_of(value);
    return {};
  });
  reader.key("description", [&](const Value& value) {
    return value.IsNull() ? std::string()
                          : read_label(value, kMaxDescriptionBytes, request.description);
  });
  reader.key("literal", [&](const Value& value) { return read_bool(value, request.literal); });
  auto problems = reader.read(body, "post");
  if (problems.empty()) {
    if (std::string wrong = check_filter({request.field, request.value}, request.literal);
        !wrong.empty()) {
      problems.push_back({"", wrong});
    }
  }
  if (!problems.empty()) {
    return problems;
  }
  return request;
}

}  // namespace weir::proxy
