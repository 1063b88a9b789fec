#include "cli/hunt_command.h"

#include <fmt/core.h>
#include <sched.h>

#include <charconv>

#include "base/assert.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/hunt_progress.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/seed.h"
#include "cli/shell_word.h"
#include "hunt/summary.h"
#include "scenarios/loader.h"
#include "scenarios/quantity.h"

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

std::int64_t quantity_of(const char* option, scenarios::Unit unit, const std::string& text) {
  std::int64_t value = 0;
  std::string error;
  if (!scenarios::parse_quantity(unit, text, value, error)) throw UsageError(fmt::format("{}: {}", option, error));
  if (value <= 0) throw UsageError(fmt::format("{}: must be more than nothing", option));
  return value;
}

double seconds_of(const char* option, const std::string& text) {
  return static_cast<double>(quantity_of(option, scenarios::Unit::kDuration, text)) / 1e9;
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
  for (const std::string& set : sets_of(arguments))
    campaign.options += (campaign.options.empty() ? "--set " : " --set ") + shell_word(set);
  return campaign;
}

/// The failing seeds of an earlier hunt.
std::vector<std::uint64_t> failing_in(const std::string& path) {
  return path.empty() ? std::vector<std::uint64_t>() : hunt::Results(path).failing();
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
  try {
    options.before = failing_in(arguments.first);
    hunt::Results results(arguments.database, campaign_of(arguments, scenario));
    print_message(fmt::format(
        "hunting in {}, seeds {}, {} workers{}\n", arguments.scenario, seeds_text(options), options.pool.jobs,
        results.seeds().empty()
            ? ""
            : fmt::format("; {} has {} seeds already", arguments.database, results.seeds().size())));
    HuntDisplay display;
    const hunt::RunSeed run = [&scenario](std::uint64_t seed) { return hunt::run_seed(scenario, seed); };
    const hunt::HuntReport report = hunt::hunt(options, results, run, display);
    display.finish();
    const auto reproduce = [&](std::uint64_t seed) {
      return run_line_of(arguments.scenario, seed, sets_of(arguments));
    };
    return finished(arguments, {results.campaign(), options, report, results.totals(), results.classes(),
                                arguments.database, reproduce});
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
