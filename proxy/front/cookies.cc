#include "front/cookies.h"

#include "front/target.h"
#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kName = "weir";
constexpr std::string_view kReplaced = "weir-replaced";
// Of the front and of the console: a browser sends the cookies of a host to all its ports.
constexpr std::string_view kFamily = "weir-";
constexpr std::string_view kHostPrefix = "__Host-";

}  // namespace

FrontCookies::FrontCookies(bool secure, SameSite same_site)
    : name_(std::string(secure ? kHostPrefix : "") + std::string(kName)),
      replaced_name_(std::string(secure ? kHostPrefix : "") + std::string(kReplaced)),
      secure_(secure),
      same_site_(same_site) {}

// With either prefix and in any case: a page moved from http to https must not mix the two.
bool FrontCookies::ours(std::string_view name) const {
  if (name.size() >= kHostPrefix.size() &&
      same_text(name.substr(0, kHostPrefix.size()), kHostPrefix)) {
    name.remove_prefix(kHostPrefix.size());
  }
  return same_text(name, kName) || same_text(name.substr(0, kFamily.size()), kFamily);
}

FrontCookies::Read FrontCookies::read(const RequestHead& head) const {
  Read out;
  bool conflict = false;
  for (const auto& [header, value] : head.headers) {
    if (header != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view pair = next_item(rest, ';');
      const std::size_t equals = pair.find('=');
      const std::string_view name = trim(pair.substr(0, equals));
      const std::string_view text =
          equals == std::string_view::npos ? std::string_view() : trim(pair.substr(equals + 1));
      if (name == name_) {
        conflict = conflict || (out.present && !out.secret.equals(text));
        out.present = true;
        if (plausible_secret(text)) out.secret = Secret(text);
      } else if (name == replaced_name_) {
        out.replaced = true;
      } else if (!pair.empty() && !ours(name)) {
        if (!out.others.empty()) out.others += "; ";
        out.others += pair;
      }
    }
  }
  if (conflict) out.secret = Secret();
  return out;
}

std::string FrontCookies::with_attributes(std::string text) const {
  text += "; Path=/; HttpOnly";
  if (secure_) text += "; Secure";
  // Without `Partitioned` browsers that keep third parties' cookies out show no embedded page.
  text += same_site_ == SameSite::kNone ? "; SameSite=None; Partitioned" : "; SameSite=Lax";
  return text;
}

std::string FrontCookies::keep(std::string_view secret) const {
  return with_attributes(name_ + "=" + std::string(secret));
}

std::string FrontCookies::drop() const { return with_attributes(name_ + "=") + "; Max-Age=0"; }

std::string FrontCookies::mark_replaced() const {
  return with_attributes(replaced_name_ + "=1") + "; Max-Age=60";
}

std::string FrontCookies::drop_replaced() const {
  return with_attributes(replaced_name_ + "=") + "; Max-Age=0";
}

bool FrontCookies::may_pass(std::string_view set_cookie) const {
  const std::string_view pair = set_cookie.substr(0, set_cookie.find(';'));
  const std::size_t equals = pair.find('=');
  // A cookie without a name is sent as its bare value, which may look like one of ours.
  if (equals == std::string_view::npos) return false;
  const std::string_view name = trim(pair.substr(0, equals));
  return !name.empty() && !ours(name);
}

}  // namespace weir::proxy
