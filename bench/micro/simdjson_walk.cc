#include "micro/simdjson_walk.h"

#include <vector>

#include "micro/walk_values.h"

namespace weir::bench {

namespace od = simdjson::ondemand;

struct SimdjsonTexts::Impl {
  std::vector<simdjson::padded_string> texts;
  simdjson::dom::parser dom;
  od::parser ondemand;
};

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
      sum += walk_values<od::document&>(document);
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
