#include "admin/link_answers.h"

#include "inquire/json.h"
#include "links/dashboards_url.h"

namespace weir::proxy {
namespace {

void put_facts(JsonWriter& out, const LinkRow& row) {
  put_key(out, "id");
  out.Int(row.id);
  put_key(out, "tokenId");
  out.Int(row.token);
  put_member(out, "name", row.name);
  put_member(out, "kind", row.snapshot ? "snapshot" : "live");
  put_member(out, "path", row.path);
}

void put_objects(JsonWriter& out, const LinkRow& row) {
  put_key(out, "objects");
  out.RawValue(row.objects.data(), row.objects.size(), rapidjson::kArrayType);
}

/// As all times of the API.
void put_seconds(JsonWriter& out, std::string_view key, const std::optional<Seconds>& time) {
  put_key(out, key);
  if (!time) {
    out.Null();
    return;
  }
  const std::string text = std::to_string(*time) + ".000000000";
  out.RawValue(text.data(), text.size(), rapidjson::kNumberType);
}

void put_or_null(JsonWriter& out, std::string_view key, std::string_view text) {
  put_key(out, key);
  if (text.empty()) {
    out.Null();
  } else {
    put_text(out, text);
  }
}

void put_link(JsonWriter& out, const ShownLink& link, const std::string& front) {
  const LinkRow& row = link.row;
  const bool leads = link.secret && !front.empty();
  const std::string_view secret = link.secret ? link.secret->unsafe_reveal() : std::string_view();
  out.StartObject();
  put_facts(out, row);
  put_or_null(out, "secret", secret);
  put_or_null(out, "url", leads ? shared_url(front, row.path, secret) : "");
  put_or_null(out, "embed", leads ? embed_html(front, row.path, secret, row.name) : "");
  put_objects(out, row);
  put_seconds(out, "createdAt", row.created_at);
  put_seconds(out, "lastUsed", row.last_used);
  out.EndObject();
}

template <typename Put>
std::string written(Put put_all) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  put_all(out);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace

std::string link_json(const ShownLink& link, const std::string& front_url) {
  return written([&](JsonWriter& out) { put_link(out, link, front_url); });
}

std::string links_json(const std::vector<ShownLink>& links, const std::string& front_url) {
  return written([&](JsonWriter& out) {
    out.StartArray();
    for (const ShownLink& link : links) put_link(out, link, front_url);
    out.EndArray();
  });
}

std::string link_record(const LinkRow& row) {
  return written([&](JsonWriter& out) {
    out.StartObject();
    put_facts(out, row);
    put_objects(out, row);
    out.EndObject();
  });
}

}  // namespace weir::proxy
