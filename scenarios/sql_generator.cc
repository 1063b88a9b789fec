// The text of a parameter of [[statement]]: "amount = uniform 1 to 9".
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "scenarios/literals.h"
#include "scenarios/quantity.h"
#include "scenarios/sql_table.h"

namespace tidemark::scenarios {
namespace {

using model::SqlGenerator;
using model::SqlParameter;
using model::SqlValue;
using Kind = SqlGenerator::Kind;

constexpr std::int64_t kMostRanks = 1'000'000;    // of zipf: it has a table
constexpr std::int64_t kLongestText = 1'000'000;  // letters
constexpr double kMostExponent = 10;
constexpr std::int64_t kMostNumber = std::int64_t{1} << 61;  // so that the width of a range is a number as well

struct Form {
  Kind kind;
  std::string_view word;
};
constexpr Form kForms[] = {
    {Kind::kUniform, "uniform"}, {Kind::kZipf, "zipf"},     {Kind::kSequence, "sequence"}, {Kind::kUnique, "unique"},
    {Kind::kText, "text"},       {Kind::kChoice, "choice"}, {Kind::kClient, "client"},     {Kind::kNow, "now"},
};

/// The text, word by word.
struct Words {
  std::string_view rest;
  void skip() {
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
  }
  bool ends() {
    skip();
    return rest.empty();
  }
  std::string_view word() {
    skip();
    const std::size_t length = std::min(rest.find_first_of(" \t=,"), rest.size());
    const std::string_view found = rest.substr(0, length);
    rest.remove_prefix(length);
    return found;
  }
  bool eat(std::string_view what) {
    skip();
    if (!rest.starts_with(what)) return false;
    rest.remove_prefix(what.size());
    return true;
  }
  std::optional<std::int64_t> integer() {
    const std::string_view text = word();
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
    if (number < -kMostNumber || number > kMostNumber) return std::nullopt;
    return number;
  }
};

bool fail(std::string& error, std::string message) {
  error = std::move(message);
  return false;
}

/// "1 to 9"; "9" alone only where `alone` allows it.
bool read_range(Words& words, SqlGenerator& generator, bool alone, std::string& error) {
  const std::optional<std::int64_t> low = words.integer();
  if (!low) return fail(error, alone ? "expected a number of letters" : "expected a range such as 1 to 9");
  generator.low = generator.high = *low;
  if (!words.eat("to")) return alone || fail(error, "expected a range such as 1 to 9");
  const std::optional<std::int64_t> high = words.integer();
  if (!high) return fail(error, "expected a whole number after to");
  generator.high = *high;
  if (*high < *low) return fail(error, fmt::format("{} is less than {}", *high, *low));
  return true;
}

bool read_zipf(Words& words, SqlGenerator& generator, std::string& error) {
  if (!read_range(words, generator, false, error)) return false;
  const auto ranks = static_cast<std::uint64_t>(generator.high) - static_cast<std::uint64_t>(generator.low);
  if (ranks >= static_cast<std::uint64_t>(kMostRanks))
    return fail(error, fmt::format("zipf has at most {} numbers", kMostRanks));
  if (!words.eat("exponent")) return true;
  if (!parse_number(words.word(), generator.exponent, error)) return false;
  return generator.exponent <= kMostExponent || fail(error, fmt::format("the exponent is at most {}", kMostExponent));
}

bool read_text_length(Words& words, SqlGenerator& generator, std::string& error) {
  if (!read_range(words, generator, true, error)) return false;
  const bool good = generator.low >= 0 && generator.high <= kLongestText;
  return good || fail(error, fmt::format("a text has 0 to {} letters", kLongestText));
}

/// Bare words are texts.
bool read_choices(Words& words, SqlGenerator& generator, std::string& error) {
  do {
    words.skip();
    SqlValue value;
    std::string_view ahead = words.rest;
    if (eat_literal(ahead, value) && (Words{ahead}.ends() || Words{ahead}.eat(","))) {
      words.rest = ahead;
    } else {
      const std::size_t length = std::min(words.rest.find(','), words.rest.size());
      std::string_view bare = words.rest.substr(0, length);
      while (!bare.empty() && bare.back() == ' ') bare.remove_suffix(1);
      if (bare.empty()) return fail(error, "expected values such as: choice red, green, 7");
      value = std::string(bare);
      words.rest.remove_prefix(length);
    }
    generator.choices.push_back(std::move(value));
  } while (words.eat(","));
  return true;
}

bool read_generator(Words& words, SqlGenerator& generator, std::string& error) {
  const std::string_view word = words.word();
  const auto* form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& f) { return f.word == word; });
  if (form == std::end(kForms)) {
    std::vector<std::string> known;
    for (const Form& f : kForms) known.emplace_back(f.word);
    std::string list;
    for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
    return fail(error, fmt::format("\"{}\" is not one of {}{}", word, list, did_you_mean(word, known)));
  }
  generator.kind = form->kind;
  switch (form->kind) {
    case Kind::kUniform:
      return read_range(words, generator, false, error);
    case Kind::kZipf:
      return read_zipf(words, generator, error);
    case Kind::kText:
      return read_text_length(words, generator, error);
    case Kind::kChoice:
      return read_choices(words, generator, error);
    default:
      return true;
  }
}

std::string range_of(const SqlGenerator& generator) {
  return fmt::format("{} to {}", generator.low, generator.high);
}

}  // namespace

bool read_parameter(std::string_view text, SqlParameter& parameter, std::string& error) {
  Words words{text};
  words.eat(":");
  parameter.name = words.word();
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool good = !parameter.name.empty() && std::all_of(parameter.name.begin(), parameter.name.end(), plain) &&
                    !(parameter.name.front() >= '0' && parameter.name.front() <= '9');
  if (!good || !words.eat("=")) return fail(error, "expected NAME = GENERATOR, such as \"amount = uniform 1 to 9\"");
  if (!read_generator(words, parameter.generator, error)) return false;
  return words.ends() || fail(error, fmt::format("\"{}\" is too much", words.rest));
}

std::string to_text(const SqlParameter& parameter) {
  const SqlGenerator& generator = parameter.generator;
  const auto* form =
      std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& f) { return f.kind == generator.kind; });
  std::string text = fmt::format("{} = {}", parameter.name, form->word);
  switch (generator.kind) {
    case Kind::kUniform:
      return text + " " + range_of(generator);
    case Kind::kZipf:
      text += " " + range_of(generator);
      return generator.exponent == 1 ? text : text + " exponent " + print_number(generator.exponent);
    case Kind::kText:
      return text + " " + (generator.low == generator.high ? fmt::format("{}", generator.low) : range_of(generator));
    case Kind::kChoice:
      for (const SqlValue& value : generator.choices)
        text += (&value == &generator.choices.front() ? " " : ", ") + literal_of(value);
      return text;
    default:
      return text;
  }
}

}  // namespace tidemark::scenarios
