// One client connection of the gate. It carries out what the engine decided: it never looks at a
// path, a query or a body, and nothing the client sent goes upstream but through the verdict (and a
// plain X-Opaque-Id).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/client_connection.h"
#include "net/exchange.h"
#include "net/worker.h"
#include "observe/causes.h"
#include "weir/engine.h"
#include "weir/response.h"

namespace weir::proxy {

class GateSession final : public Session {
 public:
  /// `refused`: the process has too many connections; the first request is answered with that.
  GateSession(Worker& worker, Socket socket, bool refused);
  /// The same over a line from inside the program (gate_line.h), for somebody at `remote`.
  GateSession(Worker& worker, Socket socket, std::string remote);
  ~GateSession() override;

  /// The session's whole life. `self` keeps it alive.
  static Task<void> run(std::shared_ptr<GateSession> self);

  void drain(TimePoint now) override;
  void hurry() override;
  void kill() override;

 private:
  // How a request ended, as far as the connection is concerned.
  enum class End : std::uint8_t { kAnswered, kBroken };
  // What came of one try at the upstream.
  struct Try {
    enum class Kind : std::uint8_t {
      kEnded,   // the client has its answer
      kDenied,  // it gets `code`
      kMoved,   // the token has changed meanwhile: everything again
      kHeld,    // the answer is kept: decide again by it
    };
    Kind kind = Kind::kDenied;
    End end = End::kBroken;                          // for kEnded
    DenyCode code = DenyCode::kUpstreamUnreachable;  // for kDenied
  };
  struct Request;

  Task<bool> serve_one();
  Task<End> serve_request();
  DenyCode present_credential();
  void decide_now();
  void decide_again();
  RequestView view() const;
  std::shared_ptr<const std::string> known_fields();
  void remember_fields();
  bool hashed_anew();
  void take_policy();
  bool still_holds();
  void take_out_secrets(std::string_view account);
  Task<End> carry_out();
  void note_use();
  Task<Try> try_upstream();
  Task<Try> exchange(UpstreamLease* lease, bool* stale);
  Task<Try> respond_untouched(Exchange* exchange, const ResponseHead* head);
  Task<Try> respond_edited(Exchange* exchange, const ResponseHead* head);
  Task<Try> hold_answer(Exchange* exchange, const ResponseHead* head);
  Task<End> deny(DenyCode code, std::string_view path, std::string_view detail);
  Task<End> reply(int status, std::string_view body);
  Task<End> answer(int status, DenyCode code, std::string_view body);
  std::span<const std::string_view> upstream_pieces() const;
  AnswerHead answer_head(int status) const;
  bool keep_alive() const;
  bool asks_gzip() const;
  bool head_only() const;
  void note_answer(int status);
  Try failed(ExchangeError error);
  Try cut(Cause cause);
  Try too_large();
  void note_connecting(TimePoint since);
  AnswerHead untouched_head(const ResponseHead& head) const;
  void begin_edited(AnswerWriter* writer, const ResponseEditor& editor, bool whole,
                    std::size_t size);

  // gate_limits.cc
  DenyCode check_limits();
  bool limits_still_hold();
  const TokenLimits* limits_of_token() const;
  std::uint32_t max_at_once() const;
  std::uint64_t max_answer_bytes() const;

  // gate_record.cc
  void begin_trace();
  void find_expired();
  void tell_denial(DenyCode code);
  void note_end(End end, bool out_of_memory);
  void record();
  void trace(const RequestRecord& record);

  Worker& worker_;
  ClientConnection client_;
  std::unique_ptr<Request> request_;
  WaitControl control_;  // of the request under way
  TimePoint opened_ = Clock::now();
  bool refused_;
  bool inside_ = false;
  bool client_gone_ = false;
  bool hurried_ = false;
  bool served_ = false;
};

}  // namespace weir::proxy
