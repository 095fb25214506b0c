// What filters can be made of: the account's fields, and the values of one.
#include <optional>
#include <utility>

#include "admin/call.h"
#include "admin/inquiries.h"
#include "admin/operations.h"
#include "admin/requests.h"

namespace weir::proxy {
namespace {

constexpr std::uint32_t kMaxListed = 200;
constexpr std::size_t kMaxSearchBytes = 512;

/// `search` and `limit`, which both have.
Refusal read_listing(const Call& call, std::string& search, std::uint32_t& limit) {
  std::optional<std::uint32_t> wanted;
  if (auto wrong = read_number<std::uint32_t>(call, "limit", kMaxListed, wanted)) return wrong;
  limit = wanted.value_or(limit);
  if (const auto found = call.parameters.find("search"); found != call.parameters.end())
    search = found->second;
  if (search.size() > kMaxSearchBytes) {
    return refuse(call, 400, "endpoints/INVALID_PARAMETER",
                  "the URI parameter `search` is too long");
  }
  return std::nullopt;
}

}  // namespace

SmallResponse get_fields(ApiContext& context, const Call& call) {
  FieldsRequest wanted;
  if (auto wrong = read_listing(call, wanted.search, wanted.limit)) return *wrong;
  Scene scene;
  scene.account = context.publisher.account(call.account());
  return context.inquiries->fields(std::move(scene), std::move(wanted), call.request.request_id);
}

SmallResponse get_field_values(ApiContext& context, const Call& call) {
  ValuesRequest wanted;
  if (auto wrong = read_listing(call, wanted.search, wanted.limit)) return *wrong;
  if (const auto found = call.parameters.find("field"); found != call.parameters.end())
    wanted.field = found->second;
  if (!is_field_name(wanted.field)) {
    return refuse(call, 400, "endpoints/INVALID_PARAMETER",
                  "the URI parameter `field` must match `^[a-zA-Z0-9_@.-]+$`");
  }
  if (const std::string wrong = check_filter({wanted.field, "x"}, true); !wrong.empty()) {
    return refuse(call, 400, "endpoints/INVALID_PARAMETER", "the URI parameter `field`: " + wrong);
  }
  Scene scene;
  scene.account = context.publisher.account(call.account());
  return context.inquiries->values(std::move(scene), std::move(wanted), call.request.request_id);
}

}  // namespace weir::proxy
