// The plain way to write a rewriting proxy in C++: Boost.Beast, and the body as a RapidJSON tree that is written out again.
//
//   peer_beast_rapidjson PORT UPSTREAM_PORT
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "competitors/beast_proxy.h"

namespace {

bool wrap(const char* text, std::size_t size, rapidjson::StringBuffer& out) {
  rapidjson::Document body;
  body.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag>(text, size);
  if (body.HasParseError() || !body.IsObject() || !body.HasMember("query")) return false;
  rapidjson::Document wrapped(&body.GetAllocator());
  wrapped.Parse(R"({"bool":{"filter":[{"term":{"team":{"value":"payments"}}}],"must":[]}})");
  wrapped["bool"]["must"].PushBack(rapidjson::Value(std::move(body["query"])), body.GetAllocator());
  body["query"] = std::move(static_cast<rapidjson::Value&>(wrapped));
  rapidjson::Writer<rapidjson::StringBuffer> writer(out);
  return body.Accept(writer);
}

bool wrap_lines(std::string_view body, rapidjson::StringBuffer& out) {
  bool header = true;
  for (std::size_t end; (end = body.find('\n')) != std::string_view::npos; body.remove_prefix(end + 1), header = !header) {
    if (!header && !wrap(body.data(), end, out)) return false;
    for (std::size_t i = header ? 0 : end; i <= end; ++i) out.Put(body[i]);
  }
  return body.empty();
}

}  // namespace

int main(int argc, char** argv) {
  return weir::bench::run_proxy(argc, argv, [](auto& request) {
    rapidjson::StringBuffer out;
    const bool lines = request.target().find("_msearch") != std::string_view::npos;
    const bool good = lines ? wrap_lines(request.body(), out) : wrap(request.body().data(), request.body().size(), out);
    request.body().assign(out.GetString(), out.GetSize());
    return good;
  });
}
