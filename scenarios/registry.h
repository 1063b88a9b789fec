// The registry of scenario keys: one row per key, from which parsing, --set, the JSON Schema, the resolved file and the
// documentation are derived. Adding an option means adding a row here (keys_*.cc) and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "scenarios/document.h"
#include "scenarios/scenario.h"

namespace tidemark::scenarios {

enum class Type : std::uint8_t {
  kDuration,
  kSize,
  kBitRate,
  kByteRate,  // texts with a unit, integers inside
  kRatio,
  kRate,    // texts with a unit, doubles inside
  kCount,   // a whole number
  kNumber,  // a number without dimension (an exponent, a sigma)
  kSwitch,  // true or false
  kText,
  kChoice,  // one of `choices`
  kTextList,
  kBugs,  // "none" or ids joined by commas
};

/// "duration", "count", ...: what messages and documentation call it.
const char* type_name(Type type);

/// A value of any type: integers for the integer types, the index for choices.
using KeyValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::string>>;

/// Inclusive bounds, in the type's own unit (ns, bytes, share of 1, ...); of a text its length.
struct Range {
  double low = 0;
  double high = 0;
};

struct Key {
  std::string table;  // "" = top of the file; "database" is the repeated table
  std::string name;
  Type type = Type::kCount;
  Range range;
  std::vector<std::string> choices;
  bool required = false;
  std::string doc;     // one line, a plain sentence
  std::string source;  // where the default comes from; empty = ours or obvious
  /// `element` is the index of the repeated table; ignored for others.
  std::function<KeyValue(const Scenario& scenario, std::size_t element)> get;
  std::function<void(Scenario& scenario, std::size_t element, const KeyValue& value)> set;

  std::string path() const { return table.empty() ? name : table + "." + name; }
};

struct TableInfo {
  std::string name;
  bool repeated = false;
  std::string doc;
};

/// In the order in which the resolved file lists them.
const std::vector<TableInfo>& tables();
const std::vector<Key>& keys();
/// A scenario in which every key has its default; one database.
const Scenario& default_scenario();
/// nullptr when there is none.
const TableInfo* find_table(std::string_view name);
const Key* find_key(std::string_view table, std::string_view name);

/// Checks type, unit and range. False and a cause (without a place) in `error`.
bool read_value(const Key& key, const RawValue& raw, KeyValue& value, std::string& error);
/// The TOML text of a value: `"20 ms"`, `5`, `["IAD", "FRA"]`. read_value of it gives the same value.
std::string value_text(const Key& key, const KeyValue& value);
/// A TOML string with its quotes and escapes.
std::string toml_string(std::string_view text);
/// "0 s to 10 min"; empty when the type has no range worth saying.
std::string range_text(const Key& key);

}  // namespace tidemark::scenarios
