// Why a request did not get the answer of a search, in the words of the log: how far it came, what
// was wrong, what to do, and whether sending it again helps.
#pragma once

#include <cstdint>
#include <string_view>

#include "weir/verdict.h"

namespace weir::proxy {

/// How far a request had come, in the order in which it goes through them.
enum class Stage : std::uint8_t {
  kHead,            // the client's head was being read
  kToken,           // its credential was looked at
  kBody,            // the client's body was being read
  kDecide,          // the engine decided
  kLimit,           // the limits of the gate and of the token
  kPool,            // it waited for a connection to the upstream
  kConnect,         // a connection was being made
  kUpstreamSend,    // it was being sent upstream
  kUpstreamHead,    // the head of the answer was awaited
  kEpoch,           // whether the policy still is what it was decided under
  kUpstreamAnswer,  // the upstream has answered, with an error
  kUpstreamBody,    // the body of the answer was awaited
  kWrite,           // the answer was being written to the client
};
inline constexpr std::size_t kStages = 13;

/// For instance "upstream_head". Static storage.
std::string_view stage_name(Stage stage) noexcept;

/// Every text has static storage; an empty code is no cause.
struct Cause {
  std::string_view code;
  std::string_view reason;  // what is wrong and what to do
  bool retry = false;       // the same request may well be answered a little later
};

/// A row of the table of reasons; no cause for kUndecided.
Cause cause_of(DenyCode code) noexcept;

// What no client is told, because nobody is there any more or an answer has begun.
inline constexpr Cause kClientGone = {
    "client.gone",
    "the client closed the connection, or took nothing of its answer for `limits.write_timeout`",
    true};
inline constexpr Cause kAnswerCut = {
    "upstream.truncated",
    "the answer of the search cluster broke off when a part of it had been passed on", true};
inline constexpr Cause kTokenExpired = {
    "token.invalid",
    "the token has expired, or this secret of it; give it a later expiry or send the new secret",
    false};

/// True for what is wrong with the request or not granted to the token; false for what is wrong
/// with the gate, the network or the search cluster.
bool is_denial(DenyCode code) noexcept;

}  // namespace weir::proxy
