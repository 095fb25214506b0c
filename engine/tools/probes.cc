// Names that no table of the engine lists, found out by asking it: a small request with the name in
// it, and the verdict on it.
//
// What stands between two `~` is looked for in what would be sent on: found as it is, the name is
// checked, else it is rewritten. A name that the engine takes for unknown shows up in the ledger as
// such, and tests/ledger does not accept it.
#include <string>

#include "ledger.h"
#include "support/policy.h"
#include "weir/engine.h"

namespace weir::ledger {
namespace {

struct Probe {
  std::string_view kind;
  std::string_view name;
  std::string_view body;
  std::string_view target = "/logs-a/_search";
  Method method = Method::kPost;
};

constexpr std::string_view kMsearch = "/_msearch";
constexpr std::string_view kNoIndex = "/_search";
constexpr std::string_view kScrolled = "/logs-a/_search?scroll=1m";
constexpr std::string_view kPitClose = "/_search/point_in_time";
constexpr std::string_view kScroll = "/_search/scroll";
constexpr std::string_view kMget = "/_mget";

constexpr Probe kProbes[] = {
#include "probes.inc"
};

std::string forwarded(const Verdict& verdict) {
  std::string out;
  for (std::string_view piece : verdict.body()) out += piece;
  return out;
}

Row ask(const PolicySnapshot& policy, const Probe& probe) {
  std::string body(probe.body);
  std::size_t begin = body.find('~');
  std::size_t end = begin == std::string::npos ? begin : body.find('~', begin + 1);
  std::string part = end == std::string::npos ? body : body.substr(begin + 1, end - begin - 1);
  std::erase(body, '~');
  const support::PlainSealer sealer;
  const TokenDigest digest = support::digest_of("payments");
  RequestView request;
  request.method = probe.method;
  request.target = probe.target;
  request.body = body;
  request.content_type = probe.target == kMsearch ? "application/x-ndjson" : "application/json";
  request.credential = &digest;
  request.now_seconds = support::kNow;
  request.sealer = &sealer;
  Workspace workspace;
  Verdict verdict = decide(policy, request, workspace);
  Row row{std::string(probe.kind), std::string(probe.name), Decision::kDenied, "", ""};
  if (verdict.outcome() == Outcome::kDeny) {
    const DenyInfo& info = deny_info(verdict.deny_code());
    row.code = info.code;
    row.note = why(probe.kind, probe.name);
    if (row.note.empty()) row.note = info.reason;
    return row;
  }
  if (verdict.outcome() == Outcome::kReply) {
    // An item of _msearch that is denied stands in the answer with its code.
    std::string_view reply = verdict.reply_body();
    std::size_t code = reply.find(R"("code":")");
    if (code == std::string_view::npos) {
      row.decision = Decision::kAnswered;
      return row;
    }
    reply.remove_prefix(code + 8);
    row.code = reply.substr(0, reply.find('"'));
    row.note = why(probe.kind, probe.name);
    return row;
  }
  bool as_sent = forwarded(verdict).find(part) != std::string::npos;
  row.decision = as_sent ? Decision::kChecked : Decision::kRewritten;
  return row;
}

}  // namespace

void append_probed(std::vector<Row>& out) {
  PolicySource source = support::sample_source();
  for (Account& account : source.accounts) account.scripts = Scripts::kDoc;
  auto policy = support::compile(source);
  for (const Probe& probe : kProbes) out.push_back(ask(*policy, probe));
}

}  // namespace weir::ledger
