// Runs the real `tidemark` program, as a user would, and keeps what it says.
#pragma once

#include <string>
#include <vector>

namespace tidemark::cli {

struct Said {
  int code = -1;  // exit code; 128 + signal when it was killed
  std::string out;
  std::string err;
  long peak_kib = 0;  // most memory it ever had resident
};

/// Runs build/.../tidemark with these arguments in `folder`.
Said tidemark(const std::vector<std::string>& arguments, const std::string& folder = ".");

/// Runs these lines by the shell in `folder`.
Said shell(const std::string& lines, const std::string& folder);

/// A folder of the present test, empty at first.
std::string scratch_folder();
std::string read(const std::string& path);
void write(const std::string& path, const std::string& text);

}  // namespace tidemark::cli
