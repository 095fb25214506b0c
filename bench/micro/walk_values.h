// Every value of a JSON text, visited with simdjson's On-Demand: keys and strings unescaped, numbers read. What is not visited is not checked.
#pragma once

#include <simdjson.h>

#include <cstddef>
#include <string_view>

namespace weir::bench {

/// Visits a value and all below it; the sum keeps the work alive. Throws simdjson_error if the text is refused.
template <typename Value>
std::size_t walk_values(Value value) {
  namespace od = simdjson::ondemand;
  std::size_t sum = 1;
  switch (value.type()) {
    case od::json_type::object:
      for (od::field field : value.get_object()) {
        sum += std::string_view(field.unescaped_key()).size();
        sum += walk_values(field.value());
      }
      return sum;
    case od::json_type::array:
      for (auto element : value.get_array()) sum += walk_values(element.value());
      return sum;
    case od::json_type::string:
      return sum + std::string_view(value.get_string()).size();
    case od::json_type::number:
      return sum + static_cast<std::size_t>(double(value.get_double()) > 0);
    case od::json_type::boolean:
      return sum + static_cast<std::size_t>(bool(value.get_bool()));
    case od::json_type::null:
      return sum + static_cast<std::size_t>(value.is_null());
  }
  return sum;
}

}  // namespace weir::bench
