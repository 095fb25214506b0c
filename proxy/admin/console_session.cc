// Signing in to the console and out: an API token is exchanged for a cookie that no script can
// read. GET changes nothing, and says so without an error when nobody is signed in.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <utility>

#include "admin/api_caller.h"
#include "admin/json_body.h"
#include "admin/shared_tokens_api.h"
#include "http/response_head.h"
#include "http/small_error.h"
#include "inquire/json.h"
#include "observe/log.h"
#include "weir/version.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxSecretBytes = 512;

SmallResponse session_answer(std::string body, std::string cookie) {
  SmallResponse response = json_answer(std::move(body));
  if (!cookie.empty()) {
    response.headers.emplace_back("set-cookie", std::move(cookie));
  }
  return response;
}

}  // namespace

SmallResponse cross_site(const SmallRequest& request) {
  return error_answer(403, "auth/CROSS_SITE",
                      "with a session's cookie only the console's own pages may ask: send "
                      "`X-Weir-Console: 1` from the same origin, or an "
                      "API token in X-API-TOKEN",
                      request.request_id);
}

bool SharedTokensApi::is_good(const std::optional<ApiTokenRow>& caller) const {
  return caller && (!caller->expires_at || *caller->expires_at > context_.now()) &&
         context_.publisher.has_account(caller->account);
}

std::optional<ApiTokenRow> SharedTokensApi::find_signed_in(const SmallRequest& request,
                                                           Sessions::Session& session) {
  const std::string_view id = session_cookie(request, settings_.sessions.secure);
  const auto found = sessions_.use(context_.keys, id, context_.now_ms(), settings_.sessions);
  if (!found) {
    return std::nullopt;
  }
  session = *found;
  const auto rows = context_.store.begin_read()->api_tokens();
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const ApiTokenRow& token) {
    return token.id == session.api_token;
  });
  std::optional<ApiTokenRow> caller;
  if (row != rows.end()) {
    caller = *row;
  }
  if (!is_good(caller)) {
    sessions_.close(context_.keys, id);
    return std::nullopt;
  }
  return caller;
}

SmallResponse SharedTokensApi::session_ended(const SmallRequest& request) const {
  SmallResponse response = error_answer(401, "auth/SESSION_ENDED",
                                        "the session has ended; sign in again", request.request_id);
  response.headers.emplace_back("set-cookie", set_session_cookie("", settings_.sessions));
  return response;
}

std::string SharedTokensApi::session_json(const ApiTokenRow& caller,
                                          const Sessions::Session& session) const {
  const TokenSettings& settings = settings_.of(caller.account);
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_key(out, "session");
  out.StartObject();
  put_member(out, "account", caller.account);
  put_member(out, "apiToken", static_cast<std::uint64_t>(caller.id));
  put_member(out, "name", caller.name);
  put_key(out, "mayWrite");
  out.Bool((caller.permissions & kSharedTokensWrite) != 0);
  put_member(
      out, "endsAt",
      static_cast<std::uint64_t>(session.started_ms + settings_.sessions.lifetime.count()) / 1000);
  put_member(out, "idleSeconds",
             static_cast<std::uint64_t>(settings_.sessions.idle.count()) / 1000);
  out.EndObject();
  put_key(out, "settings");
  out.StartObject();
  put_member(out, "unfiltered", settings.unfiltered == Unfiltered::kDeny ? "deny" : "allow");
  put_member(out, "reveal", settings.reveal == Reveal::kOnce ? "once" : "always");
  put_member(out, "defaultTtl", static_cast<std::uint64_t>(settings.default_ttl.count()) / 1000);
  put_member(out, "maxFiltersPerToken", static_cast<std::uint64_t>(settings.max_filters_per_token));
  put_member(out, "version", WEIR_VERSION_STRING);
  out.EndObject();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

SmallResponse SharedTokensApi::sign_in(const SmallRequest& request) {
  if (!is_json(request.header("content-type"))) {
    return error_answer(415, "endpoints/UNSUPPORTED_MEDIA_TYPE",
                        "send `Content-Type: application/json`", request.request_id);
  }
  std::string secret;
  ObjectReader reader;
  reader.required("apiToken", [&](const JsonValue& value) {
    return read_label(value, kMaxSecretBytes, secret);
  });
  if (!reader.read(request.body).empty()) {
    return error_answer(400, "auth/INVALID_BODY", "the body must be {\"apiToken\": \"…\"}",
                        request.request_id);
  }
  const auto caller = find_api_token(context_.store, context_.keys, secret);
  if (!is_good(caller)) {
    return error_answer(401, "auth/UNAUTHENTICATED", "this is no valid API token",
                        request.request_id);
  }
  if ((caller->permissions & kSharedTokensRead) == 0) {
    return error_answer(403, "auth/INSUFFICIENT_PRIVILEGES",
                        "this API token may not read, and the console shows", request.request_id);
  }
  const std::int64_t now = context_.now_ms();
  const auto id = sessions_.open(context_.keys, caller->id, now, settings_.sessions);
  if (!id) {
    return error_answer(503, "auth/UNAVAILABLE", "no session can be opened now; try again",
                        request.request_id);
  }
  if (context_.log != nullptr) {
    context_.log->event(LogLevel::kInfo, "console_signed_in",
                        {{"account", caller->account},
                         {"api_token", std::to_string(caller->id)},
                         {"remote", request.remote}});
  }
  return session_answer(session_json(*caller, {caller->id, now, now}),
                        set_session_cookie(id->unsafe_reveal(), settings_.sessions));
}

SmallResponse SharedTokensApi::sign_out(const SmallRequest& request) {
  sessions_.close(context_.keys, session_cookie(request, settings_.sessions.secure));
  SmallResponse response = empty_answer(204);
  response.headers.emplace_back("set-cookie", set_session_cookie("", settings_.sessions));
  return response;
}

SmallResponse SharedTokensApi::answer_session(const SmallRequest& request) {
  if (request.method != "GET" && request.method != "POST" && request.method != "DELETE") {
    SmallResponse response =
        error_answer(405, "endpoints/METHOD_NOT_ALLOWED",
                     "this endpoint takes GET, POST, DELETE only", request.request_id);
    response.headers.emplace_back("allow", "GET, POST, DELETE");
    return response;
  }
  if (!comes_from_console(request)) {
    return cross_site(request);
  }
  if (request.method == "POST") {
    return sign_in(request);
  }
  if (request.method == "DELETE") {
    return sign_out(request);
  }
  Sessions::Session session;
  const auto caller = find_signed_in(request, session);
  return json_answer(caller ? session_json(*caller, session)
                            : R"({"session":null,"settings":null})");
}

}  // namespace weir::proxy
