#include "scenarios/literals.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace tidemark::scenarios {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

std::string hex(std::string_view bytes) {
  std::string out = "x'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out + "'";
}

/// Behind the opening quote.
bool eat_quoted(std::string_view& text, std::string& out) {
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c != '\'') {
      out += c;
    } else if (!text.empty() && text.front() == '\'') {
      out += '\'';
      text.remove_prefix(1);
    } else {
      return true;
    }
  }
  return false;
}

bool eat_hex(std::string_view& text, std::string& bytes) {
  std::string digits;
  if (!eat_quoted(text, digits) || digits.size() % 2 != 0) return false;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const std::size_t high = kDigits.find(digits[i]);
    const std::size_t low = kDigits.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    bytes += static_cast<char>(high << 4 | low);
  }
  return true;
}

bool eat_number(std::string_view& text, model::SqlValue& value) {
  const std::size_t length = std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
  const char* const end = text.data() + length;
  std::int64_t integer = 0;
  const auto whole = std::from_chars(text.data(), end, integer);
  double real = 0;
  if (whole.ec == std::errc{} && whole.ptr == end) {
    value = integer;
  } else if (const auto parsed = std::from_chars(text.data(), end, real);
             parsed.ec == std::errc{} && parsed.ptr == end) {
    value = real;
  } else {
    return false;
  }
  text.remove_prefix(length);
  return true;
}

}  // namespace

std::string literal_of(const model::SqlValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
  if (const auto* blob = std::get_if<model::Blob>(&value)) return hex(blob->bytes);
  if (const auto* real = std::get_if<double>(&value)) {
    std::string text = fmt::format("{:.17g}", *real);
    return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
  }
  return "null";
}

bool eat_literal(std::string_view& text, model::SqlValue& value) {
  if (text.starts_with("null")) {
    text.remove_prefix(4);
    value = std::monostate();
    return true;
  }
  if (text.starts_with("'")) {
    text.remove_prefix(1);
    return eat_quoted(text, value.emplace<std::string>());
  }
  if (text.starts_with("x'")) {
    text.remove_prefix(2);
    return eat_hex(text, value.emplace<model::Blob>().bytes);
  }
  return !text.empty() && eat_number(text, value);
}

}  // namespace tidemark::scenarios
