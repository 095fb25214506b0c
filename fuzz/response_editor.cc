// An upstream answer of any bytes under any plan: it never crashes, a failure lasts, nothing comes
// out before the status is known, and where the answer is cut into pieces makes no difference. The
// first bytes choose plan, status and cuts.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "weir/response.h"

namespace {

using Progress = weir::ResponseEditor::Progress;

class PlainSealer final : public weir::Sealer {
 public:
  bool seal(const weir::SealContext&, std::string_view plain,
            std::string& out) const noexcept override {
    if (plain.size() > 100) return false;
    out += "sealed";
    out += std::to_string(plain.size());
    return true;
  }
  bool open(const weir::SealContext&, std::string_view, std::string&) const noexcept override {
    return false;
  }
};

struct Answer {
  bool good = false;
  int status = 0;
  std::string body;
};

void require(bool fact) {
  if (!fact) std::abort();
}

Answer edit(const weir::ResponsePlan& plan, int status, std::string_view body, std::size_t piece) {
  const PlainSealer sealer;
  weir::Limits limits;
  limits.max_cursor_bytes = 128;
  limits.max_held_response_bytes = 1024;
  limits.max_upstream_error_bytes = 256;
  weir::ResponseEditor editor(plan, &sealer, limits);
  Answer answer;
  editor.begin(status);
  bool failed = false;
  while (!failed && !body.empty()) {
    failed = editor.feed(body.substr(0, piece), answer.body) == Progress::kFailed;
    body.remove_prefix(piece < body.size() ? piece : body.size());
    require(editor.head_ready() || answer.body.empty());
  }
  answer.good = !failed && editor.finish(answer.body) == Progress::kMore;
  if (!answer.good) {
    std::string more;
    require(editor.feed("", more) == Progress::kFailed && more.empty());
    return answer;
  }
  require(editor.head_ready());
  answer.status = editor.status();
  require(!plan.head_only || answer.body.empty());
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<int, 8> kStatuses = {200, 200, 200, 200, 404, 400, 503, 500};
  if (size < 3) return 0;
  std::array<weir::PlanItem, 3> items{};
  items[1].denied = true;
  weir::ResponsePlan plan;
  plan.kind = static_cast<weir::PlanKind>(data[0] % 12);
  plan.head_only = (data[0] & 0x80U) != 0;
  plan.turned_aggs = (data[0] & 0x40U) != 0;
  items[2].turned_aggs = plan.turned_aggs;
  plan.items = items;
  int status = kStatuses[data[1] % kStatuses.size()];
  std::string_view body(reinterpret_cast<const char*>(data) + 3, size - 3);

  Answer whole = edit(plan, status, body, body.size() + 1);
  Answer pieces = edit(plan, status, body, data[2] % 16U + 1);
  require(whole.good == pieces.good);
  require(!whole.good || (whole.status == pieces.status && whole.body == pieces.body));
  return 0;
}
