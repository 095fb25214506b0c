// The text of a search template, as far as it has to be understood before the cluster renders it:
// OpenSearch's Mustache includes files, changes its own delimiters, and repeats sections without a
// limit. Only names, sections and three functions are let through, and how long the text could get
// is estimated from above.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "weir/limits.h"
#include "weir/verdict.h"

namespace weir {

/// The parameters of a template, measured.
struct TemplateParams {
  std::uint64_t bytes = 0;    // of their JSON
  std::uint64_t longest = 1;  // items of the longest array, or bytes of the longest string
};

/// Why the template is not rendered, with the tag; nothing if it may be.
std::optional<DenyCode> check_template(std::string_view text, const TemplateParams& params,
                                       const Limits& limits, std::string_view& tag);

}  // namespace weir
