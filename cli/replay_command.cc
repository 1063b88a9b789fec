#include "cli/replay_command.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/output.h"
#include "cli/replay_watch.h"
#include "cli/run_folder.h"
#include "cli/shell_word.h"
#include "cli/simulate.h"
#include "sim/nemesis/fault.h"

namespace tidemark::cli {
namespace {

/// Streams that are named when draws differ.
constexpr std::size_t kNamedStreams = 10;

/// Lines for what differs between the program that made the run and this one.
std::string build_differences(const reports::BuildIdentity& stored) {
  const reports::BuildIdentity& now = build_identity();
  std::string text;
  const auto compare = [&text](const char* what, const std::string& then, const std::string& here) {
    if (then != here) text += fmt::format("note: {} was {}, is {} now\n", what, then, here);
  };
  compare("version", stored.version, now.version);
  compare("commit", stored.commit, now.commit);
  compare("source tree", stored.dirty ? "dirty" : "clean", now.dirty ? "dirty" : "clean");
  compare("compiler", stored.compiler, now.compiler);
  compare("SQLite", stored.sqlite, now.sqlite);
  return text;
}

std::optional<sim::Instant> instant_of(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  sim::Duration since_start;
  if (!sim::parse_duration(text, since_start) || since_start < sim::Duration{})
    throw UsageError(fmt::format("{}: '{}' is no time (1.5 s)", option, text));
  return sim::Instant() + since_start;
}

std::unique_ptr<PeopleLog> log_of(const ReplayArguments& arguments) {
  const auto from = instant_of("--log-from", arguments.log_from);
  if (!from) return nullptr;
  const sim::LogLevel least = arguments.log == "debug"     ? sim::LogLevel::kDebug
                              : arguments.log == "warning" ? sim::LogLevel::kWarning
                                                           : sim::LogLevel::kInfo;
  return std::make_unique<PeopleLog>(*from, least);
}

/// Runs it twice more and compares all events: a program that does not repeat itself is caught in the act, without
/// anything stored. Empty when the two are equal, or too long to be kept.
std::string self_comparison(scenarios::RunRequest request, std::uint64_t events, const sim::NameOf& name_of) {
  constexpr std::uint64_t kMostEvents = 4'000'000;
  if (events > kMostEvents) return {};
  sim::EventLog first, second;
  request.watcher = nullptr;
  request.observer = nullptr;
  request.clients = nullptr;
  request.events = &first;
  const auto first_draws = simulate(request).draws;
  request.events = &second;
  const auto second_draws = simulate(request).draws;
  const std::string event = first_different_event(first.events(), second.events(), name_of, "once ", "again");
  const auto streams = different_draws(first_draws, second_draws);
  if (event.empty() && streams.empty()) return {};
  return "this program does not repeat itself: two more runs differ from each other\n" + event +
         describe(streams, kNamedStreams);
}

/// Where the replay differs, as exactly as what is stored tells; empty: it does not.
class Differences {
 public:
  Differences(const ReplayArguments& arguments, const StoredRun& stored, ReplayWatch& watch,
              const scenarios::RunResult& result)
      : arguments_(arguments), stored_(stored), watch_(watch), result_(result) {}
  std::string text();

 private:
  std::string place(const CheckpointDifference& checkpoints) const;
  std::string draws(const CheckpointDifference& checkpoints) const;

  const ReplayArguments& arguments_;
  const StoredRun& stored_;
  ReplayWatch& watch_;
  const scenarios::RunResult& result_;
};

std::string Differences::text() {
  CheckpointDifference checkpoints;
  if (const auto stored = read_checkpoints(arguments_.folder)) checkpoints = compare(*stored, watch_.checkpoints());
  const bool traced = watch_.trace() != nullptr && watch_.trace()->differs_at() != 0;
  const bool digest = !result_.cut && result_.digest != stored_.report.digest;
  if (!checkpoints.any() && !traced && !digest) return {};
  std::string text = "the replay differs";
  if (digest) text += fmt::format(": digest {} stored, {} now", stored_.report.digest, result_.digest);
  return text + "\n" + place(checkpoints) + draws(checkpoints);
}

std::string Differences::place(const CheckpointDifference& checkpoints) const {
  if (watch_.trace() != nullptr && watch_.trace()->differs_at() != 0) return watch_.trace()->difference();
  std::string text;
  if (checkpoints.interval.up_to != 0) {
    text = fmt::format("the first differing event is after event {}, up to event {}\n", checkpoints.interval.after,
                       checkpoints.interval.up_to);
  } else if (!checkpoints.any()) {
    text = "the first differing event is after the last checkpoint\n";
  }
  if (watch_.trace() != nullptr) return text;
  return text + fmt::format(
                    "to learn which it is, keep every event with the program that made the run, and replay that:\n"
                    "  tidemark run {0}/scenario.toml --seed {1}{2} --trace --out {0}-traced\n"
                    "  tidemark replay {0}-traced\n",
                    shell_word(arguments_.folder), stored_.report.seed,
                    stored_.plan ? " --plan " + shell_word(arguments_.folder) + "/plan.json" : "");
}

std::string Differences::draws(const CheckpointDifference& checkpoints) const {
  if (checkpoints.draws_seen_at != 0)
    return fmt::format("draws differ first at event {} or before:\n{}", checkpoints.draws_seen_at,
                       describe(checkpoints.draws, kNamedStreams));
  if (result_.cut) return {};
  const auto streams = different_draws(of_the_run(stored_.draws), of_the_run(result_.draws));
  if (streams.empty()) return "no stream was drawn from more or less often: what differs was not drawn\n";
  return "draws differ by the end of the run:\n" + describe(streams, kNamedStreams);
}

}  // namespace

int replay_command(const ReplayArguments& arguments) {
  const StoredRun stored = read_run_folder(arguments.folder);
  print_message(fmt::format("seed {}\n{}", stored.report.seed, build_differences(stored.report.build)));
  scenarios::RunRequest request{stored.scenario, stored.report.seed, "", "", nullptr, nullptr};
  if (stored.plan) request.plan = &*stored.plan;
  request.stop_at_violation = stored.report.stopped;
  request.until = instant_of("--until", arguments.until);
  ReplayWatch watch(stored.has_trace ? std::optional(arguments.folder + "/trace.bin") : std::nullopt, log_of(arguments),
                    arguments.break_at_event);
  watch.watch(request);
  const auto begin = std::chrono::steady_clock::now();
  const scenarios::RunResult result = simulate(request);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (watch.trace() != nullptr) watch.trace()->finish(result.cut);

  const reports::RunReport report = report_of(stored.scenario, result, wall, "tidemark replay " + arguments.folder);
  print(arguments.format == "json" ? run_json(report, reports::JsonWriter::Style::kCompact) : run_text(report));
  if (result.cut)
    print_message(fmt::format("stopped at {}, after event {}\n{}", arguments.until, result.events, watch.rest()));
  const std::string differences = Differences(arguments, stored, watch, result).text();
  if (differences.empty()) {
    print_message(result.cut ? "the replay is equal to the stored run until here\n"
                             : "the replay is equal to the stored run\n");
    return result.exit_code(stored.scenario.expect);
  }
  print_message(differences);
  if (watch.trace() == nullptr) print_message(self_comparison(request, result.events, watch.name_of()));
  // The same program must repeat itself; another program may differ.
  return build_differences(stored.report.build).empty() ? kExitDefect : kExitUsage;
}

void add_replay(CLI::App& app, std::function<int()>& action) {
  auto arguments = std::make_shared<ReplayArguments>();
  CLI::App* command = app.add_subcommand("replay", "Run a stored run again and compare every event");
  command->add_option("DIR", arguments->folder, "A run folder")->required();
  command->add_option("--format", arguments->format, "Format of the output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_option("--until", arguments->until, "Stop after this virtual time (1.5 s), and say what holds there");
  command->add_option("--log-from", arguments->log_from, "Tell on stderr what happens from this virtual time on");
  command->add_option("--log", arguments->log, "How much: leaders and faults; the protocol too; every event too")
      ->check(CLI::IsMember({"warning", "info", "debug"}))
      ->capture_default_str();
  command->add_option("--break-at-event", arguments->break_at_event,
                      "Raise SIGTRAP before event N happens, if a debugger is there");
  command->footer(
      "\nExamples:\n  tidemark run smoke/orders --out runs/a --trace && tidemark replay runs/a\n"
      "  tidemark replay runs/a --until '2.5 s' --log-from '2.4 s' --log debug\n"
      "  gdb -ex run --args tidemark replay runs/a --break-at-event 1234\n"
      "  rr record tidemark replay runs/a --break-at-event 1234 && rr replay\n"
      "\nWhat it compares and says: docs/explain.md.\n");
  command->callback([arguments, &action] { action = [arguments] { return replay_command(*arguments); }; });
}

}  // namespace tidemark::cli
