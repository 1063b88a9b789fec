#include "cli/shell_word.h"

#include <fmt/core.h>

#include <string_view>

namespace tidemark::cli {

std::string shell_word(const std::string& text) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=,:+@%";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string run_line_of(const std::string& scenario, std::uint64_t seed, const std::vector<std::string>& sets) {
  std::string line = fmt::format("tidemark run {} --seed {}", shell_word(scenario), seed);
  for (const std::string& set : sets) line += " --set " + shell_word(set);
  return line;
}

}  // namespace tidemark::cli
