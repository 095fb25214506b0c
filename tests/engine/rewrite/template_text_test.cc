// The text of search templates: which tags are offered, and how large it could get.
#include "rewrite/template_text.h"

#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

std::string check(std::string_view text, TemplateParams params = {}) {
  std::string_view tag;
  auto denied = check_template(text, params, Limits(), tag);
  return denied ? std::string(deny_info(*denied).code) + " " + std::string(tag) : "ok";
}

TEST(TemplateText, NamesSectionsAndFunctionsAreOffered) {
  for (std::string_view text :
       {"", "{}", "no tag at all } } {", "{{a}}", "{{ a }}", "{{a.b.0}}", "{{a-b_c}}", "{{.}}",
        "{{{a}}}", "{{{ a }}}", "{{&a}}", "{{#a}}x{{/a}}", "{{^a}}x{{/a}}",
        "{{#a}}{{b}}{{^c}}{{/c}}{{/a}}", "{{! what > ever = }}", "{{#toJson}}a{{/toJson}}",
        "{{#join}}a{{/join}}", "{{#join delimiter='||'}}a{{/join delimiter='||'}}",
        "{{#url}}{{a}}/b{{/url}}"}) {
    EXPECT_EQ(check(text), "ok") << text;
  }
}

TEST(TemplateText, EverythingElseIsNot) {
  for (std::string_view tag :
       {">file", "> file", "<parent", "$block", "%pragma", "=<% %>=", "", " ", "a b", "a\"b", "a\\",
        "a(b)", "#a b", "join x", "#join delimiter='{'", "#join delimiter=x", "/a", "{a"}) {
    std::string text = "{{" + std::string(tag) + "}}";
    EXPECT_EQ(check(text).substr(0, 12), "template.tag") << text;
  }
}

TEST(TemplateText, WhatIsOpenedIsClosedInOrder) {
  for (std::string_view text : {"{{a", "{{a}", "{{#a}}", "{{#a}}{{/b}}", "{{#a}}{{#b}}{{/a}}{{/b}}",
                                "{{#a}}{{/a}}{{/a}}", "{{{a}}", "{{^a}}"}) {
    EXPECT_EQ(check(text).substr(0, 12), "template.tag") << text;
  }
}

std::string code(std::string_view text, TemplateParams params) {
  std::string found = check(text, params);
  return found.substr(0, found.find(' '));
}

TEST(TemplateText, SectionsMultiplyByTheLongestParameter) {
  std::string two = "{{#l}}{{#l}}0123456789{{/l}}{{/l}}";
  EXPECT_EQ(code(two, {.bytes = 10, .longest = 1'000}), "ok");
  EXPECT_EQ(code(two, {.bytes = 10, .longest = 2'000}), "template.size");
  std::string flat = "{{#l}}0123456789{{/l}}{{#l}}0123456789{{/l}}";
  EXPECT_EQ(code(flat, {.bytes = 10, .longest = 60'000}), "ok");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "{{#l}}";
  deep += "x";
  for (int i = 0; i < 100; ++i) deep += "{{/l}}";
  EXPECT_EQ(code(deep, {.bytes = 10, .longest = 60'000}), "template.size");
  EXPECT_EQ(code(deep, {.bytes = 10, .longest = 1}), "ok");
  // Where nothing repeats, nothing multiplies.
  EXPECT_EQ(code("{{^l}}{{^l}}x{{/l}}{{/l}}", {.bytes = 10, .longest = 60'000}), "ok");
}

TEST(TemplateText, ValuesCountWithAllTheyCouldBe) {
  std::string tags;
  for (int i = 0; i < 100; ++i) tags += "{{a}}";
  EXPECT_EQ(code(tags, {.bytes = 1'000, .longest = 1}), "ok");
  EXPECT_EQ(code(tags, {.bytes = 60'000, .longest = 1}), "template.size");
}

}  // namespace
}  // namespace weir
