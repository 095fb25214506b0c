// Saved objects of OpenSearch Dashboards, as far as sharing links know them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::proxy {

/// A dashboard, a visualization, … In `.kibana` its document is called `type:id`.
struct SavedObject {
  std::string type;
  std::string id;
  std::string title;

  std::string document_id() const { return type + ":" + id; }
  friend bool operator==(const SavedObject&, const SavedObject&) = default;
};

/// The text of LinkRow::objects, and what `objects` shows in an answer.
std::string objects_json(const std::vector<SavedObject>& objects);

/// What objects_json() has written; what cannot be read opens nothing.
std::vector<SavedObject> parse_objects(std::string_view json);

/// The names of their documents.
std::vector<std::string> document_ids(std::string_view json);

}  // namespace weir::proxy
