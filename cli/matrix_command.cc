#include "cli/matrix_command.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/hunt_progress.h"
#include "cli/option_value.h"
#include "cli/output.h"
#include "matrix/kill_matrix.h"
#include "matrix/shrink_rows.h"
#include "matrix/table.h"
#include "model/types/bugs.h"

namespace tidemark::cli {
namespace {

/// A number is seeds, a duration is time.
void read_budget(const std::string& text, matrix::MatrixOptions& options) {
  if (text.empty()) return;
  const auto number = std::from_chars(text.data(), text.data() + text.size(), options.budget);
  if (number.ec == std::errc() && number.ptr == text.data() + text.size() && options.budget > 0) {
    if (options.budget >= matrix::kSeedsPerStart)
      throw UsageError(fmt::format("--budget {}: a start has {} seeds", text, matrix::kSeedsPerStart));
    return;
  }
  options.budget = matrix::kSeedsPerStart - 1;
  options.seconds = seconds_of("--budget", text);
}

void check_ids(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (model::find_bug(id) == nullptr)
      throw UsageError("--bug " + id + ": there is no such mistake; `tidemark bugs` lists them");
  }
}

void tell(const matrix::Row& row, const matrix::Chase& chase) {
  const std::string end =
      chase.killed() ? fmt::format("killed by {} with seed {}", chase.check, *chase.seed) : std::string("survives");
  print_message(fmt::format("{} in {}, start {}{}: {} after {} runs, {:.1f} s{}\n", row.target.bug->id,
                            row.target.scenario, chase.start, chase.is_steered ? ", steered" : "", end, chase.runs,
                            chase.wall_seconds,
                            chase.crashes > 0 ? fmt::format(", {} crashed", chase.crashes) : std::string()));
}

void tell_shrunk(const matrix::Row& row) {
  print_message(fmt::format("{} in {}: shrunk to {} operations and {} faults in {:.1f} s\n", row.target.bug->id,
                            row.target.scenario, row.shrunk->operations, row.shrunk->faults, row.shrunk->wall_seconds));
}

}  // namespace

int matrix_command(const MatrixArguments& arguments) {
  check_ids(arguments.bugs);
  matrix::MatrixOptions options;
  const bool directed = arguments.where != "swarm";
  const bool swarm = arguments.where != "rows";
  options.targets = matrix::targets_of(arguments.bugs, arguments.tier, directed, swarm);
  if (options.targets.empty()) throw UsageError("no mistake is of that tier");
  options.starts = arguments.starts;
  options.first_start = arguments.first_start;
  options.jobs = arguments.jobs;
  options.steer = arguments.steer;
  read_budget(arguments.budget, options);
  const double shrink_seconds = arguments.shrink.empty() ? 0 : seconds_of("--shrink", arguments.shrink);
  HuntDisplay signals;
  bool interrupted = false;
  const auto stop = [&] { return interrupted = interrupted || signals.interrupted(); };
  std::vector<matrix::Row> rows = matrix::run_matrix(options, tell, stop);
  if (shrink_seconds > 0)
    matrix::shrink_rows(rows, {static_cast<unsigned>(arguments.jobs), shrink_seconds}, tell_shrunk, stop);
  const std::string text = arguments.format == "json" ? matrix::as_json(rows)
                           : arguments.format == "md" ? matrix::as_markdown(rows)
                                                      : matrix::as_text(rows);
  if (arguments.out.empty()) {
    print(text);
  } else {
    write_file(arguments.out, text);
  }
  if (interrupted) {
    print_message("interrupted: the table has the starts that had ended\n");
    return kExitUnknown;
  }
  return matrix::all_killed(rows) ? kExitValid : kExitSafety;
}

void add_matrix(CLI::App& bugs, std::function<int()>& action) {
  CLI::App* command = bugs.add_subcommand("matrix", "Hunt planted mistakes: how many seeds it takes to see each");
  const auto arguments = std::make_shared<MatrixArguments>();
  command->add_option("--budget", arguments->budget,
                      "Seeds (400) or time (\"30 s\") for each start (default: 100 seeds, 400 for the second tier)");
  command->add_option("--tier", arguments->tier, "Only the mistakes of this tier")->check(CLI::Range(1, 2));
  command->add_option("--bug", arguments->bugs, "Only this mistake; may be repeated")->allow_extra_args(false);
  command->add_option("--in", arguments->where, "rows: in the scenario of its row; swarm: in faults/swarm; both")
      ->check(CLI::IsMember({"rows", "swarm", "both"}))
      ->capture_default_str();
  command->add_option("--starts", arguments->starts, "Disjoint ranges of seeds to hunt in")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--first-start", arguments->first_start, "The number of the first of them")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  command->add_option("--jobs", arguments->jobs, "Worker processes")->check(CLI::Range(1, 512))->capture_default_str();
  command->add_flag("--steer", arguments->steer,
                    "Hunt from each start twice, blind and steered (docs/steering.md), and compare");
  command->add_option("--shrink", arguments->shrink,
                      "Then shrink one kill of each row, for so long at most (\"60 s\")");
  command->add_option("--format", arguments->format, "Format of the output")
      ->check(CLI::IsMember({"text", "md", "json"}))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "Write the table to this file instead of stdout");
  command->footer(
      "\nExamples:\n  tidemark bugs matrix --tier 1 --in rows --starts 1\n"
      "  tidemark bugs matrix --bug A4 --bug G1 --jobs 2 --format md\n"
      "\nExit codes: 0 every mistake was seen, 1 one survived everywhere, 2 interrupted.\n");
  command->callback([&action, arguments] { action = [arguments] { return matrix_command(*arguments); }; });
}

}  // namespace tidemark::cli
