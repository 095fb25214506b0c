#include "dsl/agg/gaps.h"

#include <charconv>
#include <cstdint>
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

// A bound in milliseconds, if it is surely one: a string of digits may as well be a year or a day
// in the field's own format.
std::optional<double> as_millis(std::string_view json, std::string_view format) {
  constexpr std::size_t kMillisDigits = 13;  // of the present
  if (!json.starts_with('"')) return as_number(json);
  std::string_view text = unquote(json);
  bool digits = text.find_first_not_of("0123456789") == std::string_view::npos;
  bool millis = format.empty() ? text.size() == kMillisDigits : format == R"("epoch_millis")";
  return digits && millis ? as_number(json) : std::nullopt;
}

enum class Bounds : std::uint8_t { kNumbers, kDates };

// False if both bounds are given and lie too far apart. Dates that are not read are taken to lie
// within ten thousand years.
bool bounds_are_near(const Gaps& gaps, double interval, double most, Bounds kind) {
  for (int i = 0; i < 2; ++i) {
    bool dates = kind == Bounds::kDates;
    if (gaps.min[i].empty() || gaps.max[i].empty()) {
      // One end of extended_bounds fills up to it from wherever the documents are.
      bool one_end = i == 0 && gaps.min[i].empty() != gaps.max[i].empty();
      if (one_end && dates && interval < kDayMs) return false;
      continue;
    }
    std::optional<double> low =
        dates ? as_millis(gaps.min[i], gaps.format) : as_number(gaps.min[i]);
    std::optional<double> high =
        dates ? as_millis(gaps.max[i], gaps.format) : as_number(gaps.max[i]);
    if (low && high ? !((*high - *low) / interval <= most) : !dates || interval < kDayMs)
      return false;
  }
  return true;
}

}  // namespace

bool date_gaps_are_bounded(const Gaps& gaps, const Limits& limits) {
  if (!fills_gaps(gaps)) return true;
  double interval = interval_ms(gaps.interval);
  return interval >= kSecondMs && (gaps.missing.empty() || interval >= kDayMs) &&
         bounds_are_near(gaps, interval, static_cast<double>(limits.max_agg_size), Bounds::kDates);
}

bool number_gaps_are_bounded(const Gaps& gaps, const Limits& limits) {
  if (!fills_gaps(gaps)) return true;
  std::optional<double> interval = as_number(gaps.interval);
  // OpenSearch refuses an interval that is missing or not above zero.
  if (!interval || !(*interval > 0)) return true;
  return bounds_are_near(gaps, *interval, static_cast<double>(limits.max_agg_size),
                         Bounds::kNumbers);
}

}  // namespace weir
