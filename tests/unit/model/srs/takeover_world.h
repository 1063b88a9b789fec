// A world of hosts that take over from each other and of scripted followers, on the real network and object store. The
// hosts write made-up pages, there is no SQLite. The judge knows every entry that was ever made and what was confirmed.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "model/srs/follower.h"
#include "model/srs/leader.h"
#include "model/srs/takeover.h"
#include "model/types/null_observer.h"
#include "scripted_follower.h"
#include "sim/disk/disk.h"
#include "sim/disk/object_store_sim.h"
#include "sim/net/network.h"
#include "small_env.h"

namespace tidemark::model::srs::test {

using namespace sim::literals;

/// Follows the truth and counts what must never happen.
class Judge final : public NullObserver {
 public:
  explicit Judge(const std::map<std::uint32_t, FollowerDisk>& disks) : disks_(disks) {}

  void on_commit(std::uint32_t, const EntryRef& entry) override {
    previous[entry->bookmark()] = entry->previous();
    ++numbers[{entry->bookmark().epoch, entry->bookmark().sequence}];
    committed.push_back(entry->bookmark());
  }
  void on_confirmed(std::uint32_t, const Bookmark& bookmark) override {
    if (bookmark < newest) ++went_back;
    if (!on_log_of(newest, bookmark) && !on_log_of(bookmark, newest)) ++two_histories;
    if (witnesses(bookmark) < 3) ++without_quorum;
    newest = std::max(newest, bookmark);
    ++confirms;
  }
  void on_follower_set(std::uint32_t, std::span<const std::uint32_t> processes) override {
    set.assign(processes.begin(), processes.end());
  }
  /// Is `older` an entry of the log that ends with `end`?
  bool on_log_of(const Bookmark& older, Bookmark end) const {
    while (end != older && !end.is_origin()) {
      const auto found = previous.find(end);
      if (found == previous.end()) return false;
      end = found->second;
    }
    return end == older;
  }
  int holders(const Bookmark& bookmark) const {
    return static_cast<int>(std::count_if(set.begin(), set.end(), [&](std::uint32_t id) {
      const FollowerDisk& disk = disks_.at(id);
      return disk.state == FollowerState::kMember && disk.covers(bookmark);
    }));
  }

  /// Processes that hold the entry, of whatever set, or held it until their disk was damaged: an acknowledgement may
  /// have been on its way then.
  int witnesses(const Bookmark& bookmark) const {
    return static_cast<int>(std::count_if(disks_.begin(), disks_.end(), [&](const auto& disk) {
      const auto damaged = before_damage.find(disk.first);
      const bool held = damaged != before_damage.end() && damaged->second.covers(bookmark);
      return held || (disk.second.state == FollowerState::kMember && disk.second.covers(bookmark));
    }));
  }

  std::map<Bookmark, Bookmark> previous;
  std::map<std::pair<std::uint32_t, std::uint32_t>, int> numbers;  // (epoch, sequence): entries that have it
  std::vector<Bookmark> committed;
  std::vector<std::uint32_t> set;
  std::map<std::uint32_t, FollowerDisk> before_damage;
  Bookmark newest;
  /// went_back is no violation by itself: a leader that was paused learns late what was confirmed.
  int went_back = 0, two_histories = 0, without_quorum = 0, confirms = 0;

 private:
  const std::map<std::uint32_t, FollowerDisk>& disks_;
};

/// What one appointment came to; outlives the host's program.
struct Reign {
  std::uint32_t epoch = 0;
  bool deposed = false, served = false, broken = false;
  Bookmark began;  // the newest entry when it began to serve
  std::vector<Bookmark> acknowledged;
  int failed = 0;
  int completed_newcomers = 0;
};

/// Takes over as appointed, then leads.
class LeaderHost final : public sim::Program, public LeaderListener {
 public:
  LeaderHost(const RelaySetup& setup, const boost::intrusive_ptr<const Appoint>& appoint, Reign& reign)
      : setup_(setup), appoint_(appoint), reign_(reign) {
    takeover = std::make_unique<Takeover>(setup_, *appoint_);
    setup_.env.process().spawn(run());
  }

  sim::Task<void> run() {
    const TakeoverEnd end = co_await takeover->run();
    reign_.deposed = end == TakeoverEnd::kDeposed;
    if (reign_.deposed) co_return;
    LeaderStart start = takeover->take();
    takeover.reset();
    start.leased = false;
    if (start.image.pages() == 0) start.image = PageTable({}, {sim::Buffer::zeros(setup_.page_size)});
    leader = std::make_unique<SrsLeader>(setup_, *appoint_, std::move(start), *this);
    const GateStatus proved = co_await leader->start();
    if (proved != GateStatus::kOpen) co_return;
    reign_.began = leader->committed();
    reign_.served = true;
  }
  sim::Task<void> acknowledge(Bookmark bookmark) {
    const GateStatus status = co_await leader->until_confirmed(bookmark);
    if (status == GateStatus::kOpen) {
      reign_.acknowledged.push_back(bookmark);
    } else {
      ++reign_.failed;
    }
  }
  void on_broken() override { reign_.broken = true; }
  void on_newcomer_complete(const Reconfigured&) override { ++reign_.completed_newcomers; }

  std::unique_ptr<Takeover> takeover;
  std::unique_ptr<SrsLeader> leader;

 private:
  const RelaySetup setup_;
  const boost::intrusive_ptr<const Appoint> appoint_;
  Reign& reign_;
};

class TakeoverWorld {
 public:
  static constexpr std::uint32_t kFollower = 2;  // 2..6 are the set, 7 and 8 are spare
  static constexpr std::uint32_t kHost = 20;     // 20..22
  static constexpr std::uint32_t kPageSize = 512;

  /// `real`: with followers as they are, on simulated disks, instead of scripted ones; disk() means nothing then.
  explicit TakeoverWorld(BugSet chosen = {}, RelayOptions relay = quick(), bool real = false)
      : bugs(chosen),
        options(std::move(relay)),
        network(scheduler, streams, exact_network()),
        store(scheduler, streams, {}),
        judge(disks) {
    for (std::uint32_t i = 0; i < 7; ++i) {
      const std::uint32_t id = kFollower + i;
      disks[id] = {};
      Node& node = add(id, "follower-" + std::to_string(i), "IAD/" + std::to_string(i % 5 + 1));
      node.process.set_factory([this, id, i, real](sim::Process&) -> std::unique_ptr<sim::Program> {
        if (real) return std::make_unique<FollowerNode>(setup_of(id), i);
        return std::make_unique<ScriptedFollower>(setup_of(id), disks[id]);
      });
      node.process.start();
    }
    for (std::uint32_t i = 0; i < 3; ++i) add(kHost + i, "host-" + std::to_string(i), i == 2 ? "ORD" : "IAD");
  }
  ~TakeoverWorld() {
    network.shut_down();
    nodes.clear();
  }
  static RelayOptions quick() {
    RelayOptions relay;
    relay.segment_period = 1_s;
    return relay;
  }

  /// The host takes over in a new epoch (its process starts anew if it ran).
  Reign& appoint(std::uint32_t host, bool fresh = false) {
    const boost::intrusive_ptr<Appoint> order(new Appoint);
    order->epoch = ++epoch;
    order->fresh = fresh;
    order->version = version;
    order->followers = set;
    Reign& reign = reigns[epoch];
    reign.epoch = epoch;
    sim::Process& process = nodes.at(kHost + host)->process;
    if (process.state() != sim::ProcessState::kStopped) process.crash();
    process.set_factory([this, order, host, &reign](sim::Process&) {
      return std::make_unique<LeaderHost>(setup_of(kHost + host), order, reign);
    });
    process.start();
    return reign;
  }
  /// Appointed and given time enough without faults.
  Reign& lead(std::uint32_t host, bool fresh = false) {
    Reign& reign = appoint(host, fresh);
    run(2_s);
    return reign;
  }
  LeaderHost* host(std::uint32_t index) { return static_cast<LeaderHost*>(nodes.at(kHost + index)->process.program()); }
  SrsLeader* leader(std::uint32_t index) { return host(index) == nullptr ? nullptr : host(index)->leader.get(); }

  /// A transaction at that host, if it leads; its acknowledgement goes into the reign.
  Bookmark write(std::uint32_t index) {
    SrsLeader& leading = *leader(index);
    ++written_;
    std::vector<std::byte> page(kPageSize);
    for (std::size_t i = 0; i < 8; ++i) page[i] = static_cast<std::byte>(written_ >> (8 * i));
    const Bookmark bookmark = leading.submit({{{written_ % 3 + 1, sim::Buffer::copy(page)}}, 3});
    process(kHost + index).spawn(host(index)->acknowledge(bookmark));
    return bookmark;
  }
  void write_pages_once(std::uint32_t index) {
    for (int i = 0; i < 3; ++i) write(index);
  }

  sim::Process& process(std::uint32_t id) { return nodes.at(id)->process; }
  sim::Disk& machine_disk(std::uint32_t process) { return *nodes.at(process)->disk; }
  sim::Process& follower(std::uint32_t index) { return process(kFollower + index); }
  FollowerDisk& disk(std::uint32_t index) { return disks.at(kFollower + index); }
  void crash(std::uint32_t follower_index) { follower(follower_index).crash(); }
  void start(std::uint32_t follower_index) { follower(follower_index).start(); }
  void wipe(std::uint32_t follower_index) { disk(follower_index) = {}; }
  /// Nothing passes between the host and the follower.
  void cut(std::uint32_t host_index, std::uint32_t follower_index) {
    network.block(kHost + host_index, kFollower + follower_index);
    network.block(kFollower + follower_index, kHost + host_index);
  }
  void heal(std::uint32_t host_index, std::uint32_t follower_index) {
    network.unblock(kHost + host_index, kFollower + follower_index);
    network.unblock(kFollower + follower_index, kHost + host_index);
  }
  void run(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }

  /// Acknowledged writes that are not on the log that was confirmed last.
  int lost() const {
    int count = 0;
    for (const auto& [number, reign] : reigns) {
      for (const Bookmark& bookmark : reign.acknowledged) {
        if (!judge.on_log_of(bookmark, judge.newest)) ++count;
      }
    }
    return count;
  }
  int violations() const { return lost() + judge.two_histories + judge.without_quorum; }

  RelaySetup setup_of(std::uint32_t id) {
    return {*nodes.at(id)->env, options, bugs, judge, 7, "db", kPageSize, 20000};
  }

  const BugSet bugs;
  const RelayOptions options;
  sim::Scheduler scheduler;
  sim::StreamRegistry streams{1};
  sim::Network network;
  sim::SimObjectStore store;
  std::map<std::uint32_t, FollowerDisk> disks;
  Judge judge;
  std::uint32_t epoch = 0;
  std::uint32_t version = 0;
  std::vector<std::uint32_t> set{kFollower, kFollower + 1, kFollower + 2, kFollower + 3, kFollower + 4};
  std::map<std::uint32_t, Reign> reigns;

 private:
  struct Node {
    Node(sim::Scheduler& scheduler, std::uint32_t id, std::string name) : process(scheduler, id, std::move(name)) {}
    ~Node() {
      if (process.state() != sim::ProcessState::kStopped) process.crash();
    }
    sim::Process process;
    std::unique_ptr<sim::Disk> disk;
    std::unique_ptr<TestEnv> env;
  };
  Node& add(std::uint32_t id, const std::string& name, const std::string& site) {
    auto node = std::make_unique<Node>(scheduler, id, name);
    node->disk = std::make_unique<sim::Disk>(scheduler, streams, sim::DiskOptions{}, node->process);
    sim::Transport& transport = network.attach(node->process, network.sites().at(site));
    node->env =
        std::make_unique<TestEnv>(node->process, streams, transport, *node->disk, store.client(node->process, 2_ms));
    return *(nodes[id] = std::move(node));
  }
  std::map<std::uint32_t, std::unique_ptr<Node>> nodes;
  std::uint32_t written_ = 0;
};

}  // namespace tidemark::model::srs::test
