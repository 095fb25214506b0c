// The bodies the Shared Tokens API answers with. The published keys always stand there; what is
// added stands behind them, and only where it says something.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "auth/secret.h"
#include "config/config.h"
#include "store/store.h"

namespace weir::proxy {

/// What a change does to what holders see.
struct Widening {
  bool widens = false;
  std::size_t tokens = 0;
  std::size_t links = 0;  // of those tokens
};

/// One shared token as it is shown.
struct ShownToken {
  TokenRow row;
  std::optional<Secret> secret = {};  // none: it cannot be shown again
  Seconds now = 0;                    // a former secret is told as long as it is good
  std::optional<Widening> widening = {};
  std::vector<std::string> warnings = {};
  bool rotated = false;  // `formerUntil` is told, whatever it is
};

/// One filter as it is shown.
struct ShownFilter {
  FilterRow row;
  std::optional<Widening> widening = {};
  std::vector<std::string> warnings = {};
};

/// A part of a list, with how many there are in all.
struct PageInfo {
  std::size_t number = 0;
  std::size_t size = 0;
  std::size_t total = 0;
};

std::string token_json(const ShownToken& token);
std::string tokens_json(const std::vector<ShownToken>& tokens);
std::string token_page_json(const std::vector<ShownToken>& tokens, const PageInfo& page);
std::string filter_json(const ShownFilter& filter);
std::string filters_json(const std::vector<FilterRow>& filters);
std::string filter_page_json(const std::vector<FilterRow>& filters, const PageInfo& page);
std::string widening_json(const Widening& widening);

struct LimitsInfo {
  const TokenSettings& settings;
  std::size_t tokens = 0;
  std::size_t filters = 0;
};
std::string limits_json(const LimitsInfo& limits);

/// For the audit: everything that a change can touch, and no secret.
std::string token_record(const TokenRow& row);
std::string filter_record(const FilterRow& row);
/// Newest first; `more` says whether older ones may follow.
std::string audit_json(const std::vector<AuditRow>& rows, bool more);

}  // namespace weir::proxy
