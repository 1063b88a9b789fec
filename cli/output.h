// Files and streams of the commands.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::cli {

/// To stdout, flushed. Throws UsageError when stdout is closed or full.
void print(std::string_view text);
/// To stderr.
void print_message(std::string_view text);

/// Throw UsageError with the path and the cause.
void write_file(const std::string& path, std::string_view text);
std::string read_file(const std::string& path);
/// Makes the folder and its parents.
void make_folder(const std::string& path);

}  // namespace tidemark::cli
