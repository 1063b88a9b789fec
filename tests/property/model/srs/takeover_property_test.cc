// Random programs of crashes, partitions, pauses, damage, replacements and takeovers, several leaders at a time: no
// acknowledged write is lost, no two leaders confirm different logs, and when all is healed a leader serves.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "takeover_world.h"

namespace tidemark::model::srs::test {
namespace {

constexpr std::uint32_t kHosts = 3;
constexpr std::uint32_t kProcesses = 7;

/// The world in the hands of a program that stays within the budget: two follower processes down at a time, one of the
/// set without its log at a time.
class Hostile : public TakeoverWorld {
 public:
  Hostile(BugSet chosen, RelayOptions relay, bool real) : TakeoverWorld(chosen, std::move(relay), real), real_(real) {}

  void step(std::uint32_t kind, std::uint32_t a, std::uint32_t b) {
    const std::uint32_t host_index = a % kHosts, follower_index = b % kProcesses;
    switch (kind) {
      case 0:
      case 1:
        return write_everywhere(a % 4 + 1);
      case 2:
        return crash_follower(follower_index);
      case 3:
        return revive(follower_index);
      case 4:
        return cut_or_heal(host_index, follower_index);
      case 5:
        return pause_or_resume(host_index);
      case 6:
        paused_.erase(host_index);
        appoint(host_index);
        return;
      case 7:
        return damage(b % 5);
      case 8:
        return replace(b % 5);
      case 9:
        return record();
      default:
        return run(sim::Duration::milliseconds(std::int64_t{1} << (a % 12)));
    }
  }

  void heal_everything() {
    for (const auto& [host_index, follower_index] : std::set(cut_)) heal(host_index, follower_index);
    cut_.clear();
    for (const std::uint32_t index : std::set(down_)) revive(index);
    for (const std::uint32_t index : std::set(paused_)) pause_or_resume(index);
  }

 private:
  bool leads(std::uint32_t index) {
    return paused_.count(index) == 0 && leader(index) != nullptr && !leader(index)->broken();
  }
  void write_everywhere(std::uint32_t count) {
    for (std::uint32_t index = 0; index < kHosts; ++index) {
      for (std::uint32_t i = 0; i < count && leads(index); ++i) write(index);
    }
  }
  void crash_follower(std::uint32_t index) {
    if (down_.size() >= 2 || !down_.insert(index).second) return;
    crash(index);
    if (real_) machine_disk(kFollower + index).power_loss();
  }
  void revive(std::uint32_t index) {
    if (down_.erase(index) == 1) start(index);
  }
  void cut_or_heal(std::uint32_t host_index, std::uint32_t follower_index) {
    if (cut_.insert({host_index, follower_index}).second) return cut(host_index, follower_index);
    cut_.erase({host_index, follower_index});
    heal(host_index, follower_index);
  }
  void pause_or_resume(std::uint32_t index) {
    sim::Process& host_process = process(kHost + index);
    if (paused_.erase(index) == 1) return host_process.resume();
    if (!host_process.running()) return;
    host_process.pause();
    paused_.insert(index);
  }
  void damage(std::uint32_t slot) {
    if (real_) return;
    for (const std::uint32_t id : set) {
      if (disks.at(id).state != FollowerState::kMember) return;
    }
    const std::uint32_t index = set[slot] - kFollower;
    if (down_.count(index) == 1) return;
    crash(index);
    judge.before_damage[kFollower + index] = disk(index);
    disk(index).state = FollowerState::kDamaged;
    disk(index).log.clear();
    start(index);
  }
  /// As the control plane would: only the newest leader is asked, and only its word is recorded.
  SrsLeader* current() {
    for (std::uint32_t index = 0; index < kHosts; ++index) {
      if (leads(index) && leader(index)->epoch() == epoch) return leader(index);
    }
    return nullptr;
  }
  void replace(std::uint32_t slot) {
    SrsLeader* leading = current();
    if (leading == nullptr || asked_epoch_ == epoch) return;
    for (std::uint32_t id = kFollower; id < kFollower + kProcesses; ++id) {
      if (std::find(set.begin(), set.end(), id) != set.end()) continue;
      const boost::intrusive_ptr<Reconfigure> order(new Reconfigure);
      order->epoch = asked_epoch_ = epoch;
      order->version = version + 1;
      order->index = slot_ = slot;
      order->process = newcomer_ = id;
      return leading->reconfigure(*order);
    }
  }
  void record() {
    SrsLeader* leading = current();
    if (leading == nullptr || leading->unrecorded_version() != version + 1 || asked_epoch_ != epoch) return;
    ++version;
    set[slot_] = newcomer_;
    asked_epoch_ = 0;
    leading->reconfigured_recorded(version);
  }

  const bool real_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> cut_;
  std::set<std::uint32_t> down_, paused_;
  std::uint32_t slot_ = 0, newcomer_ = 0, asked_epoch_ = 0;
};

struct Verdict {
  int lost = 0, two_histories = 0, without_quorum = 0;
  bool serves = false;
  std::size_t acknowledged = 0;
};

Verdict play(const std::vector<std::uint32_t>& program, BugSet bugs, bool real = false) {
  RelayOptions relay = TakeoverWorld::quick();
  relay.tail_bytes = 20'000;
  Hostile world(bugs, relay, real);
  world.lead(0, true);
  world.write_pages_once(0);
  for (const std::uint32_t word : program) world.step(word % 14, word / 14 % 64, word / 14 / 64);
  world.heal_everything();
  Reign& last = world.appoint(1);
  for (int i = 0; i < 60 && !last.served; ++i) world.run(1_s);
  Verdict verdict;
  verdict.serves = last.served;
  if (last.served) {
    world.write(1);
    world.run(5_s);
    verdict.serves = last.acknowledged.size() == 1 && world.leader(1)->members() == 5;
  }
  for (const auto& [number, reign] : world.reigns) verdict.acknowledged += reign.acknowledged.size();
  verdict.lost = world.lost();
  verdict.two_histories = world.judge.two_histories;
  if (!real) verdict.without_quorum = world.judge.without_quorum;
  return verdict;
}

rc::Gen<std::vector<std::uint32_t>> programs() {
  return rc::gen::scale(
      2.0, rc::gen::container<std::vector<std::uint32_t>>(rc::gen::inRange<std::uint32_t>(0, 14 * 64 * 64)));
}

RC_GTEST_PROP(TakeoverProperty, LosesNoAcknowledgedWriteAndServesWhenHealed, ()) {
  const std::vector<std::uint32_t> program = *programs();
  const Verdict verdict = play(program, {});
  RC_ASSERT(verdict.lost == 0);
  RC_ASSERT(verdict.two_histories == 0);
  RC_ASSERT(verdict.without_quorum == 0);
  RC_ASSERT(verdict.serves);
  RC_CLASSIFY(verdict.acknowledged > 10, "more than ten acknowledged writes");
}

/// With the followers as they are, on simulated disks; a crash takes what was not synced.
RC_GTEST_PROP(TakeoverProperty, HoldsWithRealFollowersThatLosePower, ()) {
  const Verdict verdict = play(*programs(), {}, true);
  RC_ASSERT(verdict.lost == 0);
  RC_ASSERT(verdict.two_histories == 0);
  RC_ASSERT(verdict.serves);
}

/// The same programs see the mistakes: some run out of a thousand fails.
TEST(TakeoverProperty, SeesMistakesOfTheQuorum) {
  for (const Bug which : {Bug::kA2, Bug::kB4, Bug::kB5}) {
    BugSet bugs;
    bugs.add(which);
    sim::StreamRegistry streams(5);
    sim::RandomStream& random = streams.stream("test", "programs");
    bool seen = false;
    for (int i = 0; i < 3000 && !seen; ++i) {
      std::vector<std::uint32_t> program(60);
      for (std::uint32_t& word : program) word = static_cast<std::uint32_t>(random.below(14 * 64 * 64));
      const Verdict verdict = play(program, bugs);
      seen = verdict.lost + verdict.two_histories + verdict.without_quorum > 0;
    }
    EXPECT_TRUE(seen) << static_cast<int>(which);
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
