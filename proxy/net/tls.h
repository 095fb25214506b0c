// TLS contexts, built from the settings and replaced at a reload.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "net/settings.h"

namespace weir::proxy {

using TlsContext = boost::asio::ssl::context;

/// Both throw std::runtime_error with a text for people.
std::shared_ptr<TlsContext> make_server_tls(const ServerTls& tls);
std::shared_ptr<TlsContext> make_upstream_tls(const UpstreamSettings& upstream);

/// The context in force. Any thread. Null: no TLS.
class TlsHolder {
 public:
  std::shared_ptr<TlsContext> load() const {
    std::lock_guard lock(mutex_);
    return context_;
  }
  void store(std::shared_ptr<TlsContext> context) {
    std::lock_guard lock(mutex_);
    context_ = std::move(context);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<TlsContext> context_;
};

}  // namespace weir::proxy
