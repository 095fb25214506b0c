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

IndexLists::IndexLists(const Scope& scope, const Catalog& catalog) {
  auto indices = std::make_shared<Indices>();
  indices->fields = catalog.fields;
  for (const CatalogIndex& index : catalog.indices) {
    if (!inside(scope, index)) continue;
    Row& row = indices->rows.emplace_back();
    append_json_string(index.name, row.name);
    row.kinds = index.kinds;
  }
  std::sort(indices->rows.begin(), indices->rows.end(),
            [](const Row& a, const Row& b) { return a.name < b.name; });
  indices_ = std::move(indices);
}

std::vector<IndexLists::Need> IndexLists::needs_of(std::span<const Filter> filters) const {
  const std::vector<std::string>& fields = indices_->fields;
  std::vector<Need> needs;
  for (const Filter& filter : filters) {
    auto column = std::find(fields.begin(), fields.end(), filter.field);
    needs.push_back(
        {static_cast<std::size_t>(column - fields.begin()), fitting_kinds(filter.value)});
  }
  std::sort(needs.begin(), needs.end());
  needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
  return needs;
}

std::string IndexLists::key_of(std::span<const Need> needs) {
  std::string key;
  for (const Need& need : needs) {
    key += std::to_string(need.column) + ':' + std::to_string(need.kinds) + ',';
  }
  return key;
}

bool IndexLists::holds(const Row& row, std::span<const Need> needs) {
  return std::all_of(needs.begin(), needs.end(), [&](const Need& need) {
    if (need.column >= row.kinds.size()) return false;
    auto kind = static_cast<unsigned>(row.kinds[need.column]);
    return kind != 0 && (need.kinds >> kind & 1U) != 0;
  });
}

std::optional<std::string_view> IndexLists::find(std::span<const Filter> filters) const {
  auto known = by_needs_.find(key_of(needs_of(filters)));
  return known == by_needs_.end() ? std::nullopt : std::optional(known->second);
}

std::string_view IndexLists::clause(std::span<const Filter> filters) {
  std::vector<Need> needs = needs_of(filters);
  auto [known, fresh] = by_needs_.try_emplace(key_of(needs));
  if (!fresh) return known->second;
  std::string text;
  for (const Row& row : indices_->rows) {
    if (!holds(row, needs)) continue;
    text += text.empty() ? R"({"terms":{"_index":[)" : ",";
    text += row.name;
  }
  text += text.empty() ? R"({"match_none":{}})" : "]}}";
  auto same = clauses_.find(text);
  if (same == clauses_.end()) {
    auto kept = std::make_shared<const std::string>(std::move(text));
    std::string_view view = *kept;
    same = clauses_.emplace(view, std::move(kept)).first;
  }
  return known->second = same->first;
}

}  // namespace weir
