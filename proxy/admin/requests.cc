#include "admin/requests.h"

#include <algorithm>
#include <utility>

#include "admin/json_body.h"
#include "admin/times.h"
#include "admin/token_limits.h"
#include "http/text.h"
#include "weir/limits.h"

namespace weir::proxy {
namespace {

std::string read_expiry(const JsonValue& value, ExpiryChange& out) {
  std::optional<Seconds> time;
  if (value.IsNumber()) {
    time = time_of_number(value.GetDouble());
  } else if (value.IsString()) {
    time = time_of_text(text_of(value));
  }
  if (!time && !value.IsNull()) {
    return "must be `null` for never, or a time after 1970: seconds (a fraction is dropped), "
           "milliseconds, or a text with its zone such as `2026-11-22T18:30:00Z`";
  }
  out = {.given = true, .at = time};
  return {};
}

std::string read_client_key(const JsonValue& value, std::optional<std::string>& out) {
  if (!value.IsString() || !is_client_key(text_of(value))) {
    return "must be a text of 1 to " + std::to_string(kMaxClientKeyBytes) +
           " visible ASCII characters";
  }
  out = text_of(value);
  return {};
}

/// Both keys that clients use for the name.
void add_name(ObjectReader& reader, std::optional<std::string>& name) {
  for (const std::string_view key : {"tokenName", "name"}) {
    reader.key(key, [&name](const JsonValue& value) -> std::string {
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

std::string read_field(const JsonValue& value, std::string& out) {
  out = value.IsString() ? text_of(value) : "";
  return is_field_name(out) ? "" : "must match `^[a-zA-Z0-9_@.-]+$`";
}

std::string read_value(const JsonValue& value, std::string& out) {
  if (!value.IsString()) {
    return "must be a text; write numbers and booleans in quotes";
  }
  out = text_of(value);
  return {};
}

/// The id of the published schema, which is the server's to give.
std::string read_unused_id(const JsonValue& value) {
  return value.IsInt() || value.IsNull() ? "" : "must be an int32 (and is not used)";
}

/// The keys of a token to be made; `name` lives as long as the reader.
void add_token_keys(ObjectReader& reader, CreateTokenRequest& request,
                    std::optional<std::string>& name) {
  add_name(reader, name);
  reader.key("filters", [&request](const JsonValue& value) {
    return value.IsNull() ? std::string() : read_filters(value, request.filters);
  });
  reader.key("filtersOperator", [&request](const JsonValue& value) {
    return read_operator(value, request.filters_operator);
  });
  reader.key("expirationDate",
             [&request](const JsonValue& value) { return read_expiry(value, request.expiry); });
  reader.key("enabled",
             [&request](const JsonValue& value) { return read_bool(value, request.enabled); });
  reader.nested(
      "limits",
      [&request](const JsonValue& value, const std::string& place) {
        return read_token_limits(value, place, request.limits);
      },
      false);
  reader.key("clientKey", [&request](const JsonValue& value) {
    return read_client_key(value, request.client_key);
  });
  reader.key("token", [](const JsonValue&) {
    return std::string("cannot be chosen; the answer holds a random one");
  });
}

template <typename T>
Result<T> result_of(std::vector<Problem> problems, T request) {
  if (!problems.empty()) {
    return problems;
  }
  return request;
}

}  // namespace

bool is_field_name(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxFieldBytes &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z') ||
                  std::string_view("_@.-").find(c) != std::string_view::npos;
         });
}

std::string read_filters(const JsonValue& value, std::vector<std::int32_t>& out) {
  if (!value.IsArray()) {
    return "must be a list of filter ids; use [] for none";
  }
  const std::size_t limit = Limits{}.max_filters_per_token;
  if (value.Size() > limit) {
    return "holds more than " + std::to_string(limit) + " filters";
  }
  std::vector<std::int32_t> ids;
  for (const JsonValue& item : value.GetArray()) {
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

std::string read_operator(const JsonValue& value, FiltersOperator& out) {
  const std::string text = value.IsString() ? text_of(value) : "";
  if (text != "AND" && text != "OR") {
    return "must be `AND` or `OR`";
  }
  out = text == "OR" ? FiltersOperator::kOr : FiltersOperator::kAnd;
  return {};
}

bool is_client_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxClientKeyBytes &&
         std::all_of(text.begin(), text.end(), is_visible);
}

Result<CreateTokenRequest> parse_create_token(std::string_view body) {
  CreateTokenRequest request;
  if (body.empty()) {
    return request;
  }
  std::optional<std::string> name;
  ObjectReader reader;
  add_token_keys(reader, request, name);
  auto problems = reader.read(body, "post");
  request.name = std::move(name).value_or("");
  return result_of(std::move(problems), std::move(request));
}

Result<std::vector<CreateTokenRequest>> parse_create_tokens(std::string_view body) {
  std::vector<CreateTokenRequest> requests;
  ObjectReader reader;
  reader.nested(
      "tokens",
      [&](const JsonValue& value, const std::string& place) -> std::vector<Problem> {
        if (!value.IsArray() || value.Empty() || value.Size() > kMaxBulk) {
          return {
              {place, "`tokens` must be a list of 1 to " + std::to_string(kMaxBulk) + " tokens"}};
        }
        std::vector<Problem> problems;
        for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
          std::optional<std::string> name;
          ObjectReader item;
          add_token_keys(item, requests.emplace_back(), name);
          for (Problem& problem : item.read_value(value[i], place + "/" + std::to_string(i))) {
            // Only here does the text not say by itself which object it is about.
            problem.what = "token " + std::to_string(i) + ": " + problem.what;
            problems.push_back(std::move(problem));
          }
          requests.back().name = std::move(name).value_or("");
        }
        return problems;
      },
      true);
  auto problems = reader.read(body);
  return result_of(std::move(problems), std::move(requests));
}

Result<UpdateTokenRequest> parse_update_token(std::string_view body, UpdateForm form) {
  UpdateTokenRequest request;
  ObjectReader reader;
  add_name(reader, request.name);
  const auto filters = [&](const JsonValue& value) {
    return read_filters(value, request.filters.emplace());
  };
  form == UpdateForm::kWhole ? reader.required("filters", filters) : reader.key("filters", filters);
  reader.key("filtersOperator", [&](const JsonValue& value) {
    return read_operator(value, request.filters_operator.emplace());
  });
  reader.key("expirationDate",
             [&](const JsonValue& value) { return read_expiry(value, request.expiry); });
  reader.key("enabled",
             [&](const JsonValue& value) { return read_bool(value, request.enabled.emplace()); });
  reader.nested(
      "limits",
      [&](const JsonValue& value, const std::string& place) {
        return read_token_limits(value, place, request.limits.emplace());
      },
      false);
  auto problems = reader.read(body);
  return result_of(std::move(problems), std::move(request));
}

Result<CreateFilterRequest> parse_create_filter(std::string_view body) {
  CreateFilterRequest request;
  ObjectReader reader;
  reader.key("id", read_unused_id);
  reader.required("field",
                  [&](const JsonValue& value) { return read_field(value, request.field); });
  reader.required("value",
                  [&](const JsonValue& value) { return read_value(value, request.value); });
  reader.key("description", [&](const JsonValue& value) {
    return value.IsNull() ? std::string()
                          : read_label(value, kMaxDescriptionBytes, request.description);
  });
  reader.key("literal", [&](const JsonValue& value) { return read_bool(value, request.literal); });
  reader.key("clientKey",
             [&](const JsonValue& value) { return read_client_key(value, request.client_key); });
  auto problems = reader.read(body, "post");
  if (problems.empty()) {
    if (std::string wrong = check_filter({request.field, request.value}, request.literal);
        !wrong.empty()) {
      problems.push_back({"", wrong});
    }
  }
  return result_of(std::move(problems), std::move(request));
}

Result<UpdateFilterRequest> parse_update_filter(std::string_view body, UpdateForm form) {
  UpdateFilterRequest request;
  ObjectReader reader;
  const auto field = [&](const JsonValue& json) {
    return read_field(json, request.field.emplace());
  };
  const auto value = [&](const JsonValue& json) {
    return read_value(json, request.value.emplace());
  };
  if (form == UpdateForm::kWhole) {
    reader.key("id", read_unused_id);
    reader.required("field", field);
    reader.required("value", value);
  } else {
    reader.key("field", field);
    reader.key("value", value);
  }
  reader.key("description", [&](const JsonValue& json) {
    std::string& text = request.description.emplace();
    return json.IsNull() ? std::string() : read_label(json, kMaxDescriptionBytes, text);
  });
  reader.key("literal", [&](const JsonValue& json) { return read_bool(json, request.literal); });
  auto problems = reader.read(body);
  if (problems.empty()) {
    // A part that is left out is good already; a stand-in shows what is wrong with the other.
    const std::string known_field = request.field.value_or("field");
    const std::string known_value = request.value.value_or("value");
    if (std::string wrong = check_filter({known_field, known_value}, request.literal);
        !wrong.empty()) {
      problems.push_back({"", wrong});
    } else if (request.literal && !request.value) {
      problems.push_back({"/literal", "`literal` says how `value` is meant; give both"});
    }
  }
  return result_of(std::move(problems), std::move(request));
}

Result<RotateRequest> parse_rotate(std::string_view body) {
  RotateRequest request;
  if (body.empty()) {
    return request;
  }
  ObjectReader reader;
  reader.key("grace", [&](const JsonValue& value) {
    return read_whole(value, 0, kMaxGrace, request.grace);
  });
  auto problems = reader.read(body);
  return result_of(std::move(problems), std::move(request));
}

}  // namespace weir::proxy
