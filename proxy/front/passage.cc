// Requests passed on, to Dashboards or to the gate, and their answers back.
#include <algorithm>

#include "front/capabilities.h"
#include "front/front_session.h"
#include "front/relay_head.h"
#include "front/rules.h"
#include "http/head_writer.h"

namespace weir::proxy {
namespace {

// Of an answer that is read whole to be edited.
constexpr std::size_t kMaxCapabilities = 1U << 20U;
// A page whose head begins later is shown without a marker.
constexpr std::size_t kMaxPageHead = 64U << 10U;
constexpr std::string_view kMarkerTag = "<script src=\"/.weir/marker.js\" defer></script>";

bool may_be_page(const RequestHead& head) {
  return head.method == Method::kGet && is_navigation(head);
}

void append_length(std::uint64_t size, std::string& out) {
  out.append("content-length: ").append(std::to_string(size)).append("\r\n");
}

}  // namespace

// False after an answer that is not whole.
Task<bool> FrontSession::ask_dashboards() {
  route_ = "dashboards";
  bool whole = false;
  const FrontRule rule = judge(head_.method, target_.path);
  if (rule == FrontRule::kDeny) {
    whole = co_await notify(Notice::kReadOnly);
    co_return whole;
  }
  if (head_.upgrade) {
    whole = co_await open_web_socket();
    co_return whole;
  }
  Edit edit = Edit::kNone;
  if (rule == FrontRule::kCapabilities) edit = Edit::kCapabilities;
  if (front_.settings().marker && may_be_page(head_)) edit = Edit::kMarker;
  client_.stream().watch_peer([this] {
    client_gone_ = true;
    control_.cancel();
  });
  Passed passed = co_await try_dashboards(false, edit);
  // Only reads get this far, so that asking twice does no harm.
  if (passed == Passed::kStale && !control_.cancelled) passed = co_await try_dashboards(true, edit);
  if (passed == Passed::kWhole) co_return true;
  if (passed == Passed::kBroken || client_gone_) co_return false;
  whole = co_await notify(Notice::kUnavailable);
  co_return whole;
}

Task<FrontSession::Passed> FrontSession::try_dashboards(bool fresh, Edit edit) {
  Acquired acquired = co_await front_.dashboards()->acquire(fresh, &control_);
  if (!acquired.lease) co_return Passed::kFailed;
  const Upstream& upstream = front_.dashboards()->upstream();
  RelayRequest request;
  const std::string target = target_.clean();
  request.head = &head_;
  request.target = target;
  request.fixed_headers = upstream.fixed_headers;
  request.secret = cookie_.secret.unsafe_reveal();
  request.cookies = cookie_.others;
  if (head_.framing != BodyFraming::kNone) request.content_length = client_.body().size();
  request.plain = edit != Edit::kNone;
  Passage passage;
  passage.connection = &acquired.lease.connection();
  passage.settings = &upstream.settings;
  passage.edit = edit;
  append_relay_request(request, passage.head);
  const bool reused = acquired.lease.reused();
  Passed passed = co_await pass(std::move(passage));
  if (passed == Passed::kWhole && upstream_status_ != 0 &&
      acquired.lease.connection().input.empty() && !close_after_) {
    acquired.lease.keep();
  }
  if (passed == Passed::kStale && !reused) passed = Passed::kFailed;
  co_return passed;
}

Task<FrontSession::Passed> FrontSession::pass(Passage passage) {
  Exchange exchange(passage.connection, passage.settings);
  control_.stream = &passage.connection->stream;
  std::vector<std::string_view> pieces = {passage.head, client_.body()};
  RelayHead head;
  std::string bytes;
  ExchangeError error = co_await exchange.send(pieces);
  if (error == ExchangeError::kNone) error = co_await exchange.read_head_bytes(&bytes);
  Passed passed =
      error == ExchangeError::kClosed && !exchange.answered() ? Passed::kStale : Passed::kFailed;
  close_after_ = true;
  std::optional<RelayHead> parsed;
  if (error == ExchangeError::kNone)
    parsed = parse_relay_head(bytes, head_.method == Method::kHead);
  if (parsed && parsed->status != 101) {
    close_after_ = !parsed->keep_alive;
    upstream_status_ = parsed->status;
    exchange.begin_body(parsed->framing, parsed->content_length, parsed->keep_alive);
    std::string text;
    // Asked again now that somebody has answered: no answer begins after the link has ended.
    if (!still_welcome()) {
      const bool whole = co_await notify(Notice::kNoLink, true);
      close_after_ = true;
      passed = whole ? Passed::kWhole : Passed::kBroken;
    } else if (begin_answer(*parsed, &text)) {
      passed = co_await pass_body(&exchange, &*parsed, std::move(text), passage.edit);
    }
  }
  control_.stream = nullptr;
  co_return passed;
}

bool FrontSession::still_welcome() {
  return check_visitor(worker_, cookie_.secret.unsafe_reveal(), client_.remote()).state ==
         Visitor::State::kWelcome;
}

// All of the head but its framing. False if the answer leads away from the front.
bool FrontSession::begin_answer(const RelayHead& head, std::string* text) {
  const std::string embedders = worker_.shared.embedders.of(visitor_.account);
  *text = "HTTP/1.1 " + std::to_string(head.status) + " ";
  text->append(status_reason(head.status)).append("\r\n");
  return append_relayed_headers(head, {&front_.cookies(), embedders, front_.dashboards_origin()},
                                *text);
}

Task<FrontSession::Passed> FrontSession::pass_body(Exchange* exchange, const RelayHead* head,
                                                   std::string text, Edit edit) {
  if (!keep_alive()) text += "connection: close\r\n";
  const bool plain = head->value("content-encoding").empty();
  Passed passed = Passed::kBroken;
  if (edit == Edit::kCapabilities && head->status == 200) {
    passed = co_await pass_capabilities(exchange, head, std::move(text));
    co_return passed;
  }
  status_ = head->status;
  const bool mark = edit == Edit::kMarker && plain && head->is_html();
  passed = co_await stream_body(exchange, head, std::move(text), mark);
  co_return passed;
}

Task<FrontSession::Passed> FrontSession::pass_capabilities(Exchange* exchange,
                                                           const RelayHead* head,
                                                           std::string text) {
  std::string body;
  std::vector<std::string_view> pieces;
  while (!exchange->ended()) {
    const ExchangeError error = co_await exchange->read_body(&pieces);
    if (error != ExchangeError::kNone || body.size() > kMaxCapabilities) co_return Passed::kFailed;
    for (std::string_view piece : pieces) body += piece;
  }
  exchange->finish();
  if (!head->value("content-encoding").empty()) co_return Passed::kFailed;
  const std::optional<std::string> edited = read_only_capabilities(body);
  if (!edited) co_return Passed::kFailed;
  append_length(edited->size(), text);
  text += "\r\n";
  status_ = head->status;
  bytes_out_ = edited->size();
  std::vector<std::string_view> out = {text, *edited};
  const bool written = co_await client_.write(out);
  co_return written ? Passed::kWhole : Passed::kBroken;
}

// Piece by piece, as it comes. With `mark`, the marker's script goes behind the page's <head>.
Task<FrontSession::Passed> FrontSession::stream_body(Exchange* exchange, const RelayHead* head,
                                                     std::string text, bool mark) {
  const bool bodiless = head->framing == BodyFraming::kNone;
  const bool chunked = !bodiless && (mark || head->framing == BodyFraming::kChunked);
  const bool to_head = head_.method == Method::kHead;
  if (chunked) text += "transfer-encoding: chunked\r\n";
  if (!bodiless && !chunked) append_length(head->content_length, text);
  if (bodiless && !to_head && head->status != 204 && head->status != 304) append_length(0, text);
  text += "\r\n";
  std::string held;  // of a page whose head has not come yet
  std::vector<std::string_view> pieces;
  bool written = true;
  while (written && !exchange->ended()) {
    const ExchangeError error = co_await exchange->read_body(&pieces);
    if (error != ExchangeError::kNone) co_return Passed::kBroken;
    std::vector<std::string_view> body;
    std::string page;
    if (mark) {
      for (std::string_view piece : pieces) held += piece;
      const std::optional<std::size_t> place = find_page_head(held);
      if (!place && held.size() < kMaxPageHead && !exchange->ended()) continue;
      page = std::exchange(held, {});
      if (place) page.insert(*place, kMarkerTag);
      mark = false;
      body.emplace_back(page);
    } else {
      body = pieces;
    }
    std::uint64_t size = 0;
    for (std::string_view piece : body) size += piece.size();
    if (size == 0) continue;
    std::string chunk;
    if (chunked) append_chunk_size(size, chunk);
    std::vector<std::string_view> out = {text, chunk};
    out.insert(out.end(), body.begin(), body.end());
    if (chunked) out.emplace_back("\r\n");
    written = co_await client_.write(out);
    text.clear();
    bytes_out_ += size;
  }
  exchange->finish();
  if (written && chunked) text += "0\r\n\r\n";
  if (written && !text.empty()) {
    std::vector<std::string_view> out = {text};
    written = co_await client_.write(out);
  }
  co_return written ? Passed::kWhole : Passed::kBroken;
}

}  // namespace weir::proxy
