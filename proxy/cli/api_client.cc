#include "cli/api_client.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "config/read_file.h"
#include "config/value.h"
#include "net/upstream_client.h"

namespace weir::proxy {
namespace {

constexpr std::chrono::seconds kPatience{10};
constexpr std::size_t kMaxAnswerBytes = 256U << 20U;
constexpr std::size_t kMaxTokenFileBytes = 4096;

std::string variable(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? "" : text;
}

std::string server_of(const ApiTarget& target) {
  std::string server = target.server.empty() ? variable("WEIR_SERVER") : target.server;
  return server.empty() ? "http://127.0.0.1:9601" : server;
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<Secret> read_api_token(const ApiTarget& target) {
  std::string where = target.api_token_file;
  std::string text;
  if (where.empty()) {
    text = variable("WEIR_API_TOKEN");
    where = text.empty() ? target.data + "/api-token" : "WEIR_API_TOKEN";
  }
  if (text.empty()) {
    auto file = read_file(where, kMaxTokenFileBytes);
    if (!file) {
      return std::vector<Problem>{
          {where, file.problems().front().what +
                      "; the API token is taken from --api-token-file, WEIR_API_TOKEN or the file "
                      "`api-token` of the data folder (--data)"}};
    }
    text = std::move(file).value();
    text.erase(text.find_last_not_of("\r\n") + 1);
  }
  Secret token(text);
  const bool good = !text.empty() && is_visible(text);
  std::fill(text.begin(), text.end(), '\0');
  if (!good) {
    return std::vector<Problem>{{where, "this is no API token: one has visible characters only"}};
  }
  return token;
}

Result<std::optional<ApiAnswer>> ask_api(const ApiTarget& target, const ApiQuestion& question) {
  const auto token = read_api_token(target);
  if (!token) {
    return token.problems();
  }
  UpstreamSettings settings;
  if (std::string wrong = parse_url(server_of(target), settings); !wrong.empty()) {
    return std::vector<Problem>{{"--server", wrong}};
  }
  if (!is_visible(question.if_match)) {
    return std::vector<Problem>{{"--if-match", "an ETag has visible characters only"}};
  }
  settings.ca_file = target.ca_file;
  settings.credential = UpstreamCredential::kHeaders;
  settings.headers.emplace_back("x-api-token", token.value().unsafe_reveal());
  if (!question.if_match.empty()) {
    settings.headers.emplace_back("if-match", question.if_match);
  }
  UpstreamClient client(std::move(settings), kPatience);
  const std::string_view body = question.body;
  const auto answer =
      client.ask({.method = question.method,
                  .target = question.path,
                  .content_type = body.empty() ? std::string_view() : "application/json",
                  .body = body.empty() ? std::span<const std::string_view>() : std::span(&body, 1)},
                 kMaxAnswerBytes);
  if (!answer) {
    return std::optional<ApiAnswer>();
  }
  return std::optional<ApiAnswer>({answer->status, answer->body, answer->etag});
}

std::string percent_encoded(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4U], kHex[byte & 15U]};
    }
  }
  return out;
}

}  // namespace weir::proxy
