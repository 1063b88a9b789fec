// Transactions judged per second by the dependency graph, on one core: valid histories and histories with planted
// violations, to the end: inference, graph, classification, the smallest cycles derived once more.
//
// Making the histories is not timed. CPU time; the median of five rounds counts. Every verdict is asserted. An argument
// selects the rows whose name contains it. Output: one Markdown table.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include "append_workload.h"
#include "base/assert.h"
#include "checkers/graph/transactional.h"

namespace tidemark::bench {
namespace {

using checkers::History;
using checkers::Judgement;
using checkers::Validity;
using checkers::testing::AppendWorkload;

constexpr int kRounds = 5;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void row(const char* name, const History& history, const checkers::graph::TransactionalModel& model, Validity wanted) {
  std::vector<double> rounds;
  std::string first = "-";
  for (int i = 0; i < kRounds; ++i) {
    const double start = cpu_seconds();
    const Judgement judgement = checkers::graph::judge_transactional(history, model, {});
    rounds.push_back(cpu_seconds() - start);
    TIDEMARK_ASSERT(judgement.validity == wanted, "the verdict is known");
    if (!judgement.anomalies.empty()) {
      first = judgement.anomalies[0].name + " of " + std::to_string(judgement.anomalies[0].transactions.size());
    }
  }
  std::sort(rounds.begin(), rounds.end());
  const double median = rounds[kRounds / 2];
  const auto count = static_cast<double>(history.transactions().size());
  std::printf("| %s | %zu | %.3f | %.2f | %.0f %% | %s |\n", name, history.transactions().size(), median,
              count / median / 1e6, (rounds.back() - rounds.front()) / median * 100, first.c_str());
  std::fflush(stdout);
}

int run(const std::string& only) {
  using checkers::graph::Isolation;
  const checkers::graph::TransactionalModel sequential{Isolation::kSerializable, true, false};
  const checkers::graph::TransactionalModel strict{Isolation::kSerializable, true, true};
  const checkers::graph::TransactionalModel snapshot{Isolation::kSnapshot, true, false};
  std::printf("| history | transactions | seconds | M transactions/s | spread | first anomaly |\n");
  std::printf("|---|---|---|---|---|---|\n");
  struct Case {
    const char* name;
    std::size_t transactions;
    std::size_t stale;
    std::size_t skews;
    checkers::graph::TransactionalModel model;
    Validity wanted;
  };
  const std::vector<Case> cases{
      {"lists, valid", 500'000, 0, 0, sequential, Validity::kValid},
      {"lists, 1 stale read", 500'000, 1, 0, sequential, Validity::kInvalid},
      {"lists, 100 stale reads", 500'000, 100, 0, sequential, Validity::kInvalid},
      {"lists, 100 write skews", 500'000, 0, 100, sequential, Validity::kInvalid},
      {"lists, valid, real time", 500'000, 0, 0, strict, Validity::kValid},
      {"lists, snapshot isolation", 500'000, 0, 100, snapshot, Validity::kValid},
      {"lists, valid, 40,000", 40'000, 0, 0, sequential, Validity::kValid},
      {"lists, valid, 4 million", 4'000'000, 0, 0, sequential, Validity::kValid},
  };
  for (const Case& one : cases) {
    if (std::string(one.name).find(only) == std::string::npos) continue;
    AppendWorkload workload;
    workload.transactions = one.transactions;
    workload.stale_reads = one.stale;
    workload.write_skews = one.skews;
    row(one.name, checkers::testing::make_append_history(workload), one.model, one.wanted);
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  return tidemark::bench::run(argc > 1 ? argv[1] : "");
}
