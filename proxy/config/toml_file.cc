#include "config/toml_file.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "config/account_options.h"
#include "config/options.h"

namespace weir::proxy {
namespace {

/// Levenshtein; both texts are short.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string unknown_key(const std::string& path, const std::vector<std::string>& known) {
  std::string text = "unknown key `" + path + "`";
  // Long hostile keys are not worth a comparison.
  if (path.size() <= 64 && !known.empty()) {
    const auto nearest = std::min_element(
        known.begin(), known.end(),
        [&](const auto& a, const auto& b) { return distance(path, a) < distance(path, b); });
    if (distance(path, *nearest) <= 1 + path.size() / 4) {
      return text + "; did you mean `" + *nearest + "`?";
    }
  }
  return text + "; remove it or see the configuration reference";
}

std::optional<Value> value_of(const toml::node& node) {
  Value value;
  value.typed = true;
  if (const auto* text = node.as_string()) {
    value.data = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.data = integer->get();
  } else if (const auto* flag = node.as_boolean()) {
    value.data = flag->get();
  } else if (const auto* array = node.as_array()) {
    List list;
    for (const toml::node& item : *array) {
      const auto* item_text = item.as_string();
      if (item_text == nullptr) {
        return std::nullopt;
      }
      list.push_back(item_text->get());
    }
    value.data = std::move(list);
  } else {
    return std::nullopt;
  }
  return value;
}

class Walker {
 public:
  Walker(std::string name, TomlFile& out, std::vector<Problem>& problems)
      : name_(std::move(name)), out_(out), problems_(problems) {
    for (const Option& option : options()) {
      known_.emplace_back(option.path);
    }
    known_.emplace_back("account");
  }

  std::string where(const toml::source_position& at) const {
    return name_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }

  void walk(const toml::table& table, const std::string& prefix) {
    for (const auto& [key, node] : table) {
      const std::string path = prefix + std::string(key.str());
      const bool section = std::any_of(known_.begin(), known_.end(), [&](const std::string& known) {
        return known.starts_with(path + ".");
      });
      if (path == "account") {
        accounts(node, where(key.source().begin));
      } else if (section && node.is_table()) {
        walk(*node.as_table(), path + ".");
      } else if (section) {
        problem(key.source().begin,
                "`" + path + "` is a section; write [" + path + "] and its keys below");
      } else if (std::find(known_.begin(), known_.end(), path) == known_.end()) {
        problem(key.source().begin, unknown_key(path, known_));
      } else if (auto value = value_of(node)) {
        out_.values[path] = {std::move(*value), where(node.source().begin)};
      } else {
        problem(node.source().begin, "`" + path + "` cannot have a value of this kind");
      }
    }
  }

 private:
  void accounts(const toml::node& node, const std::string& place) {
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_array_of_tables()) {
      problems_.push_back({place, "accounts are written as [[account]] with `name` and `indices`"});
      return;
    }
    for (const toml::node& item : *array) {
      PlacedAccount placed;
      placed.where = where(item.source().begin);
      for (const auto& [key, value] : *item.as_table()) {
        account_key(std::string(key.str()), key.source().begin, value, placed.account);
      }
      out_.accounts.push_back(std::move(placed));
    }
  }

  void account_key(const std::string& key, const toml::source_position& at, const toml::node& node,
                   AccountConfig& account) {
    std::vector<std::string> known = {"name", "indices", "upstream"};
    for (const AccountOption& option : account_options()) {
      known.emplace_back(option.key);
    }
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      problem(at, unknown_key(key, known));
      return;
    }
    std::string wrong = "this kind of value does not belong here";
    if (const auto value = value_of(node)) {
      const AccountOption* option = find_account_option(key);
      wrong = option != nullptr  ? option->set(account, *value)
              : key == "name"    ? parse_text(*value, account.name)
              : key == "indices" ? parse_list(*value, ',', account.indices)
                                 : parse_text(*value, account.upstream);
    }
    if (!wrong.empty()) {
      problem(node.source().begin, "`account." + key + "`: " + wrong);
    }
  }

  void problem(const toml::source_position& at, std::string what) {
    problems_.push_back({where(at), std::move(what)});
  }

  std::string name_;
  TomlFile& out_;
  std::vector<Problem>& problems_;
  std::vector<std::string> known_;
};

}  // namespace

TomlFile parse_toml(std::string_view text, const std::string& name,
                    std::vector<Problem>& problems) {
  TomlFile out;
  Walker walker(name, out, problems);
  try {
    walker.walk(toml::parse(text), "");
  } catch (const toml::parse_error& error) {
    problems.push_back({walker.where(error.source().begin),
                        "not well-formed TOML: " + std::string(error.description())});
  }
  return out;
}

}  // namespace weir::proxy
