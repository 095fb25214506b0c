// The part of GateSession that answers `_field_caps` from what was found a moment ago.
#include <boost/asio/post.hpp>
#include <utility>

#include "net/asker.h"
#include "net/gate_request.h"
#include "net/gate_session.h"

namespace weir::proxy {
namespace {

constexpr Millis kPatience{30000};

// A request that outlives the one it was copied from.
struct Again {
  std::string key;
  std::shared_ptr<const PolicySnapshot> snapshot;
  TokenDigest digest;
  Method method;
  std::string target;
  std::string content_type;
  std::string body;
};

void ask_again(SharedState& shared, const UpstreamSettings& settings, const Again& again) {
  UpstreamClient upstream(settings, kPatience);
  Asker asker(upstream, shared.sealer);
  const Asker::Answer answer =
      asker.ask(*again.snapshot, again.digest,
                {again.method, again.target, again.content_type, again.body}, now_seconds());
  if (answer.good()) {
    shared.fields.put(again.key, answer.body, Clock::now());
  } else {
    shared.fields.let_be(again.key);
  }
}

}  // namespace

// Null if it has to be asked for. One that is getting old is asked for behind the answer.
std::shared_ptr<const std::string> GateSession::known_fields() {
  Request& request = *request_;
  if (request.verdict.plan().kind != PlanKind::kFieldCaps) return nullptr;
  SharedState& shared = worker_.shared;
  request.fields_key =
      shared.fields.key_of(request.verdict.token_id(), request.verdict.token_epoch(), view());
  if (request.fields_key.empty()) return nullptr;
  FieldsCache::Found found = shared.fields.find(request.fields_key, Clock::now());
  if (found.ask_anew) {
    Again again{request.fields_key,
                request.snapshot,
                request.digest,
                request.head.method,
                std::string(request.head.target),
                std::string(request.head.content_type),
                std::string(client_.body())};
    const UpstreamSettings& settings = worker_.pool(request.verdict.account()).upstream().settings;
    asio::post(shared.inquiries, [&shared, &settings, again = std::move(again)] {
      ask_again(shared, settings, again);
    });
  }
  return found.body;
}

// REQUIRES: the verdict is a reply.
void GateSession::remember_fields() {
  const Request& request = *request_;
  if (request.fields_key.empty() || request.field_caps.empty()) return;
  if (request.verdict.status() != 200) return;
  worker_.shared.fields.put(request.fields_key, request.verdict.reply_body(), Clock::now());
}

}  // namespace weir::proxy
