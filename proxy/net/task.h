// The coroutines of the network threads. A request goes through a dozen of them, so they are made
// to cost what a call costs: a frame comes from a list its thread keeps, a callee that never waits
// never leaves its caller's stack, and an operation of Asio that is waited for lives in the frame
// of whoever waits for it. Asio's own awaitable allocates most of these and goes through its
// scheduler.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "net/frame_memory.h"

namespace weir::proxy {

/// What all promises have: who waits, and what went wrong.
struct TaskPromise {
  std::coroutine_handle<> self;
  TaskPromise* waiter = nullptr;  // null until the task has waited for something itself
  std::exception_ptr failure;

  static void* operator new(std::size_t bytes) { return take_frame(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept { give_frame(frame, bytes); }

  std::suspend_always initial_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  struct Resume {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      // The waiter may destroy the frame: nothing of it is used afterwards.
      if (TaskPromise* waiter = ended.promise().waiter) waiter->self.resume();
    }
    void await_resume() const noexcept {}
  };
  Resume final_suspend() const noexcept { return {}; }

  /// Ends everything from the root of the waiters down, for an event that will never come.
  void abandon() noexcept {
    TaskPromise* root = this;
    while (root->waiter != nullptr) root = root->waiter;
    root->self.destroy();
  }
};

/// A coroutine of one network thread, lazily started: it runs when it is awaited, once. Parameters
/// by value or as pointers to what outlives it.
template <typename T>
class [[nodiscard]] Task {
 public:
  struct promise_type : TaskPromise {
    Task get_return_object() {
      auto handle = std::coroutine_handle<promise_type>::from_promise(*this);
      self = handle;
      return Task(handle);
    }
    template <typename U>
    void return_value(U&& given) {
      value.emplace(std::forward<U>(given));
    }
    T take() { return std::move(*value); }
    std::optional<T> value;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiter) {
    handle_.resume();
    // Done without waiting: the waiter goes on in its own stack frame, so that a loop over such
    // tasks takes no stack.
    if (handle_.done()) return false;
    handle_.promise().waiter = &waiter.promise();
    return true;
  }
  T await_resume() {
    if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    return handle_.promise().take();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

template <>
struct Task<void>::promise_type : TaskPromise {
  Task get_return_object() {
    auto handle = std::coroutine_handle<promise_type>::from_promise(*this);
    self = handle;
    return Task(handle);
  }
  void return_void() const noexcept {}
  void take() const noexcept {}
};

/// An operation of Asio as something to wait for: `initiate` is called with a completion handler
/// that takes `Results`, and the wait gives them as a tuple. A name first, then `co_await` that.
template <typename Initiate, typename... Results>
class Operation {
 public:
  explicit Operation(Initiate initiate) : initiate_(std::move(initiate)) {}
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> waiter) {
    waiter_ = &waiter.promise();
    initiate_(Handler(this));
    started_ = true;
  }
  std::tuple<Results...> await_resume() { return std::move(results_); }

  // Asio's own memory for the operation: one piece at a time, in the frame of the waiter.
  template <typename T>
  struct Memory {
    using value_type = T;
    explicit Memory(Operation* of) : operation(of) {}
    template <typename U>
    Memory(const Memory<U>& other) : operation(other.operation) {}
    T* allocate(std::size_t count) {
      if (operation->taken_ || count * sizeof(T) > kBytes) {
        return static_cast<T*>(::operator new(count * sizeof(T)));
      }
      operation->taken_ = true;
      return reinterpret_cast<T*>(operation->memory_.data());
    }
    void deallocate(T* memory, std::size_t /*count*/) noexcept {
      if (static_cast<void*>(memory) == operation->memory_.data()) {
        operation->taken_ = false;
      } else {
        ::operator delete(memory);
      }
    }
    template <typename U>
    bool operator==(const Memory<U>& other) const {
      return operation == other.operation;
    }
    Operation* operation;
  };

  class Handler {
   public:
    using allocator_type = Memory<std::byte>;
    explicit Handler(Operation* operation) : operation_(operation) {}
    Handler(Handler&& other) noexcept : operation_(std::exchange(other.operation_, nullptr)) {}
    Handler& operator=(Handler&&) = delete;
    // Thrown away with its io_context.
    ~Handler() {
      if (operation_ != nullptr && operation_->started_) operation_->waiter_->abandon();
    }
    allocator_type get_allocator() const noexcept { return allocator_type(operation_); }
    void operator()(Results... results) {
      Operation* operation = std::exchange(operation_, nullptr);
      operation->results_ = std::tuple<Results...>(std::move(results)...);
      operation->waiter_->self.resume();
    }

   private:
    Operation* operation_;
  };

 private:
  static constexpr std::size_t kBytes = 256;

  Initiate initiate_;
  TaskPromise* waiter_ = nullptr;
  bool started_ = false;
  bool taken_ = false;
  std::tuple<Results...> results_;
  alignas(std::max_align_t) std::array<std::byte, kBytes> memory_;
};

template <typename... Results, typename Initiate>
Operation<Initiate, Results...> operation(Initiate initiate) {
  return Operation<Initiate, Results...>(std::move(initiate));
}

/// The outermost coroutine, which nobody waits for: it ends itself.
struct RootTask {
  struct promise_type : TaskPromise {
    RootTask get_return_object() {
      self = std::coroutine_handle<promise_type>::from_promise(*this);
      return {self};
    }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void unhandled_exception() const noexcept { std::terminate(); }
    void return_void() const noexcept {}
  };
  std::coroutine_handle<> handle;
};

/// The first step of a spawned task, on its way to its thread.
class FirstStep {
 public:
  explicit FirstStep(RootTask root) : root_(root.handle) {}
  FirstStep(FirstStep&& other) noexcept : root_(std::exchange(other.root_, nullptr)) {}
  FirstStep& operator=(FirstStep&&) = delete;
  ~FirstStep() {
    if (root_) root_.destroy();
  }
  void operator()() { std::exchange(root_, nullptr).resume(); }

 private:
  std::coroutine_handle<> root_;
};

template <typename Done>
RootTask run_root(Task<void> task, Done done) {
  std::exception_ptr failure;
  try {
    co_await task;
  } catch (...) {
    failure = std::current_exception();
  }
  done(failure);
}

/// Runs `task` on the thread of `context`, from its next turn on; `done(std::exception_ptr)` is
/// called at its end and must not throw. Any thread. If the context goes away first, so does the
/// task, and nobody is told.
template <typename Done>
void spawn(boost::asio::io_context& context, Task<void> task, Done done) {
  FirstStep first(run_root(std::move(task), std::move(done)));
  boost::asio::post(context, std::move(first));
}

}  // namespace weir::proxy
