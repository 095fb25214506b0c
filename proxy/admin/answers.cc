#include "admin/answers.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace weir::proxy {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

/// Seconds with nine fraction digits, the form of the published examples.
void put_time(Writer& out, const std::optional<Seconds>& time) {
  if (!time) {
    out.Null();
    return;
  }
  const std::string text = std::to_string(*time) + ".000000000";
  out.RawValue(text.data(), text.size(), rapidjson::kNumberType);
}

void put_warnings(Writer& out, const std::vector<std::string>& warnings) {
  if (warnings.empty()) {
    return;
  }
  put_key(out, "warnings");
  out.StartArray();
  for (const std::string& warning : warnings) {
    put(out, warning);
  }
  out.EndArray();
}

void put_token(Writer& out, const ShownToken& token) {
  const TokenRow& row = token.row;
  out.StartObject();
  put_key(out, "id");
  out.Int(row.id);
  put_key(out, "name");
  put(out, row.name);
  put_key(out, "token");
  put(out, token.secret.unsafe_reveal());
  put_key(out, "filters");
  if (row.filters.empty()) {
    out.Null();  // and not []: the published contract
  } else {
    out.StartArray();
    for (const std::int32_t id : row.filters) {
      out.Int(id);
    }
    out.EndArray();
  }
  put_key(out, "lastUsed");
  put_time(out, row.last_used);
  put_key(out, "expirationDate");
  put_time(out, row.expires_at);
  put_key(out, "filtersOperator");
  put(out, row.filters_operator == FiltersOperator::kOr ? "OR" : "AND");
  if (token.widened) {
    put_key(out, "widened");
    out.Bool(*token.widened);
  }
  put_warnings(out, token.warnings);
  out.EndObject();
}

void put_filter(Writer& out, const FilterRow& filter,
                const std::vector<std::string>& warnings = {}) {
  out.StartObject();
  put_key(out, "id");
  out.Int(filter.id);
  put_key(out, "field");
  put(out, filter.field);
  put_key(out, "value");
  put(out, filter.value);
  put_key(out, "description");
  put(out, filter.description);
  if (filter.literal) {
    put_key(out, "literal");
    out.Bool(true);
  }
  put_warnings(out, warnings);
  out.EndObject();
}

template <typename Put>
std::string written(Put put_all) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  put_all(out);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string token_json(const ShownToken& token) {
  return written([&](Writer& out) { put_token(out, token); });
}

std::string tokens_json(const std::vector<ShownToken>& tokens) {
  return written([&](Writer& out) {
    out.StartArray();
    for (const ShownToken& token : tokens) {
      put_token(out, token);
    }
    out.EndArray();
  });
}

std::string filter_json(const FilterRow& filter, const std::vector<std::string>& warnings) {
  return written([&](Writer& out) { put_filter(out, filter, warnings); });
}

std::string filters_json(const std::vector<FilterRow>& filters) {
  return written([&](Writer& out) {
    out.StartArray();
    for (const FilterRow& filter : filters) {
      put_filter(out, filter);
    }
    out.EndArray();
  });
}

}  // namespace weir::proxy
