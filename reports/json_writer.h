// JsonWriter: JSON text, members in the order of the calls, numbers in the shortest form that reads back equal.
//
//   JsonWriter json;
//   json.begin_object().key("seed").number(1).key("checks").begin_array().end_array().end_object();
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::reports {

class JsonWriter {
 public:
  enum class Style { kCompact, kIndented };
  explicit JsonWriter(Style style = Style::kCompact) : style_(style) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  /// Objects only, before the value.
  JsonWriter& key(std::string_view name);
  /// Bytes that are no valid UTF-8 become U+FFFD.
  JsonWriter& text(std::string_view value);
  JsonWriter& number(std::int64_t value);
  JsonWriter& number(std::uint64_t value);
  JsonWriter& number(int value) { return number(static_cast<std::int64_t>(value)); }
  JsonWriter& number(std::uint32_t value) { return number(static_cast<std::uint64_t>(value)); }
  /// Not a number and infinite become null.
  JsonWriter& number(double value);
  /// With exactly this many decimals.
  JsonWriter& fixed(double value, int decimals);
  JsonWriter& fixed(const std::optional<double>& value, int decimals);
  JsonWriter& boolean(bool value);
  JsonWriter& null();

  /// The finished text, without a line break at the end. Asserts that everything is closed.
  const std::string& str() const;

 private:
  void before_value();
  void open(char bracket);
  void close(char bracket);
  void new_line();

  const Style style_;
  std::string out_;
  std::vector<bool> has_items_;  // one per open object or array
  bool after_key_ = false;
};

/// `text` in quotes with escapes.
std::string json_string(std::string_view text);

}  // namespace tidemark::reports
