// `tidemark bugs matrix`: planted mistakes, hunted from several starts (matrix/).
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tidemark::cli {

struct MatrixArguments {
  std::vector<std::string> bugs;  // ids; empty = all
  int tier = 0;                   // 0 = both
  std::string where = "both";     // "rows", "swarm", "both"
  std::uint64_t starts = 8;
  std::uint64_t first_start = 0;
  std::string shrink;  // time for each row; empty = runs are not shrunk
  std::string budget;  // seeds or time per start; empty = what the tier may take
  std::uint64_t jobs = 1;
  bool steer = false;
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int matrix_command(const MatrixArguments& arguments);

/// Adds the command below `bugs`; its callback puts what is to be done into `action`.
void add_matrix(CLI::App& bugs, std::function<int()>& action);

}  // namespace tidemark::cli
