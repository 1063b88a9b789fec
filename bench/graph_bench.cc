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
#include "register_workload.h"

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

using checkers::graph::Isolation;
using checkers::graph::TransactionalModel;
constexpr TransactionalModel kSequential{Isolation::kSerializable, true, false};
constexpr TransactionalModel kStrict{Isolation::kSerializable, true, true};
constexpr TransactionalModel kSnapshot{Isolation::kSnapshot, true, false};

struct ListCase {
  const char* name;
  std::size_t transactions;
  std::size_t stale;
  std::size_t old;
  std::size_t skews;
  TransactionalModel model;
  Validity wanted;
};
constexpr ListCase kLists[] = {
    {"lists, valid", 500'000, 0, 0, 0, kSequential, Validity::kValid},
    {"lists, 1 stale read", 500'000, 1, 0, 0, kSequential, Validity::kInvalid},
    {"lists, 100 stale reads", 500'000, 100, 0, 0, kSequential, Validity::kInvalid},
    {"lists, 1 read of the beginning", 500'000, 0, 1, 0, kSequential, Validity::kInvalid},
    {"lists, 20 reads of the beginning", 500'000, 0, 20, 0, kSequential, Validity::kInvalid},
    {"lists, 100 write skews", 500'000, 0, 0, 100, kSequential, Validity::kInvalid},
    {"lists, valid, real time", 500'000, 0, 0, 0, kStrict, Validity::kValid},
    {"lists, snapshot isolation", 500'000, 0, 0, 100, kSnapshot, Validity::kValid},
    {"lists, valid, 40,000", 40'000, 0, 0, 0, kSequential, Validity::kValid},
    {"lists, valid, 4 million", 4'000'000, 0, 0, 0, kSequential, Validity::kValid},
};

struct RegisterCase {
  const char* name;
  std::size_t transactions;
  std::size_t operations;
  std::uint32_t keys;
  std::size_t reads_of_100;
  std::size_t skews;
  TransactionalModel model;
  Validity wanted;
};
constexpr TransactionalModel kSerializable{Isolation::kSerializable, false, false};
constexpr RegisterCase kRegisters[] = {
    {"registers of 20, 1,000 keys, valid", 10'000, 20, 1'000, 50, 0, kSequential, Validity::kValid},
    {"registers of 20, 1,000 keys, write skew", 10'000, 20, 1'000, 50, 1, kSequential, Validity::kInvalid},
    {"registers of 20, 10,000 keys, valid", 10'000, 20, 10'000, 50, 0, kSequential, Validity::kValid},
    {"registers of 20, 10,000 keys, write skew", 10'000, 20, 10'000, 50, 1, kSequential, Validity::kInvalid},
    {"registers of 20, 100 keys, valid", 10'000, 20, 100, 50, 0, kSequential, Validity::kValid},
    {"registers of 20, 10 keys, valid", 10'000, 20, 10, 50, 0, kSequential, Validity::kValid},
    {"registers of 20, 10 keys, write skew", 10'000, 20, 10, 50, 1, kSequential, Validity::kInvalid},
    {"registers of 20, 10 keys, 80 % writes, valid", 10'000, 20, 10, 20, 0, kSequential, Validity::kValid},
    {"registers of 20, 10 keys, 80 % writes, write skew", 10'000, 20, 10, 20, 1, kSequential, Validity::kInvalid},
    {"registers of 20, 1,000 keys, no sessions, valid", 10'000, 20, 1'000, 50, 0, kSerializable, Validity::kValid},
    {"registers of 20, 1,000 keys, no sessions, write skew", 10'000, 20, 1'000, 50, 1, kSerializable,
     Validity::kInvalid},
    {"registers of 20, 10 keys, 80 % writes, no sessions, valid", 10'000, 20, 10, 20, 0, kSerializable,
     Validity::kValid},
    {"registers of 20, 10 keys, 80 % writes, no sessions, write skew", 10'000, 20, 10, 20, 1, kSerializable,
     Validity::kInvalid},
    {"registers of 3, 10 keys, valid", 100'000, 3, 10, 50, 0, kSequential, Validity::kValid},
    {"registers of 3, 1,000 keys, valid", 100'000, 3, 1'000, 50, 0, kSequential, Validity::kValid},
};

int run(const std::string& only) {
  std::printf("| history | transactions | seconds | M transactions/s | spread | first anomaly |\n");
  std::printf("|---|---|---|---|---|---|\n");
  for (const ListCase& one : kLists) {
    if (std::string(one.name).find(only) == std::string::npos) continue;
    AppendWorkload workload;
    workload.transactions = one.transactions;
    workload.stale_reads = one.stale;
    workload.old_reads = one.old;
    workload.write_skews = one.skews;
    row(one.name, checkers::testing::make_append_history(workload), one.model, one.wanted);
  }
  for (const RegisterCase& one : kRegisters) {
    if (std::string(one.name).find(only) == std::string::npos) continue;
    checkers::testing::RegisterWorkload workload;
    workload.transactions = one.transactions;
    workload.operations = one.operations;
    workload.keys = one.keys;
    workload.reads_of_100 = one.reads_of_100;
    workload.write_skews = one.skews;
    row(one.name, checkers::testing::make_register_history(workload), one.model, one.wanted);
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  return tidemark::bench::run(argc > 1 ? argv[1] : "");
}
