// A run that is judged while it goes stops soon after the first violation, and is the run that it would have been.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "scenarios/loader.h"
#include "scenarios/run/history_recorder.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark::scenarios {
namespace {

Scenario load(const std::string& name, const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = find_scenario(name, error);
  EXPECT_TRUE(found.has_value()) << error;
  if (!found.has_value()) return {};
  LoadResult loaded = load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
  return loaded.scenario;
}

RunResult run(const Scenario& scenario, std::uint64_t seed, bool online, sim::EventSink* sink = nullptr) {
  RunRequest request{scenario, seed, "", "", sink, nullptr};
  request.stop_at_violation = online;
  return run_scenario(request);
}

std::string text_of(const std::vector<checkers::Verdict>& verdicts) {
  std::string text;
  for (const checkers::Verdict& verdict : verdicts)
    text += verdict.name + " " + to_text(verdict.validity) + " " + std::to_string(verdict.observations) + " " +
            verdict.witness + "\n";
  return text;
}

class DigestAt final : public sim::EventSink {
 public:
  explicit DigestAt(std::uint64_t sequence) : sequence_(sequence) {}
  void on_event(const sim::EventRecord& event) override {
    if (event.sequence == sequence_) digest = event.digest.hex();
  }
  std::string digest;

 private:
  const std::uint64_t sequence_;
};

TEST(OnlineRun, StopsAtAViolationWithTheDigestOfThatPlaceInTheWholeRun) {
  for (const std::string bug : {"G2", "G4", "G13"}) {
    const Scenario scenario = load("smoke/mistakes_txn", {"bugs=" + bug});
    const RunResult stopped = run(scenario, 1, true);
    ASSERT_TRUE(stopped.stopped) << bug;
    EXPECT_EQ(stopped.exit_code({}), 1) << bug;
    DigestAt place(stopped.events);
    const RunResult whole = run(scenario, 1, false, &place);
    EXPECT_EQ(stopped.digest, place.digest) << bug;
    EXPECT_LT(stopped.events, whole.events) << bug;
    EXPECT_LT(stopped.operations, whole.operations) << bug;
    EXPECT_FALSE(stopped.verdicts.empty());
    for (const checkers::Verdict& verdict : stopped.verdicts)
      EXPECT_EQ(verdict.validity, checkers::Validity::kInvalid) << verdict.name;
  }
}

/// The number behind the first "operation " of a witness.
std::uint64_t operation_of(const std::string& witness) {
  const std::string word = "operation ";
  const std::size_t at = witness.find(word);
  return at == std::string::npos ? 0 : std::stoull(witness.substr(at + word.size()));
}

TEST(OnlineRun, StopsAtABrokenPromiseWithinTheBoundedNumberOfOperations) {
  const Scenario scenario =
      load("smoke/mistakes_txn", {"bugs=G4", "checks.replication=false", "scenario.duration=60 s"});
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunResult stopped = run(scenario, seed, true);
    ASSERT_TRUE(stopped.stopped) << seed;
    std::uint64_t first = UINT64_MAX;
    for (const checkers::Verdict& verdict : stopped.verdicts) first = std::min(first, operation_of(verdict.witness));
    // A read is judged when all that could have been seen by it has ended: what ends meanwhile comes on top.
    const double rate = static_cast<double>(stopped.operations) / stopped.virtual_seconds;
    const double meanwhile = 2 * rate * stopped.availability.longest_wait.s();
    EXPECT_LE(static_cast<double>(stopped.operations),
              static_cast<double>(first) + 2 * HistoryRecorder::kOnlineBatch + meanwhile)
        << text_of(stopped.verdicts);
    EXPECT_LT(stopped.operations, first + 1000);
  }
}

TEST(OnlineRun, WithoutAViolationSaysTheSameAsAnyRun) {
  for (const std::string name : {"smoke/append", "smoke/register", "smoke/orders", "faults/swarm"}) {
    const Scenario scenario = load(name, {});
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const RunResult online = run(scenario, seed, true);
      const RunResult usual = run(scenario, seed, false);
      EXPECT_FALSE(online.stopped) << name << " " << seed;
      EXPECT_EQ(online.digest, usual.digest) << name << " " << seed;
      EXPECT_EQ(text_of(online.verdicts), text_of(usual.verdicts)) << name << " " << seed;
    }
  }
}

}  // namespace
}  // namespace tidemark::scenarios
