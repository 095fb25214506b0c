// Golden requests: what a client sends and exactly what goes upstream (or is answered), one file
// per case in tests/golden/requests. Run with WEIR_UPDATE_GOLDEN=1 to write the expectations anew;
// read the difference before you commit it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kExpectation = "\n=== ";

struct Case {
  std::string method;
  std::string target;
  std::string content_type;
  std::string body;
  std::string looked_up;
  std::string rendered;
  std::string field_caps;
  std::string fields_seen;
};

Method parse_method(std::string_view name) {
  for (Method m : {Method::kGet, Method::kHead, Method::kPost, Method::kPut, Method::kDelete,
                   Method::kPatch, Method::kOptions}) {
    if (method_name(m) == name) return m;
  }
  ADD_FAILURE() << "unknown method " << name;
  return Method::kGet;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// `METHOD target`, optional lines `content-type: …`, `looked-up: …`, `rendered: …`,
// `field-caps: …` and `fields-seen: …` (answers that came before), an empty line, the body.
Case parse_case(const std::string& text) {
  Case out;
  std::istringstream in(text);
  std::string line;
  std::getline(in, line);
  std::size_t space = line.find(' ');
  out.method = line.substr(0, space);
  out.target = line.substr(space + 1);
  while (std::getline(in, line) && !line.empty()) {
    if (line.starts_with("content-type: ")) out.content_type = line.substr(14);
    if (line.starts_with("looked-up: ")) out.looked_up = line.substr(11);
    if (line.starts_with("rendered: ")) out.rendered = line.substr(10);
    if (line.starts_with("field-caps: ")) out.field_caps = line.substr(12);
    if (line.starts_with("fields-seen: ")) out.fields_seen = line.substr(13);
  }
  std::ostringstream rest;
  rest << in.rdbuf();
  out.body = rest.str();
  // An _msearch body keeps its last newline; any other ends with its last byte.
  if (out.target.find("_msearch") == std::string::npos && out.body.ends_with('\n'))
    out.body.pop_back();
  return out;
}

std::string describe_plan(const ResponsePlan& plan) {
  constexpr std::string_view kNames[] = {
      "stream",       "seal cursors",    "document",   "source",        "count",
      "multi search", "multi get",       "exists",     "clear cursors", "lookup",
      "render",       "stored template", "field caps", "fields seen"};
  std::ostringstream out;
  out << "plan: " << kNames[static_cast<std::size_t>(plan.kind)];
  if (plan.head_only) out << ", head only";
  if (plan.turned_aggs) out << ", turned aggregations";
  if (!plan.id.empty()) out << ", " << plan.index << "/" << plan.id;
  for (const PlanItem& item : plan.items) {
    if (item.denied) {
      out << "\nitem: denied " << deny_info(item.code).code << " " << item.deny_path << " "
          << item.deny_detail;
    } else {
      out << "\nitem: asked " << item.index << (item.id.empty() ? "" : "/") << item.id
          << (item.turned_aggs ? ", turned aggregations" : "");
    }
  }
  return out.str();
}

std::string describe(const Verdict& verdict) {
  std::ostringstream out;
  switch (verdict.outcome()) {
    case Outcome::kDeny:
      out << "deny " << verdict.status() << " " << deny_info(verdict.deny_code()).code
          << "\nroute: " << verdict.route() << "\nat: " << verdict.deny_path()
          << "\nname: " << verdict.deny_detail() << "\n";
      break;
    case Outcome::kReply:
      out << "reply " << verdict.status() << "\nroute: " << verdict.route() << "\n\n"
          << verdict.reply_body() << "\n";
      break;
    case Outcome::kForward:
      out << "forward " << method_name(verdict.method()) << " " << verdict.target()
          << "\nroute: " << verdict.route() << "\ncontent-type: " << verdict.content_type() << "\n"
          << describe_plan(verdict.plan()) << "\n\n";
      for (std::string_view piece : verdict.body()) out << piece;
      out << "\n";
      break;
  }
  return out.str();
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, Request) {
  std::string file = read_file(GetParam());
  std::size_t split = file.find(kExpectation);
  std::string request_text = file.substr(0, split);
  std::string expected = split == std::string::npos ? "" : file.substr(split + kExpectation.size());
  if (split == std::string::npos && request_text.ends_with('\n')) request_text.pop_back();
  Case input = parse_case(request_text + "\n");

  auto snapshot = support::sample_snapshot();
  support::PlainSealer sealer;
  Workspace workspace;
  TokenDigest digest = support::digest_of("payments");
  RequestView request;
  request.method = parse_method(input.method);
  request.target = input.target;
  request.content_type = input.content_type;
  request.body = input.body;
  request.credential = &digest;
  request.now_seconds = support::kNow;
  request.sealer = &sealer;
  request.looked_up = input.looked_up;
  request.rendered = input.rendered;
  request.field_caps = input.field_caps;
  request.fields_seen = input.fields_seen;
  std::string actual = describe(decide(*snapshot, request, workspace));

  if (std::getenv("WEIR_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(GetParam(), std::ios::binary) << request_text << kExpectation << actual;
    return;
  }
  EXPECT_EQ(actual, expected);
}

std::vector<fs::path> cases() {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(WEIR_SOURCE_DIR "/tests/golden/requests"))
    out.push_back(entry.path());
  std::sort(out.begin(), out.end());
  return out;
}

std::string case_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Requests, Golden, testing::ValuesIn(cases()), case_name);

}  // namespace
}  // namespace weir
