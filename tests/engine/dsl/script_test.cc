// Which scripts go through: what people write, and what reaches for more than the document.
#include "dsl/script.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>
#include <vector>

#include "dsl/script_tokens.h"
#include "engine/dsl/golden.h"

namespace weir {
namespace {

std::string verdict(std::string_view source, std::vector<ScriptParam> params = {},
                    ScriptLanguage language = ScriptLanguage::kPainless) {
  Arena arena;
  ScriptFault fault = check_script(source, language, params, arena);
  return fault ? std::string(deny_info(fault.code).code) : "open";
}

std::string of_expression(std::string_view source) {
  return verdict(source, {}, ScriptLanguage::kExpression);
}

TEST(Script, WhatPeopleWriteIsOpen) {
  for (std::string_view source : {
           "doc['timestamp'].value.hourOfDay",
           "doc['timestamp'].value.getHour()",
           "doc[\"a.b\"].size() == 0 ? null : doc[\"a.b\"].value",
           "doc.containsKey('a') && !doc['a'].empty && doc['a'].value > params.low",
           "doc.a.value * params['f'] / 2",
           "return doc['k'].value.substring(0, 3).toUpperCase();",
           "_value * 1.1e-3f + 0x1F - 017L",
           "params._source.user.name + ' ' + params['_source']['n']",
           "int total = 0; for (int i = 0; i < doc['n'].length; ++i) { total += doc['n'][i]; }\n"
           "return total; // all of them\n",
           "/* a block */ def m = new HashMap(); m.put('a', 1); m['b'] = 2; return m.size()",
           "ZonedDateTime t = doc['ts'].value; ChronoUnit.DAYS.between(t, "
           "Instant.ofEpochMilli(params.now).atZone(ZoneId.of('Z')))",
           "doc['ll'].arcDistance(params.lat, params.lon) / 1000",
           "double half(double x) { return x / 2 } half(doc['n'].value)",
           "doc['tags'].stream().filter(t -> t.startsWith('a')).collect(Collectors.toList())",
           "try { return Integer.parseInt(doc['k'].value) } catch (Exception e) { return -1 }",
           "if (doc['a'].value instanceof String) { return 'it\\'s' } else { return \"\\\\\" }",
           "doc['a']?.value ?: 0",
           "emoji = '\xF0\x9F\x98\x80'; return 1",
           "params.containsKey('x') ? params.getOrDefault('x', 1) : params.get('y')",
           "List l = [1, 2]; l.add(3); return l.stream().map(String::valueOf).count()",
       }) {
    EXPECT_EQ(verdict(source), "open") << source;
  }
  EXPECT_EQ(of_expression("doc['a'].value * ln(doc['b'].value) + factor"), "open");
  EXPECT_EQ(of_expression("_value / 2"), "open");
}

TEST(Script, TheObjectsThatHoldFieldsAreNotHandedOn) {
  for (std::string_view source : {
           "def d = doc; d['_seq_no'].value",
           "doc[params.field].value",
           "doc['_seq' + '_no'].value",
           "doc[('a')].value",
           "doc['a\\\\b'].value",
           "doc?.a",
           "doc.get(params.x)",
           "doc.get('a' + 'b')",
           "doc.keySet()",
           "doc.getOrDefault('a', 1)",
           "doc.entrySet().stream()",
           "f(doc)",
           "[doc]",
           "(doc)['_seq_no']",
           "doc::get",
           "def f(def x) { x } f(doc)",
           "Optional.of(doc)",
           "doc /* gone */ ",
           "for (e in doc) {}",
           "params",
           "def p = params; p._doc",
           "params.values()",
           "params.entrySet()",
           "params.get(x)",
           "params['_fields']['_routing'].value",
           "params._fields",
           "params._doc['_seq_no']",
           "params['_doc']",
           "params.doc['_seq_no']",
           "params.get('doc')",
           "params?.doc",
           "params['do' + 'c']",
           "params::get",
           "this.getDoc()",
           "getDoc()['_seq_no']",
           "getParams()",
           "_fields['a']",
           "_source.a",
           "_score",
           "_doc['a']",
           "ctx._source",
           "state.x",
           "emit(1)",
       }) {
    EXPECT_EQ(verdict(source), "script.reach") << source;
  }
}

TEST(Script, MetadataFieldsAreClosedHoweverTheyAreNamed) {
  for (std::string_view source :
       {"doc['_seq_no'].value", "doc[\"_primary_term\"].value", "doc . _version",
        "doc._seq_no.value", "doc.containsKey('_routing')", "doc.get('_seq_no')",
        "doc\n[\t'_seq_no' // x\n]", "doc['']", "doc/**/['_seq_no']"}) {
    std::string got = verdict(source);
    EXPECT_TRUE(got == "field.denied" || got == "script.syntax") << source << ": " << got;
  }
  EXPECT_EQ(verdict("doc['_seq_no']"), "field.denied");
  EXPECT_EQ(verdict("doc/**/['_seq_no']"), "field.denied");
  EXPECT_EQ(verdict("doc['_id'].value + doc['_index'].value"), "open");
}

TEST(Script, KnowsNoTimeNoChanceAndNoOtherTypes) {
  for (std::string_view source : {"System.currentTimeMillis()",
                                  "System.nanoTime()",
                                  "new Date().getTime()",
                                  "Math.random()",
                                  "Instant.now()",
                                  "ZonedDateTime.now(ZoneId.of('Z'))",
                                  "new Random().nextInt()",
                                  "UUID.randomUUID()",
                                  "Collections.shuffle([1])",
                                  "Debug.explain(doc['a'])",
                                  "java.util.UUID.randomUUID()",
                                  "java.lang.System.nanoTime()",
                                  "Math::random",
                                  "def s = Random::new; s.get()",
                                  "Random r = null",
                                  "(Calendar) x",
                                  "org.x.Y.z()",
                                  "Thread.sleep(1)",
                                  "'a'.getClass()",
                                  "randomScore(1)",
                                  "cosineSimilarity(a, b)",
                                  "x instanceof Runtime",
                                  "termFreq('a', 'b')"}) {
    EXPECT_EQ(verdict(source), "script.reach") << source;
  }
  EXPECT_EQ(of_expression("random()"), "script.reach");
  EXPECT_EQ(of_expression("_score * 2"), "script.reach");
  EXPECT_EQ(of_expression("doc['_seq_no'].value"), "field.denied");
}

TEST(Script, ParametersDoNotChange) {
  const std::vector<ScriptParam> params = {{"n", false}, {"l", true}, {"m", true}};
  for (std::string_view source :
       {"params.n", "params.l.contains(doc['a'].value)", "params.m['x'] > 1", "params.l[0] == 1",
        "params.m.x + params.l.length + params.l.size()", "params.m.get('x')",
        "for (x in params.l) { if (x == 1) { return true } } return false",
        "params.containsKey('l') && !params.l.isEmpty()", "params['m'][doc['k'].value]"}) {
    EXPECT_EQ(verdict(source, params), "open") << source;
  }
  for (std::string_view source : {"params.n = 1",
                                  "params['n'] += 1",
                                  "params.n++",
                                  "++params.n",
                                  "--params['n']",
                                  "params.new = 1",
                                  "params.l.add(1)",
                                  "params['l'].clear()",
                                  "params.l[0] = 1",
                                  "params.l[params.l[0]]++",
                                  "params.m.x = 1",
                                  "params.m['x'] -= 1",
                                  "params.m.put('a', 1)",
                                  "def l = params.l; l.add(1)",
                                  "(params.l).add(1)",
                                  "f(params.l)",
                                  "[params.l]",
                                  "params.get('l').add(1)",
                                  "params.getOrDefault('m', null).put(1, 1)",
                                  "params.l::add",
                                  "(true ? params.l : null).add(1)",
                                  "params.m.keySet().clear()",
                                  "params.l.iterator()",
                                  "params.l",
                                  "return params.m"}) {
    EXPECT_EQ(verdict(source, params), "script.reach") << source;
  }
}

TEST(Script, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  using namespace std::string_view_literals;
  for (std::string_view source : std::initializer_list<std::string_view>{"doc['a'].value =~ /x/"sv,
                                                                         "/doc/",
                                                                         "'a' / 2",
                                                                         "} /x/",
                                                                         "return /x'/.matcher('y')",
                                                                         "x = 1 /* open",
                                                                         "1 // no line end",
                                                                         "/* x */i",
                                                                         "'open",
                                                                         "\"open",
                                                                         "'a\\n'",
                                                                         "'a\\u0041'",
                                                                         "'a\\\"'",
                                                                         "d\\u006Fc",
                                                                         "doc['a'].\nvalue",
                                                                         "doc. value",
                                                                         "1abc",
                                                                         "0x",
                                                                         "1e",
                                                                         "1ldoc",
                                                                         "08x",
                                                                         "a # b",
                                                                         "a @ b",
                                                                         "`a`",
                                                                         "$x",
                                                                         "caf\xC3\xA9",
                                                                         "\xE2\x80\x8B",
                                                                         "a\0b"sv,
                                                                         "\v1",
                                                                         "a\fb",
                                                                         "if / 2",
                                                                         "null / 2",
                                                                         "x ?. y",
                                                                         "a.1b",
                                                                         "a.",
                                                                         "a.(b)"}) {
    EXPECT_EQ(verdict(source), "script.syntax") << source;
  }
  for (std::string_view source :
       {"a / 2 / b", "a[0] / 2", "f.x / 2", "(1) / 2", "3 / 2", "a /= 2"}) {
    EXPECT_EQ(verdict(source), "open") << source;
  }
}

TEST(Script, TokensStandInTheSource) {
  Arena arena;
  ArenaVector<ScriptToken> tokens{ArenaAllocator<ScriptToken>(arena)};
  std::string_view offending;
  std::string_view source = "doc['a b'].x>>>=1.5f//'\n/*\"*/==~\"\\\\\"";
  ASSERT_TRUE(read_script_tokens(source, tokens, offending));
  std::vector<std::string> texts;
  for (const ScriptToken& token : tokens) texts.emplace_back(token.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"doc", "[", "a b", "]", ".", "x", ">>>=", "1.5f",
                                             "==~", "\\\\", ""}));
  EXPECT_FALSE(tokens[9].plain);
  EXPECT_TRUE(tokens[2].plain);
}

TEST(Script, IsHeldToTheLimit) {
  const Sight sight = test::golden_sight(Profile::kSealed, Scripts::kDoc);
  Limits limits;
  limits.max_script_bytes = 10;
  auto field = [&](std::size_t size) {
    return test::walk_body_text(
        R"({"script_fields":{"x":{"script":")" + std::string(size, '1') + R"("}}})", limits, sight);
  };
  EXPECT_TRUE(field(10).allowed);
  EXPECT_EQ(field(11).code, "script.syntax");
}

}  // namespace
}  // namespace weir
