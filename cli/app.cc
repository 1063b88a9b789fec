#include "cli/app.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>

#include "base/assert.h"
#include "cli/build_info.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/exit_codes.h"
#include "cli/explain_command.h"
#include "cli/hunt_command.h"
#include "cli/judgement_output.h"
#include "cli/matrix_command.h"
#include "cli/output.h"
#include "cli/replay_command.h"
#include "cli/shrink_command.h"
#include "scenarios/diagnostics.h"

namespace tidemark::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes: 0 every verdict valid, or an expected violation happened; 1 a safety violation; 2 undecided;\n"
    "3 a liveness violation; 64 bad usage or bad input file; 70 a defect of Tidemark itself.";

/// The tree, and where its options are kept.
class CommandLine {
 public:
  CommandLine();
  int run(int argc, char** argv);

 private:
  void add_run();
  void add_check();
  void add_history();
  void add_report();
  void add_coverage(CLI::App& report);
  void add_staleness(CLI::App& report);
  void add_edge_cache(CLI::App& report);
  void add_bookstore(CLI::App& report);
  void add_insights(CLI::App& report);
  void add_scenario();
  void add_bugs();
  void add_faults();
  void add_completion();
  static void format_option(CLI::App& command, std::string& format, std::vector<std::string> formats);
  int usage_error(const CLI::ParseError& error, int argc, char** argv) const;

  CLI::App app_{"Deterministic simulator and test harness for a replicated SQLite database.", "tidemark"};
  RunArguments run_;
  CheckArguments check_;
  HistoryConvertArguments convert_;
  ConfirmLagArguments confirm_lag_;
  CoverageArguments coverage_;
  EdgeCacheArguments edge_cache_;
  BookstoreArguments bookstore_;
  InsightsArguments insights_;
  RunReportArguments run_report_;
  StalenessArguments staleness_;
  ScenarioCheckArguments scenario_check_;
  std::string list_format_ = "text";
  std::string bugs_format_ = "text";
  std::string faults_format_ = "text";
  std::string shell_;
  std::function<int()> action_;  // of the command that was given
};

void CommandLine::format_option(CLI::App& command, std::string& format, std::vector<std::string> formats) {
  command.add_option("--format", format, "Format of the output")
      ->check(CLI::IsMember(std::move(formats)))
      ->capture_default_str();
}

CommandLine::CommandLine() {
  app_.set_version_flag("--version", version_text());
  app_.require_subcommand(1);
  app_.footer(
      std::string("\nExamples:\n  tidemark run smoke/orders\n  tidemark run smoke/mistakes_orders --set bugs=F1\n"
                  "  tidemark report confirm-lag published/confirm_lag\n\n") +
      kExitCodes);
  add_run();
  add_hunt(app_, action_);
  add_shrink(app_, action_);
  add_check();
  add_history();
  add_replay(app_, action_);
  add_explain(app_, action_);
  add_report();
  add_scenario();
  add_bugs();
  add_faults();
  add_completion();
}

void CommandLine::add_run() {
  CLI::App* command = app_.add_subcommand("run", "Run a scenario once, or with many seeds, and judge it");
  command->add_option("SCENARIO", run_.scenario, "A scenario file, or the name of a shipped one")->required();
  command->add_option("--seed", run_.seed,
                      "Seed: decimal, 0x hex, or a commit of 40 hex digits (default: the scenario's)");
  command->add_option("--seeds", run_.seeds, "A..B: one run per seed in this process, one line each");
  command->add_option("--set", run_.sets, "key=value: override a key of the scenario; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--plan", run_.plan, "plan.json of a run: these faults and its seed instead of drawing them");
  command->add_option("--out", run_.out, "Write the run folder here (with --seeds: one folder per seed inside)");
  format_option(*command, run_.format, {"text", "json"});
  command->add_flag("--trace", run_.trace, "Write every event to trace.bin in the run folder");
  command->add_flag("--keep-databases", run_.keep_databases,
                    "Write the database files of every copy into the run folder");
  command->add_flag("--online", run_.online, "Judge while it runs, and stop the run at its first violation");
  command->add_flag("--stop-on-first", run_.stop_on_first,
                    "With --seeds: stop at the first run that is not as it should be");
  command->footer(std::string("\nExamples:\n  tidemark run smoke/orders --seed 42\n  tidemark run smoke/orders --seeds "
                              "1..100 --stop-on-first\n"
                              "  tidemark run my.toml --set net.loss_ratio='1 %' --set relay.quorum=4\n"
                              "  tidemark run smoke/append --out runs/a --trace --keep-databases\n"
                              "  tidemark run runs/a/scenario.toml --plan runs/a/plan.json\n\n") +
                  kExitCodes);
  command->callback([this] { action_ = [this] { return run_command(run_); }; });
}

void CommandLine::add_check() {
  CLI::App* command = app_.add_subcommand("check", "Check a recorded history");
  command->add_option("HISTORY", check_.history, "A history file (history.jsonl of a run folder)")->required();
  command->add_option("--format", check_.format, "Format of the file")
      ->check(CLI::IsMember(history_format_names()))
      ->capture_default_str();
  command->add_option("--model", check_.model, "Consistency model")
      ->check(CLI::IsMember(model_names()))
      ->capture_default_str();
  command->add_option("--output", check_.output, "Format of the output")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--online", check_.online,
                    "Judge our JSON Lines as they come (- = standard input), stop at the first violation");
  command
      ->add_option("--longest-operation", check_.longest_operation_s,
                   "With --online: no operation lasts longer than so many seconds of its history")
      ->check(CLI::Range(0.001, 1e6))
      ->capture_default_str();
  command->add_option("--total", check_.total,
                      "Model bank: what all accounts hold together (else what most reads found)");
  command->add_option("--accounts", check_.accounts, "Model bank: the accounts, a,b,c (else those of the history)")
      ->delimiter(',');
  command->add_flag("--negative-balances", check_.negative_balances, "Model bank: accounts may be overdrawn");
  command->add_option("--start", check_.start, "Model counter: what counters hold in the beginning (else 0)");
  command->add_flag("--real-time", check_.real_time,
                    "Models counter and set: a read finds what had ended before it was called");
  command->add_flag("--explain", check_.explain,
                    "Explain a violation of one of our own histories by its contents alone (others always are)");
  command->add_option("--svg", check_.svg, "Write a picture of the first anomaly");
  command->add_option("--html", check_.html, "Write a page: verdict, explanations, pictures, minimal sub-histories");
  command->add_option("--minimal", check_.minimal,
                      "Write the least that still fails (.jsonl, .json, .kv, .txt: plume; else EDN)");
  command->footer(
      "\nExamples:\n  tidemark check runs/a/history.jsonl\n  my-client | tidemark check --online -\n  tidemark check "
      "history.jsonl --output json\n"
      "  tidemark check runs/a/history.jsonl --explain --html why.html --minimal least.edn\n"
      "  tidemark check jepsen/history.edn --model read-your-writes\n"
      "  tidemark check bank.edn --model bank --total 100 --accounts 0,1,2 --negative-balances\n"
      "\nThe models, what they assume and what they cost: docs/checkers.md.\n");
  command->callback(
      [this] { action_ = [this] { return check_.online ? check_online_command(check_) : check_command(check_); }; });
}

void CommandLine::add_history() {
  CLI::App* command = app_.add_subcommand("history", "Convert recorded histories");
  command->require_subcommand(1);
  command->footer("\nExamples:\n  tidemark history convert runs/a/history.jsonl a.edn\n");
  CLI::App* convert = command->add_subcommand("convert", "Write a history in another format");
  convert->add_option("IN", convert_.in, "A history, ours or somebody else's")->required();
  convert->add_option("OUT", convert_.out, "The file to write; - is stdout")->required();
  convert->add_option("--from", convert_.from, "Format of IN (auto: by what it begins with)")
      ->check(CLI::IsMember(
          {"auto", "jsonl", "edn", "json", "jepsen-log", "kv", "plume", "awdit", "dbcop-json", "dbcop-text"}))
      ->capture_default_str();
  convert->add_option("--to", convert_.to, "Format of OUT (auto: by its ending)")
      ->check(CLI::IsMember({"auto", "jsonl", "edn", "json", "kv", "plume"}))
      ->capture_default_str();
  convert->footer(
      "\nExamples:\n  tidemark history convert runs/a/history.jsonl a.edn\n"
      "  tidemark history convert hist-00001.txt - --from plume --to json\n"
      "\nWhat the new format cannot hold is named on stderr, or refused with its place (exit code 64).\n");
  convert->callback([this] { action_ = [this] { return history_convert_command(convert_); }; });
}

void CommandLine::add_report() {
  CLI::App* command = app_.add_subcommand("report", "Make a report");
  command->require_subcommand(1);
  command->footer(
      "\nExamples:\n  tidemark report confirm-lag published/confirm_lag --format html --out lag.html\n  tidemark "
      "report run runs/a\n  tidemark report coverage runs\n");
  CLI::App* lag = command->add_subcommand("confirm-lag", "The confirm-lag table, next to the published one");
  lag->add_option("INPUT", confirm_lag_.inputs, "Scenarios, or run folders (which are run again)")->required();
  lag->add_option("--seed", confirm_lag_.seeds, "Seed for scenarios; may be repeated, the samples are pooled")
      ->allow_extra_args(false);
  lag->add_option("--set", confirm_lag_.sets, "key=value: override a key of the scenarios")->allow_extra_args(false);
  lag->add_option("--out", confirm_lag_.out, "Write the report to this file instead of stdout");
  format_option(*lag, confirm_lag_.format, {"text", "md", "csv", "json", "html"});
  lag->footer(
      "\nExamples:\n  tidemark report confirm-lag published/confirm_lag\n"
      "  tidemark report confirm-lag published/confirm_lag --seed 2 --format json\n"
      "  tidemark report confirm-lag published/confirm_lag --format html --out lag.html\n");
  lag->callback([this] { action_ = [this] { return confirm_lag_command(confirm_lag_); }; });
  add_coverage(*command);
  add_staleness(*command);
  add_edge_cache(*command);
  add_bookstore(*command);
  add_insights(*command);
  CLI::App* run = command->add_subcommand("run", "Summary of a stored run");
  run->add_option("DIR", run_report_.folder, "A run folder")->required();
  format_option(*run, run_report_.format, {"text", "json"});
  run->footer("\nExamples:\n  tidemark report run runs/a\n  tidemark report run runs/a --format json\n");
  run->callback([this] { action_ = [this] { return run_report_command(run_report_); }; });
}

void CommandLine::add_coverage(CLI::App& report) {
  CLI::App* command = report.add_subcommand("coverage", "Which faults struck whom, in which phase, with effect");
  command->add_option("INPUT", coverage_.inputs, "Run folders, folders of run folders, or scenarios")->required();
  command->add_option("--seeds", coverage_.seeds, "A..B: one run per seed of each scenario");
  command->add_option("--set", coverage_.sets, "key=value: override a key of the scenarios")->allow_extra_args(false);
  command->add_option("--out", coverage_.out, "Write the report to this file instead of stdout");
  format_option(*command, coverage_.format, {"text", "json"});
  command->footer(std::string("\nExamples:\n  tidemark report coverage faults/swarm --seeds 1..100\n"
                              "  tidemark run faults/swarm --seeds 1..100 --out runs && tidemark report coverage runs\n"
                              "\nStored runs are not judged again: their exit code is 0.\n") +
                  kExitCodes);
  command->callback([this] { action_ = [this] { return coverage_command(coverage_); }; });
}

void CommandLine::add_staleness(CLI::App& report) {
  CLI::App* command = report.add_subcommand("staleness", "How old reads were: never judged, only measured");
  command->add_option("HISTORY", staleness_.history, "A history, ours or somebody else's, or a run folder")->required();
  command->add_option("--from", staleness_.from, "Format of the history")
      ->check(CLI::IsMember(history_format_names()))
      ->capture_default_str();
  command->add_option("--out", staleness_.out, "Write the report to this file instead of stdout");
  format_option(*command, staleness_.format, {"text", "md", "json"});
  command->footer(
      "\nExamples:\n  tidemark report staleness runs/a\n"
      "  tidemark report staleness jepsen/history.edn --format json\n");
  command->callback([this] { action_ = [this] { return staleness_command(staleness_); }; });
}

void CommandLine::add_edge_cache(CLI::App& report) {
  CLI::App* command = report.add_subcommand("edge-cache", "The strategies of an edge cache, on the same load");
  command->add_option("SCENARIO", edge_cache_.scenario, "A scenario of the application edge-cache")
      ->capture_default_str();
  command->add_option("--seed", edge_cache_.seed, "Seed of all runs");
  command->add_option("--set", edge_cache_.sets, "key=value: override a key of the scenario")->allow_extra_args(false);
  command->add_option("--out", edge_cache_.out, "Write the report to this file instead of stdout");
  format_option(*command, edge_cache_.format, {"text", "md", "csv", "json", "html"});
  command->footer(
      "\nExamples:\n  tidemark report edge-cache\n"
      "  tidemark report edge-cache --seed 2 --set workload.read_share=95% --format md\n"
      "  tidemark report edge-cache apps/edge_cache_hostile --format html --out cache.html\n");
  command->callback([this] { action_ = [this] { return edge_cache_command(edge_cache_); }; });
}

void CommandLine::add_bookstore(CLI::App& report) {
  CLI::App* command =
      report.add_subcommand("bookstore", "How long users of the bookstore wait, with replicas and without");
  command->add_option("SCENARIO", bookstore_.scenario, "A scenario of the application bookstore")
      ->capture_default_str();
  command->add_option("--seed", bookstore_.seed, "Seed of both runs");
  command->add_option("--set", bookstore_.sets, "key=value: override a key of the scenario")->allow_extra_args(false);
  command->add_option("--out", bookstore_.out, "Write the report to this file instead of stdout");
  format_option(*command, bookstore_.format, {"text", "md", "csv", "json", "html"});
  command->footer(
      "\nExamples:\n  tidemark report bookstore\n"
      "  tidemark report bookstore --seed 2 --set workload.read_share=95% --format md\n"
      "  tidemark report bookstore apps/bookstore_calm --format html --out store.html\n");
  command->callback([this] { action_ = [this] { return bookstore_command(bookstore_); }; });
}

void CommandLine::add_insights(CLI::App& report) {
  CLI::App* command = report.add_subcommand("insights", "What the statements of a run cost the database");
  command->add_option("SCENARIO", insights_.scenario, "A file or a shipped scenario")->capture_default_str();
  command->add_option("--seed", insights_.seed, "Seed of the run");
  command->add_option("--set", insights_.sets, "key=value: override a key of the scenario")->allow_extra_args(false);
  command->add_option("--sort", insights_.sort, "What comes first")
      ->check(CLI::IsMember(std::vector<std::string>{"time", "reads", "count"}))
      ->capture_default_str();
  command->add_option("--top", insights_.top, "How many statements")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--out", insights_.out, "Write the report to this file instead of stdout");
  format_option(*command, insights_.format, {"text", "md", "csv", "json", "html"});
  command->footer(
      "\nExamples:\n  tidemark report insights\n"
      "  tidemark report insights apps/bank_calm --sort reads --top 5 --format md\n"
      "  tidemark report insights smoke/orders --seed 3 --format html --out insights.html\n");
  command->callback([this] { action_ = [this] { return insights_command(insights_); }; });
}

void CommandLine::add_scenario() {
  CLI::App* command = app_.add_subcommand("scenario", "Check and list scenario files");
  command->require_subcommand(1);
  command->footer(
      "\nExamples:\n  tidemark scenario list\n  tidemark scenario check my.toml\n  tidemark scenario schema > "
      "scenario.schema.json\n");
  CLI::App* check = command->add_subcommand("check", "Validate scenario files");
  check->add_option("SCENARIO", scenario_check_.scenarios, "Scenario files or names of shipped ones")->required();
  check->add_option("--set", scenario_check_.sets, "key=value: override a key")->allow_extra_args(false);
  check->add_flag("--resolved", scenario_check_.resolved, "Print the complete file: every key with its value");
  check->footer(
      "\nExamples:\n  tidemark scenario check my.toml other.toml\n  tidemark scenario check smoke/orders --resolved > "
      "mine.toml\n");
  check->callback([this] { action_ = [this] { return scenario_check_command(scenario_check_); }; });
  CLI::App* schema = command->add_subcommand("schema", "Print the JSON Schema of scenario files");
  schema->footer("\nExamples:\n  tidemark scenario schema > scenario.schema.json\n");
  schema->callback([this] { action_ = [] { return scenario_schema_command(); }; });
  CLI::App* list = command->add_subcommand("list", "List the shipped scenarios");
  format_option(*list, list_format_, {"text", "json"});
  list->footer("\nExamples:\n  tidemark scenario list\n  tidemark scenario list --format json\n");
  list->callback([this] { action_ = [this] { return scenario_list_command(list_format_); }; });
}

void CommandLine::add_bugs() {
  CLI::App* command = app_.add_subcommand("bugs", "List the protocol mistakes that can be switched on");
  format_option(*command, bugs_format_, {"text", "json"});
  command->footer("\nExamples:\n  tidemark bugs\n  tidemark run smoke/mistakes_orders --set bugs=F1\n");
  add_matrix(*command, action_);
  command->callback([this, command] {
    if (command->get_subcommands().empty()) action_ = [this] { return bugs_command(bugs_format_); };
  });
}

void CommandLine::add_faults() {
  CLI::App* command = app_.add_subcommand("faults", "List the kinds of faults that scenario files can name");
  format_option(*command, faults_format_, {"text", "json", "markdown"});
  command->footer("\nExamples:\n  tidemark faults\n  tidemark faults --format json\n");
  command->callback([this] { action_ = [this] { return faults_command(faults_format_); }; });
}

void CommandLine::add_completion() {
  CLI::App* command = app_.add_subcommand("completion", "Print a completion script for a shell");
  command->add_option("SHELL", shell_, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("\nExamples:\n  source <(tidemark completion bash)\n  tidemark completion fish | source\n");
  command->callback([this] {
    action_ = [this] {
      print(completion_script(app_, shell_));
      return kExitValid;
    };
  });
}

/// "tidemark: message", with a suggestion when a command is misspelt.
int CommandLine::usage_error(const CLI::ParseError& error, int argc, char** argv) const {
  std::string message = error.what();
  std::vector<std::string> commands;
  for (const CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; }))
    commands.push_back(command->get_name());
  const std::string given = argc > 1 ? argv[1] : "";
  const bool known = std::find(commands.begin(), commands.end(), given) != commands.end();
  if (!given.empty() && given[0] != '-' && !known) {
    message = fmt::format("unknown command {}{}", given, scenarios::did_you_mean(given, commands));
  }
  print_message(fmt::format("tidemark: {}\nSee tidemark{} --help.\n", message, known ? " " + given : ""));
  return kExitUsage;
}

int CommandLine::run(int argc, char** argv) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::CallForVersion& version) {
    print(std::string(version.what()) + "\n");
    return kExitValid;
  } catch (const CLI::CallForHelp&) {
    print(app_.help());
    return kExitValid;
  } catch (const CLI::ParseError& error) {
    return usage_error(error, argc, argv);
  }
  return action_();
}

}  // namespace

int run_main(int argc, char** argv) {
  try {
    CommandLine command_line;
    return command_line.run(argc, argv);
  } catch (const UsageError& error) {
    print_message(fmt::format("{}\n", error.what()));
    return kExitUsage;
  } catch (const std::bad_alloc&) {
    print_message("tidemark: out of memory\n");
    return kExitUnknown;
  } catch (const std::exception& error) {
    print_message(fmt::format("tidemark: {}\n", error.what()));
    return kExitDefect;
  }
}

}  // namespace tidemark::cli
