// A request of the control plane's own, sent the way a token holder's is: decided by the engine,
// rewritten, answered by the search cluster, the answer edited by the verdict's plan. What it says
// about a token is therefore what the token's holder gets.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/upstream_client.h"
#include "weir/engine.h"

namespace weir::proxy {

/// One thread at a time. May block for some seconds per question.
class Asker {
 public:
  struct Answer {
    int status = 0;
    DenyCode problem = DenyCode::kUndecided;  // of an answer that is no 200
    std::string body;
    bool good() const noexcept { return status == 200; }
  };

  /// Both must outlive it. `sealer` may be null: then no cursors.
  Asker(UpstreamClient& upstream, const Sealer* sealer) : upstream_(upstream), sealer_(sealer) {}

  struct Question {
    Method method = Method::kGet;
    std::string_view target;
    std::string_view content_type = {};
    std::string_view body = {};
  };

  /// As the token with this credential would be answered under this policy.
  Answer ask(const PolicySnapshot& policy, const TokenDigest& credential, const Question& question,
             std::int64_t now_seconds);

 private:
  Answer carry_out(const Verdict& verdict, RequestView& view);

  UpstreamClient& upstream_;
  const Sealer* sealer_;
  Workspace workspace_;
  std::string looked_up_;
  std::string rendered_;
  std::string field_caps_;
  std::string fields_seen_;
};

}  // namespace weir::proxy
