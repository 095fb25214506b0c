// term: one exact value of one field.
#include "dsl/query/types.h"

namespace weir {
namespace {
constexpr Key kKeys[] = {
    {"value", Rule::kScalar}, {"case_insensitive", Rule::kBool}, kBoost, kName};
}  // namespace

bool walk_term(Walk& walk) { return walk_field_query(walk, kKeys, check_value_field); }

}  // namespace weir
