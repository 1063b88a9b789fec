// `tidemark report insights`: what the statements of one run cost the database.
#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "model/protocol/http.h"
#include "model/types/null_observer.h"
#include "reports/insights.h"

namespace tidemark::cli {
namespace {

/// Hands the statements of the application's users to the report; not those that make its tables first.
class StatementFeed final : public model::NullObserver {
 public:
  explicit StatementFeed(reports::InsightsReport& report) : report_(report) {}

  void on_response(const model::ResponseTruth& response) override {
    const bool of_a_user = response.session != 0 && response.session != model::kHostileSession;
    if (!of_a_user || response.costs == nullptr) return;
    for (std::size_t i = 0; i < response.costs->count(); ++i) {
      const model::StatementCost cost = response.costs->at(i);
      report_.add(cost.sql, cost.duration.ns(), static_cast<std::uint64_t>(cost.rows_read),
                  static_cast<std::uint64_t>(cost.rows_written));
    }
  }

 private:
  reports::InsightsReport& report_;
};

}  // namespace

int insights_command(const InsightsArguments& arguments) {
  reports::Format format{};
  if (!reports::parse_format(arguments.format, format)) throw UsageError("--format " + arguments.format + ": unknown");
  reports::InsightsReport report;
  if (!reports::parse_order(arguments.sort, report.order)) throw UsageError("--sort " + arguments.sort + ": unknown");
  const scenarios::Scenario scenario = load_or_throw(arguments.scenario, arguments.sets);
  std::uint64_t seed = scenario.seed;
  std::string error;
  if (!arguments.seed.empty() && !parse_seed(arguments.seed, seed, error)) throw UsageError("--seed " + error);
  print_message(fmt::format("seed {}\n", seed));
  report.top = arguments.top;
  StatementFeed feed(report);
  scenarios::RunRequest request{scenario, seed, "", ""};
  request.observer = &feed;
  const scenarios::RunResult result = simulate(request);
  report.scenario = scenario.name;
  report.seed = seed;
  report.digest = result.digest;
  report.virtual_seconds = result.virtual_seconds;
  const int code = result.exit_code(scenario.expect);
  for (const checkers::Verdict& verdict : result.verdicts)
    if (code != kExitValid && !verdict.witness.empty())
      print_message(fmt::format("warning: {} is {}: {}\n", verdict.name, to_text(verdict.validity), verdict.witness));
  const std::string text = render(report, format);
  arguments.out.empty() ? print(text) : write_file(arguments.out, text);
  return code;
}

}  // namespace tidemark::cli
