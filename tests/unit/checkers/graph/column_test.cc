// Registers with a version column.
#include "checkers/graph/column_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "checkers/graph/session_guarantees.h"
#include "draws.h"
#include "judged.h"

namespace tidemark::checkers::graph {
namespace {

TEST(Columns, OrderTheVersionsOfAKey) {
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: r x 1 v1, w x 2 v2\ns3: r x 1 v1\ns3: r x 2 v2"), "valid");
  EXPECT_EQ(judged("s1: w x 1\ns2: w x 2\ns3: r x 2\ns3: r x 1"), "valid") << "without a column either may be first";
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 2 v2\ns3: r x 2 v2\ns3: r x 1 v1"), "G-single-process T1 T2 T3 T0");
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 2 v2\ns3: r x 2 v2\ns3: r x 1 v1", kSerializable), "valid");
  EXPECT_EQ(judged("s1: w x 1 v1, w x 2 v2\ns2: w x 3 v3\ns3: r x 3 v3"), "valid") << "two versions of one transaction";
}

TEST(Columns, ContradictByThemselves) {
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: r x 1 v2"), "version-mismatch T0 T1");
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 2 v1"), "version-twice T0 T1");
  EXPECT_EQ(judged("s1: w x 1 v1, w x 2 v1"), "internal T0");
  EXPECT_EQ(judged("s1: w x 1 v2, w x 2 v1"), "internal T0");
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 1 v5\ns3: r x 1 v5").substr(0, 8), "unknown:") << "who wrote it is not known";
}

TEST(Columns, OfUnknownOutcomesAreKnownWhereTheyWereRead) {
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 2 ?\ns3: r x 2 v2\ns4: r x 2\ns4: r x 1"), "G-single-process T1 T3 T4 T0");
  EXPECT_EQ(judged("s1: w x 1 v1\ns2: w x 2 ?\ns3: r x 2\ns4: r x 2\ns4: r x 1"), "valid");
}

/// x = 3 has no number, so that where it stands is to be found out.
TEST(Columns, OfSomeWritersLeaveTheOthersOpen) {
  const std::string writes = "s1: w x 1 v1\ns2: w x 2 v2\ns3: w x 3\n";
  EXPECT_EQ(judged(writes + "s4: r x 3\ns4: r x 1"), "valid");
  EXPECT_EQ(judged(writes + "s4: r x 3\ns4: r x 1\ns5: r x 1\ns5: r x 3\ns5: r x 2"), "G0 T0 T2 T6 T4");
  EXPECT_EQ(judged(writes + "s4: r x 2\ns4: r x 1").substr(0, 1), "G") << "of those that have a number the order holds";
}

TEST(Columns, OfTransactionsThatDidNotAnswerAreNoEvidence) {
  HistoryBuilder builder;
  const std::uint32_t key = builder.key(builder.text("x"));
  const auto transaction = [&](const char* session, EventKind kind, std::int64_t version, Outcome outcome) {
    builder.begin(builder.session(builder.text(session)));
    builder.event(kind, key, builder.integer(7), version);
    HistoryBuilder::End end;
    end.outcome = outcome;
    builder.finish(end);
  };
  transaction("s1", EventKind::kWrite, 1, Outcome::kOk);
  transaction("s2", EventKind::kRead, 2, Outcome::kInfo);
  transaction("s3", EventKind::kRead, 2, Outcome::kFail);
  const History history = builder.build(false);
  EXPECT_EQ(told(judge_transactional(history, kSequential, {}), history), "valid");
}

TEST(Columns, CountForGuaranteesWhereTheyDoNotOrderAll) {
  const auto validity = [](std::string_view text) {
    return judge_guarantee(testing::history_of(text), Guarantee::kMonotonicReads, {}).validity;
  };
  const std::string reads = "s3: r x 2\ns3: r x 1";
  EXPECT_EQ(validity("s1: w x 1 v1\ns2: w x 2 v2\ns4: w x 3\n" + reads), Validity::kInvalid);
  EXPECT_EQ(validity("s1: w x 1\ns2: w x 2\ns4: w x 3\n" + reads), Validity::kValid);
}

constexpr std::uint32_t kKeys = 2;

struct Step {
  bool write;
  std::uint32_t key;
  std::int64_t value;    // of writes: unique; of reads: 0 is the beginning
  std::int64_t version;  // -1: not told
};

struct Small {
  std::vector<std::vector<Step>> transactions;
  std::vector<Outcome> outcomes;
  std::vector<std::uint32_t> sessions;
};

/// What a store that counts would answer to transactions one after the other, recorded in an order of its own; then,
/// mostly, one answer is made another one.
Small small_history(Draws& draws) {
  Small small;
  const std::uint32_t count = 3 + draws.below(4);
  std::int64_t values[kKeys] = {};
  std::int64_t versions[kKeys] = {};
  std::int64_t next = 1;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::vector<Step>& steps = small.transactions.emplace_back();
    const bool lost = draws.below(6) == 0;  // no answer; every second of these took no effect
    const bool effect = !lost || draws.below(2) == 0;
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      if (draws.below(2) == 0) steps.push_back({false, key, values[key], values[key] == 0 ? -1 : versions[key]});
    }
    for (std::uint32_t key = 0; key < kKeys; ++key) {
      for (std::uint32_t writes = draws.below(5) / 2; writes > 0; --writes) {
        if (effect) values[key] = next, ++versions[key];
        steps.push_back({true, key, next++, lost ? -1 : versions[key]});
      }
    }
    if (lost) std::erase_if(steps, [](const Step& step) { return !step.write; });
    for (Step& step : steps) {
      if (draws.below(4) == 0) step.version = -1;
    }
    small.outcomes.push_back(lost ? Outcome::kInfo : Outcome::kOk);
    small.sessions.push_back(draws.below(3));
  }
  if (draws.below(4) != 0) {
    std::vector<Step>& steps = small.transactions[draws.below(count)];
    if (!steps.empty()) {
      Step& step = steps[draws.below(static_cast<std::uint32_t>(steps.size()))];
      if (!step.write && draws.below(2) == 0) step.value = draws.below(static_cast<std::uint32_t>(next));
      if (draws.below(2) == 0) step.version = 1 + draws.below(4);
      if (!step.write && step.value == 0) step.version = -1;
    }
  }
  for (std::uint32_t i = 0; i < 2; ++i) {
    const std::uint32_t a = draws.below(count);
    const std::uint32_t b = draws.below(count);
    std::swap(small.transactions[a], small.transactions[b]);
    std::swap(small.outcomes[a], small.outcomes[b]);
  }
  return small;
}

History history_of(const Small& small) {
  HistoryBuilder builder;
  for (std::size_t i = 0; i < small.transactions.size(); ++i) {
    builder.begin(builder.session(builder.integer(small.sessions[i])));
    for (const Step& step : small.transactions[i]) {
      const std::uint32_t key = builder.key(builder.integer(step.key));
      const Value value = !step.write && step.value == 0 ? Value{} : builder.integer(step.value);
      builder.event(step.write ? EventKind::kWrite : EventKind::kRead, key, value, step.version);
    }
    HistoryBuilder::End end;
    end.outcome = small.outcomes[i];
    builder.finish(end);
  }
  return builder.build(false);
}

/// The number of each write, as it or the reads of it tell; false: they do not agree.
bool numbers(const Small& small, std::map<std::int64_t, std::int64_t>& found) {
  for (const std::vector<Step>& steps : small.transactions) {
    for (const Step& step : steps) {
      if (step.version < 0 || step.value == 0) continue;
      const auto [place, added] = found.try_emplace(step.value, step.version);
      if (!added && place->second != step.version) return false;
    }
  }
  return true;
}

/// Some order of all transactions that answered, and of some that did not, gives every answer, and numbers grow.
bool some_order_explains(const Small& small, bool sessions) {
  std::map<std::int64_t, std::int64_t> number;
  if (!numbers(small, number)) return false;
  std::vector<std::uint32_t> order(small.transactions.size());
  std::iota(order.begin(), order.end(), 0U);
  do {
    // Those without an answer that stand at the end are left out: whether they took effect tells nothing then. One
    // that was left out elsewhere stands at the end of another order.
    std::size_t end = order.size();
    while (end > 0 && small.outcomes[order[end - 1]] == Outcome::kInfo) --end;
    std::int64_t values[kKeys] = {};
    std::int64_t last[kKeys] = {};
    bool fits = true;
    for (std::size_t i = 0; i < end && fits; ++i) {
      const std::uint32_t at = order[i];
      if (sessions && small.outcomes[at] == Outcome::kOk) {
        for (std::size_t j = i + 1; j < order.size(); ++j) {
          const bool before = order[j] < at && small.sessions[order[j]] == small.sessions[at];
          if (before && small.outcomes[order[j]] == Outcome::kOk) fits = false;
        }
      }
      if (sessions && small.outcomes[at] == Outcome::kInfo) {  // behind all that its session did before it
        for (std::size_t j = i + 1; j < end; ++j) {
          const bool before = order[j] < at && small.sessions[order[j]] == small.sessions[at];
          if (before && small.outcomes[order[j]] == Outcome::kOk) fits = false;
        }
      }
      for (const Step& step : small.transactions[at]) {
        if (!step.write) {
          fits = fits && values[step.key] == step.value;
          continue;
        }
        values[step.key] = step.value;
        const auto told = number.find(step.value);
        if (told == number.end()) continue;
        fits = fits && told->second > last[step.key];
        last[step.key] = told->second;
      }
    }
    if (fits) return true;
  } while (std::next_permutation(order.begin(), order.end()));
  return false;
}

TEST(Columns, AreJudgedAsIfAllOrdersWereTried) {
  Draws draws(20261122);
  int valid = 0;
  int invalid = 0;
  int unknown = 0;
  for (int i = 0; i < 6'000 && !::testing::Test::HasFailure(); ++i) {
    const Small small = small_history(draws);
    const History history = history_of(small);
    for (const bool sessions : {true, false}) {
      const Judgement judgement = judge_transactional(history, sessions ? kSequential : kSerializable, {});
      const bool explained = some_order_explains(small, sessions);
      std::string text;
      for (const Txn& txn : history.transactions()) {
        text += history.show_session(txn.session) + (txn.outcome == Outcome::kInfo ? "?: " : ": ");
        for (const Event& event : history.events(txn)) {
          text += history.show(event) + " v" + std::to_string(event.version()) + "; ";
        }
        text += '\n';
      }
      if (judgement.validity == Validity::kUnknown) {
        ++unknown;
        continue;
      }
      EXPECT_EQ(judgement.validity == Validity::kValid, explained)
          << told(judgement, history) << (sessions ? " with sessions\n" : "\n") << text;
      ++(explained ? valid : invalid);
    }
  }
  EXPECT_GT(valid, 2'000);
  EXPECT_GT(invalid, 2'000);
  EXPECT_LT(unknown, 200);
}

}  // namespace
}  // namespace tidemark::checkers::graph
