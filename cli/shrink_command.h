// `tidemark shrink`: the smallest scenario file that fails like a run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tidemark::cli {

struct ShrinkArguments {
  std::string input;  // a run folder, a scenario file, or the name of a shipped one
  std::string seed;   // of a scenario; empty = its own
  std::vector<std::string> sets;
  std::vector<std::string> bugs;
  std::string out = "shrunk.toml";
  unsigned jobs = 0;  // 0 = one per processor
  std::string time;   // wall time, "10 min"; empty = no limit
  std::uint64_t runs = 0;
  unsigned seeds = 4;
  bool resume = false;
};
/// 0 when the file was written and fails in the same way; 64 when the run does not fail.
int shrink_command(const ShrinkArguments& arguments);

/// Adds the command; `action` becomes what it does when it is given.
void add_shrink(CLI::App& app, std::function<int()>& action);

}  // namespace tidemark::cli
