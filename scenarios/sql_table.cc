#include "scenarios/sql_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "scenarios/literals.h"
#include "scenarios/registry.h"

namespace tidemark::scenarios {
namespace {

using model::Assertion;
using model::SqlStatement;
using model::SqlWorkload;

constexpr std::size_t kLongestName = 64;

bool is_name(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), plain);
}

/// One table on its way: looks keys up, says where things stand and what is wrong with them.
class Reader {
 public:
  Reader(const FaultTable& table, std::string path, const std::vector<FaultKey>& known, Places& places,
         Diagnostics& diagnostics)
      : table_(table), path_(std::move(path)), places_(places), diagnostics_(diagnostics) {
    places_.set(path_, table_.place);
    std::vector<std::string> names;
    for (const FaultKey& key : known) names.emplace_back(key.name);
    for (const RawKey& key : table_.keys) {
      places_.set(path_ + "." + key.name, key.value.place.line != 0 ? key.value.place : key.place);
      if (std::find(names.begin(), names.end(), key.name) == names.end())
        diagnostics_.add(key.place, fmt::format("unknown key {} in [{}]{}", key.name, path_.substr(0, path_.find('[')),
                                                did_you_mean(key.name, names)));
    }
  }

  const RawValue* find(std::string_view name) const {
    for (const RawKey& key : table_.keys)
      if (key.name == name) return &key.value;
    return nullptr;
  }
  /// `key` is empty where the message is about the table.
  void error(const std::string& key, const std::string& message) const {
    const std::string path = key.empty() ? path_ : path_ + "." + key;
    diagnostics_.add(places_.of(path), path + ": " + message);
  }
  void missing(std::string_view what) const {
    diagnostics_.add(table_.place, fmt::format("missing key {} in [{}]", what, path_.substr(0, path_.find('['))));
  }
  /// A text that must be there.
  std::string text(const std::string& key, bool required = true) const {
    const RawValue* raw = find(key);
    if (raw == nullptr) {
      if (required) missing(key);
      return {};
    }
    if (raw->kind != RawValue::Kind::kText) return error(key, "expected a text in quotes"), std::string();
    if (raw->text.empty()) error(key, "must not be empty");
    return raw->text;
  }
  std::string name() const {
    std::string found = text("name");
    if (!found.empty() && !is_name(found)) error("name", "has characters other than letters, digits, - and _");
    return found;
  }
  /// A list of texts, or one text.
  std::vector<std::string> texts(const std::string& key) const {
    std::vector<std::string> found;
    const RawValue* raw = find(key);
    if (raw == nullptr) return found;
    const bool list = raw->kind == RawValue::Kind::kList;
    const std::size_t count = list ? raw->items.size() : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const RawValue& item = list ? raw->items[i] : *raw;
      const std::string place = fmt::format("{}[{}]", key, i);
      places_.set(path_ + "." + place, item.place);
      if (item.kind != RawValue::Kind::kText) {
        error(place, "expected a text in quotes");
      } else {
        found.push_back(item.text);
      }
    }
    return found;
  }

 private:
  const FaultTable& table_;
  const std::string path_;
  Places& places_;
  Diagnostics& diagnostics_;
};

std::string list_toml(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + toml_string(text);
  return "[" + list + "]";
}

}  // namespace

const std::vector<FaultKey>& sql_keys() {
  static const std::vector<FaultKey> kKeys = {
      {"schema", "text or list of texts",
       "Makes and fills the tables: runs as one unit before the clients start. Any number of statements in each text."},
  };
  return kKeys;
}

const std::vector<FaultKey>& statement_keys() {
  static const std::vector<FaultKey> kKeys = {
      {"name", "text", "What messages and [[operation]] call it: letters, digits, - and _."},
      {"weight", "count", "How often clients choose it, beside the weights of the others (default 1)."},
      {"sql", "text", "One statement. Parameters are written as :name."},
      {"batch", "text or list of texts", "Instead of sql: several statements as one transaction."},
      {"with", "text or list of texts",
       "Where the parameters come from: NAME = uniform A to B, zipf A to B, zipf A to B exponent E, sequence, unique, "
       "text N, text A to B, choice X, Y, Z, client, now."},
  };
  return kKeys;
}

const std::vector<FaultKey>& assertion_keys() {
  static const std::vector<FaultKey> kKeys = {
      {"name", "text", "The name of the check: letters, digits, - and _. scenario.expect may hold it."},
      {"sql", "text", "A query for the rows that break it: it holds in a state in which there are none."},
      {"says", "text", "What is wrong then, as a sentence; {column} stands for a value of the first such row."},
  };
  return kKeys;
}

void read_sql(const FaultTable& table, SqlWorkload& workload, Places& places, Diagnostics& diagnostics) {
  const Reader reader(table, "sql", sql_keys(), places, diagnostics);
  if (reader.find("schema") == nullptr) return reader.missing("schema");
  workload.schema = reader.texts("schema");
}

SqlStatement read_statement(const FaultTable& table, std::size_t element, Places& places, Diagnostics& diagnostics) {
  const Reader reader(table, fmt::format("statement[{}]", element), statement_keys(), places, diagnostics);
  SqlStatement statement;
  statement.name = reader.name();
  if (const RawValue* weight = reader.find("weight")) {
    const bool good = weight->kind == RawValue::Kind::kInteger && weight->integer >= 0 && weight->integer <= 1'000'000;
    if (!good) reader.error("weight", "expected a whole number from 0 to 1000000");
    if (good) statement.weight = static_cast<std::uint32_t>(weight->integer);
  }
  statement.is_batch = reader.find("batch") != nullptr;
  const bool is_single = reader.find("sql") != nullptr;
  if (is_single == statement.is_batch)
    reader.error(is_single ? "batch" : "", "write either sql (one statement) or batch (a list, one transaction)");
  if (statement.is_batch && !is_single) {
    statement.sql = reader.texts("batch");
    if (statement.sql.empty()) reader.error("batch", "the list is empty");
  } else if (is_single) {
    if (std::string sql = reader.text("sql"); !sql.empty()) statement.sql.push_back(std::move(sql));
  }
  const std::vector<std::string> with = reader.texts("with");
  for (std::size_t i = 0; i < with.size(); ++i) {
    model::SqlParameter parameter;
    std::string error;
    if (!read_parameter(with[i], parameter, error)) {
      reader.error(fmt::format("with[{}]", i), error);
      continue;
    }
    const bool twice = std::any_of(statement.parameters.begin(), statement.parameters.end(),
                                   [&](const auto& known) { return known.name == parameter.name; });
    if (twice) reader.error(fmt::format("with[{}]", i), fmt::format("{} is there already", parameter.name));
    statement.parameters.push_back(std::move(parameter));
  }
  return statement;
}

Assertion read_assertion(const FaultTable& table, std::size_t element, Places& places, Diagnostics& diagnostics) {
  const Reader reader(table, fmt::format("assertion[{}]", element), assertion_keys(), places, diagnostics);
  Assertion assertion;
  assertion.name = reader.name();
  assertion.sql = reader.text("sql");
  assertion.says = reader.text("says", false);
  return assertion;
}

std::string sql_toml(const SqlWorkload& workload) {
  std::string text = "[sql]\nschema = " + list_toml(workload.schema) + "\n";
  for (const SqlStatement& statement : workload.statements) {
    text += fmt::format("\n[[statement]]\nname = {}\nweight = {}\n", toml_string(statement.name), statement.weight);
    text += statement.is_batch ? "batch = " + list_toml(statement.sql) : "sql = " + toml_string(statement.sql.front());
    std::vector<std::string> with;
    for (const model::SqlParameter& parameter : statement.parameters) with.push_back(to_text(parameter));
    text += with.empty() ? "\n" : "\nwith = " + list_toml(with) + "\n";
  }
  for (const Assertion& assertion : workload.assertions) {
    text +=
        fmt::format("\n[[assertion]]\nname = {}\nsql = {}\n", toml_string(assertion.name), toml_string(assertion.sql));
    if (!assertion.says.empty()) text += "says = " + toml_string(assertion.says) + "\n";
  }
  return text;
}

}  // namespace tidemark::scenarios
