#include "response/held_answer.h"

#include <algorithm>

#include "response/json_stream.h"
#include "response/names.h"

namespace weir::response {
namespace {

// A counter as OpenSearch writes one: digits that fit 64 bits.
bool is_counter(std::string_view raw) {
  return !raw.empty() && raw.size() <= 19 &&
         raw.find_first_not_of("0123456789") == std::string_view::npos;
}

// Short values are copied to where an editor points; no more than fits a counter or a word.
class Capture {
 public:
  void into(std::string& text) {
    text.clear();
    text_ = &text;
  }
  void nowhere() { text_ = nullptr; }
  void add(std::string_view raw) {
    if (text_ != nullptr) text_->append(raw, 0, kMaxBytes - text_->size());
  }

 private:
  static constexpr std::size_t kMaxBytes = 32;
  std::string* text_ = nullptr;
};

class CountReader final : public JsonEvents {
 public:
  bool glue(std::string_view) override { return true; }
  void key(std::string_view name) override { name_ = name_of(name); }
  Step value(JsonKind kind) override {
    capture_.nowhere();
    bool object = kind == JsonKind::kObject;
    if (level_ == Level::kOutside) return enter(object, Level::kTop);
    if (level_ == Level::kTop && name_ == Name::kHits && once_.first(name_)) {
      return enter(object, Level::kHits);
    }
    if (level_ == Level::kTop && name_ == Name::kShards && once_.first(name_)) {
      return enter(object, Level::kShards);
    }
    if (level_ == Level::kHits && name_ == Name::kTotal) {
      if (!once_.first(name_)) return Step::kFail;
      if (object) return enter(true, Level::kTotal);
    }
    if (std::string* text = wanted()) capture_.into(*text);
    return Step::kWhole;
  }
  bool bytes(std::string_view raw) override {
    capture_.add(raw);
    return true;
  }
  bool end() override { return true; }
  bool leave() override {
    level_ = level_ == Level::kTotal ? Level::kHits
                                     : (level_ == Level::kTop ? Level::kOutside : Level::kTop);
    return true;
  }

  CountOutcome write(bool count_only, std::string& out) const {
    bool whole = relation_ == R"("eq")" && is_counter(count_) && is_counter(total_) &&
                 is_counter(successful_) && is_counter(failed_);
    if (!whole) return CountOutcome::kUnknown;
    if (failed_ != "0") return CountOutcome::kPartial;
    out += R"({"count":)" + count_;
    if (!count_only) {
      out += R"(,"_shards":{"total":)" + total_ + R"(,"successful":)" + successful_ +
             R"(,"skipped":0,"failed":0})";
    }
    out += '}';
    return CountOutcome::kWritten;
  }

 private:
  enum class Level : std::uint8_t { kOutside, kTop, kHits, kTotal, kShards };

  Step enter(bool right_kind, Level level) {
    if (!right_kind) return Step::kFail;
    level_ = level;
    return Step::kEnter;
  }
  std::string* wanted() {
    switch (level_) {
      case Level::kOutside:
      case Level::kTop:
        return nullptr;
      case Level::kHits:
        return name_ == Name::kTotal ? &count_ : nullptr;
      case Level::kTotal:
        if (name_ == Name::kRelation) return &relation_;
        return name_ == Name::kValue ? &count_ : nullptr;
      case Level::kShards:
        if (name_ == Name::kTotal) return &total_;
        if (name_ == Name::kSuccessful) return &successful_;
        return name_ == Name::kFailed ? &failed_ : nullptr;
    }
    return nullptr;
  }

  Level level_ = Level::kOutside;
  Name name_ = Name::kOther;
  OnlyOnce once_;
  Capture capture_;
  std::string count_;
  std::string relation_ = R"("eq")";  // a total that is a bare number is exact
  std::string total_;
  std::string successful_;
  std::string failed_;
};

class ClearedReader final : public JsonEvents {
 public:
  bool glue(std::string_view) override { return true; }
  void key(std::string_view name) override { name_ = name_of(name); }
  Step value(JsonKind kind) override {
    capture_.nowhere();
    if (!inside_) {
      inside_ = kind == JsonKind::kObject;
      return inside_ ? Step::kEnter : Step::kFail;
    }
    bool known = name_ == Name::kSucceeded || name_ == Name::kNumFreed;
    if (!known) {
      exact_ = false;
    } else if (!once_.first(name_)) {
      return Step::kFail;
    } else {
      capture_.into(name_ == Name::kSucceeded ? succeeded_ : num_freed_);
    }
    return Step::kWhole;
  }
  bool bytes(std::string_view raw) override {
    capture_.add(raw);
    return true;
  }
  bool end() override { return true; }
  bool leave() override { return true; }

  ClearedOutcome write(std::string& out) const {
    bool whole = (succeeded_ == "true" || succeeded_ == "false") && is_counter(num_freed_);
    if (!whole) return ClearedOutcome::kUnknown;
    out += R"({"succeeded":)" + succeeded_ + R"(,"num_freed":)" + num_freed_ + '}';
    return exact_ ? ClearedOutcome::kExact : ClearedOutcome::kMore;
  }

 private:
  bool inside_ = false;
  bool exact_ = true;
  Name name_ = Name::kOther;
  OnlyOnce once_;
  Capture capture_;
  std::string succeeded_;
  std::string num_freed_;
};

class LanguageReader final : public JsonEvents {
 public:
  bool glue(std::string_view) override { return true; }
  void key(std::string_view name) override { name_ = name; }
  Step value(JsonKind kind) override {
    capture_.nowhere();
    bool enter = kind == JsonKind::kObject && (depth_ == 0 || (depth_ == 1 && name_ == "script"));
    if (enter) {
      ++depth_;
      return Step::kEnter;
    }
    if (depth_ == 2 && name_ == "lang") capture_.into(language_);
    return depth_ == 0 ? Step::kFail : Step::kWhole;
  }
  bool bytes(std::string_view raw) override {
    capture_.add(raw);
    return true;
  }
  bool end() override { return true; }
  bool leave() override {
    --depth_;
    return true;
  }
  bool is_mustache() const { return language_ == R"("mustache")"; }

 private:
  int depth_ = 0;
  std::string name_;
  Capture capture_;
  std::string language_;
};

bool scan(std::string_view text, JsonEvents& events) {
  JsonStream scanner;
  return scanner.feed(text, events) && scanner.finish(events);
}

}  // namespace

CountOutcome append_count(std::string_view answer, bool count_only, std::string& out) {
  CountReader reader;
  return scan(answer, reader) ? reader.write(count_only, out) : CountOutcome::kUnknown;
}

ClearedOutcome append_cleared(std::string_view answer, std::string& out) {
  ClearedReader reader;
  return scan(answer, reader) ? reader.write(out) : ClearedOutcome::kUnknown;
}

std::optional<bool> is_search_template(std::string_view answer) {
  LanguageReader reader;
  return scan(answer, reader) ? std::optional(reader.is_mustache()) : std::nullopt;
}

}  // namespace weir::response
