// A follower keeps what it has told others, wherever in its life the power goes.
#include <gtest/gtest.h>

#include <optional>

#include "member_world.h"
#include "sim/disk/survivor_modes.h"

namespace tidemark::model::srs::test {
namespace {

/// What the follower has told others, at any moment.
struct Told {
  std::uint32_t promise = 0;
  FollowerState state = FollowerState::kBlank;
  std::uint64_t generation = 0;
  Bookmark acked;
  std::optional<Bookmark> cut;
};

/// A life with every kind of step; stops after `limit` events. Returns the events that ran.
class Script {
 public:
  Script(FollowerWorld& world, std::uint64_t limit) : world_(world), left_(limit) {}

  bool run() {
    Peer& one = world_.peer();
    Peer& two = world_.peer();
    const std::vector<EntryRef> log = world_.maker.run({}, 1, 8, 2);
    const auto at = [&](std::size_t i) { return log[i]->bookmark(); };
    one.seal(1);
    if (!go(one, two)) return false;
    one.join(1, 1, {}, at(1));
    one.append(1, {log[0]});
    one.append(1, {log[1], log[2]});
    if (!go(one, two)) return false;
    one.append(1, {log[3]});
    one.append(1, {log[4]});
    one.confirm(1, at(3));
    one.trim(1, at(1));
    one.append(1, {log[5]});
    if (!go(one, two)) return false;
    two.seal(2);
    one.append(1, {log[6]});
    if (!go(one, two)) return false;
    const std::vector<EntryRef> other = world_.maker.run(at(4), 2, 4);
    two.append(2, other);
    two.trim(2, at(4));
    if (!go(one, two)) return false;
    two.join(2, 2, at(4), other[3]->bookmark());
    two.append(2, other);
    return go(one, two) && go(one, two);
  }
  Told told;

 private:
  /// Runs some virtual time, event by event.
  bool go(const Peer& one, const Peer& two) {
    const sim::Instant until = world_.scheduler.now() + 20_ms;
    while (left_ > 0 && world_.scheduler.step(until)) --left_;
    for (const Peer* peer : {&one, &two}) {
      for (const auto& sealed : peer->sealed) {
        told.promise = std::max(told.promise, sealed->epoch);
        note(sealed->generation, sealed->state, sealed->last);
      }
      for (const auto& ack : peer->acks) note(ack->generation, ack->state, ack->bookmark);
    }
    if (world_.seen.cuts.size() > 1) told.cut = world_.seen.cuts.back();  // the first one is the beginning of the log
    if (left_ > 0) world_.scheduler.run_until(until);
    return left_ > 0;
  }
  void note(std::uint64_t generation, FollowerState state, const Bookmark& bookmark) {
    if (generation < told.generation) return;
    if (generation > told.generation) {
      told.acked = {};
      told.state = state;  // a Join makes it a learner again
    }
    told.generation = generation;
    if (state == FollowerState::kMember) told.state = state;
    told.acked = std::max(told.acked, bookmark);
  }
  FollowerWorld& world_;
  std::uint64_t left_;
};

bool keeps_its_word(FollowerWorld& world, const Told& told, std::string& problem) {
  FollowerNode& node = world.node();
  if (!node.settled()) problem = "not settled";
  if (node.promise() < told.promise) problem = "the promise is lost";
  if (node.state() == FollowerState::kDamaged) problem = "damaged by a legal power loss";
  if (node.generation() < told.generation) problem = "an older generation";
  if (told.state == FollowerState::kMember && node.state() == FollowerState::kBlank) problem = "blank";
  if (node.generation() == told.generation && node.has_log()) {
    // What the leader of epoch 2 had cut need not be here any more.
    const Bookmark owed = told.cut ? std::min(told.acked, *told.cut) : told.acked;
    if (node.log().durable() < owed) problem = "an acknowledged entry is lost";
    if (told.state == FollowerState::kMember && node.state() != FollowerState::kMember)
      problem = "not a member any more";
    std::vector<EntryRef> entries;
    if (node.log().read_after(node.log().base(), {}, entries) != RecordStatus::kGood) problem = "unreadable";
    Bookmark position = node.log().base();
    for (const EntryRef& entry : entries) {
      if (entry->previous() != position) problem = "the log does not chain";
      position = entry->bookmark();
    }
  }
  return problem.empty();
}

TEST(FollowerPowerLoss, KeepsEveryPromiseAtEveryEventOfALife) {
  using Mode = sim::SurvivorOptions::Mode;
  constexpr sim::Chance kHalf = sim::kAlways / 2;
  for (const int variant : {0, 1, 2, 3, 4}) {
    std::uint64_t events = 0;
    for (bool more = true; more; ++events) {
      FollowerWorld world({}, {}, 1 + events % 3);
      // On a slow disk whoever speaks too early is heard before the sync is done.
      if (variant == 0 || variant == 4) {
        world.disk.inject(sim::SlowDisk{1000, 2_ms, 0}, world.streams.stream("test", "slow"));
      }
      if (variant >= 3) world.disk.inject(sim::LooseDirectory{}, world.streams.stream("test", "directory"));
      Script script(world, events);
      more = !script.run();
      if (!more) {
        EXPECT_EQ(script.told.promise, 2U);
        EXPECT_EQ(script.told.generation, 2U);
        EXPECT_EQ(script.told.state, FollowerState::kMember);
      }
      world.process.crash();
      sim::SurvivorOptions options;
      options.mode = variant == 0 ? Mode::kNone : variant == 1 ? Mode::kSubset : Mode::kPrefix;
      if (variant == 2) options.tear = options.torn_sector = options.garbage = options.loose_length = kHalf;
      sim::RandomSurvivors survivors(world.streams.stream("test", "survivors"), options, world.disk.unsynced());
      world.disk.power_loss(&survivors);
      world.process.start();
      world.run(2_s);
      std::string problem;
      ASSERT_TRUE(keeps_its_word(world, script.told, problem))
          << problem << ", variant " << variant << ", event " << events;
      ASSERT_EQ(world.seen.acks_before_durable, 0) << events;
    }
    EXPECT_GT(events, 50U);
  }
}

TEST(FollowerPowerLoss, AProcessCrashAtEveryEventLosesNothingEither) {
  std::uint64_t events = 0;
  for (bool more = true; more; ++events) {
    FollowerWorld world;
    world.disk.inject(sim::SlowDisk{1000, 2_ms, 0}, world.streams.stream("test", "slow"));
    Script script(world, events);
    more = !script.run();
    world.restart();
    world.run(2_s);
    std::string problem;
    ASSERT_TRUE(keeps_its_word(world, script.told, problem)) << problem << ", event " << events;
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
