#include "inquire/explain.h"

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "inquire/json.h"

namespace weir::proxy {
namespace {

void put_denial(JsonWriter& out, const Verdict& verdict) {
  const DenyInfo& info = deny_info(verdict.deny_code());
  put_member(out, "status", static_cast<std::uint64_t>(info.status));
  put_member(out, "code", info.code);
  put_member(out, "where", verdict.deny_path());
  put_member(out, "detail", verdict.deny_detail());
  put_member(out, "reason", info.reason);
}

bool lies_in(std::string_view piece, std::string_view whole) {
  const std::less_equal<> at_most;
  return at_most(whole.data(), piece.data()) &&
         at_most(piece.data() + piece.size(), whole.data() + whole.size());
}

/// Pieces of the client's own body are its bytes; the others were put in by the engine.
void put_upstream(JsonWriter& out, const Verdict& verdict, std::string_view own) {
  put_key(out, "upstream");
  out.StartObject();
  put_member(out, "method", method_name(verdict.method()));
  put_member(out, "target", verdict.target());
  if (!verdict.content_type().empty()) put_member(out, "contentType", verdict.content_type());
  std::string body;
  std::vector<std::pair<std::size_t, std::size_t>> inserted;
  for (const std::string_view piece : verdict.body()) {
    if (!piece.empty() && !lies_in(piece, own)) {
      if (!inserted.empty() && inserted.back().second == body.size()) {
        inserted.back().second += piece.size();
      } else {
        inserted.emplace_back(body.size(), body.size() + piece.size());
      }
    }
    body += piece;
  }
  put_member(out, "body", body);
  put_key(out, "inserted");
  out.StartArray();
  for (const auto& [from, to] : inserted) {
    out.StartObject();
    put_member(out, "from", from);
    put_member(out, "to", to);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
}

}  // namespace

std::string explanation_json(const PolicySnapshot& policy, const ExplainedRequest& request,
                             const TokenDigest& credential, const Sealer* sealer,
                             std::int64_t now_seconds) {
  RequestView view;
  view.method = request.method;
  view.target = request.target;
  view.content_type = request.content_type;
  view.body = request.body;
  view.credential = &credential;
  view.now_seconds = now_seconds;
  view.sealer = sealer;
  Workspace workspace;
  const Verdict verdict = decide(policy, view, workspace);
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  constexpr std::array kNames = {"deny", "forward", "reply"};
  put_member(out, "outcome", kNames[static_cast<std::size_t>(verdict.outcome())]);
  put_member(out, "route", verdict.route());
  switch (verdict.outcome()) {
    case Outcome::kDeny:
      put_denial(out, verdict);
      break;
    case Outcome::kForward:
      put_upstream(out, verdict, request.body);
      put_key(out, "further");  // whether another request follows, made of the answer to this one
      out.Bool(holds_answer(verdict.plan()));
      break;
    case Outcome::kReply:
      put_member(out, "status", static_cast<std::uint64_t>(verdict.status()));
      put_member(out, "body", verdict.reply_body());
      break;
  }
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace weir::proxy
