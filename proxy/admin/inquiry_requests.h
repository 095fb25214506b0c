// The bodies of previews, explanations and whys.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "inquire/explain.h"
#include "inquire/preview.h"
#include "inquire/why.h"
#include "weir/result.h"

namespace weir::proxy {

/// Filters before they are saved: ids of stored ones, and others as `{"field","value"}`.
struct DraftRequest {
  std::vector<std::int32_t> filters;  // ascending
  std::vector<Filter> drafts;
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  PreviewRequest preview;
};

Result<DraftRequest> parse_draft(std::string_view body);

/// `{"method","path","contentType","body"}`. A `body` that is a string is taken for its bytes (the
/// lines of an _msearch, malformed JSON); any other value is written anew. The media type defaults
/// to what the path takes.
Result<ExplainedRequest> parse_explained_request(std::string_view body);

/// `{"index","id"}`.
Result<WhyRequest> parse_why(std::string_view body);

/// How a preview is to look, from URI parameters or a body.
inline constexpr std::int64_t kMaxPreviewSamples = 50;
inline constexpr std::int64_t kMaxPreviewIntervals = 200;

}  // namespace weir::proxy
