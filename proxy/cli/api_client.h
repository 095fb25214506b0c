// The Shared Tokens API as the commands use it: one whole question, one whole answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/secret.h"
#include "weir/request.h"
#include "weir/result.h"

namespace weir::proxy {

/// Where the API is, and whose it is. There is no flag for the API token itself: flags can be read
/// by every user of the machine.
struct ApiTarget {
  std::string server;          // URL; empty: WEIR_SERVER, or http://127.0.0.1:9601
  std::string api_token_file;  // empty: WEIR_API_TOKEN, or `<data>/api-token`
  std::string data = "./weir-data";
  std::string ca_file;  // of a server with TLS; empty: the system's authorities
};

struct ApiQuestion {
  Method method = Method::kGet;
  std::string path;  // with its query
  std::string body;  // JSON; empty: none
  std::string if_match;
};

struct ApiAnswer {
  int status = 0;
  std::string body;
  std::string etag;
};

/// The API token of the target.
Result<Secret> read_api_token(const ApiTarget& target);

/// Blocks for some seconds at the most. Nothing if no whole answer came.
Result<std::optional<ApiAnswer>> ask_api(const ApiTarget& target, const ApiQuestion& question);

/// `text` as one segment of a path or one value of a query.
std::string percent_encoded(const std::string& text);

}  // namespace weir::proxy
