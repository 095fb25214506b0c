#include "micro/simdjson_walk.h"

#include <simdjson.h>

#include <vector>

namespace weir::bench {

namespace od = simdjson::ondemand;

struct SimdjsonTexts::Impl {
  std::vector<simdjson::padded_string> texts;
  simdjson::dom::parser dom;
  od::parser ondemand;
};

namespace {

template <typename Value>
std::size_t walk(Value value) {
  std::size_t sum = 1;
  switch (value.type()) {
    case od::json_type::object:
      for (od::field field : value.get_object()) {
        sum += std::string_view(field.unescaped_key()).size();
        sum += walk(field.value());
      }
      return sum;
    case od::json_type::array:
      for (auto element : value.get_array()) sum += walk(element.value());
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

}  // namespace

SimdjsonTexts::SimdjsonTexts(std::string_view body) : impl_(std::make_unique<Impl>()) {
  while (!body.empty()) {
    std::size_t end = body.find('\n');
    impl_->texts.emplace_back(body.substr(0, end));
    body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
  }
}

SimdjsonTexts::~SimdjsonTexts() = default;

bool SimdjsonTexts::dom() {
  for (const simdjson::padded_string& text : impl_->texts) {
    if (impl_->dom.parse(text).error() != simdjson::SUCCESS) return false;
  }
  return true;
}

std::size_t SimdjsonTexts::ondemand() {
  std::size_t sum = 0;
  try {
    for (const simdjson::padded_string& text : impl_->texts) {
      od::document document = impl_->ondemand.iterate(text);
      sum += walk<od::document&>(document);
    }
  } catch (const simdjson::simdjson_error&) {
    return 0;
  }
  return sum;
}

std::string_view simdjson_kernel() {
  static const std::string kName = simdjson::get_active_implementation()->name();
  return kName;
}

}  // namespace weir::bench
