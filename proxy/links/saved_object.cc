#include "links/saved_object.h"

#include <rapidjson/document.h>

#include <algorithm>

#include "inquire/json.h"

namespace weir::proxy {

std::string objects_json(const std::vector<SavedObject>& objects) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartArray();
  for (const SavedObject& object : objects) {
    out.StartObject();
    put_member(out, "type", object.type);
    put_member(out, "id", object.id);
    put_member(out, "title", object.title);
    out.EndObject();
  }
  out.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::vector<SavedObject> parse_objects(std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsArray()) return {};
  std::vector<SavedObject> objects;
  for (const auto& item : document.GetArray()) {
    SavedObject object{text_at(item, {"type"}), text_at(item, {"id"}), text_at(item, {"title"})};
    if (!object.type.empty() && !object.id.empty()) objects.push_back(std::move(object));
  }
  return objects;
}

std::vector<std::string> document_ids(std::string_view json) {
  std::vector<std::string> ids;
  for (const SavedObject& object : parse_objects(json)) ids.push_back(object.document_id());
  return ids;
}

}  // namespace weir::proxy
