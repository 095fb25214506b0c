// What the front serves itself: the viewer, the marker, and what both of them ask.
#include <array>
#include <ctime>

#include "front/assets.h"
#include "front/front_session.h"
#include "front/relay_head.h"
#include "net/gate_line.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kFolder = "/.weir/";
constexpr std::string_view kFields = "/_field_caps?fields=*";

const Asset* find_asset(std::string_view name) {
  for (const Asset& asset : front_assets()) {
    if (asset.name == name) return &asset;
  }
  return nullptr;
}

}  // namespace

Task<bool> FrontSession::serve_own() {
  const std::string_view name = std::string_view(target_.path).substr(kFolder.size());
  const bool reads = head_.method == Method::kGet || head_.method == Method::kHead;
  route_ = "own";
  bool whole = false;
  if (name == "view" && reads) {
    whole = co_await serve_view();
  } else if ((name == "gate/_search" && head_.method == Method::kPost) ||
             (name == "gate/_field_caps" && head_.method == Method::kGet)) {
    whole = co_await ask_gate();
  } else if (reads) {
    whole = co_await serve_asset(name);
  } else {
    whole = co_await notify(Notice::kNotFound);
  }
  co_return whole;
}

Task<bool> FrontSession::serve_asset(std::string_view name) {
  bool whole = false;
  const Asset* asset = find_asset(name);
  if (asset == nullptr || asset->page) {
    whole = co_await notify(Notice::kNotFound);
    co_return whole;
  }
  Answer answer;
  answer.content_type = asset->content_type;
  answer.body = asset->text;
  whole = co_await send(std::move(answer));
  co_return whole;
}

// What a page may know of the link it is looked at with.
Task<bool> FrontSession::serve_view() {
  std::string body =
      "{\"view\":\"" + view_tag(cookie_.secret.unsafe_reveal()) + "\",\"expiresAt\":";
  body += visitor_.expires_at ? std::to_string(*visitor_.expires_at) : "null";
  body += ",\"now\":" + std::to_string(now_seconds()) + ",\"marker\":";
  body += front_.settings().marker ? "true" : "false";
  body += ",\"replaced\":";
  body += cookie_.replaced ? "true}" : "false}";
  Answer answer;
  answer.content_type = "application/json; charset=utf-8";
  answer.body = body;
  if (cookie_.replaced) answer.headers.emplace_back("set-cookie", front_.cookies().drop_replaced());
  const bool whole = co_await send(std::move(answer));
  co_return whole;
}

// The same page wherever a link leads: it shows documents, not dashboards.
Task<bool> FrontSession::serve_viewer() {
  route_ = "viewer";
  bool whole = false;
  if ((head_.method != Method::kGet && head_.method != Method::kHead) || head_.upgrade) {
    whole = co_await notify(Notice::kReadOnly);
    co_return whole;
  }
  if (target_.path != "/" && !is_navigation(head_)) {
    whole = co_await notify(Notice::kNotFound);
    co_return whole;
  }
  const std::string policy = page_policy();
  Answer answer;
  answer.content_type = "text/html; charset=utf-8";
  answer.body = find_asset("viewer.html")->text;
  answer.policy = policy;
  whole = co_await send(std::move(answer));
  co_return whole;
}

// A search or the list of fields, asked at the gate as the link's holder: what it answers is what
// the gate lets the holder see. Nothing of the request but its body gets there. A page that was
// opened with another link is told so, instead of being filled with what this one shows.
Task<bool> FrontSession::ask_gate() {
  route_ = "gate";
  bool whole = false;
  const std::string_view secret = cookie_.secret.unsafe_reveal();
  const std::string_view view = header_of(head_, "x-weir-view");
  if (!view.empty() && view != view_tag(secret)) {
    code_ = "front.other_view";
    Answer answer;
    answer.status = 409;
    answer.content_type = "application/json; charset=utf-8";
    answer.body =
        "{\"statusCode\":409,\"error\":\"Conflict\",\"message\":\"Another shared link has been "
        "opened "
        "in this browser.\",\"code\":\"front.other_view\"}";
    whole = co_await send(std::move(answer));
    co_return whole;
  }
  std::unique_ptr<UpstreamConnection> line = open_gate_line(worker_, client_.remote());
  if (!line) {
    whole = co_await notify(Notice::kUnavailable);
    co_return whole;
  }
  const bool search = head_.method == Method::kPost;
  Passage passage;
  passage.connection = line.get();
  passage.settings = &worker_.shared.upstreams.front()->settings;
  passage.head.append(search ? "POST /_search" : "GET ").append(search ? "" : kFields);
  passage.head.append(" HTTP/1.1\r\nhost: gate\r\nx-shared-token: ").append(secret).append("\r\n");
  for (const std::string_view name : {"origin", "referer", "x-opaque-id"}) {
    const std::string_view value = header_of(head_, name);
    if (!value.empty()) passage.head.append(name).append(": ").append(value).append("\r\n");
  }
  if (search) {
    passage.head.append("content-type: application/json\r\ncontent-length: ")
        .append(std::to_string(client_.body().size()))
        .append("\r\n");
  }
  passage.head += "connection: close\r\n\r\n";
  client_.stream().watch_peer([this] {
    client_gone_ = true;
    control_.cancel();
  });
  const Passed passed = co_await pass(std::move(passage));
  if (passed == Passed::kWhole) co_return true;
  if (passed == Passed::kBroken || client_gone_) co_return false;
  whole = co_await notify(Notice::kUnavailable);
  co_return whole;
}

}  // namespace weir::proxy
