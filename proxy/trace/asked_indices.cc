#include "trace/asked_indices.h"

#include <algorithm>

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxIndices = 256;
constexpr std::size_t kMaxName = 255;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool coded = text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 &&
                       digit_of(text[i + 2]) >= 0;
    out += coded ? static_cast<char>(16 * digit_of(text[i + 1]) + digit_of(text[i + 2])) : text[i];
    if (coded) i += 2;
  }
  return out;
}

void add(std::string_view name, std::vector<std::string>& out) {
  if (name.empty() || name.size() > kMaxName || out.size() >= kMaxIndices) return;
  if (std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
}

// Separated by commas.
void add_all(std::string_view list, std::vector<std::string>& out) {
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    add(list.substr(at, end - at), out);
    at = end + 1;
  }
}

// The first segment of a path, unless it is an endpoint.
void add_from_path(std::string_view target, std::vector<std::string>& out) {
  if (target.empty() || target.front() != '/') return;
  target = target.substr(1, target.find('?') - 1);
  const std::string list = decoded(target.substr(0, target.find('/')));
  if (!list.starts_with('_')) add_all(list, out);
}

// Header lines of a multi-search begin with their indices; the engine wrote them, so their form is
// known.
void add_from_line(std::string_view line, std::vector<std::string>& out) {
  constexpr std::string_view kBegin = R"({"index":)";
  if (!line.starts_with(kBegin)) return;
  line.remove_prefix(kBegin.size());
  const bool list = line.starts_with('[');
  std::size_t at = 0;
  do {
    const std::size_t begin = line.find('"', at);
    const std::size_t end = begin == std::string_view::npos ? begin : line.find('"', begin + 1);
    if (end == std::string_view::npos) return;
    add_all(line.substr(begin + 1, end - begin - 1), out);
    at = end + 1;
  } while (list && at < line.size() && line[at] == ',');
}

}  // namespace

std::vector<std::string> asked_indices(std::string_view client_target, const Verdict& verdict) {
  std::vector<std::string> out;
  if (verdict.outcome() != Outcome::kForward) {
    add_from_path(client_target, out);
    return out;
  }
  add_from_path(verdict.target(), out);
  const PlanKind kind = verdict.plan().kind;
  if (kind == PlanKind::kMultiSearch || kind == PlanKind::kMultiGet) {
    for (const std::string_view piece : verdict.body()) {
      for (std::size_t at = 0; at < piece.size();) {
        const std::size_t end = std::min(piece.find('\n', at), piece.size());
        add_from_line(piece.substr(at, end - at), out);
        at = end + 1;
      }
    }
  }
  return out;
}

}  // namespace weir::proxy
