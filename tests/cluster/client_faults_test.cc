// Clients that misbehave (X1-X7, X9): each kind strikes with effect, whatever the application, and the database keeps
// its promises; what was cut off is an unknown outcome of the history, never a broken one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/history/history_io.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kSeeds = 4;

scenarios::RunResult run(const std::string& workload, const std::string& faults, std::uint64_t seed,
                         const std::string& history = "", const std::string& more = "") {
  const std::string text =
      "[scenario]\nname = \"clients\"\nduration = \"6 s\"\n[[database]]\nname = \"shop\"\nprimary = \"IAD\"\n"
      "replicas = [\"SJC\", \"LHR\", \"FRA\"]\n[database-defaults]\nbookmark_wait_timeout = \"2 s\"\n"
      "[workload]\nkind = \"" +
      workload +
      "\"\nclients = 6\nthink_time = \"60 ms\"\nread_share = \"60 %\"\nreset_period = \"3 s\"\n"
      "route_change_period = \"1 s\"\n" +
      more + "\n" + faults;
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "clients.toml", {});
  EXPECT_TRUE(loaded.ok()) << text;
  return scenarios::run_scenario({loaded.scenario, seed, history, "", nullptr, nullptr});
}

std::string fault(const std::string& kind, const std::string& rest) {
  return "[[fault]]\nkind = \"" + kind + "\"\n" + rest + "\n";
}

std::string complaints(const scenarios::RunResult& result) {
  std::string text;
  for (const checkers::Verdict& verdict : result.verdicts) {
    if (verdict.validity != checkers::Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
  }
  return text;
}

std::uint64_t effects(const scenarios::RunResult& result) {
  std::uint64_t total = 0;
  for (const sim::FaultReport& report : result.faults) total += report.effects;
  return total;
}

struct Case {
  std::string name;
  std::string faults;
};

class ClientFault : public testing::TestWithParam<Case> {};

const std::string kEverybody = "target = [\"client-0\", \"client-1\", \"client-2\", \"client-3\", \"client-4\"]\n";

TEST_P(ClientFault, StrikesWithEffectAndBreaksNoPromise) {
  for (const char* workload : {"orders", "register", "append"}) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const scenarios::RunResult result = run(workload, GetParam().faults, seed);
      EXPECT_EQ(result.exit_code({}), 0) << workload << " seed " << seed << "\n" << complaints(result);
      for (const sim::FaultReport& report : result.faults)
        EXPECT_GT(report.effects, 0U) << workload << " seed " << seed << " fault " << report.id;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, ClientFault,
    testing::Values(
        Case{"Retry", fault("X1", kEverybody + "when = \"1 s\"\nfor = \"4 s\"")},
        Case{"RetryNowAndThen", fault("X1", kEverybody + "when = \"1 s\"\nfor = \"4 s\"\nchance = \"20 %\"")},
        Case{"CrashWithoutSession", fault("X2", kEverybody + "when = \"2 s\"\nsession = \"lost\"")},
        Case{"CrashWithAnOldSession", fault("X2", kEverybody + "when = \"2 s\"\nsession = \"older\"")},
        Case{"TokenReplay", fault("X3", kEverybody + "when = \"2 s\"\ntimes = 20")},
        Case{"TokenOfTheFuture", fault("X4", kEverybody + "when = \"2 s\"\nform = \"future\"\ntimes = 3")},
        Case{"TokenOfAnotherDatabase",
             fault("X4", kEverybody + "when = \"2 s\"\nform = \"other-database\"\ntimes = 5")},
        Case{"TokenOfAnotherEpoch", fault("X4", kEverybody + "when = \"2 s\"\nform = \"other-epoch\"\ntimes = 5")},
        Case{"MalformedToken", fault("X4", kEverybody + "when = \"2 s\"\nform = \"malformed\"\ntimes = 20")},
        Case{"EmptyToken", fault("X4", kEverybody + "when = \"2 s\"\nform = \"empty\"\ntimes = 20")},
        Case{"ConcurrentQueries", fault("X5", kEverybody + "when = \"1 s\"\nfor = \"4 s\"\nqueries = 5")},
        Case{"Move", fault("X6", "target = \"client-3\"\nwhen = \"2 s\"")},
        Case{"MoveToAPlace", fault("X6", "target = \"client-3\"\nwhen = \"2 s\"\nsite = \"SYD\"")},
        Case{"AbandonedWait", fault("X7", kEverybody + "when = \"1 s\"\ntimes = 20")},
        Case{"AbandonedWaitForAFutureBookmark",
             fault("X4", kEverybody + "when = \"2 s\"\nform = \"future\"\ntimes = 20") +
                 fault("X7", kEverybody + "when = \"2 s\"\ntimes = 20")},
        Case{"HostileSql", fault("X9", kEverybody + "when = \"1 s\"\ntimes = 30")}),
    [](const auto& row) { return row.param.name; });

/// The history of a run, which must hold one operation at a time per process.
std::vector<checkers::Operation> history_of(const std::string& workload, const std::string& faults, std::uint64_t seed,
                                            const std::string& more = "") {
  const std::string path = testing::TempDir() + "client_faults_history.jsonl";
  const scenarios::RunResult result = run(workload, faults, seed, path, more);
  EXPECT_EQ(result.exit_code({}), 0) << complaints(result);
  checkers::HistoryReader reader(path);
  std::vector<checkers::Operation> operations;
  for (checkers::Operation operation; reader.next(operation);) operations.push_back(operation);
  std::filesystem::remove(path);
  return operations;
}

void expect_one_at_a_time(const std::vector<checkers::Operation>& operations) {
  std::map<std::uint32_t, std::pair<std::int64_t, bool>> last;  // process -> (end, with unknown outcome)
  std::vector<checkers::Operation> sorted = operations;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.invoke_ns < b.invoke_ns; });
  for (const checkers::Operation& operation : sorted) {
    const auto found = last.find(operation.process);
    if (found != last.end()) {
      EXPECT_LE(found->second.first, operation.invoke_ns) << "process " << operation.process;
      EXPECT_FALSE(found->second.second) << "process " << operation.process << " goes on after an unknown outcome";
    }
    last[operation.process] = {operation.complete_ns, operation.outcome == checkers::Outcome::kInfo};
  }
}

TEST(ClientHistory, ACrashEndsWhatWasOpenAndTheNextLifeHasOtherProcesses) {
  // Killed over and over, with requests under way, and once more by a process fault that keeps it down.
  std::string faults;
  for (int i = 0; i < 30; ++i)
    faults += fault("X2", "target = \"client-1\"\nwhen = \"" + std::to_string(500 + 130 * i) + " ms\"");
  faults += fault("P1", "target = \"client-2\"\nwhen = \"1 s\"\nfor = \"until heal\"");
  std::uint64_t unknown = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const std::vector<checkers::Operation> operations = history_of("append", faults, seed);
    expect_one_at_a_time(operations);
    // What the kill cut off ended then, not when the client came back seconds later.
    for (const checkers::Operation& operation : operations) {
      if (operation.session % 6 != 3) continue;
      EXPECT_LT(operation.complete_ns - operation.invoke_ns, 2'000'000'000);
    }
    unknown +=
        static_cast<std::uint64_t>(std::count_if(operations.begin(), operations.end(), [](const auto& operation) {
          return operation.outcome == checkers::Outcome::kInfo;
        }));
  }
  EXPECT_GT(unknown, 0U) << "no crash hit a write";
}

TEST(ClientHistory, AClientThatLostItsBookmarkBeginsANewSession) {
  const std::vector<checkers::Operation> operations =
      history_of("append", fault("X2", "target = \"client-1\"\nwhen = \"2 s\"\nsession = \"lost\""), 5,
                 "new_session_share = \"0 %\"");
  std::set<std::uint32_t> sessions;
  for (const checkers::Operation& operation : operations)
    if (operation.session % 6 == 2) sessions.insert(operation.session);
  EXPECT_EQ(sessions, (std::set<std::uint32_t>{2, 8}));
  const auto first = std::find_if(operations.begin(), operations.end(), [](const auto& o) { return o.session == 8; });
  ASSERT_NE(first, operations.end());
  EXPECT_EQ(first->bookmark_in, "");
}

TEST(ClientHistory, AForkBeginsWithTheOldestBookmarkOfItsSession) {
  const std::vector<checkers::Operation> operations = history_of(
      "append", fault("X3", "target = \"client-1\"\nwhen = \"2 s\"\ntimes = 3"), 5, "new_session_share = \"0 %\"");
  std::map<std::uint32_t, std::vector<const checkers::Operation*>> sessions;
  for (const checkers::Operation& operation : operations)
    if (operation.session % 6 == 2) sessions[operation.session].push_back(&operation);
  ASSERT_EQ(sessions.size(), 4U);
  std::string oldest;
  for (const checkers::Operation* operation : sessions.at(2)) {
    oldest = operation->bookmark_out;
    if (!oldest.empty()) break;
  }
  for (const std::uint32_t fork : {8U, 14U, 20U}) EXPECT_EQ(sessions.at(fork).front()->bookmark_in, oldest);
}

TEST(ClientHistory, AWriteThatGotNoAnswerIsSentAgainByAnotherProcess) {
  const std::vector<checkers::Operation> operations =
      history_of("append", fault("X1", "target = \"client-1\"\nwhen = \"1 s\"\nfor = \"4 s\""), 2);
  expect_one_at_a_time(operations);
  std::uint64_t retried = 0;
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const checkers::Operation& lost = operations[i];
    if (lost.session % 6 != 2 || lost.outcome != checkers::Outcome::kInfo) continue;
    const auto next = std::find_if(operations.begin(), operations.end(), [&](const auto& o) {
      return o.session == lost.session && o.invoke_ns >= lost.complete_ns;
    });
    ASSERT_NE(next, operations.end());
    const auto& before = std::get<std::vector<checkers::ListOp>>(lost.value);
    const auto& after = std::get<std::vector<checkers::ListOp>>(next->value);
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t op = 0; op < before.size(); ++op) {
      EXPECT_EQ(before[op].key, after[op].key);
      EXPECT_EQ(before[op].is_append, before[op].element != after[op].element) << "a value names the attempt";
    }
    ++retried;
  }
  EXPECT_GT(retried, 3U);
}

TEST(HostileSql, TheWholeCatalogueIsRefusedAtEveryCopy) {
  for (const char* workload : {"orders", "register", "append"}) {
    const scenarios::RunResult result = run(workload, fault("X9", kEverybody + "when = \"500 ms\"\ntimes = 60"), 1);
    EXPECT_EQ(result.exit_code({}), 0) << workload << "\n" << complaints(result);
    EXPECT_GT(effects(result), 150U);
  }
}

}  // namespace
}  // namespace tidemark
