// The one entry to all checkers against the oracle, model by model.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <cstdio>
#include <optional>

#include "checkers/judge/models.h"
#include "guarantee_oracle.h"
#include "random_record.h"
#include "register_guarantee_oracle.h"
#include "tally.h"
#include "weak_oracle.h"

namespace tidemark::checkers::oracle {
namespace {

Judgement judged(const History& history, Model model, const JudgeOptions& options) {
  const Judgement judgement = judge(history, model, options);
  RC_LOG() << show(history) << info(model).name << ": " << to_text(judgement.validity) << ' ' << judgement.reason
           << '\n';
  for (const Anomaly& anomaly : judgement.anomalies) RC_LOG() << anomaly.name << ": " << anomaly.fact << '\n';
  return judgement;
}

struct Serial {
  Model model;
  Constraint constraint;
};
constexpr std::array<Serial, 4> kSerial{{{Model::kSerializable, Constraint::kNone},
                                         {Model::kSequential, Constraint::kSession},
                                         {Model::kStrictSerializable, Constraint::kRealTime},
                                         {Model::kLinearizable, Constraint::kRealTime}}};

// Every kind of data, and nothing stays open: what the graph cannot tell, the search does.
void orders_agree(const Shape& shape, std::array<Tally, kSerial.size()>& tallies) {
  EXPECT_TRUE(rc::check("a history is valid exactly if there is an order", [&] {
    const std::vector<std::uint8_t> bytes = random_choices();
    const History history = random_record(bytes, shape);
    JudgeOptions options;
    options.want_order = true;
    options.failed_cas_compared = bytes.back() % 2 == 1;
    for (std::size_t i = 0; i < kSerial.size(); ++i) {
      if (kSerial[i].model == Model::kLinearizable && !shape.single_events) continue;
      const Rules rules{kSerial[i].constraint, options.failed_cas_compared};
      const bool valid = find_order(history, rules).has_value();
      tallies[i].add(valid);
      const Judgement judgement = judged(history, kSerial[i].model, options);
      RC_ASSERT(judgement.validity == (valid ? Validity::kValid : Validity::kInvalid));
      RC_ASSERT(valid == judgement.anomalies.empty());
      if (valid) RC_ASSERT(is_order(history, rules, judgement.order));
    }
  }));
}

struct Case {
  const char* name;
  Shape shape;
};

class Judged : public testing::TestWithParam<Case> {};

TEST_P(Judged, HasAnOrderExactlyIfItIsValid) {
  std::array<Tally, kSerial.size()> tallies;
  orders_agree(GetParam().shape, tallies);
  for (const Tally& tally : tallies) {
    if (tally.valid + tally.invalid > 0) tally.expect_both(0.05);
  }
}

INSTANTIATE_TEST_SUITE_P(OfEveryKind, Judged,
                         testing::Values(Case{"UniqueRegisters", {Theme::kUniqueRegisters, false, false, false, false}},
                                         Case{"UniqueComparisons",
                                              {Theme::kUniqueComparisons, false, false, false, false}},
                                         Case{"Registers", {Theme::kRegisters, false, true, false, false}},
                                         Case{"Lists", {Theme::kLists, false, true, true, false}},
                                         Case{"Sets", {Theme::kSets, false, true, false, false}},
                                         Case{"Mixed", {Theme::kMixed, false, false, false, false}},
                                         Case{"SingleMixed", {Theme::kMixed, true, true, true, false}}),
                         [](const auto& of) { return std::string(of.param.name); });

// Of keys that are cleared the graph knows no order of versions: what is weak holds at least where a serial order is
// found, and never where its definition forbids it.
void weak_models_agree(const Shape& shape) {
  struct Weak {
    Model model;
    Constraint enough;  // a serial order with it
    bool (*holds)(const History&, const Rules&);
    Tally tally;
  };
  constexpr Constraint kNone = Constraint::kNone;
  constexpr Constraint kSession = Constraint::kSession;
  std::array<Weak, 6> all{{{Model::kSessionSnapshot, kSession, allows_snapshot, {}},
                           {Model::kReadCommitted, kNone, allows_read_committed, {}},
                           {Model::kReadYourWrites, kSession, nullptr, {}},
                           {Model::kMonotonicReads, kSession, nullptr, {}},
                           {Model::kMonotonicWrites, kSession, nullptr, {}},
                           {Model::kWritesFollowReads, kSession, nullptr, {}}}};
  EXPECT_TRUE(rc::check("a weak model holds where there is a serial order, and where its definition allows it", [&] {
    const History history = random_record(random_choices(), shape);
    for (Weak& weak : all) {
      const Rules rules{weak.enough, false};
      const bool serial = find_order(history, rules).has_value();
      const Judgement judgement = judged(history, weak.model, {});
      weak.tally.add(serial);
      if (serial) RC_ASSERT(judgement.validity == Validity::kValid);
      if (judgement.validity == Validity::kUnknown) RC_ASSERT(!judgement.reason.empty());
      if (judgement.validity == Validity::kUnknown || weak.holds == nullptr) continue;
      RC_ASSERT(judgement.validity == (weak.holds(history, rules) ? Validity::kValid : Validity::kInvalid));
    }
  }));
  for (const Weak& weak : all) weak.tally.expect_both(0.05);
}

TEST(WeakModels, HoldWhereASerialOrderOfClearedListsIsFound) {
  weak_models_agree({Theme::kLists, false, true, false, false});
}

TEST(WeakModels, HoldWhereASerialOrderOfClearedRegistersIsFound) {
  weak_models_agree({Theme::kUniqueRegisters, false, true, false, false});
}

constexpr std::array<std::pair<Model, Guarantee>, 4> kGuarantees{
    {{Model::kReadYourWrites, Guarantee::kReadYourWrites},
     {Model::kMonotonicReads, Guarantee::kMonotonicReads},
     {Model::kMonotonicWrites, Guarantee::kMonotonicWrites},
     {Model::kWritesFollowReads, Guarantee::kWritesFollowReads}}};

TEST(SessionGuarantees, AreJudgedAsTheirDefinitionsSay) {
  std::array<Tally, kGuarantees.size()> tallies;
  EXPECT_TRUE(rc::check("a guarantee holds exactly if its definition says so", [&] {
    const auto bytes = random_choices();
    const bool overlapping = bytes.back() % 3 == 1;
    const History history = random_record(bytes, {Theme::kLists, false, false, false, true, overlapping});
    const bool readable = allows_read_committed(history, {Constraint::kNone, false});
    const bool sequential = find_order(history, {Constraint::kSession, false}).has_value();
    for (std::size_t i = 0; i < kGuarantees.size(); ++i) {
      const Judgement judgement = judged(history, kGuarantees[i].first, {});
      if (sequential) RC_ASSERT(judgement.validity == Validity::kValid);
      if (!readable) continue;
      const bool holds = guarantee_holds(history, kGuarantees[i].second);
      tallies[i].add(holds);
      if (!holds) RC_ASSERT(!sequential);
      RC_ASSERT(judgement.validity == (holds ? Validity::kValid : Validity::kInvalid));
    }
  }));
  for (std::size_t i = 0; i < kGuarantees.size(); ++i) {
    SCOPED_TRACE(info(kGuarantees[i].first).name);
    tallies[i].expect_both(0.01);
  }
}

TEST(SessionGuarantees, OfRegistersAreJudgedAsIfAllOrdersOfVersionsWereTried) {
  std::array<Tally, kGuarantees.size()> tallies;
  EXPECT_TRUE(rc::check("a guarantee holds exactly if some order of the versions breaks nothing", [&] {
    const auto bytes = random_choices();
    Shape shape;
    shape.theme = Theme::kUniqueRegisters;
    shape.torn = bytes.back() % 2 == 1;
    const History history = random_record(bytes, shape);
    for (std::size_t i = 0; i < kGuarantees.size(); ++i) {
      const std::optional<bool> holds = register_guarantee_holds(history, kGuarantees[i].second);
      if (!holds.has_value()) continue;
      const Judgement judgement = judged(history, kGuarantees[i].first, {});
      tallies[i].add(*holds);
      if (judgement.validity == Validity::kUnknown) {
        ++tallies[i].undecided;
        continue;
      }
      RC_ASSERT(judgement.validity == (*holds ? Validity::kValid : Validity::kInvalid));
    }
  }));
  for (std::size_t i = 0; i < kGuarantees.size(); ++i) {
    SCOPED_TRACE(info(kGuarantees[i].first).name);
    tallies[i].expect_both(0.005);
    tallies[i].expect_undecided_at_most(0.005);
    std::printf("%s: %zu valid, %zu invalid, %zu undecided\n", info(kGuarantees[i].first).name, tallies[i].valid,
                tallies[i].invalid, tallies[i].undecided);
  }
}

}  // namespace
}  // namespace tidemark::checkers::oracle
