// One browser's connection to the front. Every request on it shows its secret anew: what opened a
// moment ago may have been revoked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "front/front.h"
#include "front/pages.h"
#include "front/target.h"
#include "front/visitor.h"
#include "net/client_connection.h"
#include "net/exchange.h"

namespace weir::proxy {

struct RelayHead;

class FrontSession final : public Session {
 public:
  FrontSession(Front& front, Socket socket);
  ~FrontSession() override;

  static Task<void> run(std::shared_ptr<FrontSession> self);

  void drain(TimePoint now) override;
  void hurry() override;
  void kill() override;

 private:
  // An answer of the front's own.
  struct Answer {
    int status = 200;
    std::string_view content_type = {};
    std::string_view body = {};
    std::string_view policy = {};  // Content-Security-Policy
    std::vector<std::pair<std::string_view, std::string>> headers = {};
  };
  // How an answer from behind the front is changed on its way.
  enum class Edit : std::uint8_t { kNone, kCapabilities, kMarker };
  // Whom a request is passed on to.
  struct Passage {
    UpstreamConnection* connection = nullptr;
    const UpstreamSettings* settings = nullptr;
    std::string head;  // of the request
    Edit edit = Edit::kNone;
  };
  // What came of passing it on.
  enum class Passed : std::uint8_t {
    kWhole,   // the browser has its answer
    kBroken,  // it has a part of one, or is gone
    kStale,   // nobody answered on a connection that had served before
    kFailed,  // nobody answered, and nothing has been said yet
  };

  // front_session.cc
  Task<bool> serve_one();
  Task<bool> serve_request();
  Task<bool> respond();
  Task<bool> open_link();
  Task<bool> greet_nobody(Visitor::State state);
  Task<bool> notify(Notice notice, bool drop_cookie = false);
  Task<bool> send(Answer answer);
  bool keep_alive() const;
  bool same_origin() const;
  std::string page_policy() const;
  void record();

  // own_pages.cc
  Task<bool> serve_own();
  Task<bool> serve_asset(std::string_view name);
  Task<bool> serve_view();
  Task<bool> serve_viewer();
  Task<bool> ask_gate();

  // passage.cc
  Task<bool> ask_dashboards();
  Task<Passed> try_dashboards(bool fresh, Edit edit);
  Task<Passed> pass(Passage passage);
  Task<Passed> pass_body(Exchange* exchange, const RelayHead* head, std::string text, Edit edit);
  Task<Passed> pass_capabilities(Exchange* exchange, const RelayHead* head, std::string text);
  Task<Passed> stream_body(Exchange* exchange, const RelayHead* head, std::string text, bool mark);
  bool begin_answer(const RelayHead& head, std::string* text);
  bool still_welcome();

  // web_socket.cc
  Task<bool> open_web_socket();
  Task<void> run_web_socket(UpstreamConnection* connection, std::string early);

  Front& front_;
  Worker& worker_;
  ClientConnection client_;
  WaitControl control_;

  // Of the request under way.
  RequestHead head_;
  bool has_head_ = false;
  FrontTarget target_;
  FrontCookies::Read cookie_;
  Visitor visitor_;
  std::string request_id_;
  std::string_view route_ = "-";
  std::string_view code_;  // what it was refused for
  int status_ = 0;
  int upstream_status_ = 0;
  std::uint64_t bytes_out_ = 0;
  bool close_after_ = true;  // the connection behind the front cannot be used again

  bool hurried_ = false;
  bool client_gone_ = false;
};

}  // namespace weir::proxy
