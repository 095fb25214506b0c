// A policy of any bytes: it loads or has problems, each with words; what loads is written out again
// and loads as the same policy, and compiling it has no surprise either.
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "fuzz.h"
#include "http/percent.h"
#include "weir/policy.h"

namespace {

using weir::fuzz::require;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write_text(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

std::string hex(const weir::TokenDigest& digest) {
  std::string out;
  for (std::uint8_t byte : digest.bytes) {
    out += "0123456789ABCDEF"[byte >> 4U];
    out += "0123456789ABCDEF"[byte & 15U];
  }
  return out;
}

void write_token(Writer& out, const weir::Token& token) {
  out.StartObject();
  out.Key("id");
  out.Uint(token.id);
  out.Key("digest");
  write_text(out, hex(token.digest));
  out.Key("account");
  write_text(out, token.account);
  out.Key("filters");
  out.StartArray();
  for (const weir::Filter& filter : token.filters) {
    out.StartObject();
    out.Key("field");
    write_text(out, filter.field);
    out.Key("value");
    write_text(out, filter.value);
    out.EndObject();
  }
  out.EndArray();
  out.Key("filters_operator");
  out.String(token.filters_operator == weir::FiltersOperator::kOr ? "OR" : "AND");
  out.Key("expires_at");
  token.expires_at ? out.Int64(*token.expires_at) : out.Null();
  out.Key("epoch");
  out.Uint64(token.epoch);
  if (token.former_digest) {
    out.Key("former_digest");
    write_text(out, hex(*token.former_digest));
  }
  if (token.former_until) {
    out.Key("former_until");
    out.Int64(*token.former_until);
  }
  out.EndObject();
}

void write_catalog(Writer& out, const weir::Catalog* catalog) {
  out.Key("catalog");
  if (catalog == nullptr) {
    out.Null();
    return;
  }
  out.StartArray();
  for (const weir::CatalogIndex& index : catalog->indices) {
    out.StartObject();
    out.Key("index");
    write_text(out, index.name);
    out.Key("data_stream");
    write_text(out, index.data_stream);
    out.Key("fields");
    out.StartObject();
    for (std::size_t i = 0; i < index.kinds.size(); ++i) {
      if (index.kinds[i] == weir::FieldKind::kNone) continue;
      write_text(out, catalog->fields.at(i));
      write_text(out, weir::field_kind_name(index.kinds[i]));
    }
    out.EndObject();
    out.EndObject();
  }
  out.EndArray();
}

std::string write_policy(const weir::PolicySource& policy) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  out.Key("unfiltered");
  out.String(policy.unfiltered == weir::Unfiltered::kDeny ? "deny" : "allow");
  out.Key("upstream_version");
  write_text(out, policy.upstream_version);
  out.Key("accounts");
  out.StartArray();
  for (const weir::Account& account : policy.accounts) {
    out.StartObject();
    out.Key("name");
    write_text(out, account.name);
    out.Key("indices");
    out.StartArray();
    for (const std::string& index : account.indices) write_text(out, index);
    out.EndArray();
    if (account.keeps_catalog) write_catalog(out, account.catalog.get());
    out.EndObject();
  }
  out.EndArray();
  out.Key("tokens");
  out.StartArray();
  for (const weir::Token& token : policy.tokens) write_token(out, token);
  out.EndArray();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void check_problems(const std::vector<weir::Problem>& problems) {
  require(!problems.empty(), "what is refused has a problem");
  for (const weir::Problem& problem : problems) {
    require(!problem.what.empty() && weir::is_utf8(problem.what), "a problem has words");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto source = weir::load_policy(weir::fuzz::as_text(data, size));
  if (!source.ok()) {
    check_problems(source.problems());
    return 0;
  }
  std::string text = write_policy(source.value());
  auto again = weir::load_policy(text);
  require(again.ok(), "what was written out loads");
  require(write_policy(again.value()) == text, "as the same policy");

  auto policy = weir::compile_policy(source.value());
  if (!policy.ok()) {
    check_problems(policy.problems());
    return 0;
  }
  require(policy.value()->token_count() == source.value().tokens.size(), "every token is compiled");
  for (const weir::Token& token : source.value().tokens) {
    bool live = !token.expires_at || *token.expires_at > 1000;
    require(policy.value()->token_epoch(token.id, 1000) == (live ? token.epoch : 0),
            "with its epoch");
    require(policy.value()->credential_epoch(token.digest, 1000) == (live ? token.epoch : 0),
            "by its secret too");
    bool former = live && token.former_until && *token.former_until > 1000;
    require(!token.former_digest || policy.value()->credential_epoch(*token.former_digest, 1000) ==
                                        (former ? token.epoch : 0),
            "and by its former one until that ends");
  }
  return 0;
}
