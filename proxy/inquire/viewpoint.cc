#include "inquire/viewpoint.h"

#include <utility>

namespace weir::proxy {

Result<Viewpoint> viewpoint(const Account& account, const std::vector<Filter>& filters,
                            FiltersOperator filters_operator) {
  Token token;
  token.id = 1;
  token.account = account.name;
  token.filters = filters;
  token.filters_operator = filters_operator;
  PolicySource source;
  source.accounts = {account};
  source.tokens = {token};
  auto compiled = compile_policy(source);
  if (!compiled) {
    return compiled.problems();
  }
  return Viewpoint{std::move(compiled).value(), token.digest};
}

}  // namespace weir::proxy
