// The requests that are measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

struct Request {
  std::string name;
  std::string target;
  std::string content_type;
  std::string body;
};

/// Deterministic.
std::vector<Request> requests();

}  // namespace weir::bench
