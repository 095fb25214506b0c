#include "http/target.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "http/percent.h"

namespace weir {
namespace {

constexpr std::size_t kDetailBytes = 64;

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }

// What a byte of a target may be, one bit each.
constexpr std::uint8_t kBadByte = 1;
constexpr std::uint8_t kEncoded = 2;  // it may stand for another one
constexpr std::array<std::uint8_t, 256> kByteClasses = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    out[byte] = byte > 0x20 && byte < 0x7F ? 0 : kBadByte;
  }
  // OpenSearch drops what follows in a query and keeps it in a path.
  out['#'] = kBadByte;
  out['%'] = out['+'] = kEncoded;
  return out;
}();

// Which of the bad bytes comes first decides what is said.
DenyCode refuse_bytes(std::string_view raw, std::string_view& detail) {
  auto bad = std::find_if(raw.begin(), raw.end(),
                          [](char c) { return !is_visible_ascii(c) || c == '#'; });
  if (*bad == '#') detail = "#";
  return DenyCode::kTargetMalformed;
}

bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

// In values of parameters a query may be laid out in lines.
bool is_control_in_value(char c) { return is_control(c) && c != '\t' && c != '\n' && c != '\r'; }

template <typename T>
T* allocate_array(Arena& arena, std::size_t count) {
  static_assert(std::is_trivially_destructible_v<T>);
  auto* memory = reinterpret_cast<T*>(arena.allocate(count * sizeof(T)));
  std::uninitialized_default_construct_n(memory, count);
  return memory;
}

// Cuts `rest` at the next `mark`; returns what was before it.
std::string_view take_until(std::string_view& rest, char mark) {
  std::size_t at = 0;  // pieces are too short for a call of memchr to pay
  while (at < rest.size() && rest[at] != mark) ++at;
  if (at == rest.size()) at = std::string_view::npos;
  std::string_view piece = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return piece;
}

class TargetParser {
 public:
  // `encoded`: something in the target may have to be decoded. Where nothing has, the bytes are
  // visible ASCII, which needs no further look.
  TargetParser(bool encoded, const Limits& limits, Arena& arena, Target& out,
               std::string_view& detail)
      : encoded_(encoded), limits_(limits), arena_(arena), out_(out), detail_(detail) {}

  // REQUIRES: `path` begins with a slash and is visible ASCII, like `query`.
  std::optional<DenyCode> parse_path(std::string_view path);
  std::optional<DenyCode> parse_query(std::string_view query);

 private:
  DenyCode refuse(DenyCode code, std::string_view piece) {
    detail_ = piece.substr(0, kDetailBytes);
    return code;
  }
  std::optional<DenyCode> parse_param(std::string_view piece, Param& param);
  template <typename IsControl>
  bool decode(std::string_view raw, bool plus_is_space, IsControl is_control,
              std::string_view& out) const {
    out = raw;
    if (!encoded_) return true;
    return percent_decode(raw, plus_is_space, arena_, out) && is_utf8(out) &&
           std::none_of(out.begin(), out.end(), is_control);
  }

  bool encoded_;
  const Limits& limits_;
  Arena& arena_;
  Target& out_;
  std::string_view& detail_;
};

std::optional<DenyCode> TargetParser::parse_path(std::string_view path) {
  if (path.find(';') != std::string_view::npos) return refuse(DenyCode::kTargetMalformed, ";");
  path.remove_prefix(1);
  if (path.empty()) return std::nullopt;
  if (path.back() == '/') path.remove_suffix(1);  // OpenSearch ignores it

  auto count = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1;
  auto* raw = allocate_array<std::string_view>(arena_, count);
  auto* decoded = allocate_array<std::string_view>(arena_, count);
  for (std::size_t i = 0; i < count; ++i) {
    raw[i] = take_until(path, '/');
    if (raw[i].empty()) return refuse(DenyCode::kTargetMalformed, "//");
    if (!decode(raw[i], false, is_control, decoded[i])) {
      return refuse(DenyCode::kTargetEncoding, raw[i]);
    }
    if (decoded[i] == "." || decoded[i] == "..") {
      return refuse(DenyCode::kTargetMalformed, raw[i]);
    }
  }
  out_.segments = {decoded, count};
  out_.raw_segments = {raw, count};
  return std::nullopt;
}

std::optional<DenyCode> TargetParser::parse_param(std::string_view piece, Param& param) {
  std::size_t equals = piece.find('=');
  param.has_value = equals != std::string_view::npos;
  std::string_view value = param.has_value ? piece.substr(equals + 1) : std::string_view{};
  // OpenSearch reads `=q` as the parameter `q`.
  if (equals == 0) return refuse(DenyCode::kTargetMalformed, piece);
  if (!decode(piece.substr(0, equals), true, is_control, param.name) ||
      !decode(value, true, is_control_in_value, param.value)) {
    return refuse(DenyCode::kTargetEncoding, piece.substr(0, equals));
  }
  return std::nullopt;
}

std::optional<DenyCode> TargetParser::parse_query(std::string_view query) {
  // OpenSearch separates parameters at `;` too.
  if (query.empty()) return std::nullopt;
  if (query.find(';') != std::string_view::npos) return refuse(DenyCode::kTargetMalformed, ";");
  auto most = static_cast<std::size_t>(std::count(query.begin(), query.end(), '&')) + 1;
  most = std::min<std::size_t>(most, limits_.max_uri_params);
  auto* params = allocate_array<Param>(arena_, most);
  std::size_t count = 0;
  while (!query.empty()) {
    std::string_view piece = take_until(query, '&');
    if (piece.empty()) continue;
    if (count == most) return refuse(DenyCode::kTargetTooLong, piece);
    Param& param = params[count];
    if (auto denied = parse_param(piece, param)) return denied;
    for (std::size_t i = 0; i < count; ++i) {
      if (params[i].name == param.name) return refuse(DenyCode::kParamRepeated, param.name);
    }
    ++count;
  }
  out_.params = {params, count};
  return std::nullopt;
}

}  // namespace

const Param* Target::find(std::string_view name) const noexcept {
  for (const Param& param : params) {
    if (param.name == name) return &param;
  }
  return nullptr;
}

std::optional<DenyCode> parse_target(std::string_view raw, const Limits& limits, Arena& arena,
                                     Target& out, std::string_view& detail) {
  out = {};
  detail = {};
  if (raw.size() > limits.max_target_bytes) return DenyCode::kTargetTooLong;
  if (raw.empty() || raw.front() != '/') return DenyCode::kTargetMalformed;
  std::uint8_t seen = 0;
  for (char c : raw) seen |= kByteClasses[static_cast<unsigned char>(c)];
  if ((seen & kBadByte) != 0) return refuse_bytes(raw, detail);
  std::string_view query = raw;
  std::string_view path = take_until(query, '?');
  TargetParser parser((seen & kEncoded) != 0, limits, arena, out, detail);
  if (auto denied = parser.parse_path(path)) return denied;
  return parser.parse_query(query);
}

}  // namespace weir
