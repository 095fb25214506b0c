#include "policy/scope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "http/percent.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Scope scope_of(const std::vector<std::string>& patterns) {
  Result<Scope> scope = compile_scope(patterns, "/indices");
  EXPECT_TRUE(scope.ok());
  return scope.ok() ? scope.value() : Scope();
}

class ScopeTest : public ::testing::Test {
 protected:
  // What goes upstream, or the code of the refusal.
  std::string resolve(const std::vector<std::string>& patterns, std::string_view expression) {
    scope_ = scope_of(patterns);
    auto denied = resolve_indices(expression, scope_, limits_, arena_, selection_, detail_);
    return std::string(denied ? deny_info(*denied).code : selection_.upstream);
  }
  std::string concrete(const std::vector<std::string>& patterns, std::string_view expression) {
    scope_ = scope_of(patterns);
    auto denied = concrete_index(expression, scope_, arena_, selection_, detail_);
    return std::string(denied ? deny_info(*denied).code : selection_.upstream);
  }

  Limits limits_;
  Arena arena_;
  Scope scope_;
  IndexSelection selection_;
  std::string_view detail_;
};

TEST_F(ScopeTest, NothingAndStarsMeanEverythingInScope) {
  for (std::string_view expression : {"", "_all", "*", "**"}) {
    EXPECT_EQ(resolve({"*"}, expression), "*");
    EXPECT_EQ(resolve({"logs-*", "metrics"}, expression), "logs-*,metrics");
    EXPECT_TRUE(selection_.names_for_pattern);
    EXPECT_EQ(selection_.name, "");
  }
  EXPECT_EQ(resolve({"logs-*"}, "*"), "logs-*");
  EXPECT_FALSE(selection_.names_for_pattern);
  EXPECT_EQ(resolve({"*", ".kibana"}, "_all"), "*,.kibana");
}

TEST_F(ScopeTest, KeepsNamesAndPatternsInScope) {
  EXPECT_EQ(resolve({"logs-*"}, "logs-a"), "logs-a");
  EXPECT_EQ(selection_.name, "logs-a");
  EXPECT_EQ(resolve({"logs-*"}, "logs-a,logs-b*,logs-*-x"), "logs-a,logs-b*,logs-*-x");
  EXPECT_EQ(selection_.name, "");
  EXPECT_EQ(resolve({"*"}, "any,x*"), "any,x*");
  EXPECT_EQ(resolve({"logs-*"}, "logs-*"), "logs-*");
  EXPECT_EQ(resolve({"a+b%*", "\xc3\xa9"}, "a+b%c,\xc3\xa9"), "a%2Bb%25c,%C3%A9");
}

TEST_F(ScopeTest, CutsPatternsToTheScope) {
  EXPECT_EQ(resolve({"logs-a*", "logs-b", "metrics"}, "log*"), "logs-a*,logs-b");
  EXPECT_TRUE(selection_.names_for_pattern);
  EXPECT_EQ(resolve({"logs-a*", "logs-b*"}, "logs-*"), "logs-a*,logs-b*");
  EXPECT_FALSE(selection_.names_for_pattern);
  EXPECT_EQ(resolve({"logs-*"}, "*-prod"), "index.pattern");
  EXPECT_EQ(detail_, "*-prod");
  EXPECT_EQ(resolve({"logs-*", "x-prod"}, "*-prod"), "index.pattern");
  EXPECT_EQ(resolve({"logs-*"}, "logs-a,metrics-*"), "index.scope");
  EXPECT_EQ(detail_, "metrics-*");
  EXPECT_EQ(resolve({"logs-*"}, "secret"), "index.scope");
  EXPECT_EQ(resolve({"logs-a*", "logs-*"}, "*"), "logs-*");
}

TEST_F(ScopeTest, ExclusionsNarrowAndNeverNameWhatIsOutside) {
  EXPECT_EQ(resolve({"logs-*"}, "logs-*,-logs-a"), "logs-*,-logs-a");
  EXPECT_EQ(resolve({"logs-*"}, "*,-logs-b*,-logs-c"), "logs-*,-logs-b*,-logs-c");
  // To send it would tell whether `secret` exists: OpenSearch answers 404 if it does not.
  EXPECT_EQ(resolve({"logs-*"}, "*,-secret"), "logs-*");
  EXPECT_EQ(resolve({"logs-*"}, "*,-secret*"), "logs-*");
  EXPECT_EQ(resolve({"logs-*"}, "*,-*-debug"), "index.pattern");
  EXPECT_EQ(resolve({"*"}, "*,-*-debug"), "*,-*-debug");
  EXPECT_EQ(resolve({"logs-*", "m-*"}, "*,-log*"), "logs-*,m-*,-logs-*");
  EXPECT_EQ(resolve({"logs-*"}, "*,-.ds-logs-a-000001"), "logs-*,-.ds-logs-a-000001");
  EXPECT_EQ(resolve({"logs-*"}, "logs-b*,-.ds-logs-a-000001"), "logs-b*");
  // The pattern became names, so the exclusion is carried out here.
  EXPECT_EQ(resolve({"logs-a", "logs-b"}, "logs-*,-logs-b"), "logs-a");
  EXPECT_EQ(resolve({"logs-a", "m-*"}, "*,-logs-a"), "m-*");
  EXPECT_EQ(resolve({"logs-a", "m-*"}, "*,-logs-a,logs-a"), "m-*,logs-a");
}

TEST_F(ScopeTest, NothingLeftIsNothing) {
  EXPECT_EQ(resolve({"logs-a", "logs-b"}, "logs-*,-logs-a,-logs-b"), "*,-*");
  EXPECT_EQ(resolve({"logs-*"}, "*,-*"), "*,-*");
  EXPECT_EQ(resolve({"logs-*"}, "*,-*,logs-a"), "logs-a");
}

TEST_F(ScopeTest, RefusesAnExclusionWithoutAPatternBefore) {
  for (std::string_view expression :
       {"-logs-a", "-*", "logs-a,-logs-a", "logs-a,-logs-*", "-logs-a,*", "-"}) {
    EXPECT_EQ(resolve({"logs-*"}, expression), "index.name") << expression;
  }
  for (std::string_view expression : {"*,-", "*,--a", "*,-_all", "*,-A"}) {
    EXPECT_EQ(resolve({"logs-*"}, expression), "index.name") << expression;
  }
  EXPECT_EQ(resolve({"logs-*"}, "*,-<logs-a>"), "index.date_math");
  EXPECT_EQ(resolve({"logs-*"}, "*,-c:logs-a"), "index.remote");
}

TEST_F(ScopeTest, RefusesWhatIsNoNameInEveryScope) {
  for (const char* scope : {"*", "logs-*", "logs-a"}) {
    for (std::string_view expression :
         {",",      "logs-a,", ",logs-a", "logs-a,,logs-b", "_search", "_all,logs-a", "logs-a,_all",
          "_all*",  "+logs-a", "Logs-a",  "logs-A*",        "logs a",  "logs\\a",     "logs/a",
          "logs?a", "logs\"a", "logs|a",  "logs#a",         "logs\ta", "logs-\xff",   "logs-\x7f",
          " ",      ".",       ".."}) {
      EXPECT_EQ(resolve({scope}, expression), "index.name") << expression;
    }
    EXPECT_EQ(resolve({scope}, std::string(256, 'a')), "index.name");
    for (std::string_view expression : {"c:logs-a", "*:logs-a", "*:*", "logs-a,c:x", ":"}) {
      EXPECT_EQ(resolve({scope}, expression), "index.remote") << expression;
    }
    for (std::string_view expression : {"<logs-a>", "<logs-{now/d}>", "logs-a,<x>", "a<b", "a>b"}) {
      EXPECT_EQ(resolve({scope}, expression), "index.date_math") << expression;
    }
  }
}

TEST_F(ScopeTest, DotNamesAreHiddenUnlessTheScopeNamesThem) {
  for (const char* scope : {"*", "logs-*", "*kibana"}) {
    for (std::string_view expression :
         {".kibana", ".*", ".kib*", "*,.kibana", ".ds-x*", ".ds-.kibana-000001"}) {
      std::string code = resolve({scope}, expression);
      EXPECT_EQ(code, "index.hidden") << scope << " " << expression;
    }
  }
  EXPECT_EQ(resolve({".kibana*"}, ".kibana"), ".kibana");
  EXPECT_EQ(resolve({".kibana*"}, ".*"), ".kibana*");
  EXPECT_EQ(resolve({"*", ".kibana"}, ".kibana,logs"), ".kibana,logs");
  EXPECT_EQ(resolve({"*", ".kibana"}, ".security"), "index.hidden");
  EXPECT_EQ(resolve({".kibana*"}, "kibana"), "index.scope");
}

TEST_F(ScopeTest, BackingIndicesBelongToTheirDataStream) {
  EXPECT_EQ(resolve({"logs-*"}, ".ds-logs-app-000001"), ".ds-logs-app-000001");
  EXPECT_EQ(concrete({"logs-a"}, ".ds-logs-a-000123"), ".ds-logs-a-000123");
  EXPECT_EQ(concrete({"*"}, ".ds-x-1234567"), ".ds-x-1234567");
  for (std::string_view name :
       {".ds-logs-a-secret-000001", ".ds-logs-a-00001", ".ds-logs-a", ".ds-logs-a-00000x",
        ".ds--000001", ".ds-000001", ".ds-logs-b-000001"}) {
    EXPECT_EQ(concrete({"logs-a"}, name), "index.hidden") << name;
  }
}

TEST_F(ScopeTest, ADocumentNeedsOneName) {
  EXPECT_EQ(concrete({"logs-*"}, "logs-a"), "logs-a");
  EXPECT_EQ(selection_.name, "logs-a");
  for (std::string_view expression : {"", "_all", "*", "logs-*", "logs-a,logs-b"}) {
    EXPECT_EQ(concrete({"logs-*"}, expression), "index.concrete") << expression;
  }
  EXPECT_EQ(concrete({"logs-*"}, "secret"), "index.scope");
  EXPECT_EQ(concrete({"logs-*"}, "-logs-a"), "index.name");
  EXPECT_EQ(concrete({"logs-*"}, "c:logs-a"), "index.remote");
  EXPECT_EQ(concrete({"logs-*"}, "<logs-a>"), "index.date_math");
  EXPECT_EQ(concrete({"logs-*"}, ".kibana"), "index.hidden");
}

TEST_F(ScopeTest, HoldsItsLimit) {
  limits_.max_index_items = 2;
  EXPECT_EQ(resolve({"*"}, "a,b"), "a,b");
  EXPECT_EQ(resolve({"*"}, "a,b,c"), "index.too_many");
}

TEST(Scope, TheDefaultContainsNothing) {
  Scope scope;
  Limits limits;
  Arena arena;
  IndexSelection selection;
  std::string_view detail;
  EXPECT_FALSE(scope.contains("a"));
  EXPECT_EQ(resolve_indices("a", scope, limits, arena, selection, detail), DenyCode::kIndexScope);
  EXPECT_EQ(resolve_indices("a*", scope, limits, arena, selection, detail), DenyCode::kIndexScope);
  EXPECT_EQ(resolve_indices("*", scope, limits, arena, selection, detail), std::nullopt);
  EXPECT_EQ(selection.upstream, "*,-*");
}

TEST(Scope, SaysWhatIsWrongWithAPattern) {
  std::vector<std::string> bad = {
      "", "Logs", "_all", "-a", "c:a", "<a>", "a b", "a,b", "..", "a\"", std::string(300, 'a')};
  Result<Scope> scope = compile_scope(bad, "/accounts/0/indices");
  ASSERT_FALSE(scope.ok());
  ASSERT_EQ(scope.problems().size(), bad.size());
  EXPECT_EQ(scope.problems()[1].where, "/accounts/0/indices/1");
  EXPECT_THAT(scope.problems()[1].what, HasSubstr("`Logs`"));
  EXPECT_EQ(compile_scope({}, "/x").problems().size(), 1U);
}

TEST(Scope, DropsWhatAnotherPatternCovers) {
  EXPECT_THAT(scope_of({"logs-a", "logs-*", "logs-*", "m**", "m*"}).patterns(), testing::SizeIs(2));
  EXPECT_THAT(scope_of({"b", "*", ".x", ".x*"}).patterns(), ElementsAre("*", ".x*"));
}

TEST(Scope, TheClauseSelectsByThePatterns) {
  const std::string not_hidden =
      R"("must_not":[{"bool":{"must":[{"prefix":{"_index":{"value":"."}}}],)"
      R"("must_not":[{"prefix":{"_index":{"value":".ds-"}}}]}}])";
  EXPECT_EQ(scope_of({"*"}).clause(),
            R"({"bool":{"filter":[{"terms":{"_index":["*"]}}],)" + not_hidden + "}}");
  EXPECT_EQ(scope_of({"logs-*", "m"}).clause(),
            R"({"bool":{"filter":[{"terms":{"_index":["logs-*","m"]}}],)" + not_hidden + "}}");
  EXPECT_EQ(scope_of({".kibana*"}).clause(), R"({"terms":{"_index":[".kibana*"]}})");
  EXPECT_EQ(scope_of({"*", ".kibana"}).clause(),
            R"({"bool":{"should":[{"bool":{"filter":[{"terms":{"_index":["*"]}}],)" + not_hidden +
                R"(}},{"terms":{"_index":[".kibana"]}}],"minimum_should_match":1}})");
}

TEST(Glob, MatchesLikeARecursiveMatcher) {
  struct Slow {
    static bool match(std::string_view p, std::string_view t) {
      if (p.empty()) return t.empty();
      if (p[0] == '*') return match(p.substr(1), t) || (!t.empty() && match(p, t.substr(1)));
      return !t.empty() && p[0] == t[0] && match(p.substr(1), t.substr(1));
    }
  };
  std::mt19937 random(1);
  auto word = [&](std::string_view letters) {
    std::string out;
    for (unsigned n = random() % 7; n > 0; --n) out += letters[random() % letters.size()];
    return out;
  };
  for (int i = 0; i < 50000; ++i) {
    std::string pattern = word("ab**");
    std::string text = word("ab");
    EXPECT_EQ(glob_match(pattern, text), Slow::match(pattern, text)) << pattern << " " << text;
  }
}

// OpenSearch's resolution of an expression among `names`, as observed: patterns skip dot names
// unless they begin with a dot, exclusions act after a pattern.
std::set<std::string> opensearch_resolves(std::string_view expression,
                                          const std::vector<std::string>& names) {
  std::set<std::string> out;
  bool pattern_seen = false;
  while (true) {
    std::size_t end = std::min(expression.find(','), expression.size());
    std::string_view item = expression.substr(0, end);
    bool excluded = pattern_seen && item.starts_with('-');
    if (excluded) item.remove_prefix(1);
    bool pattern = item.find('*') != std::string_view::npos;
    pattern_seen |= pattern;
    for (const std::string& name : names) {
      bool hit =
          pattern ? glob_match(item, name) && (name[0] != '.' || item[0] == '.') : item == name;
      if (!hit) continue;
      if (excluded) out.erase(name);
      if (!excluded) out.insert(name);
    }
    if (end == expression.size()) return out;
    expression.remove_prefix(end + 1);
  }
}

TEST(Scope, WhatGoesUpstreamSelectsExactlyTheClientsIndicesInScope) {
  std::vector<std::string> names;
  for (std::string_view dot : {"", "."}) {
    for (char a : std::string_view("abc")) {
      names.push_back(std::string(dot) + a);
      for (char b : std::string_view("abc")) {
        names.push_back(std::string(dot) + a + b);
        for (char c : std::string_view("abc")) names.push_back(std::string(dot) + a + b + c);
      }
    }
  }
  std::mt19937 random(7);
  auto item = [&](bool client) {
    std::string out = random() % 8 == 0 ? "." : "";
    if (client && random() % 4 == 0) out = "-" + out;
    for (unsigned n = 1 + random() % 3; n > 0; --n) out += "abc**"[random() % 5];
    return out;
  };
  Limits limits;
  std::size_t resolved = 0;
  for (int i = 0; i < 40000; ++i) {
    std::vector<std::string> patterns;
    for (unsigned n = 1 + random() % 3; n > 0; --n) patterns.push_back(item(false));
    std::string expression;
    for (unsigned n = 1 + random() % 4; n > 0; --n) {
      expression += (expression.empty() ? "" : ",") + item(true);
    }
    Scope scope = scope_of(patterns);
    Arena arena;
    IndexSelection selection;
    std::string_view detail;
    auto denied = resolve_indices(expression, scope, limits, arena, selection, detail);
    if (denied) continue;
    ++resolved;
    std::set<std::string> expected;
    for (const std::string& name : opensearch_resolves(expression, names)) {
      if (scope.contains(name)) expected.insert(name);
    }
    std::set<std::string> got = opensearch_resolves(selection.upstream, names);
    for (const std::string& name : got)
      EXPECT_TRUE(scope.contains(name)) << expression << " -> " << selection.upstream;
    std::erase_if(got, [](const std::string& name) { return name[0] == '.'; });
    std::erase_if(expected, [](const std::string& name) { return name[0] == '.'; });
    EXPECT_EQ(got, expected) << expression << " in " << testing::PrintToString(patterns) << " -> "
                             << selection.upstream;
  }
  EXPECT_GT(resolved, 10000U);
}

}  // namespace
}  // namespace weir
