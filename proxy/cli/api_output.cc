#include "cli/api_output.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace weir::proxy {
namespace {

using Json = rapidjson::Value;

std::string time_text(double seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string cell(const Json& value, Column::Kind kind) {
  if (value.IsNull()) {
    return "-";
  }
  if (value.IsString()) {
    return printable({value.GetString(), value.GetStringLength()});
  }
  if (kind == Column::Kind::kTime && value.IsNumber()) {
    return time_text(value.GetDouble());
  }
  if (value.IsArray()) {
    std::string text;
    for (const Json& item : value.GetArray()) {
      text += (text.empty() ? "" : ",") + cell(item, kind);
    }
    return text;
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return printable({buffer.GetString(), buffer.GetSize()});
}

std::string cell_of(const Json& row, const Column& column) {
  const auto found = row.FindMember(Json(rapidjson::StringRef(
      column.member.data(), static_cast<rapidjson::SizeType>(column.member.size()))));
  return found == row.MemberEnd() ? "-" : cell(found->value, column.kind);
}

/// Bytes that begin a character: close enough to how wide a text is.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], width(row[i]));
    }
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) {
        out.append(widths[i] - width(row[i]) + 2, ' ');
      }
    }
    out += '\n';
  }
  return out;
}

std::string as_rows(const Json& items, const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> rows(1);
  for (const Column& column : columns) {
    rows.front().emplace_back(column.title);
  }
  for (const Json& item : items.GetArray()) {
    if (!item.IsObject()) {
      return {};
    }
    auto& row = rows.emplace_back();
    for (const Column& column : columns) {
      row.push_back(cell_of(item, column));
    }
  }
  return aligned(rows);
}

/// Every member, those of the columns in their form.
std::string as_lines(const Json& item, const std::vector<Column>& columns) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& member : item.GetObject()) {
    const std::string_view name(member.name.GetString(), member.name.GetStringLength());
    const auto known = std::find_if(columns.begin(), columns.end(),
                                    [&](const Column& column) { return column.member == name; });
    rows.push_back(
        {printable(name),
         cell(member.value, known == columns.end() ? Column::Kind::kPlain : known->kind)});
  }
  return rows.empty() ? "" : aligned(rows);
}

std::string text_of(const Json& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsString()
             ? printable({found->value.GetString(), found->value.GetStringLength()})
             : "";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto byte = static_cast<unsigned char>(out[i]);
    if (byte < 0x20 || byte == 0x7f) {
      out[i] = '?';
    } else if (byte == 0xC2 && i + 1 < out.size() &&
               static_cast<unsigned char>(out[i + 1]) < 0xA0) {
      out.replace(i, 2, "?");  // the control characters of Latin-1
    }
  }
  return out;
}

std::string table_of(const std::string& body, const std::vector<Column>& columns, bool as_list) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(body.data(), body.size());
  if (document.HasParseError()) {
    return {};
  }
  if (as_list && document.IsObject() && document.HasMember("results") &&
      document["results"].IsArray()) {
    return as_rows(document["results"], columns);
  }
  if (document.IsArray()) {
    return as_rows(document, columns);
  }
  return document.IsObject() ? as_lines(document, columns) : "";
}

std::string describe_error(const ApiAnswer& answer) {
  std::string text = "status " + std::to_string(answer.status);
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  if (document.HasParseError() || !document.IsObject()) {
    return "the server answered with " + text + " and without a reason";
  }
  for (const char* name : {"errorCode", "requestId"}) {
    if (const std::string value = text_of(document, name); !value.empty()) {
      text += std::string(", ") + name + " " + value;
    }
  }
  return text_of(document, "message") + " (" + text + ")";
}

}  // namespace weir::proxy
