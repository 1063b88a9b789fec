#include "cli/shrink_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include "base/assert.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/run_folder.h"
#include "cli/seed.h"
#include "shrink/shrinker.h"
#include "shrink/state_file.h"
#include "sim/nemesis/fault.h"

namespace tidemark::cli {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void interrupt(int) {
  interrupted = 1;
}

shrink::Request request_of(const ShrinkArguments& arguments, std::string& origin) {
  shrink::Request request;
  std::vector<std::string> sets = arguments.sets;
  std::string bugs;
  for (const std::string& bug : arguments.bugs) bugs += (bugs.empty() ? "" : ",") + bug;
  if (!bugs.empty()) sets.push_back("bugs=" + bugs);
  if (std::filesystem::is_directory(arguments.input)) {
    if (!sets.empty() || !arguments.seed.empty())
      throw UsageError("a run folder has its scenario and seed: --set, --bug and --seed belong to scenarios");
    StoredRun stored = read_run_folder(arguments.input);
    request.scenario = std::move(stored.scenario);
    request.seed = stored.report.seed;
    request.plan = std::move(stored.plan);
  } else {
    request.scenario = load_or_throw(arguments.input, sets);
    request.seed = request.scenario.seed;
    std::string error;
    if (!arguments.seed.empty() && !parse_seed(arguments.seed, request.seed, error))
      throw UsageError("--seed " + error);
  }
  origin = fmt::format("{}, seed {}", arguments.input, request.seed);
  if (!request.scenario.bugs.empty()) origin += ", bugs = " + request.scenario.bugs.text();
  request.limits.jobs =
      arguments.jobs != 0 ? arguments.jobs : std::max(1U, static_cast<unsigned>(sysconf(_SC_NPROCESSORS_ONLN)));
  request.most_runs = arguments.runs;
  request.seeds = std::max(arguments.seeds, 1U);
  sim::Duration time;
  if (!arguments.time.empty() && !sim::parse_duration(arguments.time, time))
    throw UsageError(fmt::format("--time: \"{}\" is no duration such as \"10 min\"", arguments.time));
  request.most_seconds = time.s();
  return request;
}

/// Whole or not at all, whatever happens meanwhile.
void replace_file(const std::string& path, const std::string& text) {
  write_file(path + ".new", text);
  std::error_code failed;
  std::filesystem::rename(path + ".new", path, failed);
  if (failed) throw UsageError(fmt::format("{}: cannot be written: {}", path, failed.message()));
}

std::string sizes_text(const shrink::Sizes& sizes) {
  return fmt::format("{} faults, {} operations, {} clients, {} replicas, {} regions, {:.3g} s, {} lines", sizes.faults,
                     sizes.operations, sizes.clients, sizes.replicas, sizes.regions, sizes.seconds, sizes.lines);
}

/// One line that is written over on a terminal; else a line for every kind of step.
class ProgressLine {
 public:
  void operator()(const shrink::Progress& progress) {
    const bool terminal = isatty(STDERR_FILENO) != 0;
    const std::string sizes = sizes_text(progress.now);
    if (!terminal && last_ == sizes) return;
    last_ = sizes;
    const std::string line = fmt::format("{:>6} runs  {:<18} {}", progress.runs, progress.what, sizes);
    print_message(terminal ? "\r\033[K" + line : line + "\n");
  }
  static void end() {
    if (isatty(STDERR_FILENO) != 0) print_message("\r\033[K");
  }

 private:
  std::string last_;
};

void read_state(const std::string& path, std::uint64_t about, shrink::Request& request) {
  std::string problem;
  request.resume = shrink::parse_state(read_file(path), about, problem);
  if (!request.resume) throw UsageError(fmt::format("{}: {}", path, problem));
}

}  // namespace

int shrink_command(const ShrinkArguments& arguments) {
  std::string origin;
  shrink::Request request = request_of(arguments, origin);
  const std::uint64_t about = subject_of(request);
  const std::string state_path = arguments.out + ".state";
  const bool leftover = std::filesystem::exists(state_path);
  if (arguments.resume && leftover) read_state(state_path, about, request);
  ProgressLine line;
  request.progress = std::ref(line);
  request.save = [&](const shrink::State& state) { replace_file(state_path, state_text(state, about)); };
  request.stop = [] { return interrupted != 0; };
  std::signal(SIGINT, interrupt);
  std::signal(SIGTERM, interrupt);
  print_message(fmt::format("seed {}\n", request.seed));
  const shrink::Result result = shrink::shrink(request);
  ProgressLine::end();
  if (result.failure.empty()) {
    print_message(interrupted != 0 ? "stopped before the run was recorded\n"
                                   : "this run does not fail: there is nothing to shrink\n");
    return kExitUsage;
  }
  if (result.state.file.empty()) {
    print_message(fmt::format("the run fails ({}), but never again: not as it is, nor written down\n", result.failure));
    return kExitUsage;
  }
  replace_file(arguments.out, shrunk_file(result, origin));
  if (result.complete) std::filesystem::remove(state_path);
  const shrink::Outcome again = shrink::run_trial(read_file(arguments.out));
  print(fmt::format("fails as  {}\nbefore    {}\nafter     {}\n", result.failure, sizes_text(result.state.before),
                    sizes_text(result.after)));
  print(fmt::format("{} in {} runs, {:.1f} s{}\n", arguments.out, result.state.runs, result.wall_seconds,
                    result.complete ? "" : "; not finished: --resume goes on"));
  print(fmt::format("reproduce: tidemark run {}\n", arguments.out));
  if (again.failure == result.failure) return kExitValid;
  print_message(fmt::format("but the file fails as: {}\n", again.failure.empty() ? "nothing" : again.failure));
  return kExitDefect;
}

void add_shrink(CLI::App& app, std::function<int()>& action) {
  const auto arguments = std::make_shared<ShrinkArguments>();
  CLI::App* command = app.add_subcommand("shrink", "Make the smallest scenario file that fails like a run");
  command->add_option("INPUT", arguments->input, "A run folder, a scenario file, or the name of a shipped one")
      ->required();
  command->add_option("--seed", arguments->seed, "Seed of the scenario (default: its own)");
  command->add_option("--set", arguments->sets, "key=value: override a key of the scenario; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--bug", arguments->bugs, "Switch a mistake of `tidemark bugs` on; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--out", arguments->out, "The file to write; FILE.state beside it is kept while unfinished")
      ->capture_default_str();
  command->add_option("--jobs", arguments->jobs, "Trials at the same time (default: one per processor)");
  command->add_option("--time", arguments->time, "Stop after this wall time: \"10 min\"");
  command->add_option("--runs", arguments->runs, "Stop after so many runs");
  command->add_option("--seeds", arguments->seeds, "Seeds to try for a step that fails with the present one")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_flag("--resume", arguments->resume, "Go on where an unfinished shrink of the same run stopped");
  command->footer(
      "\nExamples:\n  tidemark shrink smoke/mistakes_orders --bug F1 --seed 7 --out f1.toml && tidemark run f1.toml\n"
      "  tidemark shrink runs/a --jobs 2 --time '5 min'\n  tidemark shrink runs/a --resume\n"
      "\nExit codes: 0 the file fails in the same way; 64 the run does not fail, or bad input; 70 a defect.\n");
  command->callback([arguments, &action] { action = [arguments] { return shrink_command(*arguments); }; });
}

}  // namespace tidemark::cli
