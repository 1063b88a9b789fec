// Which SQL texts D1 may retry, judged by their words.
#include <array>

#include "model/worker/session.h"

namespace tidemark::model {
namespace {

constexpr std::array<std::string_view, 3> kReads = {"SELECT", "EXPLAIN", "WITH"};
constexpr std::array<std::string_view, 10> kWrites = {"INSERT", "UPDATE", "DELETE",  "REPLACE", "CREATE",
                                                      "DROP",   "ALTER",  "ANALYZE", "REINDEX", "PRAGMA"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_word(char c) {
  return (upper(c) >= 'A' && upper(c) <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool same_word(std::string_view word, std::string_view keyword) {
  if (word.size() != keyword.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (upper(word[i]) != keyword[i]) return false;
  }
  return true;
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& keywords) {
  for (const std::string_view keyword : keywords) {
    if (same_word(word, keyword)) return true;
  }
  return false;
}

/// Behind what starts at `from` if that is a literal, a quoted name or a comment; else `from` itself.
std::size_t skip_quoted(std::string_view sql, std::size_t from) {
  const auto after = [&](std::string_view end, std::size_t begin) {
    const std::size_t found = sql.find(end, begin);
    return found == std::string_view::npos ? sql.size() : found + end.size();
  };
  if (sql.substr(from, 2) == "--") return after("\n", from);
  if (sql.substr(from, 2) == "/*") return after("*/", from + 2);
  switch (sql[from]) {
    case '\'':
      return after("'", from + 1);
    case '"':
      return after("\"", from + 1);
    case '`':
      return after("`", from + 1);
    case '[':
      return after("]", from + 1);
    default:
      return from;
  }
}

}  // namespace

bool reads_by_keyword(std::string_view sql) {
  bool begun = false;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t behind = skip_quoted(sql, at);
    if (behind != at) {
      at = behind;
      continue;
    }
    if (!is_word(sql[at])) {
      if (sql[at] == ';') begun = false;  // the next statement has to begin with a reading word as well
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < sql.size() && is_word(sql[end])) ++end;
    const std::string_view word = sql.substr(at, end - at);
    if (is_one_of(word, kWrites) || (!begun && !is_one_of(word, kReads))) return false;
    begun = true;
    at = end;
  }
  return true;
}

}  // namespace tidemark::model
