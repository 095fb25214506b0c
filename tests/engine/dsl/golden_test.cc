// The golden cases: what each query type, aggregation type and section forwards and refuses; that
// no type is without cases; and that nothing unknown can be put into an accepted case.
#include "engine/dsl/golden.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::test {
namespace {

TEST(Golden, OkCasesAreForwardedAsWritten) {
  std::size_t cases = 0;
  for (const GoldenKind& kind : kGoldenKinds) {
    for (const GoldenFile& file : read_golden_folder(kind.folder)) {
      for (const Case& one : file.ok) {
        SCOPED_TRACE(std::string(kind.folder) + " " + one.where + ": " + one.send);
        Outcome outcome = kind.walk(one.send, {}, one.sight);
        EXPECT_TRUE(outcome.allowed) << outcome.code << " at " << outcome.path;
        EXPECT_EQ(minified(outcome.forward), one.forward);
        EXPECT_TRUE(walk_any_text(outcome.forward).allowed) << "the edited text is not JSON";
        ++cases;
      }
    }
  }
  EXPECT_GT(cases, 200U);
}

TEST(Golden, DeniedCasesNameCodeAndPlace) {
  std::size_t cases = 0;
  for (const GoldenKind& kind : kGoldenKinds) {
    for (const GoldenFile& file : read_golden_folder(kind.folder)) {
      for (const Case& one : file.denied) {
        SCOPED_TRACE(std::string(kind.folder) + " " + one.where + ": " + one.send);
        Outcome outcome = kind.walk(one.send, {}, one.sight);
        EXPECT_FALSE(outcome.allowed);
        EXPECT_EQ(outcome.code, one.code);
        EXPECT_EQ(outcome.path, one.path);
        ++cases;
      }
    }
  }
  EXPECT_GT(cases, 300U);
}

// Every row with a walk has a file with accepted cases; every row without one a denied case.
template <typename Type>
void expect_cases(std::span<const Type> types, std::string_view folder) {
  std::set<std::string> files;
  std::set<std::string> denied;
  for (const GoldenFile& file : read_golden_folder(folder)) {
    if (file.name == "denied_types") {
      for (const Case& one : file.denied) denied.insert(one.path.substr(one.path.rfind('/') + 1));
      continue;
    }
    files.insert(file.name);
    EXPECT_FALSE(file.ok.empty()) << file.name;
    EXPECT_FALSE(file.denied.empty()) << file.name;
  }
  for (const Type& type : types) {
    const std::set<std::string>& place = type.walk == nullptr ? denied : files;
    EXPECT_EQ(place.count(std::string(type.name)), 1U)
        << "no golden cases for " << folder << " type " << type.name.text;
    files.erase(std::string(type.name));
    denied.erase(std::string(type.name));
  }
  EXPECT_TRUE(files.empty()) << "golden file without a type: " << *files.begin();
  EXPECT_TRUE(denied.empty()) << "denied case without a type: " << *denied.begin();
}

TEST(Golden, EveryTypeHasCases) {
  expect_cases(query_types(), "query");
  expect_cases(agg_types(), "agg");
}

TEST(Golden, EveryDenyCodeOfTheLanguageAppears) {
  std::set<std::string_view> found;
  std::vector<GoldenFile> files;
  for (const GoldenKind& kind : kGoldenKinds) {
    for (GoldenFile& file : read_golden_folder(kind.folder)) files.push_back(std::move(file));
  }
  for (const GoldenFile& file : files) {
    for (const Case& one : file.denied) found.insert(one.code);
  }
  // Not decided by a walk over one value: the limits (limits_test.cc, where they are small), the
  // token index (tokens_test.cc), and what the rewriters decide.
  const std::set<std::string_view> elsewhere = {
      "query.too_many",  "query.too_deep",    "agg.too_many",   "agg.too_deep",
      "body.too_deep",   "body.too_large",    "body.malformed", "body.encoding",
      "body.number",     "body.trailing",     "body.required",  "body.unexpected",
      "body.media_type", "sort.nested_total", "sort.doc",       "body.content_encoding"};
  for (const DenyInfo& info : all_deny_codes()) {
    std::string_view family = info.code;
    family = family.substr(0, family.find('.'));
    bool ours = family == "query" || family == "agg" || family == "sort" || family == "highlight" ||
                family == "field" || family == "script" || family == "body";
    if (!ours || elsewhere.count(info.code) != 0) continue;
    EXPECT_EQ(found.count(info.code), 1U) << "no case for " << info.code;
  }
}

// --- mutations

// Where an object begins, and whether everything below it is open (`meta`, a script's `params`, a
// document).
struct ObjectPlace {
  std::size_t inside = 0;
  std::size_t members_begin = 0;  // the first member, up to the comma or brace behind it
  std::size_t members_end = 0;
  bool empty = true;
  bool open = false;
};

bool is_open_key(std::string_view key) {
  return key == "meta" || key == "params" || key == "settings" || key == "_source" ||
         key == "document" || key == "documents";
}

void find_objects(Walk& walk, bool open, std::vector<ObjectPlace>& out) {
  if (walk.json.type() == JsonType::kArray) {
    walk.array([&](std::uint32_t) {
      find_objects(walk, open, out);
      return true;
    });
    return;
  }
  if (walk.json.type() != JsonType::kObject) {
    walk.skip();
    return;
  }
  std::size_t self = out.size();
  out.push_back({walk.here() + 1, 0, 0, true, open});
  walk.object([&](std::string_view key) {
    bool first = out[self].empty;
    out[self].empty = false;
    find_objects(walk, open || is_open_key(key), out);
    if (first) {
      out[self].members_begin = out[self].inside;
      out[self].members_end = walk.here();
    }
    return true;
  });
}

std::vector<ObjectPlace> objects_of(std::string_view text) {
  std::vector<ObjectPlace> places;
  walk_text(text, {}, [&](Walk& walk) {
    find_objects(walk, false, places);
    return true;
  });
  return places;
}

template <typename Mutation>
std::size_t for_each_object(Mutation&& mutation) {
  std::size_t mutations = 0;
  for (const GoldenKind& kind : kGoldenKinds) {
    for (const GoldenFile& file : read_golden_folder(kind.folder)) {
      for (const Case& one : file.ok) {
        for (const ObjectPlace& place : objects_of(one.send)) {
          SCOPED_TRACE(std::string(kind.folder) + " " + one.where);
          if (mutation(kind, one, place)) ++mutations;
        }
      }
    }
  }
  return mutations;
}

TEST(Mutation, AnUnknownKeyAnywhereIsRefused) {
  std::size_t done =
      for_each_object([](const GoldenKind& kind, const Case& one, const ObjectPlace& place) {
        if (place.open) return false;
        std::string text = one.send;
        text.insert(place.inside,
                    std::string(R"("weir_unknown":{"weir":[{}]})") + (place.empty ? "" : ","));
        EXPECT_FALSE(kind.walk(text, {}, one.sight).allowed) << text;
        return true;
      });
  EXPECT_GT(done, 500U);
}

TEST(Mutation, ADuplicateKeyAnywhereIsRefused) {
  std::size_t done =
      for_each_object([](const GoldenKind& kind, const Case& one, const ObjectPlace& place) {
        if (place.empty) return false;
        std::string text = one.send;
        std::string member =
            one.send.substr(place.members_begin, place.members_end - place.members_begin);
        text.insert(place.inside, member + ",");
        Outcome outcome = kind.walk(text, {}, one.sight);
        EXPECT_FALSE(outcome.allowed) << text;
        EXPECT_EQ(outcome.code, "body.duplicate_key") << text;
        return true;
      });
  EXPECT_GT(done, 500U);
}

TEST(Mutation, ACutTextIsRefused) {
  for (const GoldenKind& kind : kGoldenKinds) {
    for (const GoldenFile& file : read_golden_folder(kind.folder)) {
      for (const Case& one : file.ok) {
        for (std::size_t size = 0; size < one.send.size(); ++size) {
          EXPECT_FALSE(kind.walk(std::string_view(one.send).substr(0, size), {}, one.sight).allowed)
              << one.send.substr(0, size);
        }
      }
    }
  }
}

}  // namespace
}  // namespace weir::test
