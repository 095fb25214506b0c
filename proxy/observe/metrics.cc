#include "observe/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <mutex>
#include <tuple>
#include <unordered_map>

namespace weir::proxy {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

// The labels of a series. The views come from static tables, as the header asks.
struct Series {
  std::string_view listener;
  std::string_view route;
  std::string_view outcome;
  std::string_view code;
  friend bool operator==(const Series&, const Series&) = default;
};

struct SeriesHash {
  std::size_t operator()(const Series& series) const noexcept {
    std::hash<std::string_view> hash;
    return ((hash(series.listener) * 31 + hash(series.route)) * 31 + hash(series.outcome)) * 31 +
           hash(series.code);
  }
};

const Histogram::BucketBoundaries& seconds() {
  static const Histogram::BucketBoundaries kSeconds = {
      0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
  return kSeconds;
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  Family<Counter>& requests = prometheus::BuildCounter()
                                  .Name("weir_requests_total")
                                  .Help("Finished requests")
                                  .Register(registry);
  Family<Counter>& failures =
      prometheus::BuildCounter()
          .Name("weir_failures_total")
          .Help("Requests of the gate that were denied or failed, by how far they came")
          .Register(registry);
  Family<Histogram>& durations =
      prometheus::BuildHistogram()
          .Name("weir_request_seconds")
          .Help("From the first byte of a request to the last of its answer")
          .Register(registry);
  Family<Counter>& bytes = prometheus::BuildCounter()
                               .Name("weir_bytes_total")
                               .Help("Bytes of bodies, decoded")
                               .Register(registry);
  Family<Counter>& upstream_errors = prometheus::BuildCounter()
                                         .Name("weir_upstream_errors_total")
                                         .Help("Failures of the upstream")
                                         .Register(registry);
  Counter& retries = prometheus::BuildCounter()
                         .Name("weir_upstream_retries_total")
                         .Help("Requests sent again because a kept connection was gone")
                         .Register(registry)
                         .Add({});
  Counter& redecisions =
      prometheus::BuildCounter()
          .Name("weir_redecided_total")
          .Help("Requests decided again because their token changed while the upstream answered")
          .Register(registry)
          .Add({});
  Family<Gauge>& connections = prometheus::BuildGauge()
                                   .Name("weir_connections")
                                   .Help("Open client connections")
                                   .Register(registry);
  Family<Gauge>& pool = prometheus::BuildGauge()
                            .Name("weir_upstream_connections")
                            .Help("Connections to the upstream")
                            .Register(registry);
  Gauge& open = pool.Add({{"state", "open"}});
  Gauge& busy = pool.Add({{"state", "busy"}});
  Gauge& waiters = prometheus::BuildGauge()
                       .Name("weir_upstream_waiters")
                       .Help("Requests waiting for an upstream connection")
                       .Register(registry)
                       .Add({});
  Gauge& tokens = prometheus::BuildGauge()
                      .Name("weir_tokens")
                      .Help("Tokens in the policy in force")
                      .Register(registry)
                      .Add({});
  Counter& policy_changes = prometheus::BuildCounter()
                                .Name("weir_policy_changes_total")
                                .Help("Times a new policy came into force")
                                .Register(registry)
                                .Add({});

  Counter& denials_dropped = prometheus::BuildCounter()
                                 .Name("weir_denials_dropped_total")
                                 .Help("Denials that the audit had no room for")
                                 .Register(registry)
                                 .Add({});
  Gauge& log_lost = prometheus::BuildGauge()
                        .Name("weir_log_lines_lost")
                        .Help("Lines of the log that were given up since the start")
                        .Register(registry)
                        .Add({});

  std::array<Counter*, 5> errors = {
      &upstream_errors.Add({{"kind", "unreachable"}}), &upstream_errors.Add({{"kind", "timeout"}}),
      &upstream_errors.Add({{"kind", "protocol"}}), &upstream_errors.Add({{"kind", "truncated"}}),
      &upstream_errors.Add({{"kind", "pool_full"}})};

  struct PerListener {
    Histogram* seconds;
    Counter* in;
    Counter* out;
    Gauge* connections;
  };
  PerListener listener(const std::string& name) {
    return {&durations.Add({{"listener", name}}, seconds()),
            &bytes.Add({{"listener", name}, {"direction", "in"}}),
            &bytes.Add({{"listener", name}, {"direction", "out"}}),
            &connections.Add({{"listener", name}})};
  }
  PerListener gate = listener("gate");
  PerListener admin = listener("admin");
  PerListener front = listener("front");
  PerListener& of(std::string_view name) {
    return name == "admin" ? admin : name == "front" ? front : gate;
  }

  std::mutex mutex;
  std::unordered_map<Series, Counter*, SeriesHash> series;

  // By stage and code, in the places of route and code.
  std::unordered_map<Series, Counter*, SeriesHash> failure_series;

  Counter& failure(std::string_view stage, std::string_view code) {
    std::lock_guard lock(mutex);
    Counter*& counter = failure_series[{{}, stage, {}, code}];
    if (counter == nullptr) {
      counter = &failures.Add({{"stage", std::string(stage)}, {"code", std::string(code)}});
    }
    return *counter;
  }

  Counter& counter(const Series& key) {
    std::lock_guard lock(mutex);
    Counter*& counter = series[key];
    if (counter == nullptr) {
      counter = &requests.Add({{"listener", std::string(key.listener)},
                               {"route", std::string(key.route)},
                               {"outcome", std::string(key.outcome)},
                               {"code", std::string(key.code)}});
    }
    return *counter;
  }
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::request(std::string_view listener, std::string_view route, std::string_view outcome,
                      std::string_view code, std::chrono::microseconds duration,
                      std::uint64_t bytes_in, std::uint64_t bytes_out) {
  impl_->counter({listener, route, outcome, code}).Increment();
  Impl::PerListener& per = impl_->of(listener);
  per.seconds->Observe(static_cast<double>(duration.count()) / 1e6);
  per.in->Increment(static_cast<double>(bytes_in));
  per.out->Increment(static_cast<double>(bytes_out));
}

void Metrics::failure(std::string_view stage, std::string_view code) {
  impl_->failure(stage, code).Increment();
}

void Metrics::upstream_error(UpstreamError error) {
  impl_->errors[static_cast<std::size_t>(error)]->Increment();
}
void Metrics::upstream_retry() { impl_->retries.Increment(); }
void Metrics::redecided() { impl_->redecisions.Increment(); }

void Metrics::connections(std::string_view listener, int change) {
  impl_->of(listener).connections->Increment(change);
}

void Metrics::upstream_connections(int open_change, int busy_change) {
  impl_->open.Increment(open_change);
  impl_->busy.Increment(busy_change);
}

void Metrics::upstream_waiters(int change) { impl_->waiters.Increment(change); }
void Metrics::tokens(std::size_t count) { impl_->tokens.Set(static_cast<double>(count)); }
void Metrics::policy_changed() { impl_->policy_changes.Increment(); }
void Metrics::denials_dropped(std::size_t count) {
  impl_->denials_dropped.Increment(static_cast<double>(count));
}
void Metrics::log_lost(std::size_t total) { impl_->log_lost.Set(static_cast<double>(total)); }

std::string Metrics::render() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace weir::proxy
