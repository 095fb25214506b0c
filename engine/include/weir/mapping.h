// Whether a filter `field = value` means equality in an index, judged by the index's mapping.
//
// OpenSearch's `term` is equality on a few kinds of field only: on `text` it finds words, floating-point numbers and dates round, an
// `ip` takes a network, a normalizer and `null_value` make different documents equal. What is not listed in FieldKind is not exact.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/result.h"

namespace weir {

/// Kinds of field on which `term` is equality, each with the values it can be asked for.
enum class FieldKind : std::uint8_t { kNone, kKeyword, kBoolean, kByte, kShort, kInteger, kLong, kUnsignedLong, kIp };

/// `keyword`, `boolean`, ... as OpenSearch and POLICY_FORMAT.md call them. Empty for kNone. Static storage.
std::string_view field_kind_name(FieldKind kind) noexcept;
/// Nothing for other names.
std::optional<FieldKind> find_field_kind(std::string_view name) noexcept;

/// Whether `term` for `value` is equality on fields of this kind: a value that is written as numbers of this size, addresses or booleans are
/// written, so that neither rounding, nor networks, nor errors come of it. Never for kNone.
bool fits(FieldKind kind, std::string_view value);

/// What one index's mapping says of one field.
struct FieldVerdict {
  FieldKind kind = FieldKind::kNone;
  bool mapped = false;     // false: no document of the index can match
  std::string why;         // of kNone and mapped: goes on after the field's name, "is a `text` field, ..."
  std::string suggestion;  // of kNone: another field that is exact; may be empty
  bool operator==(const FieldVerdict&) const = default;
};

struct IndexVerdict {
  std::string index;                  // concrete name
  std::vector<FieldVerdict> fields;   // in the order they were asked for
};

/// Judges `fields` in every index of `answer`, the body of `GET /{index}/_mapping`. It may be cut to what mapping_paths() names. A pure
/// function; cost: linear in the answer, times the fields. Problems: the text is no such answer.
Result<std::vector<IndexVerdict>> judge_mappings(std::string_view answer, std::span<const std::string> fields);

/// The value of a `filter_path` parameter that leaves of such an answer what the judgement needs.
std::string mapping_paths(std::span<const std::string> fields);

}  // namespace weir
