#include "net/tls.h"

#include <openssl/ssl.h>

#include <array>
#include <boost/system/error_code.hpp>
#include <stdexcept>

namespace weir::proxy {
namespace {

namespace ssl = boost::asio::ssl;
using ErrorCode = boost::system::error_code;

void check(const ErrorCode& error, const std::string& what, const std::string& file) {
  if (error) throw std::runtime_error(what + " `" + file + "` cannot be used: " + error.message());
}

// HTTP/1.1 is all that is spoken; a client that offers only something else learns it here.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11 = {8,   'h', 't', 't', 'p',
                                                           '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  int found = SSL_select_next_proto(&chosen, out_size, kHttp11.data(), kHttp11.size(), in, in_size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void load_pair(TlsContext& context, const std::string& certificate, const std::string& key) {
  ErrorCode error;
  context.use_certificate_chain_file(certificate, error);
  check(error, "the certificate file", certificate);
  context.use_private_key_file(key, TlsContext::pem, error);
  check(error, "the key file", key);
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    throw std::runtime_error("the key in `" + key + "` does not belong to the certificate in `" +
                             certificate + "`");
  }
}

}  // namespace

std::shared_ptr<TlsContext> make_server_tls(const ServerTls& tls) {
  if (!tls.enabled()) return nullptr;
  auto context = std::make_shared<TlsContext>(TlsContext::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, tls.require_tls13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
  load_pair(*context, tls.certificate_file, tls.key_file);
  return context;
}

std::shared_ptr<TlsContext> make_upstream_tls(const UpstreamSettings& upstream) {
  if (!upstream.tls) return nullptr;
  auto context = std::make_shared<TlsContext>(TlsContext::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  context->set_verify_mode(upstream.verify ? ssl::verify_peer : ssl::verify_none);
  ErrorCode error;
  if (!upstream.ca_file.empty()) {
    context->load_verify_file(upstream.ca_file, error);
    check(error, "the CA file", upstream.ca_file);
  } else if (upstream.verify) {
    context->set_default_verify_paths(error);
    check(error, "the system's CA store", "default");
  }
  if (!upstream.client_certificate_file.empty()) {
    load_pair(*context, upstream.client_certificate_file, upstream.client_key_file);
  }
  return context;
}

}  // namespace weir::proxy
