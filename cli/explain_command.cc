#include "cli/explain_command.h"

#include <fmt/core.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "checkers/formats/format.h"
#include "checkers/judge/models.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/judgement_output.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/plan_file.h"
#include "cli/run_folder.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "explain/explain.h"
#include "explain/page.h"
#include "sim/nemesis/fault.h"

namespace tidemark::cli {
namespace {

struct Input {
  scenarios::Scenario scenario;
  std::uint64_t seed = 0;
  std::optional<sim::FaultPlan> plan;
  std::string history;  // path; empty: none is stored
};

Input input_of(const ExplainArguments& arguments) {
  Input input;
  if (std::filesystem::exists(arguments.input + "/run.json")) {
    if (!arguments.seed.empty() || !arguments.sets.empty() || !arguments.plan.empty())
      throw UsageError("a run folder has its own seed, keys and plan: --seed, --set and --plan are for scenarios");
    StoredRun stored = read_run_folder(arguments.input);
    input = {std::move(stored.scenario), stored.report.seed, std::move(stored.plan),
             arguments.input + "/history.jsonl"};
    if (!std::filesystem::exists(input.history)) input.history.clear();
    return input;
  }
  input.scenario = load_or_throw(arguments.input, arguments.sets);
  input.seed = input.scenario.seed;
  if (!arguments.plan.empty()) {
    StoredPlan plan = read_plan(arguments.plan);
    input.seed = plan.seed;
    input.plan = std::move(plan.faults);
  }
  std::string error;
  if (!arguments.seed.empty() && !parse_seed(arguments.seed, input.seed, error)) throw UsageError("--seed " + error);
  return input;
}

/// A folder for files of this command, removed with it.
class Scratch {
 public:
  Scratch() : path_(std::filesystem::temp_directory_path() / fmt::format("tidemark-explain-{}", getpid())) {
    make_folder(path_.string());
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// What the contents of the history say about a broken promise to clients; empty when they do not contradict each
/// other, or when the promise is not one of a model.
std::string words_of(const std::string& path, const std::string& check) {
  const checkers::ModelInfo* const model = checkers::find_model(check == "bookmark-order" ? "sequential" : check);
  if (model == nullptr) return {};
  try {
    JudgedFile file;
    file.path = "the history of this run";
    file.model = model;
    const checkers::History history = checkers::read_history_file(path, file.format, &file.summary);
    const checkers::Judgement judgement = checkers::judge(history, model->model);
    if (judgement.validity != checkers::Validity::kInvalid) return {};
    std::string text = judgement_text(file, history, judgement);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  } catch (const checkers::HistoryError&) {
    return {};  // a history that this reader does not take: the witness has to do
  }
}

std::string contents_of(const Input& input, const std::string& check) {
  if (checkers::find_model(check) == nullptr && check != "bookmark-order") return {};
  if (!input.history.empty()) return words_of(input.history, check);
  const Scratch scratch;
  scenarios::RunRequest request{input.scenario, input.seed, scratch.file("history.jsonl"), "", nullptr, nullptr};
  if (input.plan) request.plan = &*input.plan;
  simulate(request);
  return words_of(request.history_path, check);
}

explain::ExplainOptions options_of(const ExplainArguments& arguments) {
  explain::ExplainOptions options;
  options.lines = arguments.lines;
  options.full = arguments.full;
  options.needs = !arguments.no_faults;
  options.curve = !arguments.no_curve;
  options.points = arguments.points;
  options.futures = arguments.futures;
  options.runs = arguments.runs;
  options.jobs =
      arguments.jobs != 0 ? arguments.jobs : static_cast<std::size_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  if (!sim::parse_duration(arguments.delta, options.delta) || options.delta <= sim::Duration{})
    throw UsageError("--delta: '" + arguments.delta + "' is no duration (50 ms)");
  if (isatty(STDERR_FILENO) != 0) {
    options.progress = [](std::size_t done, std::size_t most) {
      print_message(fmt::format("\r{} runs, at most {} \r", done, most));
    };
  }
  return options;
}

std::optional<explain::Explanation> explained(const Input& input, const explain::ExplainOptions& options) {
  try {
    return explain::explain_run(input.scenario, input.seed, input.plan ? &*input.plan : nullptr, options);
  } catch (const scenarios::ScenarioError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace

int explain_command(const ExplainArguments& arguments) {
  const Input input = input_of(arguments);
  const explain::ExplainOptions options = options_of(arguments);
  // The seed is out before the first draw, and once: it is the first line of a page that goes to stdout.
  const std::string head = fmt::format("seed {}\n", input.seed);
  const bool begun = arguments.format == "text" && arguments.out.empty();
  begun ? print(head) : print_message(head);
  std::optional<explain::Explanation> made = explained(input, options);
  if (!made)
    throw UsageError(
        fmt::format("{} with seed {} does not fail: there is nothing to explain", input.scenario.name, input.seed));
  made->contents = contents_of(input, made->first.verdict.name);
  const std::string text = arguments.format == "json" ? to_json(*made)
                           : arguments.format == "md" ? to_markdown(*made)
                                                      : (begun ? "" : head) + to_text(*made);
  arguments.out.empty() ? print(text) : write_file(arguments.out, text);
  return kExitValid;
}

void add_explain(CLI::App& app, std::function<int()>& action) {
  auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* command = app.add_subcommand("explain", "Explain why a run failed");
  command->add_option("INPUT", arguments->input, "A run folder, a scenario file, or the name of a shipped one")
      ->required();
  command->add_option("--seed", arguments->seed, "Seed of a scenario (default: the scenario's)");
  command->add_option("--set", arguments->sets, "key=value: override a key of a scenario; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--plan", arguments->plan,
                      "plan.json of a run: these faults and its seed instead of drawing them");
  command->add_option("--format", arguments->format, "Format of the output")
      ->check(CLI::IsMember({"text", "md", "json"}))
      ->capture_default_str();
  command->add_option("--out", arguments->out, "Write the explanation to this file instead of stdout");
  command->add_option("--lines", arguments->lines, "Lines of the story, at most")->capture_default_str();
  command->add_flag("--full", arguments->full, "Every line of the causal past");
  command->add_flag("--no-faults", arguments->no_faults, "Do not try which faults were needed");
  command->add_flag("--no-curve", arguments->no_curve, "Do not try when it became inevitable");
  command->add_option("--delta", arguments->delta, "By so much a fault is moved")->capture_default_str();
  command->add_option("--points", arguments->points, "Instants from which futures are tried")
      ->check(CLI::Range(2, 1000))
      ->capture_default_str();
  command->add_option("--futures", arguments->futures, "Futures of each of them")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
  command->add_option("--runs", arguments->runs, "Runs that are tried, at most")->capture_default_str();
  command->add_option("--jobs", arguments->jobs, "Worker processes (default: one for each processor)");
  command->footer(
      "\nExamples:\n  tidemark explain runs/a\n"
      "  tidemark explain smoke/mistakes_orders --seed 7 --set bugs=F1 --format md --out why.md\n"
      "  tidemark explain runs/a --no-curve --full\n"
      "\nWhat it says and how it finds out: docs/explain.md.\n");
  command->callback([arguments, &action] { action = [arguments] { return explain_command(*arguments); }; });
}

}  // namespace tidemark::cli
