// The decisions of the control plane about one database, with hosts that are played by the test.
#include "model/control/database_control.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "base/assert.h"
#include "sim/disk/disk.h"

namespace tidemark::model::control {
namespace {

using namespace sim::literals;

constexpr std::uint32_t kHome = 11;
constexpr std::uint32_t kStandby = 12;

class TestEnv final : public Env {
 public:
  TestEnv(sim::Process& process, sim::StreamRegistry& streams, sim::FileSystem& files)
      : process_(process), streams_(streams), files_(files) {}
  sim::Process& process() override { return process_; }
  sim::RandomStream& random(std::string_view purpose) override { return streams_.stream(process_.name(), purpose); }
  sim::Transport& network() override { nobody_asks(); }
  sim::FileSystem& files() override { return files_; }
  sim::ObjectStore& cold() override { nobody_asks(); }

 private:
  [[noreturn]] static void nobody_asks() { std::abort(); }
  sim::Process& process_;
  sim::StreamRegistry& streams_;
  sim::FileSystem& files_;
};

class World : public HostLinks {
 public:
  explicit World(BugSet bugs_on = {}) : bugs(bugs_on) {
    process.set_factory([this](sim::Process&) { return std::make_unique<Program>(*this); });
    process.start();
  }
  ~World() override = default;

  bool connected(std::uint32_t host) const override { return up.contains(host); }
  std::uint64_t connection_of(std::uint32_t host) const override {
    const auto found = connections.find(host);
    return found == connections.end() ? 0 : found->second;
  }
  void send(std::uint32_t host, sim::PayloadRef message) override {
    switch (static_cast<MessageType>(message->type())) {
      case MessageType::kAppoint:
        appointed.emplace_back(host, boost::static_pointer_cast<const Appoint>(message));
        appointed_at.push_back(scheduler.now());
        return;
      case MessageType::kGrant:
        grants.push_back(boost::static_pointer_cast<const Grant>(message));
        return;
      case MessageType::kReconfigure:
        changes.push_back(boost::static_pointer_cast<const Reconfigure>(message));
        return;
      case MessageType::kReconfiguredAck:
        ++recorded;
        return;
      case MessageType::kRetire:
        ++retires;
        return;
      default:
        FAIL() << "not a message to a host";
    }
  }
  DatabaseControl& control() { return static_cast<Program*>(process.program())->control; }
  void run(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  void connect(std::uint32_t host) {
    up.insert(host);
    ++connections[host];
    report(host, 0, LeaderPhase::kIdle);
  }
  void report(std::uint32_t host, std::uint32_t epoch, LeaderPhase phase, std::vector<std::uint32_t> silent = {}) {
    boost::intrusive_ptr<LeaderReport> report(new LeaderReport);
    report->epoch = epoch;
    report->phase = phase;
    report->number = ++number;
    report->silent_followers = std::move(silent);
    control().on_report(host, *report);
  }
  /// Reports every second.
  void serve(std::uint32_t host, std::uint32_t epoch, int seconds) {
    for (int i = 0; i < seconds; ++i) {
      report(host, epoch, LeaderPhase::kServing);
      run(1_s);
    }
  }
  void complete(std::uint32_t host, std::uint32_t epoch, std::uint32_t version, std::uint32_t index,
                std::uint32_t newcomer) {
    boost::intrusive_ptr<Reconfigured> done(new Reconfigured);
    done->epoch = epoch;
    done->version = version;
    done->index = index;
    done->process = newcomer;
    control().on_reconfigured(host, *done);
    run(100_ms);
  }

  struct Program final : sim::Program {
    explicit Program(World& world) : control(world.env, world.options, world.bugs, 0, world.places, world) {}
    DatabaseControl control;
  };

  sim::Scheduler scheduler;
  sim::StreamRegistry streams{1};
  sim::Process process{scheduler, 1, "control"};
  sim::Disk disk{scheduler, streams, sim::DiskOptions{}, process};
  TestEnv env{process, streams, disk};
  ControlOptions options;
  BugSet bugs;
  DatabasePlaces places{"db-a", {kHome, kStandby}, {1, 2, 3, 4, 5}, {6, 7}};
  std::set<std::uint32_t> up;
  std::map<std::uint32_t, std::uint64_t> connections;
  std::vector<std::pair<std::uint32_t, boost::intrusive_ptr<const Appoint>>> appointed;
  std::vector<sim::Instant> appointed_at;
  std::vector<boost::intrusive_ptr<const Grant>> grants;
  std::vector<boost::intrusive_ptr<const Reconfigure>> changes;
  int recorded = 0;
  int retires = 0;
  std::uint64_t number = 0;
};

/// Home serves in epoch 1.
class Serving : public ::testing::Test {
 protected:
  Serving() {
    world.connect(kStandby);
    world.connect(kHome);
    world.run(100_ms);
    world.serve(kHome, 1, 3);
  }
  World world;
};

TEST(DatabaseRecordBytes, ComeBackAsTheyWereAndNotWhenDamaged) {
  DatabaseRecord record{7, kHome, 3, true, false, {1, 2, 3, 4, 6}};
  std::vector<std::byte> bytes = encode(record);
  ASSERT_TRUE(decode(bytes).has_value());
  EXPECT_EQ(*decode(bytes), record);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] ^= std::byte{1};
    EXPECT_FALSE(decode(bytes).has_value()) << "byte " << i;
    bytes[i] ^= std::byte{1};
  }
  bytes.pop_back();
  EXPECT_FALSE(decode(bytes).has_value());
}

TEST(DatabaseControl, AppointsHomeFirstAlthoughAnotherHostWasThereEarlier) {
  World world;
  world.connect(kStandby);
  world.run(1_s);
  EXPECT_TRUE(world.appointed.empty());
  world.connect(kHome);
  world.run(100_ms);
  ASSERT_EQ(world.appointed.size(), 1U);
  EXPECT_EQ(world.appointed[0].first, kHome);
  EXPECT_EQ(world.appointed[0].second->epoch, 1U);
  EXPECT_TRUE(world.appointed[0].second->fresh);
  EXPECT_EQ(world.appointed[0].second->followers, world.places.followers);
}

TEST(DatabaseControl, TakesAnotherHostWhenHomeDoesNotShowUp) {
  World world;
  world.connect(kStandby);
  world.run(5_s);
  world.report(kStandby, 0, LeaderPhase::kIdle);
  world.run(100_ms);
  ASSERT_EQ(world.appointed.size(), 1U);
  EXPECT_EQ(world.appointed[0].first, kStandby);
}

TEST(DatabaseControl, MakesTheEpochDurableBeforeItAppoints) {
  World world;
  world.connect(kHome);
  while (world.appointed.empty()) ASSERT_TRUE(world.scheduler.step());
  world.process.crash();
  world.disk.power_loss();
  world.process.start();
  EXPECT_EQ(world.control().record().epoch, 1U);
}

TEST(DatabaseControl, WithBugD14AnEpochIsForgottenAndUsedAgain) {
  BugSet bugs;
  bugs.add(Bug::kD14);
  World world(bugs);
  world.connect(kHome);
  while (world.appointed.empty()) ASSERT_TRUE(world.scheduler.step());
  world.process.crash();
  world.disk.power_loss();
  EXPECT_FALSE(decode(world.disk.durable_image("db-a.control")).has_value());
}

TEST_F(Serving, SilenceMovesThePrimaryAfterDetectionAndLease) {
  const sim::Instant last = world.scheduler.now() - 1_s;
  world.up.erase(kHome);
  world.run(10_s);
  ASSERT_GE(world.appointed.size(), 2U);
  EXPECT_EQ(world.appointed[1].first, kStandby);
  EXPECT_EQ(world.appointed[1].second->epoch, 2U);
  EXPECT_FALSE(world.appointed[1].second->fresh);
  EXPECT_GE(world.appointed_at[1], last + world.options.detection_timeout);
}

TEST_F(Serving, ARestartedHostIsAppointedAgainOnceItsLeaseIsOver) {
  const sim::Instant granted = world.scheduler.now() - 1_s;
  world.connect(kHome);
  world.run(world.options.lease);
  ASSERT_EQ(world.appointed.size(), 2U);
  EXPECT_EQ(world.appointed[1].first, kHome);
  // What connected may be a second life of the host, while the first one answers reads.
  EXPECT_GE(world.appointed_at[1], granted + world.options.lease);
}

TEST_F(Serving, ALeaderThatSaysItGaveUpIsFollowedAtOnce) {
  world.report(kHome, 1, LeaderPhase::kBroken);
  world.connect(kHome);
  world.run(100_ms);
  ASSERT_EQ(world.appointed.size(), 2U);
  EXPECT_EQ(world.appointed[1].first, kHome);
}

TEST(TakingOver, AnIdleReportThatCrossesTheAppointIsNoFailure) {
  World world;
  world.connect(kStandby);
  world.connect(kHome);
  world.run(100_ms);
  ASSERT_EQ(world.appointed.size(), 1U);
  world.report(kHome, 0, LeaderPhase::kIdle);  // on the connection of the Appoint
  world.run(100_ms);
  EXPECT_EQ(world.control().state(), DatabaseState::kTakingOver);
  world.connect(kHome);  // a new connection: it started anew, and the Appoint is lost
  world.run(10_s);
  EXPECT_GE(world.appointed.size(), 2U);
}

TEST_F(Serving, ReportsOfAnOlderEpochAreRefused) {
  world.connect(kHome);
  world.run(100_ms);
  world.report(kHome, 1, LeaderPhase::kServing);
  ASSERT_FALSE(world.grants.empty());
  EXPECT_TRUE(world.grants.back()->refused);
}

TEST_F(Serving, ARestartOfControlWaitsForTheLeaseOfALeaderItDoesNotHear) {
  world.process.crash();
  world.process.start();
  const sim::Instant restarted = world.scheduler.now();
  world.run(20_s);
  ASSERT_GE(world.appointed.size(), 2U);
  EXPECT_GE(world.appointed_at[1], restarted + world.options.lease);
  EXPECT_EQ(world.appointed[1].second->epoch, 2U);
}

TEST_F(Serving, AFollowerChangeIsRecordedOnceAndOnlyFromTheLeader) {
  world.report(kHome, 1, LeaderPhase::kServing, {2});
  ASSERT_EQ(world.changes.size(), 1U);
  EXPECT_EQ(world.changes[0]->process, 6U);
  EXPECT_EQ(world.changes[0]->version, 2U);
  world.complete(kStandby, 1, 2, 2, 6);
  world.complete(kHome, 7, 2, 2, 6);
  world.complete(kHome, 1, 3, 2, 6);
  EXPECT_EQ(world.control().record().version, 1U);
  EXPECT_EQ(world.recorded, 0);
  world.complete(kHome, 1, 2, 2, 6);
  world.complete(kHome, 1, 2, 2, 6);  // the answer was lost
  EXPECT_EQ(world.control().record().version, 2U);
  EXPECT_EQ(world.control().record().followers, (std::vector<std::uint32_t>{1, 2, 6, 4, 5}));
  EXPECT_EQ(world.recorded, 2);
  world.process.crash();
  world.disk.power_loss();
  world.process.start();
  EXPECT_EQ(world.control().record().version, 2U);
}

TEST_F(Serving, AHandOverAppointsTheOtherHostWithoutWaitingForTheLease) {
  ASSERT_TRUE(world.control().hand_over(kStandby));
  EXPECT_EQ(world.retires, 1);
  world.report(kHome, 1, LeaderPhase::kRetired);
  const sim::Instant retired = world.scheduler.now();
  world.run(1_s);
  ASSERT_EQ(world.appointed.size(), 2U);
  EXPECT_EQ(world.appointed[1].first, kStandby);
  EXPECT_LT(world.appointed_at[1], retired + 500_ms);
}

/// How long the third attempt in a row was given: every takeover reports, none ends.
sim::Duration third_attempt(World& world) {
  world.connect(kHome);
  world.connect(kStandby);
  while (world.appointed.size() < 4 && world.scheduler.now() < sim::Instant::from_ns(600'000'000'000)) {
    if (!world.appointed.empty())
      world.report(world.appointed.back().first, world.appointed.back().second->epoch, LeaderPhase::kLoading);
    world.run(500_ms);
  }
  return world.appointed.size() < 4 ? sim::Duration::max() : world.appointed_at[3] - world.appointed_at[2];
}

TEST(DatabaseControl, GivesEachTakeoverMoreTimeThanTheOneThatFailed) {
  World world;
  EXPECT_GE(third_attempt(world), world.options.takeover_timeout * 4);
}

TEST(DatabaseControl, WithBugB17EveryTakeoverGetsTheSameTime) {
  BugSet bugs;
  bugs.add(Bug::kB17);
  World world(bugs);
  EXPECT_LT(third_attempt(world), world.options.takeover_timeout * 2);
}

}  // namespace
}  // namespace tidemark::model::control
