// What the operations of the Shared Tokens API share: what they work with, the authenticated
// request, and the answers that are the same everywhere.
#pragma once

#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answers.h"
#include "admin/api_routes.h"
#include "admin/conditions.h"
#include "admin/publisher.h"
#include "admin/usage.h"
#include "auth/key_ring.h"
#include "config/config.h"
#include "fleet/fleet.h"
#include "http/small_handler.h"
#include "learn/knowledge.h"
#include "store/store.h"

namespace weir::proxy {

class Inquiries;
class Log;
class Tracer;

/// Control thread only. What it points to must outlive it.
struct ApiContext {
  Store& store;
  const KeyRing& keys;
  Publisher& publisher;
  const UsageBook& usage;
  Tracer& tracer;
  Log* log = nullptr;
  std::function<std::int64_t()> now_ms;  // milliseconds since 1970
  Knowledge* knowledge = nullptr;        // null: filters are taken to be exact
  const Inquiries* inquiries = nullptr;  // null: there are none
  Fleet* fleet = nullptr;                // null: no other process serves from the store
  std::string front_url = {};            // where links lead; empty: there is no front

  Seconds now() const { return now_ms() / 1000; }
};

/// One authenticated request.
struct Call {
  const SmallRequest& request;
  const ApiRoute& route;
  ApiTokenRow caller;
  const TokenSettings& settings;  // of the caller's account
  std::int32_t id = 0;            // in the path
  std::int32_t link_id = 0;       // the second one there
  UriParameters parameters;

  const std::string& account() const { return caller.account; }
};

/// The answer that ends an operation before its end, if there is one.
using Refusal = std::optional<SmallResponse>;

SmallResponse json_answer(std::string body);
SmallResponse empty_answer(int status);
SmallResponse refuse(const Call& call, int status, std::string_view code, std::string_view message,
                     const std::vector<std::pair<std::string, std::string>>& parameters = {});
/// A URI parameter that is a whole number from 1 to `high`; leaves `out` alone when it is not
/// there.
template <typename T>
Refusal read_number(const Call& call, const std::string& name, T high, std::optional<T>& out) {
  const auto found = call.parameters.find(name);
  if (found == call.parameters.end()) {
    return std::nullopt;
  }
  const std::string& text = found->second;
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > high) {
    return refuse(call, 400, "endpoints/INVALID_PARAMETER",
                  "the URI parameter `" + name + "` must be a whole number from 1 to " +
                      std::to_string(high));
  }
  out = value;
  return std::nullopt;
}

SmallResponse refuse_body(const Call& call, const std::vector<Problem>& problems);
/// The published text: not found is 400, and the same for what belongs to another account.
SmallResponse not_found(const Call& call, const std::string& kind, std::string_view code,
                        std::int32_t id);
SmallResponse token_not_found(const Call& call, std::int32_t id);
SmallResponse link_not_found(const Call& call, std::int32_t id);
SmallResponse filter_not_found(const Call& call, std::int32_t id);
SmallResponse limit_reached(const Call& call, const std::string& what, std::size_t limit);
SmallResponse unreadable_secret(const Call& call, std::int32_t id);

/// Holds If-Match and If-None-Match against a row as it is.
Refusal check_conditions(const Call& call, std::uint64_t revision);
void add_etag(SmallResponse& response, std::uint64_t revision);

/// The key by which the client would know the row again, from the body or the header
/// `Idempotency-Key`.
Refusal take_client_key(const Call& call, std::optional<std::string>& key);

/// An answer if a filter is exact in no index, or nobody can tell; `warnings` on where it is not.
Refusal judge_filters(ApiContext& context, const Call& call, const std::vector<Filter>& filters,
                      std::vector<std::string>& warnings);

/// The problems in one line.
std::string joined(const std::vector<Problem>& problems);

}  // namespace weir::proxy
