// simdjson at the same bytes: what a reader costs that only parses.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace weir::bench {

/// JSON texts (the lines of an _msearch), copied to padded memory once.
class SimdjsonTexts {
 public:
  explicit SimdjsonTexts(std::string_view body);
  ~SimdjsonTexts();

  /// dom::parser::parse of each text. False if one is refused.
  bool dom();

  /// On-Demand over every value of each text: keys unescaped, strings unescaped, numbers read. The
  /// sum keeps the work alive; 0 if one is refused.
  std::size_t ondemand();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The instruction set simdjson has chosen.
std::string_view simdjson_kernel();

}  // namespace weir::bench
