#include "reports/witness_shape.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tidemark::reports {
namespace {

constexpr std::size_t kLongest = 200;
constexpr std::string_view kEntry = "<entry>";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool all(std::string_view text, bool (*is)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

/// "At 1.5 s, database shop: it did" becomes "it did"; other openings stay.
std::string_view without_place(std::string_view text) {
  constexpr std::string_view kDatabase = ", database ";
  if (text.substr(0, 3) != "At ") return text;
  const std::size_t database = text.find(kDatabase);
  if (database == std::string_view::npos) return text;
  const std::size_t end = text.find(": ", database + kDatabase.size());
  return end == std::string_view::npos ? text : text.substr(end + 2);
}

/// An operation that says something is quoted in full before the contradiction: only the latter makes the class.
std::string_view contradiction(std::string_view text) {
  const std::size_t says = text.find(" says: ");
  if (says == std::string_view::npos) return text;
  const std::size_t end = std::min(text.find(" However, ", says), text.find(" Yet ", says));
  return end == std::string_view::npos ? text.substr(0, says + 5) : text.substr(end + 1);
}

/// Takes out "(...)", and leaves of "[...]" only the brackets.
std::string without_brackets(std::string_view text) {
  std::string out;
  int round = 0, square = 0;
  for (const char c : text) {
    if (c == '(' && round++ == 0 && !out.empty() && out.back() == ' ') out.pop_back();
    if (c == '[' && round == 0 && square++ == 0) out += "[..]";
    if (round == 0 && square == 0) out += c;
    if (c == ')' && round > 0) --round;
    if (c == ']' && round == 0 && square > 0) --square;
  }
  return out;
}

/// 'read 1 = 5' becomes '..'; the apostrophe of a genitive is none.
std::string without_quotes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    const bool opens = text[i] == '\'' && (i == 0 || text[i - 1] == ' ');
    const std::size_t end = opens ? text.find('\'', i + 1) : std::string::npos;
    if (end == std::string::npos) continue;
    out += "..'";
    i = end;
  }
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

/// "00000001-0000002a", with or without day and digest.
bool is_entry(std::string_view word) {
  std::size_t parts = 0;
  while (!word.empty()) {
    const std::string_view part = word.substr(0, word.find('-'));
    if (!all(part, is_hex) || (part.size() != 8 && part.size() != 32)) return false;
    word.remove_prefix(std::min(word.size(), part.size() + 1));
    ++parts;
  }
  return parts >= 2;
}

bool is_number(std::string_view word) {
  if (!word.empty() && word[0] == '-') word.remove_prefix(1);
  if (!word.empty() && word.back() == '%') word.remove_suffix(1);
  return !word.empty() && is_digit(word[0]) &&
         std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
}

bool is_unit(std::string_view word) {
  constexpr std::array<std::string_view, 9> kUnits = {"ns", "us", "ms", "s", "min", "h", "d", "%", "MiB"};
  return std::find(kUnits.begin(), kUnits.end(), word) != kUnits.end();
}

bool is_region(std::string_view word) {
  constexpr std::array<std::string_view, 9> kRegions = {"WNAM", "ENAM", "SAM", "WEUR", "EEUR",
                                                        "APAC", "OC",   "AFR", "ME"};
  return std::find(kRegions.begin(), kRegions.end(), word) != kRegions.end();
}

/// "shop/follower-3" and "shop/replica-EWR" are a follower and a replica.
std::string role_of(std::string_view node) {
  const std::string_view name = node.substr(node.rfind('/') + 1);
  const std::string_view role = name.substr(0, name.find('-'));
  return role == "standby" ? "primary" : std::string(role);
}

/// "T12" and "key7" keep their letters.
std::string without_digits(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (!is_digit(c)) out += c;
    if (is_digit(c) && (out.empty() || out.back() != '#')) out += '#';
  }
  return out;
}

std::string placeholder(std::string_view word) {
  if (is_entry(word)) return std::string(kEntry);
  if (is_number(word)) return "#";
  if (word.find('/') != std::string_view::npos && !is_digit(word[0])) return role_of(word);
  if (word.size() >= 16 && all(word, is_hex)) return "<digest>";
  if (is_region(word) || (word.size() == 3 && all(word, is_upper) && word != "WAL")) return "<region>";
  return without_digits(word);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return words;
}

/// The word between its punctuation is replaced.
std::string generalised(std::string_view word) {
  constexpr std::string_view kMarks = ",.:;\"";
  const std::size_t begin = std::min(word.find_first_not_of(kMarks), word.size());
  const std::size_t end = word.find_last_not_of(kMarks) + 1;
  if (begin >= end) return std::string(word);
  return std::string(word.substr(0, begin)) + placeholder(word.substr(begin, end - begin)) +
         std::string(word.substr(end));
}

}  // namespace

std::string witness_shape(std::string_view witness) {
  std::string_view text = witness.substr(0, witness.find('\n'));
  text = contradiction(without_place(text));
  std::string plain = replaced(without_quotes(without_brackets(text)), "the empty database", kEntry);
  plain.resize(std::min({plain.size(), plain.find("; "), plain.find(". ")}));
  plain.resize(plain.find_last_not_of(".;") + 1);

  std::string shape, last;
  bool after_number = false;
  for (const std::string_view word : words_of(plain)) {
    const std::string_view bare = word.substr(0, word.find_last_not_of(",:;") + 1);
    if (after_number && is_unit(bare)) {
      shape += word.substr(bare.size());
      continue;
    }
    std::string general = generalised(word);
    // "1 entry" is rare enough; "1 follower" and "4 followers" are one thing.
    if (after_number && general.size() > 3 && general.back() == 's' && is_lower(general[0])) general.pop_back();
    after_number = general == "#";
    // "follower shop/follower-3" is one follower.
    if (general == last && is_lower(general[0])) continue;
    shape += (shape.empty() ? "" : " ") + general;
    last = general;
  }
  shape.resize(std::min(shape.size(), kLongest));
  return shape;
}

}  // namespace tidemark::reports
