#include "admin/times.h"

#include <chrono>
#include <cmath>

#include "http/text.h"

namespace weir::proxy {
namespace {

// From here on a number is taken for milliseconds: as seconds it would be the year 5138, as
// milliseconds it is 1973.
constexpr double kFirstMilliseconds = 1e11;
constexpr double kLastMilliseconds = 1e15;

/// Takes parts off the front of a text. Once something did not fit, nothing fits any more.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  /// A number of exactly so many digits; 0 if there is none.
  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) {
      good_ = false;
      return 0;
    }
    for (const char c : rest_.substr(0, count)) {
      good_ = good_ && is_digit(c);
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return good_ ? value : 0;
  }
  /// Whether one of `wanted` stands here; it is taken then.
  char any_of(std::string_view wanted) {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) {
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void need(std::string_view wanted) { good_ = any_of(wanted) != '\0' && good_; }
  std::size_t skip_digits() {
    std::size_t count = 0;
    while (!rest_.empty() && is_digit(rest_.front())) {
      rest_.remove_prefix(1);
      ++count;
    }
    return count;
  }
  void refuse_unless(bool good) { good_ = good_ && good; }
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

/// Seconds east of Greenwich.
int read_offset(Cursor& in) {
  const char sign = in.any_of("+-");
  if (sign == '\0') {
    in.need("Zz");
    return 0;
  }
  const int hours = in.digits(2);
  in.any_of(":");
  const int minutes = in.digits(2);
  in.refuse_unless(hours <= 23 && minutes <= 59);
  const int offset = hours * 3600 + minutes * 60;
  return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Seconds> time_of_number(double number) {
  if (!(number > 0) || number > kLastMilliseconds) {
    return std::nullopt;
  }
  const double seconds = number >= kFirstMilliseconds ? number / 1000 : number;
  return static_cast<Seconds>(std::floor(seconds));
}

std::optional<Seconds> time_of_text(std::string_view text) {
  Cursor in(text);
  const int year = in.digits(4);
  in.need("-");
  const int month = in.digits(2);
  in.need("-");
  const int day = in.digits(2);
  in.need("Tt ");
  const int hour = in.digits(2);
  in.need(":");
  const int minute = in.digits(2);
  in.need(":");
  const int second = in.digits(2);
  if (in.any_of(".,") != '\0') {
    in.refuse_unless(in.skip_digits() > 0);
  }
  const int offset = read_offset(in);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // A leap second is taken for the second before it: never later than asked for.
  in.refuse_unless(date.ok() && hour <= 23 && minute <= 59 && second <= 60);
  if (!in.good() || !in.at_end()) {
    return std::nullopt;
  }
  const Seconds days = std::chrono::sys_days(date).time_since_epoch().count();
  const Seconds time =
      days * 86400 + hour * 3600 + minute * 60 + (second > 59 ? 59 : second) - offset;
  return time > 0 ? std::optional(time) : std::nullopt;
}

}  // namespace weir::proxy
