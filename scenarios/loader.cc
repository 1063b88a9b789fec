#include "scenarios/loader.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "scenarios/check_sql.h"
#include "scenarios/document.h"
#include "scenarios/fault_table.h"
#include "scenarios/operation_table.h"
#include "scenarios/registry.h"
#include "scenarios/sql_table.h"
#include "scenarios/validate.h"

namespace tidemark::scenarios {
namespace {

constexpr std::string_view kFault = "fault";
constexpr std::string_view kOperation = "operation";
constexpr std::string_view kSql = "sql";
constexpr std::string_view kStatement = "statement";
constexpr std::string_view kAssertion = "assertion";

std::string path_of(const std::string& table, std::size_t element, const std::string& name) {
  const TableInfo* info = find_table(table);
  const bool repeated = info != nullptr && info->repeated;
  std::string path = repeated ? fmt::format("{}[{}]", table, element) : table;
  if (name.empty()) return path;
  return path.empty() ? name : path + "." + name;
}

/// One load: the scenario under construction, where its keys were set, and what is wrong.
class Load {
 public:
  /// `text` is the whole file.
  Load(Scenario& scenario, Diagnostics& diagnostics, const std::string& file, std::string_view text)
      : scenario_(scenario), diagnostics_(diagnostics), places_(file), text_(text) {
    for (const std::string_view table : {kFault, kOperation, kSql, kStatement, kAssertion}) late_[table];
  }

  void add_document(const Document& document) {
    for (const RawTable& table : document.tables) add_table(table);
    for (const RawKey& key : document.keys) add_key(key);
    for (const RawTable& table : document.tables) require_keys(table, document);
    if (!names_scenario(document)) diagnostics_.add(places_.of(""), "missing table [scenario] with a name");
  }

  void add_override(const std::string& argument);

  void finish() {
    std::vector<std::string> databases;
    for (const DatabaseSpec& database : scenario_.databases) databases.push_back(database.name);
    const std::vector<FaultTable>& faults = late_[kFault];
    for (std::size_t i = 0; i < faults.size(); ++i)
      scenario_.faults.push_back(read_fault(faults[i], i, databases, places_, diagnostics_));
    std::vector<model::ScriptedOperation>& script = scenario_.workload.script;
    const std::vector<FaultTable>& operations = late_[kOperation];
    for (std::size_t i = 0; i < operations.size(); ++i)
      script.push_back(read_operation(operations[i], i, places_, diagnostics_));
    read_application();
    if (diagnostics_.empty()) validate(scenario_, places_, diagnostics_);
    std::stable_sort(script.begin(), script.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  }

 private:
  void read_application();
  void add_table(const RawTable& table);
  void add_key(const RawKey& raw);
  void require_keys(const RawTable& table, const Document& document);
  void unknown_key(const RawKey& raw);
  void override_element(std::string_view table, const std::string& path, const std::string& name,
                        const std::string& value, const Place& place);
  /// nullptr when the table is none of those that are read at the end.
  std::vector<FaultTable>* late_tables(std::string_view table) {
    const auto late = late_.find(table);
    return late == late_.end() ? nullptr : &late->second;
  }
  void apply(const Key& key, std::size_t element, const RawValue& raw, const Place& key_place);
  bool find_element(std::string_view selector, std::size_t& element) const;
  std::vector<std::string> all_paths() const;

  static bool names_scenario(const Document& document) {
    for (const RawTable& table : document.tables) {
      if (table.name == "scenario") return true;
    }
    return false;
  }

  Scenario& scenario_;
  Diagnostics& diagnostics_;
  Places places_;
  const std::string_view text_;
  // Read at the end, when overrides are known; by name.
  std::map<std::string_view, std::vector<FaultTable>> late_;
};

/// [sql], [[statement]] and [[assertion]], which make one application.
void Load::read_application() {
  const bool wanted = scenario_.workload.kind == model::WorkloadKind::kSql;
  for (const std::string_view name : {kSql, kStatement, kAssertion}) {
    const std::vector<FaultTable>& found = late_[name];
    if (!wanted && !found.empty())
      diagnostics_.add(found.front().place, fmt::format("[{}] needs kind = \"sql\" in [workload]", name));
  }
  if (!wanted) return;
  for (const std::string_view name : {kSql, kStatement})
    if (late_[name].empty())
      diagnostics_.add(places_.of("workload.kind"), fmt::format("workload.kind: sql needs a table [{}]", name));
  auto workload = std::make_shared<model::SqlWorkload>();
  if (!late_[kSql].empty()) read_sql(late_[kSql].front(), *workload, places_, diagnostics_);
  const std::vector<FaultTable>& statements = late_[kStatement];
  for (std::size_t i = 0; i < statements.size(); ++i)
    workload->statements.push_back(read_statement(statements[i], i, places_, diagnostics_));
  const std::vector<FaultTable>& assertions = late_[kAssertion];
  for (std::size_t i = 0; i < assertions.size(); ++i)
    workload->assertions.push_back(read_assertion(assertions[i], i, places_, diagnostics_));
  if (diagnostics_.empty()) check_sql(*workload, text_, places_, diagnostics_);
  scenario_.workload.sql = std::move(workload);
}

void Load::add_table(const RawTable& table) {
  const TableInfo* info = find_table(table.name);
  if (info == nullptr || table.name.empty()) {
    std::vector<std::string> names;
    for (const TableInfo& known : tables()) {
      if (!known.name.empty()) names.push_back(known.name);
    }
    diagnostics_.add(table.place, fmt::format("unknown table [{}]{}", table.name, did_you_mean(table.name, names)));
    return;
  }
  if (info->repeated != table.repeated) {
    const char* wanted = info->repeated ? "[[{0}]] (double brackets: there may be several)"
                                        : "[{0}] (single brackets: there is only one)";
    diagnostics_.add(table.place, "write " + fmt::format(fmt::runtime(wanted), table.name));
    return;
  }
  if (std::vector<FaultTable>* const late = late_tables(table.name)) {
    late->resize(std::max(late->size(), table.element + 1));
    (*late)[table.element].place = table.place;
  } else if (table.repeated) {
    scenario_.databases.resize(std::max(scenario_.databases.size(), table.element + 1));
  }
  places_.set(path_of(table.name, table.element, ""), table.place);
}

void Load::add_key(const RawKey& raw) {
  if (std::vector<FaultTable>* const late = late_tables(raw.table)) {
    if (raw.element < late->size()) (*late)[raw.element].keys.push_back(raw);
    return;
  }
  const TableInfo* info = find_table(raw.table);
  // An unknown or miswritten table was reported as a whole.
  if (info == nullptr || (info->repeated && raw.element >= scenario_.databases.size())) return;
  const Key* key = find_key(raw.table, raw.name);
  if (key == nullptr) return unknown_key(raw);
  apply(*key, raw.element, raw.value, raw.place);
}

void Load::unknown_key(const RawKey& raw) {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    if (key.table == raw.table) names.push_back(key.name);
  }
  std::string hint = did_you_mean(raw.name, names);
  // The right key in the wrong table is a common slip.
  for (const Key& key : keys()) {
    if (hint.empty() && key.name == raw.name) hint = fmt::format(" (did you mean {}?)", key.path());
  }
  if (hint.empty() && raw.table.empty()) hint = " (keys belong below a [table]; only bugs stands at the top)";
  const std::string where = raw.table.empty() ? "" : fmt::format(" in [{}]", raw.table);
  diagnostics_.add(raw.place, fmt::format("unknown key {}{}{}", raw.name, where, hint));
}

void Load::apply(const Key& key, std::size_t element, const RawValue& raw, const Place& key_place) {
  KeyValue value;
  std::string error;
  const Place& value_place = raw.place.line != 0 ? raw.place : key_place;
  if (!read_value(key, raw, value, error)) {
    diagnostics_.add(value_place, path_of(key.table, element, key.name) + ": " + error);
    return;
  }
  key.set(scenario_, element, value);
  const std::string path = path_of(key.table, element, key.name);
  places_.set(path, value_place);
  for (std::size_t i = 0; i < raw.items.size(); ++i) places_.set(fmt::format("{}[{}]", path, i), raw.items[i].place);
}

void Load::require_keys(const RawTable& table, const Document& document) {
  if (find_table(table.name) == nullptr) return;
  for (const Key& key : keys()) {
    if (key.table != table.name || !key.required) continue;
    bool found = false;
    for (const RawKey& raw : document.keys) {
      found = found || (raw.table == table.name && raw.element == table.element && raw.name == key.name);
    }
    if (!found) diagnostics_.add(table.place, fmt::format("missing key {} in [{}]", key.name, table.name));
  }
}

/// Sets or replaces a key of a table that is read at the end: "fault[0].for=5 s".
void Load::override_element(std::string_view table, const std::string& path, const std::string& name,
                            const std::string& value, const Place& place) {
  const std::string selector = path.substr(table.size());
  std::vector<FaultTable>& elements = *late_tables(table);
  std::size_t element = 0;
  const bool bracketed = selector.size() > 2 && selector.front() == '[' && selector.back() == ']';
  const char* end = bracketed ? selector.data() + selector.size() - 1 : nullptr;
  const bool is_number = bracketed && std::from_chars(selector.data() + 1, end, element).ptr == end;
  if (!is_number || element >= elements.size()) {
    diagnostics_.add(place, fmt::format("there is no {} {}", table, selector));
    return;
  }
  std::vector<RawKey>& keys = elements[element].keys;
  std::erase_if(keys, [&](const RawKey& key) { return key.name == name; });
  keys.push_back({std::string(table), element, name, place, parse_argument_value(value, place)});
}

bool Load::find_element(std::string_view selector, std::size_t& element) const {
  if (selector.size() > 2 && selector.front() == '[' && selector.back() == ']') {
    const char* end = selector.data() + selector.size() - 1;
    const auto parsed = std::from_chars(selector.data() + 1, end, element);
    return parsed.ec == std::errc{} && parsed.ptr == end && element < scenario_.databases.size();
  }
  for (element = 0; element < scenario_.databases.size(); ++element) {
    if (scenario_.databases[element].name == selector) return true;
  }
  return false;
}

std::vector<std::string> Load::all_paths() const {
  std::vector<std::string> paths;
  for (const Key& key : keys()) {
    if (key.table != "database") {
      paths.push_back(key.path());
      continue;
    }
    for (const DatabaseSpec& database : scenario_.databases)
      paths.push_back(fmt::format("database.{}.{}", database.name, key.name));
  }
  return paths;
}

void Load::add_override(const std::string& argument) {
  const Place place{"--set " + argument, 0, 0};
  const std::size_t equals = argument.find('=');
  if (equals == std::string::npos || equals == 0) {
    diagnostics_.add(place, "expected key=value, such as relay.quorum=4");
    return;
  }
  const std::string path = argument.substr(0, equals);
  const std::size_t dot = path.rfind('.');
  std::string table = dot == std::string::npos ? "" : path.substr(0, dot);
  const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
  std::size_t element = 0;
  if (table.rfind("database.", 0) == 0 || table.rfind("database[", 0) == 0) {
    const std::string selector = table.substr(table[8] == '.' ? 9 : 8);
    if (!find_element(selector, element)) {
      diagnostics_.add(place, fmt::format("there is no database {}", selector));
      return;
    }
    table = "database";
  } else if (const std::string late = table.substr(0, table.find('[')); late_tables(late) != nullptr) {
    const bool single = table == kSql;
    return override_element(late, single ? table + "[0]" : table, name, argument.substr(equals + 1), place);
  } else if (table == "database") {
    diagnostics_.add(place, "say which database: database.NAME.key or database[0].key");
    return;
  }
  const Key* key = find_key(table, name);
  if (key == nullptr) {
    diagnostics_.add(place, fmt::format("unknown key {}{}", path, did_you_mean(path, all_paths())));
    return;
  }
  const bool is_text = key->type == Type::kText || key->type == Type::kBugs;
  RawValue raw = parse_argument_value(argument.substr(equals + 1), place);
  if (is_text) raw.kind = RawValue::Kind::kText;  // quotes are optional, and "1" may be a name
  apply(*key, element, raw, place);
}

}  // namespace

LoadResult load_scenario(std::string_view text, const std::string& file, const std::vector<std::string>& overrides) {
  LoadResult result;
  Load load(result.scenario, result.diagnostics, file, text);
  const Document document = parse_document(text, file, result.diagnostics);
  if (!result.ok()) return result;  // without syntax nothing else can be said
  load.add_document(document);
  for (const std::string& argument : overrides) load.add_override(argument);
  load.finish();
  return result;
}

std::string resolved_toml(const Scenario& scenario) {
  std::string text;
  for (const TableInfo& table : tables()) {
    if (table.name == kFault) {
      if (!scenario.faults.empty()) text += "\n# " + table.doc + "\n";
      for (const sim::FaultRequest& fault : scenario.faults) text += "[[fault]]\n" + fault_toml(fault);
      continue;
    }
    if (table.name == kSql && scenario.workload.sql != nullptr)
      text += "\n# " + table.doc + "\n" + sql_toml(*scenario.workload.sql);
    if (table.name == kSql || table.name == kStatement || table.name == kAssertion) continue;
    if (table.name == kOperation) {
      if (!scenario.workload.script.empty()) text += "\n# " + table.doc + "\n";
      for (const model::ScriptedOperation& operation : scenario.workload.script)
        text += "[[operation]]\n" + operation_toml(operation);
      continue;
    }
    if (table.name == "cache" && scenario.workload.application != "edge-cache") continue;
    const std::size_t elements = table.repeated ? scenario.databases.size() : 1;
    for (std::size_t element = 0; element < elements; ++element) {
      if (!text.empty()) text += '\n';
      text += "# " + table.doc + "\n";
      if (!table.name.empty()) text += table.repeated ? "[[" + table.name + "]]\n" : "[" + table.name + "]\n";
      for (const Key& key : keys()) {
        if (key.table != table.name) continue;
        const std::string source = key.source.empty() ? "" : " [" + key.source + "]";
        text +=
            fmt::format("{} = {}  # {}{}\n", key.name, value_text(key, key.get(scenario, element)), key.doc, source);
      }
    }
  }
  return text;
}

}  // namespace tidemark::scenarios
