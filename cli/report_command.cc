// `tidemark report confirm-lag` and `tidemark report run`.
#include <fmt/core.h>

#include <filesystem>
#include <map>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/run_folder.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "reports/confirm_lag.h"
#include "scenarios/run/runner.h"

namespace tidemark::cli {
namespace {

/// Feeds the measurements of one run to the collector.
class LagFeed final : public scenarios::MeasurementSink {
 public:
  explicit LagFeed(reports::ConfirmLagCollector& collector) : collector_(collector) {}

  void on_start(const model::ClusterOptions& options, const std::vector<model::NodeInfo>& nodes,
                const std::vector<sim::Duration>& floors) override {
    for (const model::DatabaseSpec& database : options.databases) {
      const std::string region = region_of_primary(nodes, databases_.size());
      databases_.push_back(collector_.add_database(database.name, database.primary_site, region));
    }
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (nodes[i].role != model::NodeRole::kReplica || nodes[i].reserve) continue;
      replicas_[nodes[i].process] =
          collector_.add_replica(databases_.at(nodes[i].database), nodes[i].site, nodes[i].region, floors[i].ns());
    }
  }
  void on_lag(const scenarios::LagParts& lag) override {
    const auto replica = replicas_.find(lag.replica);
    if (replica == replicas_.end()) return;  // only a fault brought it in
    reports::LagRecord record;
    record.replica = replica->second;
    record.flush_wait_ns = lag.flush_wait.ns();
    record.wire_base_ns = lag.wire_base.ns();
    record.wire_extra_ns = lag.wire_extra.ns();
    record.gap_ns = lag.gap.ns();
    record.publish_ns = lag.publish.ns();
    record.clock_ns = lag.clock.ns();
    collector_.add_lag(record);
  }
  void on_commit_latency(std::uint32_t database, sim::Duration latency) override {
    collector_.add_commit(databases_.at(database), latency.ns());
  }

 private:
  static std::string region_of_primary(const std::vector<model::NodeInfo>& nodes, std::size_t database) {
    for (const model::NodeInfo& node : nodes) {
      if (node.role == model::NodeRole::kPrimary && node.database == database) return node.region;
    }
    return {};
  }

  reports::ConfirmLagCollector& collector_;
  std::vector<std::uint32_t> databases_;
  std::map<std::uint32_t, std::uint32_t> replicas_;  // process id -> number in the collector
};

/// Runs and collects; says on stderr what went wrong, if anything did. The run's exit code.
int collect(reports::ConfirmLagCollector& collector, const scenarios::Scenario& scenario, std::uint64_t seed,
            std::string& digest, const sim::FaultPlan* plan = nullptr) {
  print_message(fmt::format("seed {}\n", seed));
  LagFeed feed(collector);
  const scenarios::RunResult result = simulate({scenario, seed, "", "", nullptr, &feed, plan});
  digest = result.digest;
  collector.add_run(scenario.name, seed, result.digest, result.virtual_seconds);
  const int code = result.exit_code(scenario.expect);
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (code != kExitValid && !verdict.witness.empty()) {
      print_message(fmt::format("warning: {} is {}: {}\n", verdict.name, to_text(verdict.validity), verdict.witness));
    }
  }
  return code;
}

int collect_folder(reports::ConfirmLagCollector& collector, const std::string& folder) {
  const StoredRun stored = read_run_folder(folder);
  std::string digest;
  const int code =
      collect(collector, stored.scenario, stored.report.seed, digest, stored.plan ? &*stored.plan : nullptr);
  if (digest != stored.report.digest) {
    print_message(fmt::format("warning: {}: this program's run differs from the stored one (digest {}, stored {})\n",
                              folder, digest, stored.report.digest));
  }
  return code;
}

std::vector<std::uint64_t> seeds_of(const ConfirmLagArguments& arguments, const scenarios::Scenario& scenario) {
  std::vector<std::uint64_t> seeds;
  std::string error;
  for (const std::string& text : arguments.seeds) {
    std::uint64_t seed = 0;
    if (!parse_seed(text, seed, error)) throw UsageError("--seed " + error);
    seeds.push_back(seed);
  }
  if (seeds.empty()) seeds.push_back(scenario.seed);
  return seeds;
}

}  // namespace

int confirm_lag_command(const ConfirmLagArguments& arguments) {
  reports::Format format{};
  if (!reports::parse_format(arguments.format, format)) throw UsageError("--format " + arguments.format + ": unknown");
  reports::ConfirmLagCollector collector;
  int code = kExitValid;
  for (const std::string& input : arguments.inputs) {
    std::string digest;
    if (std::filesystem::is_directory(input)) {
      if (!arguments.seeds.empty() || !arguments.sets.empty())
        throw UsageError(input + ": --seed and --set are for scenarios, not for stored runs");
      code = graver(code, collect_folder(collector, input));
      continue;
    }
    const scenarios::Scenario scenario = load_or_throw(input, arguments.sets);
    for (const std::uint64_t seed : seeds_of(arguments, scenario))
      code = graver(code, collect(collector, scenario, seed, digest));
  }
  const std::string text = render(collector.report(), format);
  if (arguments.out.empty()) {
    print(text);
  } else {
    write_file(arguments.out, text);
  }
  return code;
}

int run_report_command(const RunReportArguments& arguments) {
  const StoredRun stored = read_run_folder(arguments.folder);
  if (arguments.format == "json") {
    print(run_json(stored.report, reports::JsonWriter::Style::kIndented));
  } else {
    print(fmt::format("seed {}\nscenario {}\n", stored.report.seed, stored.report.scenario) + run_text(stored.report));
  }
  return kExitValid;
}

}  // namespace tidemark::cli
