#include "admin/answers.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdio>

#include "admin/requests.h"

namespace weir::proxy {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_key(Writer& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void put_count(Writer& out, std::string_view key, std::size_t count) {
  put_key(out, key);
  out.Uint64(count);
}

void put_raw_number(Writer& out, const std::string& text) {
  out.RawValue(text.data(), text.size(), rapidjson::kNumberType);
}

/// Seconds with nine fraction digits, the form of the published examples.
void put_time(Writer& out, const std::optional<Seconds>& time) {
  if (time) {
    put_raw_number(out, std::to_string(*time) + ".000000000");
  } else {
    out.Null();
  }
}

void put_milliseconds(Writer& out, std::int64_t at_ms) {
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03d000000", static_cast<int>(at_ms % 1000));
  put_raw_number(out, std::to_string(at_ms / 1000) + fraction);
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

void put_widening(Writer& out, const std::optional<Widening>& widening) {
  if (!widening) {
    return;
  }
  put_key(out, "widens");
  out.Bool(widening->widens);
  put_count(out, "widensTokens", widening->tokens);
  if (widening->links != 0) {
    put_count(out, "widensLinks", widening->links);
  }
}

/// A JSON text of ours, or null.
void put_json(Writer& out, std::string_view key, const std::string& json) {
  put_key(out, key);
  if (json.empty()) {
    out.Null();
  } else {
    out.RawValue(json.data(), json.size(), rapidjson::kObjectType);
  }
}

void put_client_key(Writer& out, const std::optional<std::string>& key) {
  if (key) {
    put_key(out, "clientKey");
    put(out, *key);
  }
}

void put_filter_ids(Writer& out, const TokenRow& row) {
  put_key(out, "filters");
  if (row.filters.empty()) {
    out.Null();  // and not []: the published contract
    return;
  }
  out.StartArray();
  for (const std::int32_t id : row.filters) {
    out.Int(id);
  }
  out.EndArray();
}

void put_id_and_name(Writer& out, const TokenRow& row) {
  put_key(out, "id");
  out.Int(row.id);
  put_key(out, "name");
  put(out, row.name);
}

void put_operator(Writer& out, const TokenRow& row) {
  put_key(out, "filtersOperator");
  put(out, row.filters_operator == FiltersOperator::kOr ? "OR" : "AND");
}

void put_token(Writer& out, const ShownToken& token) {
  const TokenRow& row = token.row;
  out.StartObject();
  put_id_and_name(out, row);
  put_key(out, "token");
  if (token.secret) {
    put(out, token.secret->unsafe_reveal());
  } else {
    out.Null();
  }
  put_filter_ids(out, row);
  put_key(out, "lastUsed");
  put_time(out, row.last_used);
  put_key(out, "expirationDate");
  put_time(out, row.expires_at);
  put_operator(out, row);
  if (!row.enabled) {
    put_key(out, "enabled");
    out.Bool(false);
  }
  if (!row.limits.empty()) {
    put_json(out, "limits", row.limits);
  }
  put_client_key(out, row.client_key);
  if (row.links != 0) {
    put_count(out, "links", row.links);
  }
  if (row.requests != 0 || row.denials != 0) {
    put_count(out, "requests", row.requests);
    put_count(out, "denials", row.denials);
  }
  const bool former = row.former_until && *row.former_until > token.now;
  if (former || token.rotated) {
    put_key(out, "formerUntil");
    put_time(out, former ? row.former_until : std::nullopt);
  }
  put_widening(out, token.widening);
  put_warnings(out, token.warnings);
  out.EndObject();
}

void put_filter(Writer& out, const ShownFilter& filter) {
  const FilterRow& row = filter.row;
  out.StartObject();
  put_key(out, "id");
  out.Int(row.id);
  put_key(out, "field");
  put(out, row.field);
  put_key(out, "value");
  put(out, row.value);
  put_key(out, "description");
  put(out, row.description);
  if (row.literal) {
    put_key(out, "literal");
    out.Bool(true);
  }
  put_client_key(out, row.client_key);
  put_widening(out, filter.widening);
  put_warnings(out, filter.warnings);
  out.EndObject();
}

void put_tokens(Writer& out, const std::vector<ShownToken>& tokens) {
  out.StartArray();
  for (const ShownToken& token : tokens) {
    put_token(out, token);
  }
  out.EndArray();
}

void put_filters(Writer& out, const std::vector<FilterRow>& filters) {
  out.StartArray();
  for (const FilterRow& row : filters) {
    put_filter(out, {row});
  }
  out.EndArray();
}

void put_page(Writer& out, const PageInfo& page) {
  put_count(out, "total", page.total);
  put_key(out, "pagination");
  out.StartObject();
  put_count(out, "pageNumber", page.number);
  put_count(out, "pageSize", page.size);
  out.EndObject();
  put_key(out, "results");
}

void put_id(Writer& out, std::string_view key, std::int32_t id) {
  put_key(out, key);
  if (id == 0) {
    out.Null();
  } else {
    out.Int(id);
  }
}

/// Left out when there is nothing to say.
void put_text(Writer& out, std::string_view key, const std::string& text) {
  if (!text.empty()) {
    put_key(out, key);
    put(out, text);
  }
}

void put_audit(Writer& out, const AuditRow& row) {
  out.StartObject();
  put_key(out, "id");
  out.Int64(row.id);
  put_key(out, "at");
  put_milliseconds(out, row.at_ms);
  put_key(out, "kind");
  put(out, row.kind);
  put_id(out, "apiToken", row.api_token);
  put_id(out, "token", row.token);
  put_id(out, "filter", row.filter);
  put_text(out, "operation", row.operation);
  put_text(out, "route", row.route);
  put_text(out, "code", row.code);
  put_text(out, "requestId", row.request_id);
  put_key(out, "widens");
  out.Bool(row.widens);
  put_json(out, "before", row.before);
  put_json(out, "after", row.after);
  out.EndObject();
}

template <typename Put>
std::string written(Put put_all) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  put_all(out);
  return {buffer.GetString(), buffer.GetSize()};
}

template <typename Put>
std::string object(Put put_members) {
  return written([&](Writer& out) {
    out.StartObject();
    put_members(out);
    out.EndObject();
  });
}

}  // namespace

std::string token_json(const ShownToken& token) {
  return written([&](Writer& out) { put_token(out, token); });
}

std::string tokens_json(const std::vector<ShownToken>& tokens) {
  return written([&](Writer& out) { put_tokens(out, tokens); });
}

std::string token_page_json(const std::vector<ShownToken>& tokens, const PageInfo& page) {
  return object([&](Writer& out) {
    put_page(out, page);
    put_tokens(out, tokens);
  });
}

std::string filter_json(const ShownFilter& filter) {
  return written([&](Writer& out) { put_filter(out, filter); });
}

std::string filters_json(const std::vector<FilterRow>& filters) {
  return written([&](Writer& out) { put_filters(out, filters); });
}

std::string filter_page_json(const std::vector<FilterRow>& filters, const PageInfo& page) {
  return object([&](Writer& out) {
    put_page(out, page);
    put_filters(out, filters);
  });
}

std::string widening_json(const Widening& widening) {
  return object([&](Writer& out) { put_widening(out, widening); });
}

std::string limits_json(const LimitsInfo& limits) {
  return object([&](Writer& out) {
    put_count(out, "maxAllowedTokens", limits.settings.max_per_account);
    put_count(out, "numOfTokens", limits.tokens);
    put_count(out, "maxAllowedFilters", limits.settings.max_filters_per_account);
    put_count(out, "numOfFilters", limits.filters);
    put_count(out, "maxFiltersPerToken", limits.settings.max_filters_per_token);
    put_count(out, "maxLinksPerToken", limits.settings.max_links_per_token);
    put_count(out, "maxConcurrentCalls", limits.settings.max_concurrent_calls);
    put_count(out, "maxTokensPerBulk", kMaxBulk);
  });
}

std::string token_record(const TokenRow& row) {
  return object([&](Writer& out) {
    put_id_and_name(out, row);
    put_filter_ids(out, row);
    put_key(out, "expirationDate");
    put_time(out, row.expires_at);
    put_operator(out, row);
    put_key(out, "enabled");
    out.Bool(row.enabled);
    put_client_key(out, row.client_key);
    if (row.former_until) {
      put_key(out, "formerUntil");
      put_time(out, row.former_until);
    }
    if (!row.limits.empty()) {
      put_json(out, "limits", row.limits);
    }
  });
}

std::string filter_record(const FilterRow& row) { return filter_json({row}); }

std::string audit_json(const std::vector<AuditRow>& rows, bool more) {
  return object([&](Writer& out) {
    put_key(out, "results");
    out.StartArray();
    for (const AuditRow& row : rows) {
      put_audit(out, row);
    }
    out.EndArray();
    put_key(out, "nextBefore");
    if (more && !rows.empty()) {
      out.Int64(rows.back().id);
    } else {
      out.Null();
    }
  });
}

}  // namespace weir::proxy
