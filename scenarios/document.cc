#include "scenarios/document.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <fmt/core.h>
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

#include "scenarios/quantity.h"

namespace tidemark::scenarios {
namespace {

Place place_of(const toml::source_region& source, const std::string& file) {
  return {file, static_cast<std::uint32_t>(source.begin.line), static_cast<std::uint32_t>(source.begin.column)};
}

const char* kind_name(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  return "a date or time";
}

RawValue value_of(const toml::node& node, const std::string& file) {
  RawValue value;
  value.place = place_of(node.source(), file);
  if (const auto* text = node.as_string()) {
    value.kind = RawValue::Kind::kText;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = RawValue::Kind::kInteger;
    value.integer = integer->get();
    value.text = fmt::format("{}", integer->get());
  } else if (const auto* number = node.as_floating_point()) {
    value.kind = RawValue::Kind::kNumber;
    // Negative, infinite and not-a-number texts fail in parse_number, as they should.
    const double d = number->get();
    value.text = d >= 0 && d < 1e300 ? print_number(d) : fmt::format("{}", d);
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = RawValue::Kind::kBool;
    value.boolean = boolean->get();
    value.text = boolean->get() ? "true" : "false";
  } else if (const auto* array = node.as_array()) {
    value.kind = RawValue::Kind::kList;
    for (const toml::node& item : *array) value.items.push_back(value_of(item, file));
  } else {
    value.text = kind_name(node);
  }
  return value;
}

/// toml++ keeps a table's keys by name; messages and documents go by place.
template <typename Item>
void sort_by_place(std::vector<Item>& items) {
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    if (a.place.line != b.place.line) return a.place.line < b.place.line;
    return a.place.column < b.place.column;
  });
}

void add_table(const toml::table& table, RawTable entry, const std::string& file, Document& document) {
  for (const auto& [key, node] : table) {
    document.keys.push_back(
        {entry.name, entry.element, std::string(key.str()), place_of(key.source(), file), value_of(node, file)});
  }
  document.tables.push_back(std::move(entry));
}

bool is_array_of_tables(const toml::node& node) {
  const toml::array* array = node.as_array();
  return array != nullptr && !array->empty() && array->get(0)->is_table();
}

void add_top_level(const toml::key& key, const toml::node& node, const std::string& file, Document& document) {
  const std::string name(key.str());
  const Place place = place_of(key.source(), file);
  if (const toml::table* table = node.as_table()) {
    add_table(*table, {name, false, 0, place}, file, document);
  } else if (is_array_of_tables(node)) {
    std::size_t element = 0;
    for (const toml::node& item : *node.as_array()) {
      if (const toml::table* item_table = item.as_table()) {
        add_table(*item_table, {name, true, element++, place_of(item.source(), file)}, file, document);
      }
    }
  } else {
    document.keys.push_back({"", 0, name, place, value_of(node, file)});
  }
}

/// Line of the quotes that open a text of several lines which has no end; 0: there is none.
std::size_t open_text(std::string_view file) {
  constexpr std::size_t kQuotes = 3;
  for (std::size_t at = 0; at < file.size();) {
    const std::size_t open = std::min(file.find("\"\"\"", at), file.find("'''", at));
    if (open == std::string_view::npos) return 0;
    const std::size_t close = file.find(file.substr(open, kQuotes), open + kQuotes);
    if (close == std::string_view::npos)
      return 1 +
             static_cast<std::size_t>(std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(open), '\n'));
    at = close + kQuotes;
  }
  return 0;
}

/// What is mostly behind a syntax error, where its words do not say.
std::string syntax_hint(std::string_view message, std::string_view file) {
  const auto says = [message](std::string_view words) { return message.find(words) != std::string_view::npos; };
  // duration = 10 s is the slip that everybody makes once.
  if (says("expected a comment or whitespace")) return " (write quantities in quotes: \"10 s\")";
  if (says("unescaped control characters")) return " (is the closing quote missing?)";
  const std::size_t line = says("end-of-file") ? open_text(file) : 0;
  return line == 0 ? "" : fmt::format(" (the text that begins in line {} has no closing quotes)", line);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

RawValue list_of(std::string_view inside, const Place& place) {
  RawValue list;
  list.kind = RawValue::Kind::kList;
  list.place = place;
  while (!trim(inside).empty()) {
    const std::size_t comma = std::min(inside.find(','), inside.size());
    list.items.push_back(parse_argument_value(inside.substr(0, comma), place));
    inside.remove_prefix(std::min(comma + 1, inside.size()));
  }
  return list;
}

bool is_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || point + 1 == text.size()) return false;
  return text.find_first_not_of("0123456789.") == std::string_view::npos &&
         text.find('.', point + 1) == std::string_view::npos;
}

}  // namespace

Document parse_document(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  Document document;
  const toml::parse_result result = toml::parse(text, std::string_view(file));
  if (!result) {
    const toml::parse_error& error = result.error();
    std::string message(error.description());
    message += syntax_hint(message, text);
    diagnostics.add(place_of(error.source(), file), std::move(message));
    return document;
  }
  for (const auto& [key, node] : result.table()) add_top_level(key, node, file, document);
  sort_by_place(document.keys);
  sort_by_place(document.tables);
  return document;
}

RawValue parse_argument_value(std::string_view text, const Place& place) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    return list_of(text.substr(1, text.size() - 2), place);
  RawValue value;
  value.place = place;
  value.text = text;
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    value.kind = RawValue::Kind::kText;
    value.text = text.substr(1, text.size() - 2);
    return value;
  }
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value.integer);
  if (text == "true" || text == "false") {
    value.kind = RawValue::Kind::kBool;
    value.boolean = text == "true";
  } else if (!text.empty() && parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) {
    value.kind = RawValue::Kind::kInteger;
  } else {
    value.kind = is_decimal(text) ? RawValue::Kind::kNumber : RawValue::Kind::kText;
  }
  return value;
}

}  // namespace tidemark::scenarios
