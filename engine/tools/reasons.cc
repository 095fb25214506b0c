// Why a name is denied. A deny code says what kind of refusal it is and what to do instead; here is
// what the name itself would tell or do. A name that is no longer denied needs no row here; a row
// that stays is not shown.
#include <span>
#include <string>

#include "ledger.h"

namespace weir::ledger {
namespace {

struct Reason {
  std::string_view name;  // of a route: the beginning of its path
  std::string_view text;
};

struct KindReasons {
  std::string_view kind;
  std::span<const Reason> rows;
};

#include "reasons.inc"

// The row with the longest name that the path begins with.
std::string_view why_route(std::string_view name) {
  std::string_view path = name.substr(name.find(' ') + 1);
  Reason best;
  for (const Reason& row : kRoutes) {
    if (!path.starts_with(row.name) || row.name.size() <= best.name.size()) continue;
    std::string_view rest = path.substr(row.name.size());
    if (rest.empty() || rest.front() == '/') best = row;
  }
  return best.text;
}

}  // namespace

std::string_view why(std::string_view kind, std::string_view name) {
  if (kind == "route") return why_route(name);
  std::string every;  // of an endpoint's parameters: what is said of all of them
  if (kind == "param") {
    every = std::string(name.substr(0, name.find(' '))) + " *";
    name.remove_prefix(name.find(' ') + 1);
  }
  for (std::string_view wanted : {name, std::string_view(every)}) {
    for (const KindReasons& table : kReasons) {
      if (table.kind != kind) continue;
      for (const Reason& row : table.rows) {
        if (row.name == wanted) return row.text;
      }
    }
  }
  return {};
}

}  // namespace weir::ledger
