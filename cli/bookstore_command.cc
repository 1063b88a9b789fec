// `tidemark report bookstore`: one run with the scenario's replicas and one without any, with the same seed.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>

#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/load.h"
#include "cli/output.h"
#include "cli/seed.h"
#include "cli/simulate.h"
#include "model/apps/bookstore/bookstore.h"
#include "reports/bookstore.h"

namespace tidemark::cli {
namespace {

/// Nothing: no customer does it, or the published application has no route for it.
std::optional<reports::StoreKind> store_kind_of(const std::string& action) {
  using reports::StoreKind;
  static const std::map<std::string, StoreKind> kKinds = {
      {"books", StoreKind::kBrowse},
      {"category", StoreKind::kBrowse},
      {"book", StoreKind::kBrowse},
      {"search", StoreKind::kSearch},
      {"cart", StoreKind::kCart},
      {"item", StoreKind::kCart},
      {"orders", StoreKind::kOrders},
      {"bestsellers", StoreKind::kBestSellers},
      {"recommendations", StoreKind::kRecommendations},
      {"friends_who_bought", StoreKind::kRecommendations},
      {"add", StoreKind::kChangeCart},
      {"update", StoreKind::kChangeCart},
      {"remove", StoreKind::kChangeCart},
      {"checkout", StoreKind::kCheckout},
  };
  const auto found = kKinds.find(action);
  return found == kKinds.end() ? std::nullopt : std::optional(found->second);
}

/// Keeps what customers have waited for.
class StoreFeed final : public model::ClientObserver {
 public:
  struct Waited {
    std::uint32_t client = 0;
    reports::StoreAction action;
  };
  void on_invoke(const model::ClientInvocation&) override {}
  void on_complete(const model::ClientOperation& operation) override {
    const model::ClientInvocation& invocation = operation.invocation;
    const std::optional<reports::StoreKind> kind = store_kind_of(invocation.action->name);
    if (!kind || model::is_of_the_shop(invocation.client) || operation.outcome == model::OperationOutcome::kInfo)
      return;
    waited_.push_back({invocation.client, {"", *kind, (operation.completed - invocation.invoked).ns()}});
  }
  const std::vector<Waited>& waited() const { return waited_; }

 private:
  std::vector<Waited> waited_;  // until it is known where the clients are
};

int measure_store(const scenarios::Scenario& scenario, std::uint64_t seed, reports::StorePlacement& into) {
  StoreFeed feed;
  scenarios::RunRequest request{scenario, seed, "", ""};
  request.clients = &feed;
  const scenarios::RunResult result = simulate(request);
  const std::vector<std::string> cities = client_cities(result);
  for (StoreFeed::Waited waited : feed.waited()) {
    waited.action.city = cities.at(waited.client);
    into.add(waited.action);
  }
  into.digest = result.digest;
  into.virtual_seconds = result.virtual_seconds;
  for (const checkers::Verdict& verdict : result.verdicts) warn_of(verdict);
  return result.exit_code(scenario.expect);
}

}  // namespace

int bookstore_command(const BookstoreArguments& arguments) {
  reports::Format format{};
  if (!reports::parse_format(arguments.format, format)) throw UsageError("--format " + arguments.format + ": unknown");
  scenarios::Scenario scenario = load_or_throw(arguments.scenario, arguments.sets);
  if (scenario.workload.application != model::kBookstore)
    throw UsageError(arguments.scenario + ": its application is not bookstore");
  reports::BookstoreReport report;
  report.scenario = scenario.name;
  report.seed = scenario.seed;
  std::string error;
  if (!arguments.seed.empty() && !parse_seed(arguments.seed, report.seed, error)) throw UsageError("--seed " + error);
  print_message(fmt::format("seed {}\n", report.seed));
  report.placements.emplace_back().name = "replicas";
  int code = measure_store(scenario, report.seed, report.placements.back());
  for (scenarios::DatabaseSpec& database : scenario.databases) database.replicas.clear();
  report.placements.emplace_back().name = "primary alone";
  code = graver(code, measure_store(scenario, report.seed, report.placements.back()));
  const std::string text = render(report, format);
  arguments.out.empty() ? print(text) : write_file(arguments.out, text);
  return code;
}

}  // namespace tidemark::cli
