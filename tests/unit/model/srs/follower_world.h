// One real follower, and peers that speak to it as leaders would. The recorder knows what the follower claimed, and
// counts what must never happen.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/srs/follower.h"
#include "model/types/null_observer.h"
#include "sim/disk/disk.h"
#include "sim/disk/object_store_sim.h"
#include "sim/net/network.h"
#include "small_env.h"

namespace tidemark::model::srs::test {

using namespace sim::literals;

class FollowerRecorder final : public NullObserver {
 public:
  void on_follower_durable(std::uint32_t, std::uint32_t, const Bookmark& bookmark) override { durable = bookmark; }
  void on_follower_cut(std::uint32_t, std::uint32_t, const Bookmark& bookmark) override {
    durable = bookmark;
    cuts.push_back(bookmark);
  }
  void on_follower_ack(std::uint32_t, std::uint32_t, const Bookmark& bookmark) override {
    ++acks;
    if (bookmark > durable) ++acks_before_durable;
  }
  void on_follower_confirmed(std::uint32_t, std::uint32_t, const Bookmark& bookmark) override {
    if (bookmark < confirmed) ++confirmed_went_back;
    confirmed = std::max(confirmed, bookmark);
  }
  void on_follower_trim(std::uint32_t, std::uint32_t, const Bookmark& bookmark) override {
    if (bookmark > cold) ++trims_before_cold;
    trimmed = bookmark;
  }
  void on_promise(std::uint32_t, std::uint32_t, std::uint32_t epoch) override { promises.push_back(epoch); }
  void on_segment(std::uint32_t, const Bookmark& previous, const Bookmark& last) override {
    segments.emplace_back(previous, last);
  }

  Bookmark durable, confirmed, trimmed;
  Bookmark cold;  // set by the test: gap-free in cold storage up to here
  std::vector<Bookmark> cuts;
  std::vector<std::uint32_t> promises;
  std::vector<std::pair<Bookmark, Bookmark>> segments;
  int acks = 0, acks_before_durable = 0, confirmed_went_back = 0, trims_before_cold = 0;
};

/// Entries of a made-up database with pages of 512 bytes.
class EntryMaker {
 public:
  static constexpr std::uint32_t kPage = 512;
  EntryRef next(const Bookmark& previous, std::uint32_t epoch, int pages = 1) {
    CommittedTransaction transaction;
    transaction.database_pages = 9;
    for (int page = 1; page <= pages; ++page) {
      ++filler_;
      std::vector<std::byte> bytes(kPage);
      for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::byte>(filler_ * 31 + static_cast<int>(i) % 7);
      transaction.frames.push_back({static_cast<std::uint32_t>(page), sim::Buffer::copy(bytes)});
    }
    const auto committed = sim::Instant::from_ns(filler_ * 1000);
    const EntryKind kind = filler_ % 5 == 0 ? EntryKind::kEpochStart : EntryKind::kTransaction;
    return Entry::make(previous, epoch, 20000, std::move(transaction), committed, kind);
  }
  std::vector<EntryRef> run(Bookmark previous, std::uint32_t epoch, int count, int pages = 1) {
    std::vector<EntryRef> entries;
    for (int i = 0; i < count; ++i) {
      entries.push_back(next(previous, epoch, pages));
      previous = entries.back()->bookmark();
    }
    return entries;
  }

 private:
  int filler_ = 0;
};

/// A leader's end: sends what the test says, keeps what comes back, and connects again when it is told to.
class Peer final : public sim::Receiver {
 public:
  Peer(sim::Transport& transport, std::uint32_t follower) : transport_(transport), follower_(follower) { connect(); }
  void connect() {
    closed = false;
    connection_ = transport_.connect(follower_, this);
  }
  void on_message(sim::Connection&, const sim::PayloadRef& message) override {
    switch (static_cast<MessageType>(message->type())) {
      case MessageType::kAck:
        acks.push_back(boost::intrusive_ptr<const Ack>(static_cast<const Ack*>(message.get())));
        return;
      case MessageType::kSealed:
        sealed.push_back(boost::intrusive_ptr<const Sealed>(static_cast<const Sealed*>(message.get())));
        return;
      case MessageType::kFetched:
        fetched.push_back(boost::intrusive_ptr<const Fetched>(static_cast<const Fetched*>(message.get())));
        return;
      default:
        TIDEMARK_ASSERT(false, "a follower does not send such a message");
    }
  }
  void on_close(sim::Connection&, sim::CloseReason) override { closed = true; }

  void append(std::uint32_t epoch, const std::vector<EntryRef>& entries) {
    auto* message = new Append;
    message->epoch = epoch;
    message->entries = entries;
    send(message);
  }
  void confirm(std::uint32_t epoch, const Bookmark& bookmark) {
    auto* message = new Confirm;
    message->epoch = epoch;
    message->bookmark = bookmark;
    send(message);
  }
  void trim(std::uint32_t epoch, const Bookmark& bookmark) {
    auto* message = new Trim;
    message->epoch = epoch;
    message->bookmark = bookmark;
    send(message);
  }
  void seal(std::uint32_t epoch) {
    auto* message = new Seal;
    message->epoch = epoch;
    send(message);
  }
  void join(std::uint32_t epoch, std::uint64_t generation, const Bookmark& base, const Bookmark& target) {
    auto* message = new Join;
    message->epoch = epoch;
    message->generation = generation;
    message->base = base;
    message->target = target;
    send(message);
  }
  void fetch(std::uint32_t epoch, const Bookmark& after, std::uint32_t most = 64) {
    auto* message = new Fetch;
    message->epoch = epoch;
    message->after = after;
    message->most_entries = most;
    send(message);
  }
  /// Everything that was sent so far, once more.
  void replay() {
    const std::vector<sim::PayloadRef> all = sent;
    for (const sim::PayloadRef& message : all) connection_->send(message);
  }
  void send(sim::Payload* message) {
    sent.emplace_back(message);
    if (!closed) connection_->send(sent.back());
  }

  bool closed = false;
  std::vector<sim::PayloadRef> sent;
  std::vector<boost::intrusive_ptr<const Ack>> acks;
  std::vector<boost::intrusive_ptr<const Sealed>> sealed;
  std::vector<boost::intrusive_ptr<const Fetched>> fetched;

 private:
  sim::Transport& transport_;
  const std::uint32_t follower_;
  std::unique_ptr<sim::Connection> connection_;
};

class FollowerWorld {
 public:
  static constexpr std::uint32_t kId = 2;
  static constexpr std::uint32_t kPage = EntryMaker::kPage;

  explicit FollowerWorld(const BugSet& chosen = {}, const RelayOptions& relay = {}, std::uint64_t seed = 1)
      : bugs(chosen),
        options(relay),
        streams(seed),
        network(scheduler, streams, exact_network()),
        store(scheduler, streams, {}),
        process(scheduler, kId, "follower"),
        disk(scheduler, streams, sim::DiskOptions{}, process),
        peers_process_(scheduler, 50, "peers"),
        env_(process, streams, network.attach(process, network.sites().at("IAD/1")), disk, store.client(process, 2_ms)),
        peers_transport_(network.attach(peers_process_, network.sites().at("IAD"))) {
    process.set_factory([this](sim::Process&) {
      return std::make_unique<FollowerNode>(RelaySetup{env_, options, bugs, seen, 7, "orders", kPage, 20000}, 0);
    });
    process.start();
    peers_process_.start();
  }
  ~FollowerWorld() {
    network.shut_down();
    peers_.clear();
    if (process.state() != sim::ProcessState::kStopped) process.crash();
    peers_process_.crash();
  }

  Peer& peer() {
    peers_.push_back(std::make_unique<Peer>(peers_transport_, kId));
    return *peers_.back();
  }
  /// A peer after the follower's hello.
  Peer& greeted() {
    Peer& fresh = peer();
    run(20_ms);
    return fresh;
  }
  FollowerNode& node() { return static_cast<FollowerNode&>(*process.program()); }
  void run(sim::Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  /// The process dies, its disk's cache stays.
  void restart() {
    process.crash();
    process.start();
  }
  void power_cycle(sim::Survivors* survivors = nullptr) {
    process.crash();
    disk.power_loss(survivors);
    process.start();
  }
  std::vector<std::byte> bytes_of(const std::string& name) {
    sim::File& file = disk.open(name);
    std::vector<std::byte> bytes(file.size());
    file.read(0, bytes);
    return bytes;
  }
  bool has(const Bookmark& bookmark) { return node().has_log() && node().log().holds(bookmark); }

  const BugSet bugs;
  const RelayOptions options;
  sim::Scheduler scheduler;
  sim::StreamRegistry streams;
  sim::Network network;
  sim::SimObjectStore store;
  FollowerRecorder seen;
  sim::Process process;
  sim::Disk disk;
  EntryMaker maker;

 private:
  sim::Process peers_process_;
  TestEnv env_;
  sim::Transport& peers_transport_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

inline BugSet follower_bug(Bug which) {
  BugSet bugs;
  bugs.add(which);
  return bugs;
}

}  // namespace tidemark::model::srs::test
