// What the engine is told about one request: borrowed bytes, nothing decoded, nothing trusted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kDelete, kPatch, kOptions };

/// The method's name on the wire, for instance "GET". Static storage.
std::string_view method_name(Method method) noexcept;

/// A keyed hash of a token's secret. The engine never sees the secret itself.
struct TokenDigest {
  std::array<std::uint8_t, 32> bytes{};
  friend bool operator==(const TokenDigest&, const TokenDigest&) = default;
};

/// What a sealed cursor id is bound to.
enum class CursorKind : std::uint8_t { kScroll = 1, kPointInTime = 2 };
struct SealContext {
  CursorKind kind = CursorKind::kScroll;
  std::uint32_t token_id = 0;
  std::uint64_t token_epoch = 0;
};

/// Authenticated, deterministic encryption of upstream cursor ids, supplied by the embedder (the engine holds no keys).
/// REQUIRES: the same (context, plain) gives the same text, so that an id keeps its name from page to page; the text is URL-safe.
/// Threads: called from any thread at once. Never throws.
class Sealer {
 public:
  virtual ~Sealer() = default;
  /// Appends the sealed form of `plain` to `out`; false (and nothing appended) if it cannot.
  virtual bool seal(const SealContext& context, std::string_view plain, std::string& out) const noexcept = 0;
  /// Appends what was sealed under exactly this context; false (and nothing appended) for anything else.
  virtual bool open(const SealContext& context, std::string_view sealed, std::string& out) const noexcept = 0;
};

/// One request. Everything is borrowed and must stay unchanged until the Verdict and the Workspace that came of it are
/// no longer used: a Forward points into `body`.
struct RequestView {
  Method method = Method::kGet;
  /// Origin-form target as on the wire: path and query, still percent-encoded.
  std::string_view target;
  /// Value of Content-Type, empty when the header is absent.
  std::string_view content_type;
  /// The body after de-chunking and decompression; empty when there is none.
  std::string_view body;
  /// Digest of the presented token; null when none was presented.
  const TokenDigest* credential = nullptr;
  /// The embedder has recognised the credential of the dashboards role, which reads what OpenSearch Dashboards itself needs and no data. Then
  /// `credential` does not count.
  bool dashboards = false;
  /// Now, in seconds since 1970-01-01T00:00:00Z.
  std::int64_t now_seconds = 0;
  /// Opens and seals cursor ids; without one, scroll and point in time are denied.
  const Sealer* sealer = nullptr;
  /// The answer to a verdict with PlanKind::kLookup for this very request; empty until there is one.
  std::string_view looked_up;
  /// The same for PlanKind::kRender.
  std::string_view rendered;
  /// The same for PlanKind::kFieldCaps, and after that for PlanKind::kFieldsSeen.
  std::string_view field_caps;
  std::string_view fields_seen;
};

}  // namespace weir
