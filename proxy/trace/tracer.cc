#include "trace/tracer.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace weir::proxy {
namespace {

// From 0 to below 1. The digits of a request id are random.
double draw(std::string_view request_id) {
  std::uint64_t number = 0;
  std::from_chars(request_id.data(), request_id.data() + request_id.size(), number, 16);
  return std::ldexp(static_cast<double>(number >> 11U), -53);
}

bool wants(const TraceOrder& order, const TraceSubject& subject) {
  if (order.account != subject.account) return false;
  if (order.token != 0 && order.token != subject.token) return false;
  if (!order.route.empty() && order.route != subject.route) return false;
  const auto meets = [&](const std::string& index) {
    return index_patterns_meet(order.index, index);
  };
  if (!order.index.empty() && std::none_of(subject.indices.begin(), subject.indices.end(), meets)) {
    return false;
  }
  return draw(subject.request_id) < order.sample;
}

// Without `*` in `name`.
bool fits(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t mark = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++mark;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

}  // namespace

bool index_patterns_meet(std::string_view a, std::string_view b) noexcept {
  const std::size_t star_a = a.find('*');
  const std::size_t star_b = b.find('*');
  if (star_b == std::string_view::npos) return fits(a, b);
  if (star_a == std::string_view::npos) return fits(b, a);
  // Two patterns: they meet unless what stands before the first star or behind the last differs.
  const std::size_t head = std::min(star_a, star_b);
  const std::size_t tail = std::min(a.size() - a.rfind('*'), b.size() - b.rfind('*')) - 1;
  return a.substr(0, head) == b.substr(0, head) &&
         a.substr(a.size() - tail) == b.substr(b.size() - tail);
}

void Tracer::end_old(std::int64_t now_ms) {
  std::erase_if(orders_, [&](const TraceOrder& order) { return order.until_ms <= now_ms; });
  on_.store(!orders_.empty(), std::memory_order_relaxed);
}

std::optional<TraceOrder> Tracer::add(TraceOrder order, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  end_old(now_ms);
  const auto own =
      static_cast<std::size_t>(std::count_if(orders_.begin(), orders_.end(), [&](const auto& one) {
        return one.account == order.account;
      }));
  if (orders_.size() >= kMaxOrders || own >= kMaxOrdersOfAccount) return std::nullopt;
  order.id = ++last_id_;
  order.traced = 0;
  orders_.push_back(order);
  on_.store(true, std::memory_order_relaxed);
  return order;
}

std::vector<TraceOrder> Tracer::orders(std::string_view account, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  end_old(now_ms);
  std::vector<TraceOrder> own;
  std::copy_if(orders_.begin(), orders_.end(), std::back_inserter(own),
               [&](const TraceOrder& order) { return order.account == account; });
  return own;
}

bool Tracer::remove(std::string_view account, std::uint32_t id, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  end_old(now_ms);
  const bool found = std::erase_if(orders_, [&](const TraceOrder& order) {
                       return order.id == id && order.account == account;
                     }) != 0;
  end_old(now_ms);
  return found;
}

std::uint32_t Tracer::match(const TraceSubject& subject, std::int64_t now_ms) noexcept {
  if (subject.account.empty()) return 0;
  const std::lock_guard lock(mutex_);
  end_old(now_ms);
  for (TraceOrder& order : orders_) {
    if (!wants(order, subject)) continue;
    ++order.traced;
    return order.id;
  }
  return 0;
}

}  // namespace weir::proxy
