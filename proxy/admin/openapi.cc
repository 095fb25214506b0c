// The OpenAPI document is a file of its own, put into the program when it is built.
#include "admin/shared_tokens_api.h"

namespace weir::proxy {

std::string_view openapi_json() noexcept {
  static constexpr std::string_view kDocument =
#include "admin/openapi_json.inc"
      ;
  return kDocument;
}

}  // namespace weir::proxy
