#include <fmt/core.h>

#include <algorithm>

#include "checkers/consistency/sequential.h"
#include "checkers/history/history_io.h"
#include "checkers/session/session_checker.h"
#include "cli/commands.h"
#include "cli/explain_files.h"
#include "cli/judgement_output.h"
#include "cli/output.h"
#include "cli/verdict_output.h"

namespace tidemark::cli {
namespace {

using checkers::Verdict;

/// A file whose format cannot be told is taken for ours: our reader says what is wrong with it.
checkers::Format format_of(const CheckArguments& arguments) {
  if (arguments.format != "auto") return *checkers::find_format(arguments.format);  // CLI11 knows no others
  try {
    return checkers::guess_format(arguments.history);
  } catch (const checkers::HistoryError&) {
    return checkers::Format::kTidemark;
  }
}

/// Options that the model would pass over are mistakes.
checkers::TotalsOptions totals_options(const CheckArguments& arguments) {
  const auto only = [&](bool given, const char* option, const char* one, const char* other) {
    if (given && arguments.model != one && arguments.model != other)
      throw UsageError(fmt::format("{} is an option of the model {}{}{}, not of {}", option, one,
                                   *other == 0 ? "" : " or ", other, arguments.model));
  };
  only(arguments.total.has_value(), "--total", "bank", "");
  only(!arguments.accounts.empty(), "--accounts", "bank", "");
  only(arguments.negative_balances, "--negative-balances", "bank", "");
  only(arguments.start.has_value(), "--start", "counter", "");
  only(arguments.real_time, "--real-time", "counter", "set");
  return {arguments.total, arguments.negative_balances, arguments.accounts, arguments.start.value_or(0),
          arguments.real_time};
}

int judge_file(const CheckArguments& arguments, checkers::Format format) {
  JudgedFile file{arguments.history, format, checkers::find_model(arguments.model), {}, {}};
  file.options.totals = totals_options(arguments);
  const checkers::History history = checkers::read_history_file(arguments.history, format, &file.summary);
  const checkers::Judgement judgement = checkers::judge(history, file.model->model, file.options);
  print_message(remarks(file.summary));
  print(arguments.output == "json" ? judgement_json(file, history, judgement)
                                   : judgement_text(file, history, judgement));
  write_explanations({arguments.svg, arguments.html, arguments.minimal}, file, history, judgement);
  return exit_code_of(judgement.validity);
}

/// The violated promise of our own checkers that the contents alone show, too: the first of these that is a model.
void explain_own(const CheckArguments& arguments, const std::vector<checkers::Operation>& operations,
                 const std::vector<Verdict>& verdicts) {
  const ExplainFiles files{arguments.svg, arguments.html, arguments.minimal};
  if (!arguments.explain && !files.any()) return;
  if (std::any_of(operations.begin(), operations.end(), [](const auto& o) { return !o.restored_to.empty(); })) {
    return print_message("the database was restored: what that brought back only bookmarks tell, not the contents\n");
  }
  JudgedFile file{arguments.history, checkers::Format::kTidemark, checkers::find_model("sequential"), {}, {}};
  const checkers::History history = checkers::read_history_file(arguments.history, file.format, &file.summary);
  checkers::Judgement judgement = checkers::judge(history, file.model->model);
  for (const Verdict& verdict : verdicts) {
    const checkers::ModelInfo* model = checkers::find_model(verdict.name);
    if (verdict.validity != checkers::Validity::kInvalid || model == nullptr) continue;
    if (judgement.validity == checkers::Validity::kInvalid) break;
    file.model = model;
    judgement = checkers::judge(history, model->model);
  }
  print_message(remarks(file.summary));
  if (arguments.explain && judgement.validity == checkers::Validity::kInvalid) {
    const std::string text = judgement_text(file, history, judgement);
    arguments.output == "json" ? print_message(text) : print(text);
  } else if (arguments.explain && worst(verdicts) == checkers::Validity::kInvalid) {
    print_message("the contents alone do not contradict each other: the violation is one of the bookmarks' order\n");
  }
  write_explanations(files, file, history, judgement);
}

}  // namespace

// Our own histories carry bookmarks: the order of the log decides them at once, and the sessions are checked besides.
int check_command(const CheckArguments& arguments) {
  try {
    const checkers::Format format = format_of(arguments);
    totals_options(arguments);
    if (format != checkers::Format::kTidemark || arguments.model != "sequential") return judge_file(arguments, format);
    checkers::HistoryHeader header;
    const std::vector<checkers::Operation> history = checkers::read_history(arguments.history, &header);
    std::vector<Verdict> verdicts = checkers::check_sequential(history);
    for (const Verdict& verdict : checkers::check_sessions(history)) verdicts.push_back(verdict);
    print(arguments.output == "json" ? verdicts_json(arguments.history, header, history.size(), verdicts)
                                     : verdicts_text(arguments.history, history.size(), verdicts));
    explain_own(arguments, history, verdicts);
    return exit_code_of(worst(verdicts));
  } catch (const checkers::HistoryError& error) {
    throw UsageError(error.what());
  }
}

}  // namespace tidemark::cli
