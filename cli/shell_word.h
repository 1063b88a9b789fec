// Lines that a user copies into a shell.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::cli {

/// `text` as one word of a shell command, quoted where it must be.
std::string shell_word(const std::string& text);

/// "tidemark run SCENARIO --seed N --set ...".
std::string run_line_of(const std::string& scenario, std::uint64_t seed, const std::vector<std::string>& sets);

}  // namespace tidemark::cli
