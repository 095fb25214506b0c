// One client connection of the admin listener: the same strict reader as the gate's, small whole
// requests, answered by the control plane on its own thread. What an operator asks for in trouble
// (/metrics, /healthz, /readyz) does not wait for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "http/small_handler.h"
#include "net/client_connection.h"
#include "net/worker.h"

namespace weir::proxy {

class AdminSession final : public Session {
 public:
  AdminSession(Worker& worker, Socket socket);
  ~AdminSession() override;

  static Task<void> run(std::shared_ptr<AdminSession> self);

  void drain(TimePoint now) override;
  void hurry() override;
  void kill() override;

 private:
  struct Call;

  Task<bool> serve_one();
  Task<SmallResponse> respond();
  Task<SmallResponse> call_control();
  Task<SmallResponse> report_readiness();
  Task<bool> probe(UpstreamPool* pool);
  Task<bool> send(SmallResponse response);

  Worker& worker_;
  ClientConnection client_;
  RequestHead head_;
  bool has_head_ = false;
  std::string request_id_;
  std::string_view route_ = "-";
  WaitControl control_;
  bool hurried_ = false;
};

}  // namespace weir::proxy
