#include "links/dashboards_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <utility>
#include <vector>

#include "http/text.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kParameter = "shareToken";

/// Bytes that no part of an URL may hold as they are.
std::string escaped(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_visible(c) && std::string_view(R"("<>\^`{|})").find(c) == std::string_view::npos) {
      out.push_back(c);
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

/// The parts of a path: `/app/x`, `a=b&c=d`, `/view/…?_g=…`.
struct Parts {
  std::string path;
  std::string query;
  std::string fragment;

  std::string text() const {
    return path + (query.empty() ? "" : "?" + query) + (fragment.empty() ? "" : "#" + fragment);
  }
};

Parts parts_of(std::string_view text) {
  Parts parts;
  const std::size_t hash = text.find('#');
  if (hash != std::string_view::npos) {
    parts.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  const std::size_t mark = text.find('?');
  if (mark != std::string_view::npos) parts.query = text.substr(mark + 1);
  parts.path = text.substr(0, mark);
  return parts;
}

std::string without_secret(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const std::string_view item = next_item(query, '&');
    if (item.substr(0, item.find('=')) == kParameter || item.empty()) continue;
    out += (out.empty() ? "" : "&") + std::string(item);
  }
  return out;
}

/// Where the value of `name=` stands in the fragment's own query; npos if nowhere.
std::pair<std::size_t, std::size_t> find_state(const std::string& fragment, std::string_view name) {
  std::size_t at = fragment.find('?');
  while (at != std::string::npos) {
    const std::size_t begin = at + 1;
    const std::size_t end = std::min(fragment.find('&', begin), fragment.size());
    const std::string_view item = std::string_view(fragment).substr(begin, end - begin);
    if (item.starts_with(name) && item.substr(name.size()).starts_with("=")) {
      return {begin + name.size() + 1, end};
    }
    at = end == fragment.size() ? std::string::npos : end;
  }
  return {std::string::npos, std::string::npos};
}

/// The members `from` and `to` of `time:(…)` in a rison state, as they are written.
struct TimeRange {
  std::size_t begin = std::string::npos;  // of the whole `time:(…)`
  std::size_t end = 0;
  std::string from;
  std::string to;
};

std::string unquoted(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Browsers write quotes and colons either way.
    if (text.substr(i).starts_with("%27")) {
      i += 2;
    } else if (text.substr(i).starts_with("%3A") || text.substr(i).starts_with("%3a")) {
      out.push_back(':');
      i += 2;
    } else if (text.substr(i).starts_with("%2F") || text.substr(i).starts_with("%2f")) {
      out.push_back('/');
      i += 2;
    } else if (text.substr(i).starts_with("%2B") || text.substr(i).starts_with("%2b")) {
      out.push_back('+');
      i += 2;
    } else if (text[i] != '\'') {
      out.push_back(text[i]);
    }
  }
  return out;
}

TimeRange find_range(std::string_view state) {
  TimeRange range;
  const std::size_t at = state.find("time:(");
  const std::size_t end = at == std::string_view::npos ? at : state.find(')', at);
  if (end == std::string_view::npos) return range;
  range.begin = at;
  range.end = end + 1;
  std::string_view rest = state.substr(at + 6, end - at - 6);
  while (!rest.empty()) {
    const std::string_view item = next_item(rest, ',');
    if (item.starts_with("from:")) range.from = unquoted(item.substr(5));
    if (item.starts_with("to:")) range.to = unquoted(item.substr(3));
  }
  return range;
}

/// One unit of date math; 0 for what has no fixed length.
TimeMs unit_ms(char unit) {
  constexpr TimeMs kSecond = 1000;
  switch (unit) {
    case 's':
      return kSecond;
    case 'm':
      return 60 * kSecond;
    case 'h':
    case 'H':
      return 3600 * kSecond;
    case 'd':
      return 86400 * kSecond;
    case 'w':
      return 7 * 86400 * kSecond;
    default:
      return 0;
  }
}

std::tm calendar(TimeMs time) {
  const std::time_t seconds = time / 1000;
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return parts;
}

TimeMs of_calendar(std::tm parts) { return static_cast<TimeMs>(::timegm(&parts)) * 1000; }

bool add(TimeMs& time, std::int64_t count, char unit) {
  if (const TimeMs length = unit_ms(unit); length != 0) {
    time += count * length;
    return true;
  }
  if (unit != 'M' && unit != 'y') return false;
  std::tm parts = calendar(time);
  const TimeMs fraction = time % 1000;
  (unit == 'M' ? parts.tm_mon : parts.tm_year) += static_cast<int>(count);
  time = of_calendar(parts) + fraction;
  return true;
}

/// To the beginning of the unit, in UTC; weeks begin on Monday.
bool round_down(TimeMs& time, char unit) {
  std::tm parts = calendar(time);
  switch (unit) {
    case 'y':
      parts.tm_mon = 0;
      [[fallthrough]];
    case 'M':
      parts.tm_mday = 1;
      break;
    case 'w':
      parts.tm_mday -= (parts.tm_wday + 6) % 7;
      break;
    default:
      if (unit_ms(unit) == 0) return false;
      time -= time % unit_ms(unit);
      return true;
  }
  parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
  time = of_calendar(parts);
  return true;
}

std::optional<TimeMs> parse_date_math(std::string_view text, TimeMs now_ms, bool round_up) {
  constexpr std::int64_t kMaxCount = 100000;
  TimeMs time = now_ms;
  while (!text.empty()) {
    const char sign = text.front();
    text.remove_prefix(1);
    std::int64_t count = 1;
    if (sign != '/') {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
      if (error == std::errc()) text.remove_prefix(static_cast<std::size_t>(end - text.data()));
      if (error != std::errc() || count < 0 || count > kMaxCount) return std::nullopt;
    }
    if (text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    if (sign == '/') {
      if (!round_down(time, unit)) return std::nullopt;
      if (round_up && (!add(time, 1, unit) || (--time, false))) return std::nullopt;
    } else if ((sign != '-' && sign != '+') || !add(time, sign == '-' ? -count : count, unit)) {
      return std::nullopt;
    }
  }
  return time;
}

/// So many digits of a number; -1 if they are none.
int digits(std::string_view& text, std::size_t count, char behind) {
  int value = 0;
  if (text.size() < count) return -1;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  if (behind == '\0') return value;
  if (text.empty() || text.front() != behind) return -1;
  text.remove_prefix(1);
  return value;
}

std::optional<TimeMs> parse_iso(std::string_view text) {
  std::tm parts{};
  parts.tm_year = digits(text, 4, '-') - 1900;
  parts.tm_mon = digits(text, 2, '-') - 1;
  parts.tm_mday = digits(text, 2, 'T');
  parts.tm_hour = digits(text, 2, ':');
  parts.tm_min = digits(text, 2, ':');
  parts.tm_sec = digits(text, 2, '\0');
  const std::array<std::pair<int, int>, 6> ranges = {{{parts.tm_year, 8099},
                                                      {parts.tm_mon, 11},
                                                      {parts.tm_mday, 31},
                                                      {parts.tm_hour, 23},
                                                      {parts.tm_min, 59},
                                                      {parts.tm_sec, 59}}};
  for (const auto& [value, high] : ranges) {
    if (value < 0 || value > high) return std::nullopt;
  }
  if (parts.tm_mday == 0 || parts.tm_year < 70) return std::nullopt;
  TimeMs fraction = 0;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    TimeMs worth = 100;
    while (!text.empty() && is_digit(text.front())) {
      fraction += worth * (text.front() - '0');
      worth /= 10;
      text.remove_prefix(1);
    }
  }
  const TimeMs time = of_calendar(parts) + fraction;
  if (text == "Z") return time;
  if (text.size() != 6 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const bool east = text.front() == '+';
  text.remove_prefix(1);
  const int hours = digits(text, 2, ':');
  const int minutes = digits(text, 2, '\0');
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const TimeMs offset = (hours * 60 + minutes) * TimeMs{60000};
  return east ? time - offset : time + offset;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

std::string html(std::string_view text) {
  std::string out(text);
  replace_all(out, "&", "&amp;");
  replace_all(out, "\"", "&quot;");
  replace_all(out, "<", "&lt;");
  return out;
}

}  // namespace

Result<std::string> parse_dashboards_url(std::string_view text) {
  const auto wrong = [](const char* what) { return std::vector<Problem>{{"/url", what}}; };
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos && scheme < text.find_first_of("/?#")) {
    const std::string_view name = text.substr(0, scheme);
    if (!same_text(name, "http") && !same_text(name, "https")) {
      return wrong("must be an address that begins with http:// or https://");
    }
    const std::size_t path = text.find_first_of("/?#", scheme + 3);
    text = path == std::string_view::npos ? "/" : text.substr(path);
  }
  if (!text.starts_with('/') || text.starts_with("//") || text.starts_with("/\\")) {
    return wrong("must be an address in Dashboards: an URL, or a path that begins with one slash");
  }
  if (std::any_of(text.begin(), text.end(), [](char c) { return is_control(c); })) {
    return wrong("must not hold control characters");
  }
  Parts parts = parts_of(escaped(text));
  parts.query = without_secret(parts.query);
  std::string path = parts.text();
  if (path.size() > kMaxLinkPathBytes) {
    return wrong("is too long; let Dashboards shorten it (Share, Permalinks, Short URL)");
  }
  return path;
}

std::optional<TimeMs> parse_dashboards_time(std::string_view text, TimeMs now_ms, bool round_up) {
  constexpr std::string_view kNow = "now";
  if (text.starts_with(kNow)) return parse_date_math(text.substr(kNow.size()), now_ms, round_up);
  return parse_iso(text);
}

std::string time_text(TimeMs time) {
  const std::tm parts = calendar(time);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.", &parts);
  const std::string fraction = std::to_string(1000 + time % 1000).substr(1);
  return std::string(text.data(), size) + fraction + "Z";
}

Result<std::string> freeze_time(const std::string& path, std::optional<TimeMs> from,
                                std::optional<TimeMs> to, TimeMs now_ms) {
  Parts parts = parts_of(path);
  auto [begin, end] = find_state(parts.fragment, "_g");
  std::string state = begin == std::string::npos ? "" : parts.fragment.substr(begin, end - begin);
  const TimeRange range = find_range(state);
  if (!from) from = parse_dashboards_time(range.from, now_ms, false);
  if (!to) to = parse_dashboards_time(range.to, now_ms, true);
  if (!from || !to) {
    return std::vector<Problem>{
        {"/url", "holds no time range that is understood; give `timeFrom` and `timeTo`"}};
  }
  if (*from >= *to) {
    return std::vector<Problem>{{"/timeTo", "must be later than the time it begins at"}};
  }
  const std::string frozen = "time:(from:'" + time_text(*from) + "',to:'" + time_text(*to) + "')";
  if (range.begin != std::string::npos) {
    state.replace(range.begin, range.end - range.begin, frozen);
  } else if (state.size() > 2 && state.starts_with('(')) {
    state.insert(1, frozen + ",");
  } else {
    state = "(" + frozen + ")";
  }
  if (begin == std::string::npos) {
    parts.fragment += (parts.fragment.find('?') == std::string::npos ? "?_g=" : "&_g=") + state;
  } else {
    parts.fragment.replace(begin, end - begin, state);
  }
  return parts.text();
}

std::string shared_url(std::string_view front, std::string_view path, std::string_view secret) {
  Parts parts = parts_of(path);
  parts.query += (parts.query.empty() ? "" : "&") + std::string(kParameter) + "=";
  parts.query += secret;
  while (front.ends_with('/')) front.remove_suffix(1);
  return std::string(front) + parts.text();
}

std::string embed_html(std::string_view front, const std::string& path, std::string_view secret,
                       std::string_view title) {
  Parts parts = parts_of(path);
  if (find_state(parts.fragment, "embed").first == std::string::npos && !parts.fragment.empty()) {
    parts.fragment += parts.fragment.find('?') == std::string::npos ? "?embed=true" : "&embed=true";
  }
  return "<iframe src=\"" + html(shared_url(front, parts.text(), secret)) + "\" title=\"" +
         html(title) + R"(" width="100%" height="600" style="border:0" loading="lazy"></iframe>)";
}

}  // namespace weir::proxy
