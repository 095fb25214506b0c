// The one place where verdicts other than the zero value are made. Only decide() and the rewriters
// include this.
#pragma once

#include "policy/snapshot.h"
#include "weir/verdict.h"

namespace weir {

class VerdictBuilder {
 public:
  void matched(std::string_view route) { base_.route_ = route; }
  void granted(const CompiledToken& token, std::uint32_t link, const CompiledAccount& account) {
    base_.token_id_ = token.id;
    base_.link_id_ = link;
    base_.token_epoch_ = token.epoch;
    base_.account_ = account.name;
  }

  Verdict deny(DenyCode code, std::string_view path = {}, std::string_view detail = {}) const {
    Verdict verdict = base_;
    verdict.deny_code_ = code;
    verdict.deny_path_ = path;
    verdict.deny_detail_ = detail;
    verdict.status_ = deny_info(code).status;
    return verdict;
  }

  Verdict forward(Method method, std::string_view target, std::string_view content_type,
                  std::span<const std::string_view> body, const ResponsePlan& plan) const {
    Verdict verdict = base_;
    verdict.outcome_ = Outcome::kForward;
    verdict.status_ = 0;
    verdict.method_ = method;
    verdict.target_ = target;
    verdict.content_type_ = body.empty() ? std::string_view() : content_type;
    verdict.body_ = body;
    verdict.plan_ = plan;
    return verdict;
  }

  Verdict reply(int status, std::string_view body) const {
    Verdict verdict = base_;
    verdict.outcome_ = Outcome::kReply;
    verdict.status_ = status;
    verdict.content_type_ = "application/json; charset=UTF-8";
    verdict.reply_body_ = body;
    return verdict;
  }

 private:
  Verdict base_;
};

}  // namespace weir
