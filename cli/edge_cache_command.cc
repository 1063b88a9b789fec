// `tidemark report edge-cache`: one run for each strategy, with the same scenario and seed.
#include <fmt/core.h>

#include <algorithm>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "model/apps/edge_cache/edge_cache.h"
#include "model/apps/edge_cache/edge_truths.h"
#include "reports/edge_cache.h"
#include "scenarios/registry.h"

namespace tidemark::cli {
namespace {

/// Hands every read to the report, and what it shows to the account.
class ReadFeed final : public model::ClientObserver {
 public:
  struct Read {
    std::uint32_t client = 0;
    reports::EdgeRead read;
  };
  explicit ReadFeed(std::size_t databases) : accounts_(databases) {}

  void on_invoke(const model::ClientInvocation&) override {}
  void on_complete(const model::ClientOperation& operation) override {
    const model::ClientInvocation& invocation = operation.invocation;
    const auto outcome =
        operation.outcome == model::OperationOutcome::kOk ? model::ActionOutcome::kOk : model::ActionOutcome::kUnknown;
    const std::optional<model::EdgeAccount::Read> account =
        accounts_.at(invocation.database)
            .ended({invocation.session, *invocation.action, outcome, operation.results, invocation.invoked,
                    operation.completed});
    if (!account) return;
    Read& read = reads_.emplace_back();
    read.client = invocation.client;
    read.read.hit = account->hit;
    read.read.broken = account->broken;
    read.read.latency_ns = (operation.completed - invocation.invoked).ns();
    if (account->stale) read.read.stale_ns = account->stale->ns();
  }
  const std::vector<Read>& reads() const { return reads_; }

 private:
  std::vector<model::EdgeAccount> accounts_;  // by database
  std::vector<Read> reads_;                   // until it is known where the clients are
};

std::vector<std::string> strategies() {
  return scenarios::find_key("cache", "strategy")->choices;
}

/// What a cache breaks is what the report counts; anything else is said, and makes the exit code.
int other_violations(const scenarios::RunResult& result) {
  const std::vector<std::string> counted = model::EdgeTruths().names();
  scenarios::RunResult rest;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (std::find(counted.begin(), counted.end(), verdict.name) != counted.end()) continue;
    rest.verdicts.push_back(verdict);
    warn_of(verdict);
  }
  return rest.exit_code({});
}

int measure(const scenarios::Scenario& scenario, std::uint64_t seed, reports::EdgeStrategy& into) {
  ReadFeed feed(scenario.databases.size());
  scenarios::RunRequest request{scenario, seed, "", ""};
  request.clients = &feed;
  const scenarios::RunResult result = simulate(request);
  const std::vector<std::string> cities = client_cities(result);
  for (ReadFeed::Read read : feed.reads()) {
    read.read.city = cities.at(read.client);
    into.add(read.read);
  }
  into.digest = result.digest;
  into.virtual_seconds = result.virtual_seconds;
  into.queries = result.statistics.queries;
  return other_violations(result);
}

}  // namespace

int edge_cache_command(const EdgeCacheArguments& arguments) {
  reports::Format format{};
  if (!reports::parse_format(arguments.format, format)) throw UsageError("--format " + arguments.format + ": unknown");
  reports::EdgeCacheReport report;
  int code = kExitValid;
  for (const std::string& strategy : strategies()) {
    std::vector<std::string> sets = arguments.sets;
    sets.push_back("cache.strategy=" + strategy);
    const scenarios::Scenario scenario = load_or_throw(arguments.scenario, sets);
    if (scenario.workload.application != model::kEdgeCache)
      throw UsageError(arguments.scenario + ": its application is not edge-cache");
    std::uint64_t seed = scenario.seed;
    std::string error;
    if (!arguments.seed.empty() && !parse_seed(arguments.seed, seed, error)) throw UsageError("--seed " + error);
    if (report.strategies.empty()) print_message(fmt::format("seed {}\n", seed));
    report.scenario = scenario.name;
    report.seed = seed;
    report.strategies.emplace_back().name = strategy;
    code = graver(code, measure(scenario, seed, report.strategies.back()));
  }
  const std::string text = render(report, format);
  arguments.out.empty() ? print(text) : write_file(arguments.out, text);
  return code;
}

}  // namespace tidemark::cli
