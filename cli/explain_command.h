// `tidemark explain`: why a run failed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tidemark::cli {

struct ExplainArguments {
  std::string input;  // a run folder, a scenario file, or the name of a shipped one
  std::string seed;   // of a scenario; empty = its own
  std::vector<std::string> sets;
  std::string plan;  // plan.json; empty = faults are drawn
  std::string format = "text";
  std::string out;  // file; empty = stdout
  std::uint64_t lines = 40;
  bool full = false;
  bool no_faults = false;  // parts that are left out
  bool no_curve = false;
  std::string delta = "50 ms";
  std::uint32_t points = 8;
  std::uint32_t futures = 8;
  std::uint64_t runs = 300;
  std::uint64_t jobs = 0;  // 0 = one for each processor that this process may use
};
/// 0 when the failure was explained; 64 when the run does not fail.
int explain_command(const ExplainArguments& arguments);

/// Adds the command; `action` becomes what it does when it is given.
void add_explain(CLI::App& app, std::function<int()>& action);

}  // namespace tidemark::cli
