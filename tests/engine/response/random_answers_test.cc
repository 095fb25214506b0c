// Answers put together at random from the names and shapes the editors look for, whole or damaged,
// against the reference.
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "engine/response/harness.h"

namespace weir::response {
namespace {

class AnswerMaker {
 public:
  explicit AnswerMaker(unsigned seed) : random_(seed) {}

  std::size_t pick(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool chance(std::size_t percent) { return pick(100) < percent; }

  std::string answer(PlanKind kind) {
    if (kind == PlanKind::kMultiSearch || kind == PlanKind::kMultiGet) {
      return object({{"took", scalar()}, {"responses", list(&AnswerMaker::item, 2)}});
    }
    if (kind == PlanKind::kClearCursors)
      return object({{"succeeded", chance(80) ? "true" : scalar()}, {"num_freed", "7"}});
    if (kind == PlanKind::kSealCursors && chance(30))
      return object({{"pits", list(&AnswerMaker::pit, pick(4))}});
    return search();
  }

 private:
  using Member = std::pair<std::string, std::string>;

  std::string space() { return std::string(chance(70) ? 0 : pick(4), " \n\t\r"[pick(4)]); }

  std::string key(const std::string& name) {
    if (name.empty() || chance(90)) return '"' + name + '"';
    std::size_t at = pick(name.size());
    constexpr std::string_view kHex = "0123456789abcdef";
    auto c = static_cast<unsigned char>(name[at]);
    return '"' + name.substr(0, at) + "\\u00" + kHex[c / 16] + kHex[c % 16] + name.substr(at + 1) +
           '"';
  }

  // The members given, most of them, with strangers between them and now and then one twice or out
  // of order.
  std::string object(std::vector<Member> members) {
    constexpr std::array kStrangers = {"x",         "",     "_score",    "hit",   "_shard",
                                       "failures_", "sort", "max_score", "errors"};
    if (chance(5)) members.push_back({"error", value(2)});
    if (chance(3) && !members.empty()) members.push_back(members[pick(members.size())]);
    if (chance(5) && members.size() > 1) std::swap(members[pick(members.size())], members[0]);
    std::string out = "{" + space();
    bool first = true;
    for (Member& member : members) {
      if (chance(3)) continue;
      std::vector<Member> these;
      if (chance(15)) these.push_back({kStrangers[pick(kStrangers.size())], value(3)});
      these.push_back(std::move(member));
      for (const Member& one : these) {
        if (!first) out += space() + "," + space();
        first = false;
        out += key(one.first) + space() + ":" + space() + one.second;
      }
    }
    return out + space() + "}";
  }

  std::string list(std::string (AnswerMaker::*make)(), std::size_t n) {
    if (chance(3)) ++n;
    std::string out = "[" + space();
    for (std::size_t i = 0; i < n; ++i)
      out += (i == 0 ? "" : space() + "," + space()) + (this->*make)();
    return out + space() + "]";
  }

  std::string scalar() {
    constexpr std::array kScalars = {"0",
                                     "1",
                                     "12",
                                     "-1.5e3",
                                     "true",
                                     "null",
                                     R"("")",
                                     R"("text")",
                                     R"("\"\\\u00e9,}")",
                                     R"("unsealable")"};
    return kScalars[pick(chance(80) ? 3 : kScalars.size())];
  }
  std::string text() { return chance(95) ? R"("id\u003d=")" : scalar(); }
  std::string any() { return value(1); }
  std::string value(std::size_t depth) {
    if (depth == 0 || chance(60)) return scalar();
    if (chance(50)) return list(&AnswerMaker::any, pick(3));
    return object(
        {{"a", value(depth - 1)}, {"_source", value(depth - 1)}, {"hits", value(depth - 1)}});
  }

  std::string pit() { return object({{"successful", "true"}, {"pit_id", text()}}); }
  std::string shards() {
    std::vector<Member> members = {
        {"total", "3"}, {"successful", "3"}, {"skipped", "0"}, {"failed", chance(90) ? "0" : "1"}};
    if (chance(40))
      members.insert(members.begin() + static_cast<std::ptrdiff_t>(pick(5)),
                     {"failures", value(2)});
    return object(std::move(members));
  }
  std::string total() {
    return chance(40) ? scalar() : object({{"value", "5"}, {"relation", R"("eq")"}});
  }
  std::string hit() {
    std::vector<Member> members = {{"_index", R"("i")"},
                                   {"_id", text()},
                                   {"_version", "3"},
                                   {"_seq_no", "4"},
                                   {"_score", scalar()}};
    if (chance(30)) members.push_back({"_routing", text()});
    if (chance(80)) members.push_back({"_source", value(4)});
    if (chance(40)) members.push_back({"fields", value(2)});
    return object(std::move(members));
  }
  std::string hits() {
    return object(
        {{"total", total()}, {"max_score", "null"}, {"hits", list(&AnswerMaker::hit, pick(2))}});
  }
  std::string buckets(std::size_t depth) {
    std::vector<Member> keyed;
    std::string listed = "[";
    for (std::size_t i = pick(3); i > 0; --i) {
      keyed.push_back({chance(50) ? "hits" : "k", result(depth)});
      listed += (listed == "[" ? "" : space() + ",") + space() + keyed.back().second;
    }
    return chance(50) ? object(std::move(keyed)) : listed + "]";
  }
  std::string result(std::size_t depth) {
    std::vector<Member> members;
    if (chance(40)) members.push_back({"meta", value(2)});
    members.push_back({"doc_count", chance(90) ? "12" : scalar()});
    if (depth == 0) return object(std::move(members));
    if (chance(50)) {
      members.push_back({chance(50) ? "weir.visible" : "filter#weir.visible", result(depth - 1)});
    } else if (chance(30)) {
      members.push_back({"hits", result(depth - 1)});
    } else {
      members.push_back(
          {chance(50) ? "buckets" : "a", chance(50) ? buckets(depth - 1) : results(depth - 1)});
    }
    return object(std::move(members));
  }
  std::string results(std::size_t depth) {
    std::vector<Member> members;
    for (std::size_t i = pick(3); i > 0; --i)
      members.push_back({chance(90) ? "g" : "meta", result(depth)});
    return object(std::move(members));
  }
  std::string search() {
    std::vector<Member> members = {
        {"took", "3"}, {"timed_out", "false"}, {"_shards", shards()}, {"hits", hits()}};
    if (chance(30)) members.insert(members.begin(), {"_scroll_id", text()});
    if (chance(30)) members.push_back({"pit_id", text()});
    if (chance(50)) members.push_back({"aggregations", results(3)});
    return space() + object(std::move(members)) + space();
  }
  std::string item() {
    if (chance(80)) return search();
    constexpr std::array kTypes = {"parsing_exception", "index_not_found_exception", "x"};
    std::string type = std::string("\"") + kTypes[pick(kTypes.size())] + '"';
    return object({{"error", object({{"type", type}, {"reason", text()}})},
                   {"status", chance(50) ? "404" : "500"}});
  }

  std::mt19937 random_;
};

TEST(RandomAnswers, AreEditedAsTheReferenceEditsThem) {
  std::array<PlanItem, 4> items = {asked("i0", "0"), refused(DenyCode::kIndexScope, "i1", "1"),
                                   asked("i2", "2"), refused(DenyCode::kAggGlobal, "i3", "3")};
  items[2].turned_aggs = true;
  AnswerMaker maker(19700101);
  std::array<int, 9> edited{};
  for (int round = 0; round < 2700; ++round) {
    auto kind = static_cast<PlanKind>(round % 9);
    Case c = make_case(kind, items);
    c.plan.head_only = maker.chance(5);
    c.plan.turned_aggs = maker.chance(70);
    std::string body = maker.answer(kind);
    if (maker.chance(10)) body.resize(maker.pick(body.size()));
    if (maker.chance(10) && !body.empty())
      body[maker.pick(body.size())] = "{}[]\",: 0"[maker.pick(9)];
    int status = maker.chance(95) ? 200 : static_cast<int>(400 + maker.pick(110));
    expect_like_reference(c, status, body, 1 + body.size() / 100);
    if (HasFailure()) return;
    std::optional<reference::Answer> got = edit(c, status, {body});
    edited[static_cast<std::size_t>(kind)] += got && got->status < 400 ? 1 : 0;
  }
  // The property says something only while a good share of the answers is edited rather than broken
  // off.
  for (int count : edited) EXPECT_GT(count, 50);
}

}  // namespace
}  // namespace weir::response
