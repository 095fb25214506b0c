#include "policy/index_list.h"

#include <algorithm>

#include "base/json_string.h"

namespace weir {
namespace {

constexpr FieldKind kLastKind = FieldKind::kIp;

// A bit for each kind that the value fits.
std::uint16_t fitting_kinds(std::string_view value) {
  std::uint16_t bits = 0;
  for (unsigned kind = 1; kind <= static_cast<unsigned>(kLastKind); ++kind) {
    if (fits(static_cast<FieldKind>(kind), value)) bits |= static_cast<std::uint16_t>(1U << kind);
  }
  return bits;
}

// A name alone may lie: whoever makes indices can call one `.ds-logs-000001`.
bool inside(const Scope& scope, const CatalogIndex& index) {
  return scope.names(index.name) || (!index.data_stream.empty() && scope.names(index.data_stream));
}

}  // namespace

std::vector<std::size_t> indices_in_scope(const Account& account, const Catalog& catalog) {
  std::vector<std::size_t> out;
  Result<Scope> scope = compile_scope(account.indices, "");
  if (!scope) return out;
  for (std::size_t i = 0; i < catalog.indices.size(); ++i) {
    if (inside(scope.value(), catalog.indices[i])) out.push_back(i);
  }
  return out;
}

IndexLists::IndexLists(const Scope& scope, const Catalog& catalog) : fields_(catalog.fields) {
  for (const CatalogIndex& index : catalog.indices) {
    if (!inside(scope, index)) continue;
    Row& row = rows_.emplace_back();
    append_json_string(index.name, row.name);
    row.kinds = index.kinds;
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.name < b.name; });
}

std::vector<IndexLists::Need> IndexLists::needs_of(std::span<const Filter> filters) const {
  std::vector<Need> needs;
  for (const Filter& filter : filters) {
    auto column = std::find(fields_.begin(), fields_.end(), filter.field);
    needs.push_back(
        {static_cast<std::size_t>(column - fields_.begin()), fitting_kinds(filter.value)});
  }
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  return needs;
}

bool IndexLists::holds(const Row& row, std::span<const Need> needs) const {
  return std::all_of(needs.begin(), needs.end(), [&](const Need& need) {
    if (need.column >= row.kinds.size()) return false;
    auto kind = static_cast<unsigned>(row.kinds[need.column]);
    return kind != 0 && (need.kinds >> kind & 1U) != 0;
  });
}

std::string_view IndexLists::clause(std::span<const Filter> filters) {
  std::vector<Need> needs = needs_of(filters);
  std::string key;
  for (const Need& need : needs) {
    key += std::to_string(need.column) + ':' + std::to_string(need.kinds) + ',';
  }
  auto [known, fresh] = by_needs_.try_emplace(std::move(key));
  if (!fresh) return known->second;
  std::string text;
  for (const Row& row : rows_) {
    if (!holds(row, needs)) continue;
    text += text.empty() ? R"({"terms":{"_index":[)" : ",";
    text += row.name;
  }
  text += text.empty() ? R"({"match_none":{}})" : "]}}";
  auto same = clauses_.find(text);
  if (same == clauses_.end()) {
    auto kept = std::make_unique<const std::string>(std::move(text));
    std::string_view view = *kept;
    same = clauses_.emplace(view, std::move(kept)).first;
  }
  return known->second = same->first;
}

}  // namespace weir
