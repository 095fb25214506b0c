// Where the editors write: the client's status, then its body. Nothing is written before the status
// is known.
#pragma once

#include <string>
#include <string_view>

namespace weir::response {

class Reply {
 public:
  /// `mute`: the client asked HEAD, the body is thrown away.
  explicit Reply(bool mute) : mute_(mute) {}

  void set_out(std::string* out) { out_ = out; }

  /// INVARIANT: once; later calls change nothing.
  void start(int status) {
    if (status_ == 0) status_ = status;
  }
  /// REQUIRES: started.
  void write(std::string_view bytes) {
    if (!mute_) out_->append(bytes);
  }
  bool started() const { return status_ != 0; }
  int status() const { return status_; }

 private:
  bool mute_;
  int status_ = 0;
  std::string* out_ = nullptr;
};

}  // namespace weir::response
