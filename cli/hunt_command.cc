#include "cli/hunt_command.h"

#include <fmt/core.h>
#include <sched.h>

#include <charconv>
#include <filesystem>

#include "base/assert.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/hunt_progress.h"
#include "cli/load.h"
#include "cli/option_value.h"
#include "cli/output.h"
#include "cli/plan_file.h"
#include "cli/seed.h"
#include "cli/shell_word.h"
#include "hunt/campaign_map.h"
#include "hunt/summary.h"
#include "scenarios/loader.h"

namespace tidemark::cli {
namespace {

std::uint64_t processors() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::uint64_t>(CPU_COUNT(&set));
}

/// --set, with what --bug means.
std::vector<std::string> sets_of(const HuntArguments& arguments) {
  std::vector<std::string> sets = arguments.sets;
  std::string bugs;
  for (const std::string& bug : arguments.bugs) bugs += (bugs.empty() ? "bugs=" : ",") + bug;
  if (!bugs.empty()) sets.push_back(bugs);
  return sets;
}

hunt::Shard shard_of(const std::string& text) {
  hunt::Shard shard;
  if (text.empty()) return shard;
  const std::size_t slash = text.find('/');
  const auto number = [&](std::size_t begin, std::size_t end, std::uint64_t& value) {
    const auto [stop, error] = std::from_chars(text.data() + begin, text.data() + end, value);
    return error == std::errc() && stop == text.data() + end;
  };
  const bool good = slash != std::string::npos && number(0, slash, shard.index) &&
                    number(slash + 1, text.size(), shard.count) && shard.index >= 1 && shard.index <= shard.count;
  if (!good) throw UsageError(fmt::format("--shard {}: must be I/N, such as 1/4, with I from 1 to N", text));
  return shard;
}

hunt::HuntOptions options_of(const HuntArguments& arguments) {
  hunt::HuntOptions options;
  std::string error;
  if (arguments.scenario.empty()) throw UsageError("hunt: which scenario? See tidemark hunt --help.");
  if (arguments.seeds.empty() && arguments.time.empty())
    throw UsageError("hunt: how long? Give --seeds A..B, --time LIMIT, or both");
  if (!arguments.seeds.empty() && !parse_seed_range(arguments.seeds, options.range.first, options.range.last, error))
    throw UsageError("--seeds " + error);
  options.shard = shard_of(arguments.shard);
  if (!arguments.time.empty()) options.seconds = seconds_of("--time", arguments.time);
  options.until_fail = arguments.until_fail;
  options.pool.jobs = arguments.jobs == 0 ? processors() : arguments.jobs;
  options.pool.seconds_per_job = seconds_of("--max-time-per-seed", arguments.time_per_seed);
  options.pool.bytes_per_job = static_cast<std::uint64_t>(
      quantity_of("--max-memory-per-seed", scenarios::Unit::kSize, arguments.memory_per_seed));
  return options;
}

hunt::Campaign campaign_of(const HuntArguments& arguments, const scenarios::Scenario& scenario) {
  const reports::BuildIdentity& build = build_identity();
  hunt::Campaign campaign;
  campaign.resolved = scenarios::resolved_toml(scenario);
  campaign.commit = build.commit + (build.dirty ? "-dirty" : "");
  campaign.sqlite = build.sqlite;
  campaign.scenario = arguments.scenario;
  campaign.steered = arguments.steer;
  for (const std::string& set : sets_of(arguments))
    campaign.options += (campaign.options.empty() ? "--set " : " --set ") + shell_word(set);
  return campaign;
}

/// The failing seeds of an earlier hunt.
std::vector<std::uint64_t> failing_in(const std::string& path) {
  return path.empty() ? std::vector<std::uint64_t>() : hunt::Results(path).failing();
}

/// Where plans go that a user may want to run again.
std::string plans_folder(const HuntArguments& arguments) {
  if (!arguments.plans.empty()) return arguments.plans;
  return arguments.database.empty() ? "tidemark-plans" : arguments.database + ".plans";
}

sim::FaultPlan plan_of(const hunt::SteeredRun& row) {
  const std::optional<steer::Choice> choice = choice_of(row);
  TIDEMARK_ASSERT(choice && choice->plan, "a row whose hash is right, and which this program did not write");
  return *choice->plan;
}

/// The line that does one run again; writes its plan if it is not the one that the seed draws.
std::string line_of(const HuntArguments& arguments, const std::string& scenario, const hunt::Results& results,
                    std::uint64_t number) {
  const std::optional<hunt::SteeredRun> run = results.steered(number);
  if (!run) return run_line_of(arguments.scenario, number, sets_of(arguments));
  const std::string line = run_line_of(arguments.scenario, run->seed, sets_of(arguments));
  if (run->plan.empty()) return line;
  const std::string folder = plans_folder(arguments);
  std::error_code error;
  std::filesystem::create_directories(folder, error);  // if that fails, so does the next line, and says why
  const std::string path = fmt::format("{}/run-{}.json", folder, number);
  write_file(path, plan_document(scenario, run->seed, plan_of(*run)));
  return line + " --plan " + shell_word(path);
}

hunt::HuntReport hunt_seeds(const HuntArguments& arguments, const hunt::HuntOptions& options,
                            const scenarios::Scenario& scenario, hunt::Results& results, HuntDisplay& display) {
  if (!arguments.steer) {
    const hunt::RunSeed run = [&scenario](std::uint64_t seed) { return hunt::run_seed(scenario, seed); };
    return hunt::hunt(options, results, run, display);
  }
  const hunt::RunChoice run = [&scenario](const steer::Choice& choice, steer::Reached& reached) {
    return hunt::run_choice(scenario, choice, reached);
  };
  return hunt::hunt_steered(options, results, scenario, run, display);
}

int finished(const HuntArguments& arguments, const hunt::Summary& summary) {
  if (!arguments.junit.empty()) write_file(arguments.junit, summary_junit(summary));
  print(arguments.format == "json" ? summary_json(summary) : summary_text(summary));
  const int code = exit_code_of(summary.classes);
  const bool cut_short = summary.report.end == hunt::HuntEnd::kInterrupted;
  return code == kExitValid && cut_short ? kExitUnknown : code;
}

}  // namespace

int hunt_command(const HuntArguments& arguments) {
  hunt::HuntOptions options = options_of(arguments);
  const scenarios::Scenario scenario = load_or_throw(arguments.scenario, sets_of(arguments));
  if (arguments.steer && !scenario.has_faults())
    throw UsageError("--steer: " + arguments.scenario + " has no faults, and steering changes nothing else");
  if (arguments.steer && !arguments.first.empty())
    throw UsageError("--steer and --first exclude each other: a seed is the number of a run in a steered hunt");
  try {
    options.before = failing_in(arguments.first);
    hunt::Results results(arguments.database, campaign_of(arguments, scenario));
    print_message(fmt::format("hunting in {}, {} {}, {} workers{}\n", arguments.scenario,
                              arguments.steer ? "steered, runs" : "seeds", seeds_text(options), options.pool.jobs,
                              results.seeds().empty() ? ""
                                                      : fmt::format("; {} has {} seeds already", arguments.database,
                                                                    results.seeds().size())));
    HuntDisplay display;
    const hunt::HuntReport report = hunt_seeds(arguments, options, scenario, results, display);
    display.finish();
    const auto reproduce = [&](std::uint64_t seed) { return line_of(arguments, scenario.name, results, seed); };
    return finished(arguments, {results.campaign(), options, report, results.totals(), results.classes(),
                                arguments.database, reproduce});
  } catch (const hunt::ResultsError& error) {
    throw UsageError(error.what());
  }
}

int hunt_map_command(const HuntMapArguments& arguments) {
  try {
    const hunt::Results results(arguments.database);
    if (!results.campaign().steered) throw UsageError(arguments.database + ": is of a hunt that was not steered");
    const hunt::CampaignMap map = hunt::map_of(results);
    print(arguments.format == "json" ? map_json(map) : map_text(map, arguments.most));
    return kExitValid;
  } catch (const hunt::ResultsError& error) {
    throw UsageError(error.what());
  }
}

int hunt_plan_command(const HuntPlanArguments& arguments) {
  try {
    const hunt::Results results(arguments.database);
    const std::optional<hunt::SteeredRun> run = results.steered(arguments.run);
    if (!run) throw UsageError(fmt::format("{}: has no run {} with a plan", arguments.database, arguments.run));
    if (run->plan.empty())
      throw UsageError(fmt::format("{}: run {} is seed {} as it is", arguments.database, arguments.run, run->seed));
    const std::string text = plan_document(results.campaign().scenario, run->seed, plan_of(*run));
    if (arguments.out.empty()) {
      print(text);
    } else {
      write_file(arguments.out, text);
    }
    return kExitValid;
  } catch (const hunt::ResultsError& error) {
    throw UsageError(error.what());
  }
}

int hunt_export_command(const HuntExportArguments& arguments) {
  try {
    const std::string text = export_text(hunt::Results(arguments.database));
    if (arguments.out.empty()) {
      print(text);
    } else {
      write_file(arguments.out, text);
    }
    return kExitValid;
  } catch (const hunt::ResultsError& error) {
    throw UsageError(error.what());
  }
}

int hunt_merge_command(const HuntMergeArguments& arguments) {
  try {
    const std::vector<hunt::Contradiction> found = hunt::merge_results(arguments.out, arguments.databases);
    for (const hunt::Contradiction& c : found) {
      print_message(
          fmt::format("seed {} has two results: this is a defect of Tidemark, or of a machine\n  {}: {}  {}: {}",
                      c.seed, c.first_file, export_line(c.first), c.second_file, export_line(c.second)));
    }
    return found.empty() ? kExitValid : kExitDefect;
  } catch (const hunt::ResultsError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace tidemark::cli
