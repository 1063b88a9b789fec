#include "scenarios/source_text.h"

#include <cstdint>
#include <string>

namespace tidemark::scenarios {
namespace {

/// A position in the file that knows its line and column. Columns count characters, as those of toml++ do.
struct Cursor {
  std::string_view rest;
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  bool ends() const { return rest.empty(); }
  void step() {
    const bool inside = rest.size() > 1 && (static_cast<unsigned char>(rest[1]) & 0xc0U) == 0x80;
    if (rest.front() == '\n') {
      ++line;
      column = 1;
    } else if (!inside) {
      ++column;
    }
    rest.remove_prefix(1);
  }
  void steps(std::size_t count) {
    for (; count > 0 && !ends(); --count) step();
  }
};

std::size_t utf8_bytes(std::uint32_t code) {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/// Passes one escape, and says how many bytes of the value it stands for.
std::size_t pass_escape(Cursor& cursor, bool many_lines) {
  const char kind = cursor.rest.size() > 1 ? cursor.rest[1] : '\\';
  const std::size_t digits = kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (digits > 0) {
    std::uint32_t code = 0;
    const std::string_view hex = cursor.rest.substr(2, digits);
    for (const char c : hex) code = code * 16 + static_cast<std::uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    cursor.steps(2 + digits);
    return utf8_bytes(code);
  }
  const bool joins_lines = many_lines && (kind == '\n' || kind == ' ' || kind == '\t' || kind == '\r');
  cursor.steps(joins_lines ? 1 : 2);
  if (!joins_lines) return 1;
  while (!cursor.ends() && std::string_view(" \t\r\n").find(cursor.rest.front()) != std::string_view::npos)
    cursor.step();
  return 0;
}

}  // namespace

Place SourceText::at(const Place& literal, std::size_t offset) const {
  if (literal.line == 0) return literal;
  Cursor cursor{file_};
  while (!cursor.ends() && (cursor.line != literal.line || cursor.column != literal.column)) cursor.step();
  if (cursor.ends()) return literal;
  const std::string quote(1, cursor.rest.front());
  if (quote != "\"" && quote != "'") return literal;
  const bool many_lines = cursor.rest.starts_with(quote + quote + quote);
  cursor.steps(many_lines ? 3 : 1);
  if (many_lines && cursor.rest.starts_with("\r\n")) cursor.step();
  if (many_lines && cursor.rest.starts_with("\n")) cursor.step();
  for (std::size_t passed = 0; !cursor.ends();) {
    // An escape at which lines are joined stands for nothing: what is asked for comes behind it.
    // toml++ makes one character of the end of a line.
    if (many_lines && cursor.rest.starts_with("\r\n")) cursor.step();
    const bool escape = quote == "\"" && cursor.rest.front() == '\\';
    if (passed >= offset && !(escape && many_lines)) break;
    if (escape) {
      const Cursor before = cursor;
      const std::size_t bytes = pass_escape(cursor, many_lines);
      if (passed + bytes > offset) return {literal.file, before.line, before.column};
      passed += bytes;
    } else {
      cursor.step();
      ++passed;
    }
  }
  return {literal.file, cursor.line, cursor.column};
}

}  // namespace tidemark::scenarios
