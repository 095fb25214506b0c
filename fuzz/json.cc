// The engine's reader of JSON (tokens, cursor, walk) beside RapidJSON: what the reader accepts,
// RapidJSON accepts with the same value, down to the spelling of its numbers; and what RapidJSON
// accepts, the reader refuses only for what it is documented to refuse (depth, a key given twice, a
// byte order mark).
#include <rapidjson/reader.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/arena.h"
#include "fuzz.h"
#include "json/tokens.h"
#include "json_events.h"

namespace {

using weir::fuzz::append_atom;
using weir::fuzz::list_value;
using weir::fuzz::require;

// RapidJSON's events as the same list. Notes what the engine refuses on purpose.
struct Listener : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Listener> {
  std::string out;
  std::size_t max_depth = 0;
  bool duplicate = false;
  bool lone_surrogate = false;
  bool long_token = false;
  std::vector<std::vector<std::string>> keys;
  std::size_t depth = 0;

  void note(std::string_view text) {
    // RapidJSON 1.1 decodes a lone low surrogate to bytes that are not UTF-8.
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      lone_surrogate =
          lone_surrogate || (text[i] == '\xED' && static_cast<unsigned char>(text[i + 1]) >= 0xA0);
    }
  }
  bool enter(char bracket) {
    out += bracket;
    keys.emplace_back();
    max_depth = std::max(max_depth, ++depth);
    return true;
  }
  bool leave(char bracket) {
    out += bracket;
    keys.pop_back();
    --depth;
    return true;
  }
  bool Null() { return append_atom("l", "null", out), true; }
  bool Bool(bool value) { return append_atom("l", value ? "true" : "false", out), true; }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    long_token = long_token || size > weir::Limits().max_number_bytes;
    return append_atom("l", {text, size}, out), true;
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    note({text, size});
    return append_atom("s", {text, size}, out), true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    std::string key(text, size);
    long_token = long_token || size > weir::Limits().max_key_bytes;
    note(key);
    append_atom("k", key, out);
    duplicate =
        duplicate || std::find(keys.back().begin(), keys.back().end(), key) != keys.back().end();
    keys.back().push_back(std::move(key));
    return true;
  }
  bool StartObject() { return enter('{'); }
  bool EndObject(rapidjson::SizeType) { return leave('}'); }
  bool StartArray() { return enter('['); }
  bool EndArray(rapidjson::SizeType) { return leave(']'); }
};

enum class Judgement { kValid, kInvalid, kNone };

Judgement list_by_rapidjson(std::string_view text, Listener& listener) {
  // It takes a NUL for the end, and bytes of a byte order mark at the beginning for nothing.
  if (text.find('\0') != std::string_view::npos || weir::fuzz::begins_beyond_ascii(text)) {
    return Judgement::kInvalid;
  }
  rapidjson::MemoryStream memory(text.data(), text.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseIterativeFlag |
                              rapidjson::kParseNumbersAsStringsFlag;
  rapidjson::ParseErrorCode error = reader.Parse<kFlags>(stream, listener).Code();
  // It converts numbers even where their text is asked for; the engine sends the text on.
  if (error == rapidjson::kParseErrorNumberTooBig) return Judgement::kNone;
  return error == rapidjson::kParseErrorNone ? Judgement::kValid : Judgement::kInvalid;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = weir::fuzz::as_text(data, size);
  static weir::TokenIndex index;
  weir::Arena arena;
  weir::Edits edits;
  weir::Limits limits;
  weir::DenyCode why = weir::DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  std::string listed;
  bool accepted = false;
  if (tokens) {
    const weir::Sight sight;
    weir::Walk walk(weir::Cursor(text, *tokens), limits, sight, arena, edits);
    accepted = list_value(walk, listed) && walk.end();
    if (!accepted) why = walk.failure().code;
    require(accepted != walk.failed(), "a walk that ends early has a failure");
    // skip() is what most values are read by; it must judge alike.
    weir::Walk skipping(weir::Cursor(text, *tokens), limits, sight, arena, edits);
    require((skipping.skip() && skipping.end()) == accepted, "skip and walk judge alike");
  }

  Listener listener;
  Judgement judgement = list_by_rapidjson(text, listener);
  if (judgement == Judgement::kNone) return 0;
  if (accepted) {
    require(judgement == Judgement::kValid, "accepted, but not JSON");
    require(listed == listener.out, "read with another value");
    require(!listener.duplicate && listener.max_depth <= limits.max_json_depth,
            "accepted beyond its rules");
  } else if (judgement == Judgement::kValid) {
    bool on_purpose = listener.duplicate || listener.lone_surrogate || listener.long_token ||
                      listener.max_depth > limits.max_json_depth;
    require(on_purpose, "refused without a reason");
  }
  return 0;
}
