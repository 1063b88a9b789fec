// `tidemark replay DIR`: the stored run again; the same events, or the name of the first that differs.
#include <fmt/core.h>

#include <chrono>
#include <optional>

#include "base/assert.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/output.h"
#include "cli/run_folder.h"
#include "cli/simulate.h"
#include "scenarios/run/runner.h"
#include "sim/trace/trace_file.h"

namespace tidemark::cli {
namespace {

std::string describe(const std::optional<sim::EventRecord>& event) {
  if (!event) return "no event: the run had ended";
  return fmt::format("at {}: kind {}, process {}, tag {:016x}, digest {}", to_text(event->when),
                     static_cast<int>(event->kind), event->process, event->tag, event->digest.hex());
}

/// Compares the events of the replay with a stored trace, one by one; remembers the first difference.
class TraceComparison final : public sim::EventSink {
 public:
  explicit TraceComparison(const std::string& path) : reader_(path) {}

  void on_event(const sim::EventRecord& event) override {
    if (!difference_.empty()) return;
    const std::optional<sim::EventRecord> stored = next();
    const bool same = stored && stored->when == event.when && stored->kind == event.kind &&
                      stored->process == event.process && stored->tag == event.tag && stored->digest == event.digest;
    if (!same) differ(event.sequence, stored, event);
  }
  /// After the replay: a stored trace that goes on is a difference too.
  void finish(std::uint64_t events) {
    if (!difference_.empty()) return;
    const std::optional<sim::EventRecord> stored = next();
    if (stored) differ(events + 1, stored, std::nullopt);
  }
  const std::string& difference() const { return difference_; }

 private:
  std::optional<sim::EventRecord> next() {
    std::optional<sim::EventRecord> stored = reader_.next();
    if (!stored && !reader_.error().empty()) throw UsageError(reader_.error());
    return stored;
  }
  void differ(std::uint64_t sequence, const std::optional<sim::EventRecord>& stored,
              const std::optional<sim::EventRecord>& replayed) {
    difference_ = fmt::format("first differing event: number {}\n  stored   {}\n  replayed {}\n", sequence,
                              describe(stored), describe(replayed));
  }

  sim::TraceReader reader_;
  std::string difference_;
};

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

}  // namespace

int replay_command(const ReplayArguments& arguments) {
  const StoredRun stored = read_run_folder(arguments.folder);
  print_message(fmt::format("seed {}\n{}", stored.report.seed, build_differences(stored.report.build)));
  scenarios::RunRequest request{stored.scenario, stored.report.seed, "", "", nullptr, nullptr};
  if (stored.plan) request.plan = &*stored.plan;
  request.stop_at_violation = stored.report.stopped;
  std::optional<TraceComparison> comparison;
  if (stored.has_trace) request.events = &comparison.emplace(arguments.folder + "/trace.bin");
  const auto begin = std::chrono::steady_clock::now();
  const scenarios::RunResult result = simulate(request);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (comparison) comparison->finish(result.events);

  const reports::RunReport report = report_of(stored.scenario, result, wall, "tidemark replay " + arguments.folder);
  const bool same = result.digest == stored.report.digest && (!comparison || comparison->difference().empty());
  print(arguments.format == "json" ? run_json(report, reports::JsonWriter::Style::kCompact) : run_text(report));
  if (same) {
    print_message("the replay is equal to the stored run\n");
    return result.exit_code(stored.scenario.expect);
  }
  std::string text = fmt::format("the replay differs: digest {} stored, {} now\n", stored.report.digest, result.digest);
  text += comparison ? comparison->difference() : std::string("run with --trace to learn the first differing event\n");
  print_message(text);
  // The same program must repeat itself; another program may differ.
  return build_differences(stored.report.build).empty() ? kExitDefect : kExitUsage;
}

}  // namespace tidemark::cli
