// A small world for stories about the storage relay: one primary with its leader, five followers, replicas, on the real
// network, disks and object store of sim/. The observer keeps what happened and judges what must hold at once.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/sqlite/image.h"
#include "model/srs/follower.h"
#include "model/srs/leader.h"
#include "model/srs/primary_storage.h"
#include "model/srs/replica_leader.h"
#include "model/types/null_observer.h"
#include "sim/disk/disk.h"
#include "sim/disk/object_store_sim.h"
#include "sim/net/network.h"
#include "small_env.h"

namespace tidemark::model::srs::test {

using namespace sim::literals;

/// Keeps the ground truth and counts what must never happen.
class Recorder final : public NullObserver {
 public:
  struct Published {
    Bookmark bookmark;
    sim::Instant at;
  };
  struct Replica {
    std::vector<Bookmark> boots;
    std::vector<Bookmark> received;
    std::vector<Published> published;
    std::vector<LagTruth> lags;
    int resumes = 0;  // how often a leader accepted it
  };

  explicit Recorder(const sim::Scheduler& scheduler) : scheduler_(scheduler) {}

  void on_commit(std::uint32_t, const EntryRef& entry) override { committed.push_back(entry->bookmark()); }
  void on_sqlite_commit(std::uint32_t, std::uint32_t, std::uint32_t frames, std::uint32_t) override {
    sqlite_frames.push_back(frames);
  }
  void on_confirmed(std::uint32_t, const Bookmark& bookmark) override {
    const auto holders =
        std::count_if(durable.begin(), durable.end(), [&](const auto& d) { return d.second >= bookmark; });
    if (holders < 3) ++confirmed_without_quorum;
    if (!confirmed.empty() && bookmark <= confirmed.back()) ++confirmed_out_of_order;
    confirmed.push_back(bookmark);
  }
  void on_checkpoint(std::uint32_t, std::uint32_t, bool primary, const Bookmark& up_to) override {
    if (primary && (confirmed.empty() || up_to > confirmed.back())) ++checkpoints_past_confirmed;
    ++(primary ? primary_checkpoints : replica_checkpoints);
  }
  void on_follower_durable(std::uint32_t, std::uint32_t follower, const Bookmark& bookmark) override {
    durable[follower] = bookmark;
  }
  void on_follower_ack(std::uint32_t, std::uint32_t follower, const Bookmark& bookmark) override {
    ++acks;
    if (!(durable[follower] >= bookmark)) ++acks_before_durable;
  }
  void on_follower_confirmed(std::uint32_t, std::uint32_t follower, const Bookmark& bookmark) override {
    follower_confirmed[follower] = bookmark;
  }
  void on_follower_trim(std::uint32_t, std::uint32_t, const Bookmark&) override { ++trims; }
  void on_replica_boot(std::uint32_t, std::uint32_t replica, const Bookmark& at, const PageReader&) override {
    replicas[replica].boots.push_back(at);
  }
  void on_resumed(std::uint32_t, std::uint32_t replica, const Bookmark&) override { ++replicas[replica].resumes; }
  void on_received(std::uint32_t, std::uint32_t replica, const EntryRef& entry) override {
    replicas[replica].received.push_back(entry->bookmark());
  }
  void on_published(std::uint32_t, std::uint32_t replica, const EntryRef& entry, const PageReader& pages) override {
    if (confirmed.empty() || entry->bookmark() > confirmed.back()) ++published_unconfirmed;
    if (pages.pages() != entry->database_pages()) ++published_wrong_size;
    for (const EntryFrame& frame : entry->frames()) {
      const sim::BufferRef page = pages.page(frame.page);
      if (page == nullptr || page->digest() != frame.bytes->digest()) ++published_wrong_pages;
    }
    replicas[replica].published.push_back({entry->bookmark(), scheduler_.now()});
  }
  void on_lag(const LagTruth& lag) override { replicas[lag.replica].lags.push_back(lag); }
  void on_snapshot(std::uint32_t, const Bookmark& label, const PageReader& pages) override {
    snapshots.emplace_back(label, sqlite::copy_image(pages));
  }
  void on_segment(std::uint32_t, const Bookmark& previous, const Bookmark& last) override {
    if (!segments.empty() && previous != segments.back()) ++segment_gaps;
    segments.push_back(last);
  }
  void on_cold_removed(std::uint32_t, const Bookmark&) override { ++removed; }

  std::vector<Bookmark> committed, confirmed, segments;
  std::vector<std::uint32_t> sqlite_frames;
  std::vector<std::pair<Bookmark, std::vector<sim::BufferRef>>> snapshots;
  std::map<std::uint32_t, Bookmark> durable, follower_confirmed;
  std::map<std::uint32_t, Replica> replicas;
  int confirmed_without_quorum = 0, confirmed_out_of_order = 0, checkpoints_past_confirmed = 0, acks_before_durable = 0;
  int published_unconfirmed = 0, published_wrong_size = 0, published_wrong_pages = 0, segment_gaps = 0;
  int acks = 0, trims = 0, removed = 0, primary_checkpoints = 0, replica_checkpoints = 0;

 private:
  const sim::Scheduler& scheduler_;
};

/// A new database: nothing was ever written.
inline LeaderStart first_start(PrimaryStorage& storage) {
  LeaderStart start;
  start.image = PageTable({}, storage.image());
  return start;
}

/// The primary's program: storage and leader; connections that begin with Register go to the leader.
class Primary final : public sim::Program, public sim::Acceptor, public sim::Receiver {
 public:
  Primary(const RelaySetup& setup, const std::vector<std::uint32_t>& followers)
      : storage(setup, {}), leader(setup, first_start(storage), followers), transport_(setup.env.network()) {
    storage.set_relay(leader);
    transport_.listen(this);
  }
  ~Primary() override { transport_.listen(nullptr); }
  void on_accept(std::unique_ptr<sim::Connection> connection) override {
    connection->set_receiver(this);
    fresh_.push_back(std::move(connection));
  }
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override {
    TIDEMARK_ASSERT(static_cast<MessageType>(message->type()) == MessageType::kRegister);
    leader.adopt(take(connection), static_cast<const Register&>(*message));
  }
  void on_close(sim::Connection& connection, sim::CloseReason) override { take(connection); }

  PrimaryStorage storage;
  SrsLeader leader;

 private:
  std::unique_ptr<sim::Connection> take(sim::Connection& connection) {
    const auto found =
        std::find_if(fresh_.begin(), fresh_.end(), [&](const auto& open) { return open.get() == &connection; });
    std::unique_ptr<sim::Connection> taken = std::move(*found);
    fresh_.erase(found);
    return taken;
  }
  sim::Transport& transport_;
  std::vector<std::unique_ptr<sim::Connection>> fresh_;
};

struct ReplicaProgram final : sim::Program {
  ReplicaProgram(const RelaySetup& setup, std::uint32_t primary) : leader(setup, primary, {}) { leader.start(); }
  ReplicaLeader leader;
};

struct WorldOptions {
  RelayOptions relay;
  BugSet bugs;
  std::uint64_t seed = 1;
  sim::NetworkOptions network = exact_network();
  const Locator* locator = nullptr;
};

inline BugSet bug(Bug which) {
  BugSet bugs;
  bugs.add(which);
  return bugs;
}

class World {
 public:
  static constexpr std::uint32_t kPrimaryId = 1;
  static constexpr std::uint32_t kFirstFollowerId = 2;

  explicit World(WorldOptions chosen = {})
      : options(std::move(chosen)),
        streams(options.seed),
        network(scheduler, streams, options.network),
        store(scheduler, streams, {}),
        seen(scheduler) {
    std::vector<std::uint32_t> ids;
    for (std::uint32_t i = 0; i < 5; ++i) ids.push_back(kFirstFollowerId + i);
    Node& primary_node = add(kPrimaryId, "primary", "IAD");
    primary_node.process.set_factory(
        [this, ids](sim::Process&) { return std::make_unique<Primary>(setup_of(kPrimaryId), ids); });
    for (std::uint32_t i = 0; i < 5; ++i) {
      Node& node = add(ids[i], "follower " + std::to_string(i), "IAD/" + std::to_string(i + 1));
      node.process.set_factory(
          [this, id = ids[i], i](sim::Process&) { return std::make_unique<FollowerNode>(setup_of(id), i); });
      node.process.start();
    }
    primary_node.process.start();
  }
  ~World() {
    network.shut_down();
    nodes.clear();
  }

  /// Starts a replica; it boots by itself. Returns its process id.
  std::uint32_t add_replica(const std::string& site) {
    const std::uint32_t id = next_replica_++;
    Node& node = add(id, "replica " + std::to_string(id), site);
    node.process.set_factory(
        [this, id](sim::Process&) { return std::make_unique<ReplicaProgram>(setup_of(id), kPrimaryId); });
    node.process.start();
    return id;
  }

  Primary& primary() { return static_cast<Primary&>(*nodes.at(kPrimaryId)->process.program()); }
  SrsLeader& leader() { return primary().leader; }
  FollowerNode& follower(std::uint32_t index) {
    return static_cast<FollowerNode&>(*nodes.at(kFirstFollowerId + index)->process.program());
  }
  ReplicaLeader& replica(std::uint32_t id) {
    return static_cast<ReplicaProgram&>(*nodes.at(id)->process.program()).leader;
  }
  sim::Process& process(std::uint32_t id) { return nodes.at(id)->process; }

  Bookmark write(std::string_view sql) {
    const sqlite::Outcome outcome = primary().storage.database().execute(sql);
    TIDEMARK_ASSERT(outcome.ok(), outcome.error.text);
    return primary().storage.submit_pending();
  }
  void create_table() { write("CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT)"); }
  Bookmark insert(std::size_t bytes = 100) {
    return write("INSERT INTO t(v) VALUES('" + std::string(bytes, 'x') + "')");
  }
  /// Writes one row every `distance`, `count` times.
  void insert_every(sim::Duration distance, int count, std::size_t bytes = 100) {
    for (int i = 0; i < count; ++i) {
      insert(bytes);
      run(distance);
    }
  }
  void run(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  /// Until nothing is pending, at most `limit` of virtual time.
  bool run_idle(sim::Duration limit = 120_s) {
    return scheduler.run_until(scheduler.now() + limit) == sim::RunEnd::kIdle;
  }

  bool same_image(std::uint32_t replica_id) {
    const std::vector<sim::BufferRef> here = primary().storage.image();
    const std::vector<sim::BufferRef> there = sqlite::copy_image(sqlite::Image(replica(replica_id).vfs()));
    return std::equal(here.begin(), here.end(), there.begin(), there.end(),
                      [](const auto& a, const auto& b) { return a->digest() == b->digest(); });
  }

  RelaySetup setup_of(std::uint32_t id) {
    return {*nodes.at(id)->env, options.relay, options.bugs, seen, 7, "orders", 4096, 20000, options.locator};
  }

  const WorldOptions options;
  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::Network network;
  sim::SimObjectStore store;
  Recorder seen;

  struct Node {
    Node(sim::Scheduler& scheduler, std::uint32_t id, std::string name) : process(scheduler, id, std::move(name)) {}
    sim::Process process;
    std::unique_ptr<sim::Disk> disk;
    std::unique_ptr<TestEnv> env;
    ~Node() {
      if (process.state() != sim::ProcessState::kStopped) process.crash();
    }
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

 private:
  std::uint32_t next_replica_ = 10;
};

/// Waits for the gate and notes how and when it opened.
struct GateNote {
  bool done = false;
  GateStatus status = GateStatus::kBroken;
  sim::Instant at;
};
inline sim::Task<void> note_gate(SrsLeader& leader, Bookmark bookmark, GateNote& note,
                                 const sim::Scheduler& scheduler) {
  note.status = co_await leader.until_confirmed(bookmark);
  note.at = scheduler.now();
  note.done = true;
}
struct ReadNote {
  bool done = false;
  Bookmark visible;
};
inline sim::Task<void> note_visible(ReplicaLeader& replica, Bookmark bookmark, ReadNote& note) {
  const sim::Instant deadline = sim::Instant::from_ns(sim::Duration::seconds(100).ns());
  note.done = co_await replica.until_visible(bookmark, deadline);
  note.visible = replica.visible();
}

}  // namespace tidemark::model::srs::test
