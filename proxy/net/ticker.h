// Deadlines for many sockets at the price of one timer: every tick looks at everyone's deadline.
// Setting one is a store, which matters because every read and write has one. They are kept to
// within a tick.
#pragma once

#include <chrono>

#include "net/io.h"

namespace weir::proxy {

/// Belongs to one network thread.
class Ticker {
 public:
  static constexpr std::chrono::milliseconds kTick{50};

  /// A member of the round. Leaves it when destroyed.
  class Member {
   public:
    explicit Member(Ticker& ticker);
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

   protected:
    ~Member();

   private:
    friend class Ticker;
    /// Called every tick. Must neither make nor destroy members.
    virtual void tick(TimePoint now) = 0;

    Member* previous_ = nullptr;
    Member* next_ = nullptr;
    Ticker& ticker_;
  };

  explicit Ticker(asio::io_context& context) : timer_(context.get_executor()) {}
  void start();
  void stop();

 private:
  void arm();
  void round();

  Timer timer_;
  Member* first_ = nullptr;
  bool running_ = false;
};

}  // namespace weir::proxy
