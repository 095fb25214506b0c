// Golden cases: what a client sends, and what is forwarded or why it is refused.
//
// A file holds `{"ok": [{"send", "forward"?}], "denied": [{"send", "code", "path"}]}`; without
// `forward` the text goes on unchanged. `send` and `forward` are taken as the bytes that stand in
// the file, so that a case can hold what no JSON writer would write (equal keys, odd numbers).
// `"profile": "relevance"` and `"scripts": "off"` may stand in a case, or before the cases of a
// file for all of them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dsl/agg/agg.h"
#include "dsl/query/query.h"
#include "dsl/section/body.h"
#include "dsl/walk.h"
#include "json/tokens.h"

namespace weir::test {

inline std::filesystem::path golden_folder() {
  return std::filesystem::path(WEIR_SOURCE_DIR) / "tests" / "golden";
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What became of one text.
struct Outcome {
  bool allowed = false;
  std::string code;  // why not
  std::string path;  // and where
  std::string detail;
  std::string forward;  // the edited text, if allowed
};

/// The token all golden cases are walked for, unless a case says otherwise.
inline const Sight kGoldenSight{R"({"term":{"team":{"value":"red"}}})",
                                R"({"terms":{"_index":["logs-*"]}})"};

inline Sight golden_sight(Profile profile, Scripts scripts = kGoldenSight.scripts) {
  Sight sight = kGoldenSight;
  sight.profile = profile;
  sight.scripts = scripts;
  return sight;
}

/// Walks `text` with `walker`, to its end, and applies the edits.
template <typename Walker>
Outcome walk_text(std::string_view text, const Limits& limits, Walker&& walker,
                  const Sight& sight = kGoldenSight) {
  Outcome outcome;
  TokenIndex index;
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  if (!tokens) {
    outcome.code = deny_info(why).code;
    return outcome;
  }
  Arena arena;
  Edits edits;
  Walk walk(Cursor(text, *tokens), limits, sight, arena, edits);
  if (!walker(walk) || !walk.end()) {
    outcome.code = deny_info(walk.failure().code).code;
    outcome.path = walk.failure().path;
    outcome.detail = walk.failure().detail;
    return outcome;
  }
  outcome.allowed = true;
  std::vector<std::string_view> pieces;
  edits.apply(text, pieces);
  for (std::string_view piece : pieces) outcome.forward += piece;
  return outcome;
}

inline Outcome walk_query_text(std::string_view text, const Limits& limits = {},
                               const Sight& sight = kGoldenSight) {
  return walk_text(text, limits, walk_query, sight);
}
inline Outcome walk_aggs_text(std::string_view text, const Limits& limits = {},
                              const Sight& sight = kGoldenSight) {
  return walk_text(text, limits, walk_aggs, sight);
}
inline Outcome walk_body_text(std::string_view text, const Limits& limits = {},
                              const Sight& sight = kGoldenSight) {
  auto walker = [](Walk& walk) {
    SearchBody body;
    return walk_search_body(walk, body);
  };
  return walk_text(text, limits, walker, sight);
}
inline Outcome walk_any_text(std::string_view text, const Limits& limits = {}) {
  return walk_text(text, limits, [](Walk& walk) { return walk.skip(); });
}

/// `text` without the white space between its tokens.
inline std::string minified(std::string_view text) {
  std::string out;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (inside && c == '\\') {
      out += c;
      out += text[++i];
      continue;
    }
    if (c == '"') inside = !inside;
    if (inside || (c != ' ' && c != '\n' && c != '\t' && c != '\r')) out += c;
  }
  return out;
}

struct Case {
  std::string where;  // file and number, for messages
  std::string send;
  std::string forward;  // minified; of an ok case
  std::string code;     // of a denied case
  std::string path;
  Sight sight = kGoldenSight;
};

struct GoldenFile {
  std::string name;  // without folder and extension
  std::vector<Case> ok;
  std::vector<Case> denied;
};

namespace internal {

// Steps over one value, whatever it is.
inline void step_over(Cursor& json, Arena& arena) {
  int depth = 0;
  do {
    char head = json.head();
    if (head == '"') {
      json.read_string(arena);
    } else if (head == '{' || head == '[') {
      ++depth;
      json.step();
    } else if (head == '}' || head == ']') {
      --depth;
      json.step();
    } else if (head == ',' || head == ':') {
      json.step();
    } else {
      json.read_literal();
    }
  } while (depth > 0 && !json.at_end());
}

inline std::string take_value(Cursor& json, Arena& arena) {
  std::size_t begin = json.offset();
  step_over(json, arena);
  std::string text(json.text().substr(begin, json.offset() - begin));
  while (!text.empty() && std::string_view(" \n").find(text.back()) != std::string_view::npos) {
    text.pop_back();
  }
  return text;
}

inline void set_sight(std::string_view key, std::string_view value, Sight& sight) {
  if (value == "sealed" || value == "relevance") {
    sight.profile = value == "sealed" ? Profile::kSealed : Profile::kRelevance;
  } else if (value == "off" || value == "doc") {
    sight.scripts = value == "off" ? Scripts::kOff : Scripts::kDoc;
  } else {
    throw std::runtime_error("no value of `" + std::string(key) + "`: " + std::string(value));
  }
}

inline Case take_case(Cursor& json, Arena& arena, const Sight& sight) {
  Case out;
  out.sight = sight;
  json.step();
  while (json.head() != '}') {
    std::string key(*json.read_string(arena));
    json.step();
    if (key == "send") {
      out.send = take_value(json, arena);
    } else if (key == "forward") {
      out.forward = minified(take_value(json, arena));
    } else if (key == "code") {
      out.code = *json.read_string(arena);
    } else if (key == "path") {
      out.path = *json.read_string(arena);
    } else if (key == "profile" || key == "scripts") {
      set_sight(key, *json.read_string(arena), out.sight);
    } else {
      step_over(json, arena);
    }
    if (json.head() == ',') json.step();
  }
  json.step();
  return out;
}

}  // namespace internal

inline GoldenFile read_golden(const std::filesystem::path& path) {
  GoldenFile file;
  file.name = path.stem().string();
  std::string text = read_file(path);
  TokenIndex index;
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  if (!tokens) throw std::runtime_error("not JSON: " + path.string());
  Arena arena;
  Cursor json(text, *tokens);
  Sight sight = kGoldenSight;
  json.step();
  while (json.head() != '}') {
    std::string section(*json.read_string(arena));
    bool ok = section == "ok";
    std::vector<Case>& cases = ok ? file.ok : file.denied;
    json.step();
    if (section == "profile" || section == "scripts") {
      internal::set_sight(section, *json.read_string(arena), sight);
      if (json.head() == ',') json.step();
      continue;
    }
    json.step();
    while (json.head() != ']') {
      Case one = internal::take_case(json, arena, sight);
      one.where = file.name + (ok ? " ok " : " denied ") + std::to_string(cases.size());
      if (ok && one.forward.empty()) one.forward = minified(one.send);
      cases.push_back(std::move(one));
      if (json.head() == ',') json.step();
    }
    json.step();
    if (json.head() == ',') json.step();
  }
  return file;
}

inline std::vector<GoldenFile> read_golden_folder(std::string_view name) {
  std::vector<GoldenFile> files;
  for (const auto& entry : std::filesystem::directory_iterator(golden_folder() / name)) {
    if (entry.path().extension() == ".json") files.push_back(read_golden(entry.path()));
  }
  std::sort(files.begin(), files.end(),
            [](const GoldenFile& a, const GoldenFile& b) { return a.name < b.name; });
  return files;
}

/// The folders with cases, each with the walk of its texts.
struct GoldenKind {
  std::string_view folder;
  Outcome (*walk)(std::string_view, const Limits&, const Sight&);
};
inline constexpr GoldenKind kGoldenKinds[] = {
    {"query", walk_query_text}, {"agg", walk_aggs_text}, {"section", walk_body_text}};

}  // namespace weir::test
