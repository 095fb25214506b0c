#include "admin/sessions.h"

#include <algorithm>
#include <utility>

#include "http/text.h"

namespace weir::proxy {
namespace {

// An installation has some administrators; each browser has one session.
constexpr std::size_t kMaxSessions = 1024;

std::string_view cookie_name(bool secure) {
  return secure ? "__Host-weir-console" : "weir-console";
}

bool ended(const Sessions::Session& session, std::int64_t now_ms, const SessionSettings& settings) {
  return now_ms - session.used_ms >= settings.idle.count() ||
         now_ms - session.started_ms >= settings.lifetime.count();
}

}  // namespace

void Sessions::drop_ended(std::int64_t now_ms, const SessionSettings& settings) {
  std::erase_if(sessions_,
                [&](const auto& entry) { return ended(entry.second, now_ms, settings); });
  if (sessions_.size() < kMaxSessions) {
    return;
  }
  sessions_.erase(std::min_element(
      sessions_.begin(), sessions_.end(),
      [](const auto& a, const auto& b) { return a.second.used_ms < b.second.used_ms; }));
}

std::optional<Secret> Sessions::open(const KeyRing& keys, std::int32_t api_token,
                                     std::int64_t now_ms, const SessionSettings& settings) {
  drop_ended(now_ms, settings);
  auto id = generate_secret();
  const auto digest = id ? keys.api_token_digest(id->unsafe_reveal()) : std::nullopt;
  if (!digest) {
    return std::nullopt;
  }
  sessions_[*digest] = {.api_token = api_token, .started_ms = now_ms, .used_ms = now_ms};
  return id;
}

std::optional<Sessions::Session> Sessions::use(const KeyRing& keys, std::string_view id,
                                               std::int64_t now_ms,
                                               const SessionSettings& settings) {
  for (const TokenDigest& digest : keys.api_token_digests(id)) {
    const auto found = sessions_.find(digest);
    if (found == sessions_.end()) {
      continue;
    }
    if (ended(found->second, now_ms, settings)) {
      sessions_.erase(found);
      return std::nullopt;
    }
    found->second.used_ms = now_ms;
    return found->second;
  }
  return std::nullopt;
}

void Sessions::close(const KeyRing& keys, std::string_view id) {
  for (const TokenDigest& digest : keys.api_token_digests(id)) {
    sessions_.erase(digest);
  }
}

std::string_view session_cookie(const SmallRequest& request, bool secure) {
  const std::string_view name = cookie_name(secure);
  std::string_view value;
  for (const auto& [header, line] : request.headers) {
    std::string_view rest = header == "cookie" ? std::string_view(line) : std::string_view();
    while (!rest.empty()) {
      const std::string_view pair = next_item(rest, ';');
      if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") {
        continue;
      }
      if (!value.empty()) {
        return {};
      }
      value = pair.substr(name.size() + 1);
    }
  }
  return value;
}

std::string set_session_cookie(std::string_view id, const SessionSettings& settings) {
  std::string out(cookie_name(settings.secure));
  out.append("=").append(id).append("; Path=/; HttpOnly; SameSite=Strict");
  out += settings.secure ? "; Secure" : "";
  out += id.empty() ? "; Max-Age=0" : "";
  return out;
}

bool comes_from_console(const SmallRequest& request) {
  const std::string_view site = request.header("sec-fetch-site");
  return request.header("x-weir-console") == "1" && (site.empty() || site == "same-origin");
}

}  // namespace weir::proxy
