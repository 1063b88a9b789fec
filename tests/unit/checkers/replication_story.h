// Records of a small cluster, fed by hand: a primary, five followers, one replica.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "checkers/replication/replication_checker.h"
#include "tiny_history.h"

namespace tidemark::checkers {

inline constexpr NodeIndex kPrimary = 0;
inline constexpr NodeIndex kReplica = 6;
inline constexpr NodeIndex kStandby = 7;

inline Position at(std::uint32_t sequence, std::uint32_t epoch = 1) {
  return sequence == 0 ? Position{} : Position{epoch, sequence, {0, sequence}};
}
inline std::string text_of(std::uint32_t sequence) {
  return bookmark(sequence);
}

inline Digest128 page(std::uint32_t pgno, std::uint32_t sequence) {
  return {pgno, sequence};
}

// Three entries go from the primary to three followers and one replica; every entry changes page 1 and adds a page.
// `mistake` changes records of one step before they are fed.
struct Story {
  static ReplicationOptions options() {
    ReplicationOptions options;
    options.node_names = {"primary", "f1", "f2", "f3", "f4", "f5", "replica", "standby", "f6"};
    options.database_names = {"db"};
    return options;
  }
  ReplicationChecker checker{options()};
  std::int64_t now = 0;
  DatabaseIndex db = 0;

  template <typename R>
  R make() {
    R record{};
    record.at_ns = now += 10;
    record.db = db;
    return record;
  }

  void start() {
    const NodeIndex followers[] = {1, 2, 3, 4, 5};
    auto set = make<FollowerSet>();
    set.followers = followers;
    checker.on(set);
    boot(0);
  }
  void commit(std::uint32_t n, const std::function<void(EntryCommitted&)>& change = {}) {
    const PageImage pages[] = {{1, page(1, n)}, {n + 1, page(n + 1, n)}};
    auto r = make<EntryCommitted>();
    r.position = at(n);
    r.previous = at(n - 1);
    r.pages = pages;
    r.size_pages = n + 1;
    if (change) change(r);
    checker.on(r);
  }
  void receive(std::uint32_t n) {
    auto r = make<EntryReceived>();
    r.replica = kReplica;
    r.position = at(n);
    checker.on(r);
  }
  void durable(std::uint32_t n, std::initializer_list<NodeIndex> followers, bool ack = true) {
    for (const NodeIndex follower : followers) {
      auto r = make<Durable>();
      r.follower = follower;
      r.position = at(n);
      checker.on(r);
      if (!ack) continue;
      auto a = make<AckSent>();
      a.follower = follower;
      a.position = at(n);
      checker.on(a);
    }
  }
  void confirm(std::uint32_t n) {
    auto r = make<Confirmed>();
    r.node = kPrimary;
    r.position = at(n);
    checker.on(r);
  }
  void publish(std::uint32_t n, const std::function<void(Published&, std::vector<PageImage>&)>& change = {}) {
    auto r = make<Published>();
    r.replica = kReplica;
    r.position = at(n);
    r.size_pages = n + 1;
    r.full_image = true;
    std::vector<PageImage> pages{{1, page(1, n)}};
    for (std::uint32_t p = 2; p <= n + 1; ++p) pages.push_back({p, page(p, p - 1)});
    if (change) change(r, pages);
    r.pages = pages;
    checker.on(r);
  }
  void lag(std::uint32_t n, std::int64_t confirmed = 100, std::int64_t published = 200, std::int64_t floor = 50) {
    auto r = make<LagSample>();
    r.replica = kReplica;
    r.position = at(n);
    r.confirmed_ns = confirmed;
    r.published_ns = published;
    r.floor_ns = floor;
    checker.on(r);
  }
  void answer(std::uint32_t state, const std::function<void(Response&)>& change = {}) {
    auto r = make<Response>();
    r.session = 4;
    r.node = kReplica;
    r.region = r.claimed_region = "WEUR";
    const std::string returned = text_of(state);
    r.returned_bookmark = returned;
    r.state = at(state);
    r.started_ns = now - 5;
    if (change) change(r);
    checker.on(r);
  }
  void write_answer(std::uint32_t created) {
    auto r = make<Response>();
    const std::string returned = text_of(created);
    r.session = 9;
    r.node = kPrimary;
    r.is_primary = r.claimed_primary = true;
    r.returned_bookmark = returned;
    r.state = at(created - 1);
    r.wrote = true;
    r.created = at(created);
    checker.on(r);
  }
  void checkpoint(NodeIndex node, std::uint32_t n) {
    auto r = make<Checkpointed>();
    r.node = node;
    r.is_primary = node == kPrimary;
    r.position = at(n);
    checker.on(r);
  }
  void snapshot(std::uint32_t label, std::uint32_t content) {
    std::vector<PageImage> image{{1, page(1, content)}};
    for (std::uint32_t p = 2; p <= content + 1; ++p) image.push_back({p, page(p, p - 1)});
    auto r = make<SnapshotStored>();
    r.label = at(label);
    r.image = image;
    checker.on(r);
  }
  void segment(std::uint32_t from, std::uint32_t to) {
    auto r = make<SegmentStored>();
    r.from = at(from);
    r.to = at(to);
    checker.on(r);
  }
  void trim(std::uint32_t n) {
    auto r = make<Trimmed>();
    r.follower = 1;
    r.position = at(n);
    checker.on(r);
  }
  void boot(std::uint32_t n) {
    auto r = make<ReplicaBooted>();
    r.replica = kReplica;
    if (n > 0) r.position = at(n);
    checker.on(r);
  }
  void end(std::uint32_t visible, bool alive = true) {
    auto r = make<ReplicaEnded>();
    r.replica = kReplica;
    r.alive = alive;
    r.visible = at(visible);
    checker.on(r);
  }
  /// Confirmed and shown by the replica, but without a lag sample.
  void show(std::uint32_t n) {
    confirmed(n);
    publish(n);
  }
  void confirmed(std::uint32_t n) {
    commit(n);
    receive(n);
    durable(n, {1, 2, 3});
    confirm(n);
  }
  void entry(std::uint32_t n) {
    confirmed(n);
    write_answer(n);
    publish(n);
    lag(n);
    answer(n);
  }
  void good() {
    start();
    for (std::uint32_t n = 1; n <= 3; ++n) entry(n);
    checkpoint(kPrimary, 3);
    checkpoint(kReplica, 2);
    snapshot(2, 2);
    segment(0, 1);
    segment(1, 3);
    trim(3);
    end(3);
  }
  // --- Faults ---
  /// An entry of `epoch` after `previous`: page 1 and no new page.
  void commit_after(Position position, Position previous, std::uint32_t pages) {
    const PageImage images[] = {{1, {position.epoch, position.sequence}}};
    auto r = make<EntryCommitted>();
    r.position = position;
    r.previous = previous;
    r.pages = images;
    r.size_pages = pages;
    checker.on(r);
  }
  void durable_at(Position position, std::initializer_list<NodeIndex> followers) {
    for (const NodeIndex follower : followers) {
      auto r = make<Durable>();
      r.follower = follower;
      r.position = position;
      checker.on(r);
      auto a = make<AckSent>();
      a.follower = follower;
      a.position = position;
      checker.on(a);
    }
  }
  void confirm_at(Position position) {
    auto r = make<Confirmed>();
    r.node = kPrimary;
    r.position = position;
    checker.on(r);
  }
  void promise(std::uint32_t epoch, std::initializer_list<NodeIndex> followers) {
    for (const NodeIndex follower : followers) {
      auto r = make<Promised>();
      r.follower = follower;
      r.epoch = epoch;
      checker.on(r);
    }
  }
  void cut(NodeIndex follower, Position position) {
    auto r = make<FollowerCut>();
    r.follower = follower;
    r.position = position;
    checker.on(r);
  }
  void serve(std::uint32_t epoch, Position position, NodeIndex node = kStandby) {
    auto r = make<LeaderServes>();
    r.node = node;
    r.epoch = epoch;
    r.position = position;
    checker.on(r);
  }
  void resume(Position kept) {
    auto r = make<ReplicaResumed>();
    r.replica = kReplica;
    r.kept = kept;
    checker.on(r);
  }
  void take(Position position) {
    auto r = make<EntryReceived>();
    r.replica = kReplica;
    r.position = position;
    checker.on(r);
  }
  void show_at(Position position, std::uint32_t pages) {
    auto r = make<Published>();
    r.replica = kReplica;
    r.position = position;
    r.size_pages = pages;
    checker.on(r);
  }
  void sample(Position position) {
    auto r = make<LagSample>();
    r.replica = kReplica;
    r.position = position;
    r.confirmed_ns = 100;
    r.published_ns = 200;
    checker.on(r);
  }
  void fail(bool unknown, Position created) {
    auto r = make<RequestFailed>();
    r.outcome_unknown = unknown;
    r.created_entry = true;
    r.created = created;
    checker.on(r);
  }
  void remove(std::uint32_t up_to) {
    auto r = make<ColdRemoved>();
    r.up_to = at(up_to);
    checker.on(r);
  }
  /// Epoch `epoch` takes over with everything up to `chosen`; its first entry is confirmed and it serves.
  void take_over(std::uint32_t epoch, Position chosen, std::uint32_t pages) {
    promise(epoch, {1, 2, 3});
    const Position start = at(1, epoch);
    commit_after(start, chosen, pages);
    durable_at(start, {1, 2, 3});
    confirm_at(start);
    serve(epoch, start);
  }

  Verdict verdict(const std::string& name) {
    for (const Verdict& one : checker.finish())
      if (one.name == name) return one;
    return {};
  }
  std::set<std::string> broken() {
    std::set<std::string> names;
    for (const Verdict& verdict : checker.finish()) {
      if (verdict.validity == Validity::kInvalid) names.insert(verdict.name);
      EXPECT_EQ(verdict.witness.empty(), verdict.validity == Validity::kValid);
    }
    return names;
  }
};

}  // namespace tidemark::checkers
