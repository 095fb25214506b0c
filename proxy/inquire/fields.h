// What an administrator can choose from when making a filter: the fields of the account's indices,
// with what a filter on each would be worth, and the values a field has.
#pragma once

#include <cstdint>
#include <string>

#include "inquire/preview.h"
#include "learn/knowledge.h"

namespace weir::proxy {

struct FieldsRequest {
  std::string search;  // a part of the name; the case of ASCII letters does not matter
  std::uint32_t limit = 50;
};

struct ValuesRequest {
  std::string field;
  std::string search;  // a part of the value, likewise
  std::uint32_t limit = 20;
};

/// Blocks: one question to the search cluster, and the mappings of what is listed. `knowledge` may
/// be null: then every field is taken to be exact. Problems as of make_preview().
Result<std::string> fields_json(Asker& asker, const Scene& scene, Knowledge* knowledge,
                                const FieldsRequest& request);

/// Blocks: one search or two. REQUIRES: `scene.learned`, if there is one, knows the field. Problems
/// likewise.
Result<std::string> values_json(Asker& asker, const Scene& scene, const ValuesRequest& request);

}  // namespace weir::proxy
