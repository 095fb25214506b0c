#include <gtest/gtest.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address_v4.hpp>

#include "net/upstream.h"

namespace weir::proxy {
namespace {

// A pool and something that takes its connections; each test is one coroutine.
class UpstreamPoolTest : public ::testing::Test {
 protected:
  UpstreamPoolTest()
      : listener_(context_.get_executor(), Tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        upstream_(settings()) {}

  void run(Task<void> task) {
    spawn(context_, std::move(task), [](const std::exception_ptr& failure) {
      if (failure) std::rethrow_exception(failure);
    });
    context_.run();
  }

  UpstreamPool& pool() { return pool_; }

 private:
  UpstreamSettings settings() {
    UpstreamSettings settings;
    settings.host = "127.0.0.1";
    settings.port = listener_.local_endpoint().port();
    return settings;
  }

  asio::io_context context_{1};
  asio::basic_socket_acceptor<Tcp, Executor> listener_;  // the kernel accepts for it
  Ticker ticker_{context_};
  Upstream upstream_;
  Metrics metrics_;
  UpstreamPool pool_{context_, ticker_, upstream_, metrics_};
};

enum class Use { kKept, kDropped, kAborted };

Task<void> use(UpstreamPool* pool, Use how, bool expect_reused) {
  WaitControl control;
  Acquired acquired = co_await pool->acquire(false, &control);
  EXPECT_TRUE(acquired.lease);
  if (!acquired.lease) co_return;
  EXPECT_EQ(acquired.lease.reused(), expect_reused);
  EXPECT_FALSE(acquired.lease.connection().stream.aborted());
  if (how == Use::kAborted) acquired.lease.connection().stream.abort();
  if (how != Use::kDropped) acquired.lease.keep();
}

Task<void> use_twice(UpstreamPool* pool, Use how, bool expect_reused) {
  co_await use(pool, how, false);
  co_await use(pool, Use::kKept, expect_reused);
}

TEST_F(UpstreamPoolTest, LendsAKeptConnectionAgain) { run(use_twice(&pool(), Use::kKept, true)); }

TEST_F(UpstreamPoolTest, ClosesWhatIsNotKept) { run(use_twice(&pool(), Use::kDropped, false)); }

// The client may leave when its answer is whole and the connection is to be kept, but not yet given
// back.
TEST_F(UpstreamPoolTest, NeverLendsAnAbortedConnection) {
  run(use_twice(&pool(), Use::kAborted, false));
}

}  // namespace
}  // namespace weir::proxy
