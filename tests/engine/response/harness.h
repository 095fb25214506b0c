// Runs an editor over an answer cut into pieces, checks the contract of response.h on the way, and
// compares with the reference.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/response/reference.h"
#include "weir/response.h"

namespace weir::response {

/// Seals by writing the context and the id in hex; refuses the id `unsealable`.
class HexSealer final : public Sealer {
 public:
  bool seal(const SealContext& context, std::string_view plain,
            std::string& out) const noexcept override {
    if (plain == "unsealable") return false;
    out += context.kind == CursorKind::kScroll ? "scroll-" : "pit-";
    out += std::to_string(context.token_id) + '-' + std::to_string(context.token_epoch) + '-';
    for (char c : plain) {
      out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
      out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
    }
    return true;
  }
  bool open(const SealContext&, std::string_view, std::string&) const noexcept override {
    return false;
  }
};

struct Case {
  ResponsePlan plan;
  Limits limits;
  const Sealer* sealer = nullptr;
};

inline Case make_case(PlanKind kind, std::span<const PlanItem> items = {}) {
  static const HexSealer kSealer;
  Case c;
  c.plan.kind = kind;
  c.plan.seal = {.kind = CursorKind::kScroll, .token_id = 42, .token_epoch = 7};
  c.plan.items = items;
  c.plan.index = "logs-*";
  c.plan.id = "a\"\x01\xC3\xA9";
  c.sealer = &kSealer;
  return c;
}

inline PlanItem asked(std::string_view index, std::string_view id) {
  PlanItem item;
  item.index = index;
  item.id = id;
  return item;
}

inline PlanItem refused(DenyCode code, std::string_view index, std::string_view id,
                        std::string_view path = "", std::string_view detail = "") {
  PlanItem item = asked(index, id);
  item.denied = true;
  item.code = code;
  item.deny_path = path;
  item.deny_detail = detail;
  return item;
}

inline std::string_view name(PlanKind kind) {
  constexpr std::array kNames = {"stream", "seal",   "document", "source", "count",  "msearch",
                                 "mget",   "exists", "clear",    "lookup", "render", "template"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// Nothing when the editor broke off.
inline std::optional<reference::Answer> edit(const Case& c, int status,
                                             const std::vector<std::string_view>& pieces) {
  ResponseEditor editor(c.plan, c.sealer, c.limits);
  editor.begin(status);
  reference::Answer answer;
  auto failed = [&](ResponseEditor::Progress progress) {
    EXPECT_TRUE(editor.head_ready() || answer.body.empty()) << "body before head";
    if (progress == ResponseEditor::Progress::kMore) return false;
    std::string more;
    EXPECT_EQ(editor.feed("x", more), ResponseEditor::Progress::kFailed) << "a failure must last";
    EXPECT_EQ(editor.finish(more), ResponseEditor::Progress::kFailed);
    EXPECT_EQ(more, "");
    return true;
  };
  for (std::string_view piece : pieces) {
    // A copy of its own, so that a sanitizer sees any reading beyond the piece.
    std::vector<char> copy(piece.begin(), piece.end());
    if (failed(editor.feed({copy.data(), copy.size()}, answer.body))) return std::nullopt;
  }
  if (failed(editor.finish(answer.body))) return std::nullopt;
  EXPECT_TRUE(editor.head_ready());
  answer.status = editor.status();
  EXPECT_TRUE(editor.content_type().starts_with("application/json"));
  return answer;
}

inline std::string show(const std::optional<reference::Answer>& answer) {
  return answer ? std::to_string(answer->status) + ' ' + answer->body : "broken off";
}

/// The editor against the reference: in one piece, at every cut in two (every `stride`th), and byte
/// by byte.
inline void expect_like_reference(const Case& c, int status, std::string_view body,
                                  std::size_t stride = 1) {
  std::optional<reference::Answer> want =
      reference::Reference(c.plan, c.sealer, c.limits).answer(status, body);
  auto agree = [&](const std::vector<std::string_view>& pieces, std::string_view how,
                   std::size_t cut) {
    std::optional<reference::Answer> got = edit(c, status, pieces);
    if (got == want) return true;
    ADD_FAILURE() << name(c.plan.kind) << ' ' << status << ' ' << how << ' ' << cut
                  << "\n  answer: " << body.substr(0, 2000)
                  << "\n  want:   " << show(want).substr(0, 2000)
                  << "\n  got:    " << show(got).substr(0, 2000);
    return false;
  };
  if (!agree({body}, "whole", 0)) return;
  for (std::size_t cut = 0; cut <= body.size(); cut += stride) {
    if (!agree({body.substr(0, cut), body.substr(cut)}, "cut at", cut)) return;
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < body.size(); ++i) bytes.push_back(body.substr(i, 1));
  agree(bytes, "byte by byte", 0);
}

}  // namespace weir::response
