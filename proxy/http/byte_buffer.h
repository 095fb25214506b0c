// Bytes on their way through: filled at the tail by a socket, eaten at the front by a parser.
// Memory is not cleared before it is filled.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace weir::proxy {

/// Not thread-safe. Throws std::bad_alloc from prepare() and append() only. Views end with the next
/// change.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : memory_(std::move(other.memory_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    memory_ = std::move(other.memory_);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    return *this;
  }

  std::string_view view() const noexcept { return {memory_.get() + begin_, end_ - begin_}; }
  char* data() noexcept { return memory_.get() + begin_; }
  std::size_t size() const noexcept { return end_ - begin_; }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }

  /// Room for at least `bytes` more; returns where they go. commit() makes them content.
  char* prepare(std::size_t bytes) {
    if (capacity_ - end_ < bytes) make_room(bytes);
    return memory_.get() + end_;
  }
  std::size_t room() const noexcept { return capacity_ - end_; }
  void commit(std::size_t bytes) noexcept { end_ += bytes; }

  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  void consume(std::size_t bytes) noexcept {
    begin_ += bytes;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void clear() noexcept { begin_ = end_ = 0; }

  /// Gives the memory back.
  void release() noexcept { *this = ByteBuffer(); }

 private:
  void make_room(std::size_t bytes) {
    std::size_t content = size();
    if (capacity_ - content >= bytes && begin_ >= content) {
      std::memcpy(memory_.get(), memory_.get() + begin_, content);
    } else {
      std::size_t capacity = std::max(content + bytes, capacity_ * 2);
      auto memory = std::make_unique_for_overwrite<char[]>(capacity);
      if (content != 0) std::memcpy(memory.get(), memory_.get() + begin_, content);
      memory_ = std::move(memory);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = content;
  }

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace weir::proxy
