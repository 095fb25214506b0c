// The ledger: every name that OpenSearch knows and a client can write, with what Weir does about
// it.
//
// Nothing in it is written down twice. Names that the engine has tables for (routes, parameters,
// queries, aggregations) come from those tables; for the others a small request with the name in it
// is put to the engine, and its verdict is the row. What the tables cannot say is why a name is
// denied: reasons.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weir::ledger {

enum class Decision { kRewritten, kChecked, kAnswered, kDenied };
std::string_view decision_name(Decision decision);

struct Row {
  std::string kind;  // "route", "param", "query", ...
  std::string name;  // of a route `GET /_search`; of a parameter the endpoint's name before it
  Decision decision = Decision::kDenied;
  std::string code;  // if denied
  std::string note;  // why it is denied, or how it is answered
};

/// All rows, sorted by kind and name. `golden` is the folder of golden cases: they show which types
/// are rewritten.
std::vector<Row> rows(const std::string& golden);

/// Rows for the names that are known by asking the engine (probes.cc).
void append_probed(std::vector<Row>& out);

/// Why a name is denied, in a sentence for people; empty if there is nothing to say beyond the
/// code's own reason.
std::string_view why(std::string_view kind, std::string_view name);

/// A table with a line a kind: how many names, and what becomes of them.
std::string summary(const std::vector<Row>& all);
/// The denied queries, aggregations and sections of a search, those with the same reason in one line.
std::string denied_names(const std::vector<Row>& all);
/// All of it as a document.
std::string document(const std::vector<Row>& all);
/// KIND, NAME, DECISION, CODE, NOTE, separated by tabs, a row a line.
std::string as_lines(const std::vector<Row>& all);

}  // namespace weir::ledger
