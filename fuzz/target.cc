// A request target of any bytes: what is accepted has only segments and parameters that mean one
// thing, keeps its value when it is written anew, and gets the same route and the same verdict on
// its parameters then. The first byte chooses the method.
#include "http/target.h"

#include <algorithm>
#include <string>

#include "base/arena.h"
#include "fuzz.h"
#include "http/percent.h"
#include "route/params.h"
#include "route/route.h"

namespace {

using weir::fuzz::require;

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

void check_values(const weir::Target& target, const weir::Limits& limits) {
  require(target.segments.size() == target.raw_segments.size(), "each segment has its raw form");
  for (std::string_view segment : target.segments) {
    require(!segment.empty() && segment != "." && segment != "..", "no empty or dot segment");
    require(weir::is_utf8(segment) && !has_control(segment), "segments are printable UTF-8");
  }
  require(target.params.size() <= limits.max_uri_params, "parameters are bounded");
  for (const weir::Param& param : target.params) {
    require(!param.name.empty() && weir::is_utf8(param.name) && weir::is_utf8(param.value),
            "parameters are named UTF-8");
    require(param.has_value || param.value.empty(), "no value without `=`");
    require(target.find(param.name) == &param, "names are unique");
  }
}

// Each byte encoded, so that no literal part of a route, which is compared as it stands on the
// wire, can come of it.
void append_encoded(std::string_view text, std::string& out) {
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += "0123456789ABCDEF"[byte >> 4U];
    out += "0123456789abcdef"[byte & 15U];
  }
}

std::string write_anew(const weir::Target& target, weir::Arena& arena) {
  std::string out;
  for (std::size_t i = 0; i < target.segments.size(); ++i) {
    out += '/';
    if (target.segments[i] == target.raw_segments[i]) {
      out += target.raw_segments[i];
    } else {
      append_encoded(target.segments[i], out);
    }
  }
  if (out.empty()) out = "/";
  char separator = '?';
  for (const weir::Param& param : target.params) {
    out += separator;
    separator = '&';
    out += weir::percent_encode(param.name, "", arena);
    if (!param.has_value) continue;
    out += '=';
    out += weir::percent_encode(param.value, "", arena);
  }
  return out;
}

void check_same(const weir::Target& a, const weir::Target& b) {
  require(std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end()),
          "the same segments");
  require(std::equal(a.params.begin(), a.params.end(), b.params.begin(), b.params.end(),
                     [](const weir::Param& x, const weir::Param& y) {
                       return x.name == y.name && x.value == y.value && x.has_value == y.has_value;
                     }),
          "the same parameters");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto method = static_cast<weir::Method>(data[0] % 7);
  std::string_view raw = weir::fuzz::as_text(data + 1, size - 1);
  weir::Limits limits;
  weir::Arena arena;
  weir::Target target;
  std::string_view detail;
  if (weir::parse_target(raw, limits, arena, target, detail)) {
    require(weir::is_utf8(detail) && !has_control(detail), "what a refusal names is printable");
    return 0;
  }
  check_values(target, limits);

  std::string anew = write_anew(target, arena);
  if (anew.size() > limits.max_target_bytes) return 0;
  weir::Target again;
  require(!weir::parse_target(anew, limits, arena, again, detail),
          "what was written anew is accepted");
  check_same(target, again);

  weir::RouteMatch match = weir::match_route(method, target);
  weir::RouteMatch match_again = weir::match_route(method, again);
  require(match.id == match_again.id && match.index == match_again.index &&
              match.doc_id == match_again.doc_id && match.scroll_id == match_again.scroll_id,
          "the same route");
  require((match.row != nullptr) || match.id == weir::RouteId::kNone, "what is served has a row");
  if (match.id == weir::RouteId::kNone) return 0;
  require(match.index.find('/') == std::string_view::npos, "no slash in an index");
  auto denied = weir::check_params(match, target, limits, detail);
  if (denied) return 0;
  for (const weir::Param& param : target.params) {
    const weir::ParamRow* row = weir::find_param(match.id, param.name);
    require(row != nullptr && row->use != weir::ParamUse::kDenied,
            "an accepted parameter has its row");
  }
  return 0;
}
