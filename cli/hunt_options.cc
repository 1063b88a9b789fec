#include <CLI/CLI.hpp>

#include <memory>

#include "cli/hunt_command.h"

namespace tidemark::cli {
namespace {

constexpr char kFooter[] =
    "\nExamples:\n"
    "  tidemark hunt faults/swarm --seeds 1..1000 --db swarm.db\n"
    "  tidemark hunt faults/mistakes/swarm --bug A2 --seeds 1..100 --until-fail\n"
    "  tidemark hunt faults/swarm --time '10 min' --junit hunt.xml\n"
    "  tidemark hunt faults/swarm --seeds 1..1000 --shard 1/4 --db part1.db\n"
    "  tidemark hunt faults/swarm --steer --seeds 1..1000 --db steered.db\n"
    "  tidemark hunt merge all.db part1.db part2.db part3.db part4.db\n"
    "  tidemark hunt export all.db\n"
    "\nThe same command again goes on where a stopped or killed hunt was (--db). A stopped hunt that found nothing "
    "ends\n"
    "with 2, one with a crash or with two runs of a seed that differ with 70. docs/hunt.md has the rest.\n";

void add_limits(CLI::App& command, HuntArguments& arguments) {
  command.add_option("--time", arguments.time, "Begin no further seed after this: '90 s', '10 min', '8 h'");
  command.add_option("--max-time-per-seed", arguments.time_per_seed, "A run that takes longer is stopped: class hang")
      ->capture_default_str();
  command
      .add_option("--max-memory-per-seed", arguments.memory_per_seed, "A run that needs more is stopped: class memory")
      ->capture_default_str();
  command.add_option("--jobs", arguments.jobs, "Worker processes (default: one for each processor)")
      ->check(CLI::Range(1, 1024));
}

void add_output(CLI::App& command, HuntArguments& arguments) {
  command.add_option("--db", arguments.database, "Keep the results in this SQLite file; go on with what it has");
  command.add_option("--first", arguments.first, "Try the seeds first that failed in this results file, of any commit");
  command.add_option("--junit", arguments.junit, "Write the summary as JUnit XML to this file");
  command.add_option("--format", arguments.format, "Format of the summary")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
}

}  // namespace

void add_hunt(CLI::App& app, std::function<int()>& action) {
  const auto arguments = std::make_shared<HuntArguments>();
  CLI::App* command = app.add_subcommand("hunt", "Run many seeds in parallel, keep and group what fails");
  command->add_option("SCENARIO", arguments->scenario, "A scenario file, or the name of a shipped one");
  command->add_option("--seeds", arguments->seeds, "A..B (default with --time: from 1 on)");
  command->add_option("--bug", arguments->bugs, "Plant this mistake (tidemark bugs); may be repeated")
      ->allow_extra_args(false);
  command->add_option("--set", arguments->sets, "key=value: override a key of the scenario; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--steer", arguments->steer,
                    "Change the plans of runs that reached new states; seeds are numbers of runs (docs/steering.md)");
  command->add_option("--plans", arguments->plans,
                      "With --steer: folder for the plans of runs that failed (default: DB.plans, or tidemark-plans)");
  command->add_option("--shard", arguments->shard, "I/N: the I-th of N parts of the seeds");
  CLI::Option* until_fail = command->add_flag("--until-fail", arguments->until_fail, "Stop at the first failure");
  command->add_flag("--keep-going", arguments->keep_going, "Run all seeds, whatever fails (the default)")
      ->excludes(until_fail);
  add_limits(*command, *arguments);
  add_output(*command, *arguments);
  command->footer(kFooter);
  command->require_subcommand(0, 1);
  command->callback([arguments, command, &action] {
    if (command->get_subcommands().empty()) action = [arguments] { return hunt_command(*arguments); };
  });

  const auto exported = std::make_shared<HuntExportArguments>();
  CLI::App* exporting = command->add_subcommand("export", "Print results as text: equal for equal results");
  exporting->add_option("DB", exported->database, "A results file")->required();
  exporting->add_option("--out", exported->out, "Write to this file instead of stdout");
  exporting->footer("\nExamples:\n  tidemark hunt export swarm.db\n  tidemark hunt export swarm.db --out swarm.tsv\n");
  exporting->callback([exported, &action] { action = [exported] { return hunt_export_command(*exported); }; });

  const auto mapped = std::make_shared<HuntMapArguments>();
  CLI::App* mapping = command->add_subcommand("map", "Print which states of the protocol a steered hunt reached");
  mapping->add_option("DB", mapped->database, "A results file of a steered hunt")->required();
  mapping->add_option("--format", mapped->format, "Format of the output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  mapping->add_option("--most", mapped->most, "As text: so many of the rarest cells; 0 = all")->capture_default_str();
  mapping->footer("\nExamples:\n  tidemark hunt map steered.db\n  tidemark hunt map steered.db --format json\n");
  mapping->callback([mapped, &action] { action = [mapped] { return hunt_map_command(*mapped); }; });

  const auto planned = std::make_shared<HuntPlanArguments>();
  CLI::App* planning =
      command->add_subcommand("plan", "Print the plan of a run of a steered hunt, for tidemark run --plan");
  planning->add_option("DB", planned->database, "A results file of a steered hunt")->required();
  planning->add_option("RUN", planned->run, "The number of a run")->required();
  planning->add_option("--out", planned->out, "Write to this file instead of stdout");
  planning->footer("\nExamples:\n  tidemark hunt plan steered.db 17 --out plan.json\n");
  planning->callback([planned, &action] { action = [planned] { return hunt_plan_command(*planned); }; });

  const auto merged = std::make_shared<HuntMergeArguments>();
  CLI::App* merging = command->add_subcommand("merge", "Unite the results of shards");
  merging->add_option("OUT", merged->out, "The results file to make")->required();
  merging->add_option("DB", merged->databases, "Results files of one campaign")->required();
  merging->footer("\nExamples:\n  tidemark hunt merge all.db part1.db part2.db\n");
  merging->callback([merged, &action] { action = [merged] { return hunt_merge_command(*merged); }; });
}

}  // namespace tidemark::cli
