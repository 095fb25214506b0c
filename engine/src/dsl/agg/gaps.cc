#include "dsl/agg/gaps.h"

#include <charconv>
#include <optional>

namespace weir {
namespace {

constexpr double kSecondMs = 1000;
constexpr double kDayMs = 86400 * kSecondMs;

std::string_view unquote(std::string_view json) {
  if (json.size() >= 2 && json.front() == '"') {
    json.remove_prefix(1);
    json.remove_suffix(1);
  }
  return json;
}

std::optional<double> as_number(std::string_view json, std::string_view* rest = nullptr) {
  std::string_view text = unquote(json);
  double value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  std::string_view after = text.substr(static_cast<std::size_t>(end - text.data()));
  if (rest == nullptr && !after.empty()) return std::nullopt;
  if (rest != nullptr) *rest = after;
  return value;
}

// The interval in milliseconds. A calendar word (`month`) is at least a minute; what is not
// understood counts as a millisecond.
double interval_ms(std::string_view json) {
  std::string_view unit;
  std::optional<double> amount = as_number(json, &unit);
  if (!amount) {
    std::string_view word = unquote(json);
    if (word == "second") return kSecondMs;
    if (word == "minute") return 60 * kSecondMs;
    if (word == "hour") return 3600 * kSecondMs;
    bool longer =
        word == "day" || word == "week" || word == "month" || word == "quarter" || word == "year";
    return longer ? kDayMs : 1;
  }
  if (unit == "s") return *amount * kSecondMs;
  if (unit == "m") return *amount * 60 * kSecondMs;
  if (unit == "h") return *amount * 3600 * kSecondMs;
  if (unit == "d" || unit == "w" || unit == "M" || unit == "q" || unit == "y")
    return *amount * kDayMs;
  if (unit.empty() || unit == "ms") return *amount;
  return 1;
}

bool fills_gaps(const Gaps& gaps) {
  return gaps.min_doc_count.empty() || gaps.min_doc_count == "0";
}

// False if both bounds are given and lie too far apart; `as_dates` decides where they are no
// numbers.
bool bounds_are_near(const Gaps& gaps, double interval, double most, bool as_dates) {
  for (int i = 0; i < 2; ++i) {
    if (gaps.min[i].empty() || gaps.max[i].empty()) continue;
    std::optional<double> low = as_number(gaps.min[i]);
    std::optional<double> high = as_number(gaps.max[i]);
    if (low && high ? !((*high - *low) / interval <= most) : !as_dates) return false;
  }
  return true;
}

}  // namespace

bool date_gaps_are_bounded(const Gaps& gaps, const Limits& limits) {
  if (!fills_gaps(gaps)) return true;
  double interval = interval_ms(gaps.interval);
  return interval >= kSecondMs &&
         bounds_are_near(gaps, interval, static_cast<double>(limits.max_agg_size),
                         interval >= kDayMs);
}

bool number_gaps_are_bounded(const Gaps& gaps, const Limits& limits) {
  if (!fills_gaps(gaps)) return true;
  std::optional<double> interval = as_number(gaps.interval);
  // OpenSearch refuses an interval that is missing or not above zero.
  if (!interval || !(*interval > 0)) return true;
  return bounds_are_near(gaps, *interval, static_cast<double>(limits.max_agg_size), false);
}

}  // namespace weir
