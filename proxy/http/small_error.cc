#include "http/small_error.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace weir::proxy {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Writer& out, std::string_view key, std::string_view value) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
  out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

}  // namespace

SmallResponse error_answer(int status, std::string_view code, std::string_view message,
                           std::string_view request_id, const Parameters& parameters) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  put(out, "message", message);
  put(out, "errorCode", code);
  put(out, "requestId", request_id);
  out.Key("parameters");
  out.StartObject();
  for (const auto& [key, value] : parameters) {
    put(out, key, value);
  }
  out.EndObject();
  out.EndObject();
  SmallResponse response;
  response.status = status;
  response.error_code = code;
  response.body.assign(buffer.GetString(), buffer.GetSize());
  return response;
}

}  // namespace weir::proxy
