#include "scenarios/registry.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/assert.h"
#include "model/types/bugs.h"
#include "scenarios/key_table.h"
#include "scenarios/quantity.h"

namespace tidemark::scenarios {
namespace {

/// The unit of a type that is written with one.
bool unit_of(Type type, Unit& unit) {
  switch (type) {
    case Type::kDuration:
      return unit = Unit::kDuration, true;
    case Type::kSize:
      return unit = Unit::kSize, true;
    case Type::kBitRate:
      return unit = Unit::kBitRate, true;
    case Type::kByteRate:
      return unit = Unit::kByteRate, true;
    case Type::kRatio:
      return unit = Unit::kRatio, true;
    case Type::kRate:
      return unit = Unit::kRate, true;
    default:
      return false;
  }
}

bool is_integer_unit(Unit unit) {
  return unit != Unit::kRatio && unit != Unit::kRate;
}

const char* kind_name(const RawValue& raw) {
  switch (raw.kind) {
    case RawValue::Kind::kText:
      return "a text";
    case RawValue::Kind::kInteger:
    case RawValue::Kind::kNumber:
      return "a number";
    case RawValue::Kind::kBool:
      return "true or false";
    case RawValue::Kind::kList:
      return "a list";
    case RawValue::Kind::kOther:
      break;
  }
  return raw.text.empty() ? "something else" : raw.text.c_str();
}

bool wrong_type(const std::string& expected, const RawValue& raw, std::string& error) {
  error = fmt::format("expected {}, found {}", expected, kind_name(raw));
  return false;
}

bool in_range(const Key& key, double number, const std::string& text, std::string& error) {
  if (number >= key.range.low && number <= key.range.high) return true;
  error = fmt::format("{} is out of range ({})", text, range_text(key));
  return false;
}

std::string bound_text(Type type, double bound) {
  Unit unit{};
  if (unit_of(type, unit)) {
    return is_integer_unit(unit) ? print_quantity(unit, static_cast<std::int64_t>(bound)) : print_quantity(unit, bound);
  }
  return print_number(bound);
}

bool read_with_unit(const Key& key, Unit unit, const RawValue& raw, KeyValue& value, std::string& error) {
  const bool number = raw.kind == RawValue::Kind::kInteger || raw.kind == RawValue::Kind::kNumber;
  if (number) {
    error = fmt::format("{} has no unit; write a {} such as \"{}\"", raw.text, unit_name(unit), unit_example(unit));
    return false;
  }
  if (raw.kind != RawValue::Kind::kText) {
    return wrong_type(fmt::format("a {} such as \"{}\"", unit_name(unit), unit_example(unit)), raw, error);
  }
  if (is_integer_unit(unit)) {
    std::int64_t integer = 0;
    if (!parse_quantity(unit, raw.text, integer, error)) return false;
    value = integer;
    return in_range(key, static_cast<double>(integer), "\"" + raw.text + "\"", error);
  }
  double real = 0;
  if (!parse_quantity(unit, raw.text, real, error)) return false;
  value = real;
  return in_range(key, real, "\"" + raw.text + "\"", error);
}

bool read_count(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  if (raw.kind == RawValue::Kind::kText) {
    error = fmt::format("expected a whole number without a unit, found \"{}\"", raw.text);
    return false;
  }
  if (raw.kind != RawValue::Kind::kInteger) return wrong_type("a whole number", raw, error);
  value = raw.integer;
  return in_range(key, static_cast<double>(raw.integer), raw.text, error);
}

bool read_number(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  const bool number = raw.kind == RawValue::Kind::kInteger || raw.kind == RawValue::Kind::kNumber;
  if (!number) return wrong_type("a plain number such as 0.5", raw, error);
  double real = 0;
  if (raw.kind == RawValue::Kind::kInteger && raw.integer < 0) return in_range(key, -1, raw.text, error);
  if (!parse_number(raw.text, real, error)) return false;
  value = real;
  return in_range(key, real, raw.text, error);
}

bool read_text(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  if (raw.kind != RawValue::Kind::kText) return wrong_type("a text in quotes", raw, error);
  value = raw.text;
  const auto length = static_cast<double>(raw.text.size());
  if (length < key.range.low) {
    error = "must not be empty";
    return false;
  }
  if (length > key.range.high) {
    error = fmt::format("is longer than {} characters", key.range.high);
    return false;
  }
  if (std::any_of(raw.text.begin(), raw.text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
    error = "must be one line without control characters";
    return false;
  }
  return true;
}

bool read_choice(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  std::string list;
  for (const std::string& choice : key.choices) list += (list.empty() ? "" : ", ") + choice;
  if (raw.kind != RawValue::Kind::kText) return wrong_type("one of " + list, raw, error);
  const auto found = std::find(key.choices.begin(), key.choices.end(), raw.text);
  value = static_cast<std::int64_t>(found - key.choices.begin());
  if (found != key.choices.end()) return true;
  error = fmt::format("\"{}\" is not one of {}{}", raw.text, list, did_you_mean(raw.text, key.choices));
  return false;
}

bool read_list(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  // On the command line one item needs no brackets: --set workload.cities=IAD
  std::vector<std::string> list;
  if (raw.kind == RawValue::Kind::kText && raw.place.line == 0) {
    std::string_view rest = raw.text;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      list.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    value = list;
    return true;
  }
  if (raw.kind != RawValue::Kind::kList) return wrong_type("a list of texts such as [\"IAD\", \"FRA\"]", raw, error);
  for (const RawValue& item : raw.items) {
    if (item.kind != RawValue::Kind::kText) return wrong_type("only texts in the list", item, error);
    list.push_back(item.text);
  }
  value = list;
  if (static_cast<double>(list.size()) <= key.range.high) return true;
  error = fmt::format("has more than {} items", key.range.high);
  return false;
}

bool read_bugs(const RawValue& raw, KeyValue& value, std::string& error) {
  if (raw.kind != RawValue::Kind::kText) return wrong_type("\"none\" or ids such as \"F1,G2\"", raw, error);
  model::BugSet bugs;
  std::vector<std::string> known = {"none"};
  for (const model::BugInfo& info : model::bug_catalogue()) known.emplace_back(info.id);
  std::string_view rest = raw.text;
  while (raw.text != "none") {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view id = rest.substr(0, comma);
    const model::BugInfo* info = model::find_bug(id);
    if (info == nullptr) {
      error = fmt::format("\"{}\" is not a bug of the catalogue{}; see `tidemark bugs`", id, did_you_mean(id, known));
      return false;
    }
    bugs.add(info->bug);
    if (comma == rest.size()) break;
    rest.remove_prefix(comma + 1);
  }
  value = bugs.text();
  return true;
}

}  // namespace

const char* type_name(Type type) {
  Unit unit{};
  if (unit_of(type, unit)) return unit_name(unit);
  switch (type) {
    case Type::kCount:
      return "count";
    case Type::kNumber:
      return "number";
    case Type::kSwitch:
      return "true or false";
    case Type::kText:
      return "text";
    case Type::kChoice:
      return "choice";
    case Type::kTextList:
      return "list of texts";
    case Type::kBugs:
      return "bugs";
    default:
      break;
  }
  TIDEMARK_ASSERT(false, "no such type");
}

const std::vector<TableInfo>& tables() {
  static const std::vector<TableInfo> kTables = {
      {"", false, "Head of the file."},
      {"scenario", false, "What this scenario is and how long it runs."},
      {"cluster", false, "What belongs to the whole cluster."},
      {"net", false, "The network."},
      {"disk", false, "The disks of primaries, followers and replicas."},
      {"objects", false, "The object store (cold storage)."},
      {"relay", false, "The storage relay: log, quorum, confirms, cold storage."},
      {"control", false, "The control plane: failure detection, leases, hosts and followers in reserve."},
      {"database-defaults", false, "Every database instance."},
      {"database", true, "One database: a primary, its followers, its replicas."},
      {"worker", false, "The stateless worker between client and database."},
      {"workload", false, "The clients."},
      {"cache", false, "The cache of each PoP, for application = \"edge-cache\" (docs/apps/edge_cache.md)."},
      {"sql", false, "The tables of an application as SQL, for kind = \"sql\" (docs/apps/sql.md)."},
      {"statement", true, "What its clients do: one statement, or a batch."},
      {"assertion", true, "What must hold in every state that an answer was served from."},
      {"operation", true, "One operation of a client, for arrival = \"script\" (docs/scenario_format.md)."},
      {"faults", false, "What holds for all faults."},
      {"fault", true, "One fault, or a random process of faults (docs/faults.md)."},
      {"swarm", false, "What is drawn from the seed of each run."},
      {"checks", false, "What is recorded and judged."},
  };
  return kTables;
}

const Scenario& default_scenario() {
  static const Scenario kDefault = [] {
    Scenario scenario;
    scenario.databases.emplace_back();
    return scenario;
  }();
  return kDefault;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> kKeys = [] {
    std::vector<Key> rows;
    add_scenario_keys(rows);
    add_world_keys(rows);
    add_model_keys(rows);
    add_workload_keys(rows);
    add_fault_keys(rows);
    return rows;
  }();
  return kKeys;
}

const TableInfo* find_table(std::string_view name) {
  for (const TableInfo& table : tables()) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

const Key* find_key(std::string_view table, std::string_view name) {
  for (const Key& key : keys()) {
    if (key.table == table && key.name == name) return &key;
  }
  return nullptr;
}

bool read_value(const Key& key, const RawValue& raw, KeyValue& value, std::string& error) {
  Unit unit{};
  if (unit_of(key.type, unit)) return read_with_unit(key, unit, raw, value, error);
  switch (key.type) {
    case Type::kCount:
      return read_count(key, raw, value, error);
    case Type::kNumber:
      return read_number(key, raw, value, error);
    case Type::kText:
      return read_text(key, raw, value, error);
    case Type::kChoice:
      return read_choice(key, raw, value, error);
    case Type::kTextList:
      return read_list(key, raw, value, error);
    case Type::kBugs:
      return read_bugs(raw, value, error);
    case Type::kSwitch:
      value = raw.boolean;
      return raw.kind == RawValue::Kind::kBool || wrong_type("true or false", raw, error);
    default:
      break;
  }
  TIDEMARK_ASSERT(false, "no such type");
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string value_text(const Key& key, const KeyValue& value) {
  Unit unit{};
  if (unit_of(key.type, unit)) {
    return toml_string(is_integer_unit(unit) ? print_quantity(unit, std::get<std::int64_t>(value))
                                             : print_quantity(unit, std::get<double>(value)));
  }
  switch (key.type) {
    case Type::kCount:
      return fmt::format("{}", std::get<std::int64_t>(value));
    case Type::kNumber:
      return print_number(std::get<double>(value));
    case Type::kSwitch:
      return std::get<bool>(value) ? "true" : "false";
    case Type::kText:
    case Type::kBugs:
      return toml_string(std::get<std::string>(value));
    case Type::kChoice:
      return toml_string(key.choices.at(static_cast<std::size_t>(std::get<std::int64_t>(value))));
    default:
      break;
  }
  std::string list;
  for (const std::string& item : std::get<std::vector<std::string>>(value))
    list += (list.empty() ? "" : ", ") + toml_string(item);
  return "[" + list + "]";
}

std::string range_text(const Key& key) {
  const bool has_range = key.type <= Type::kNumber;
  if (!has_range) return {};
  return fmt::format("{} to {}", bound_text(key.type, key.range.low), bound_text(key.type, key.range.high));
}

}  // namespace tidemark::scenarios
