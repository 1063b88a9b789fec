// A follower by the contract (docs/protocol.md), with a "disk" that is a struct: for stories about leaders and
// takeovers that want to look at, prepare and damage what a follower holds. A sync takes 200 us unless told otherwise;
// a crash of the process takes away what was not synced.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "model/protocol/messages.h"
#include "model/srs/relay_setup.h"
#include "sim/core/member_timer.h"

namespace tidemark::model::srs::test {

struct FollowerDisk {
  std::uint32_t promise = 0;
  FollowerState state = FollowerState::kBlank;
  std::uint64_t generation = 0;
  Bookmark base, target, confirmed;
  std::vector<EntryRef> log;
  sim::Duration sync = sim::Duration::microseconds(200);

  const Bookmark& last() const { return log.empty() ? base : log.back()->bookmark(); }
  /// Index of the first entry after `bookmark`, which is the base or an entry; -1 when it is neither.
  int after(const Bookmark& bookmark) const {
    if (bookmark == base) return 0;
    for (std::size_t i = 0; i < log.size(); ++i) {
      if (log[i]->bookmark() == bookmark) return static_cast<int>(i) + 1;
    }
    return -1;
  }
  /// Is the entry here, or was it and was trimmed?
  bool covers(const Bookmark& bookmark) const { return bookmark <= base || after(bookmark) >= 0; }
};

class ScriptedFollower final : public sim::Program, public sim::Acceptor, public sim::Receiver {
 public:
  ScriptedFollower(const RelaySetup& setup, FollowerDisk& disk)
      : setup_(setup), disk_(disk), now_(disk), sync_timer_(*this, &ScriptedFollower::synced, setup.env.process()) {
    setup_.env.network().listen(this);
  }
  ~ScriptedFollower() override { setup_.env.network().listen(nullptr); }

  /// Says everything twice from now on.
  bool stutters = false;

 private:
  struct Reply {
    sim::Connection* to;
    std::uint32_t epoch;
  };

  void on_accept(std::unique_ptr<sim::Connection> connection) override {
    connection->set_receiver(this);
    ack(*connection);
    connections_.push_back(std::move(connection));
  }
  void on_close(sim::Connection& connection, sim::CloseReason) override {
    if (leader_ == &connection) leader_ = nullptr;
    std::erase_if(replies_, [&](const Reply& reply) { return reply.to == &connection; });
    std::erase_if(connections_, [&](const auto& open) { return open.get() == &connection; });
  }

  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override {
    switch (static_cast<MessageType>(message->type())) {
      case MessageType::kSeal:
        return on_seal(connection, static_cast<const Seal&>(*message).epoch);
      case MessageType::kFetch:
        return on_fetch(connection, static_cast<const Fetch&>(*message));
      case MessageType::kJoin:
        if (accepts(connection, static_cast<const Join&>(*message).epoch)) on_join(static_cast<const Join&>(*message));
        return;
      case MessageType::kAppend:
        if (accepts(connection, static_cast<const Append&>(*message).epoch))
          on_append(static_cast<const Append&>(*message));
        return;
      case MessageType::kConfirm: {
        const auto& confirm = static_cast<const Confirm&>(*message);
        if (accepts(connection, confirm.epoch) && now_.after(confirm.bookmark) >= 0)
          now_.confirmed = std::max(now_.confirmed, confirm.bookmark);
        return;
      }
      case MessageType::kTrim: {
        const auto& trim = static_cast<const Trim&>(*message);
        if (!accepts(connection, trim.epoch) || disk_.after(trim.bookmark) <= 0 || now_.after(trim.bookmark) <= 0)
          return;
        now_.log.erase(now_.log.begin(), now_.log.begin() + now_.after(trim.bookmark));
        now_.base = trim.bookmark;
        return sync();
      }
      default:
        TIDEMARK_ASSERT(false, "not for followers");
    }
  }

  bool accepts(sim::Connection& connection, std::uint32_t epoch) {
    if (epoch < now_.promise) {
      ack(connection);
      return false;
    }
    now_.promise = epoch;
    leader_ = &connection;
    return true;
  }
  void on_seal(sim::Connection& connection, std::uint32_t epoch) {
    now_.promise = std::max(now_.promise, epoch);
    replies_.push_back({&connection, epoch});
    sync();
  }
  void on_join(const Join& join) {
    if (join.generation <= now_.generation) return;
    now_.log.clear();
    now_.base = join.base;
    now_.target = join.target;
    now_.generation = join.generation;
    now_.state = FollowerState::kLearner;
    now_.confirmed = {};
    sync();
  }
  void on_append(const Append& append) {
    if (now_.state == FollowerState::kBlank || now_.state == FollowerState::kDamaged) return ack(*leader_);
    for (const EntryRef& entry : append.entries) {
      if (now_.after(entry->bookmark()) > 0 || entry->bookmark() == now_.base) continue;
      const int place = now_.after(entry->previous());
      if (place < 0) return ack(*leader_);
      const std::size_t keep = static_cast<std::size_t>(place);
      if (keep < now_.log.size() && now_.log[keep]->bookmark() <= now_.confirmed) return ack(*leader_);
      now_.log.resize(keep);
      now_.log.push_back(entry);
    }
    sync();
  }
  void on_fetch(sim::Connection& connection, const Fetch& fetch) {
    auto* answer = new Fetched;
    const sim::PayloadRef message(answer);
    answer->epoch = now_.promise;
    answer->after = fetch.after;
    const int place = disk_.after(fetch.after);
    answer->ok = place >= 0 && fetch.epoch >= now_.promise && now_.state == FollowerState::kMember;
    if (answer->ok) {
      for (std::size_t i = static_cast<std::size_t>(place); i < disk_.log.size() && answer->entries.size() < 3; ++i)
        answer->entries.push_back(disk_.log[i]);
    }
    send(connection, message);
  }

  void sync() {
    dirty_ = true;
    if (!sync_timer_.armed()) start_sync();
  }
  void start_sync() {
    dirty_ = false;
    syncing_ = now_;
    promised_ = std::exchange(replies_, {});
    setup_.env.process().scheduler().arm_after(sync_timer_, disk_.sync);
  }
  void synced() {
    if (syncing_.state == FollowerState::kLearner && syncing_.last() >= syncing_.target)
      syncing_.state = FollowerState::kMember;
    if (now_.generation == syncing_.generation) now_.state = syncing_.state;
    syncing_.sync = disk_.sync;
    disk_ = syncing_;
    if (leader_ != nullptr) ack(*leader_);
    for (const Reply& reply : promised_) {
      const bool open = std::any_of(connections_.begin(), connections_.end(),
                                    [&](const auto& connection) { return connection.get() == reply.to; });
      if (open) send_sealed(*reply.to);
    }
    if (dirty_) start_sync();
  }
  void send_sealed(sim::Connection& connection) {
    auto* sealed = new Sealed;
    const sim::PayloadRef message(sealed);
    sealed->epoch = disk_.promise;
    sealed->state = disk_.state;
    sealed->generation = disk_.generation;
    sealed->base = disk_.base;
    sealed->last = disk_.last();
    sealed->confirmed = disk_.confirmed;
    send(connection, message);
  }
  void ack(sim::Connection& connection) {
    auto* message = new Ack;
    const sim::PayloadRef shared(message);
    message->epoch = disk_.promise;
    message->bookmark = disk_.last();
    message->state = disk_.state;
    message->generation = disk_.generation;
    message->base = disk_.base;
    send(connection, shared);
  }
  void send(sim::Connection& connection, const sim::PayloadRef& message) {
    connection.send(message);
    if (stutters) connection.send(message);
  }

  const RelaySetup setup_;
  FollowerDisk& disk_;
  FollowerDisk now_, syncing_;
  bool dirty_ = false;
  std::vector<std::unique_ptr<sim::Connection>> connections_;
  sim::Connection* leader_ = nullptr;
  std::vector<Reply> replies_, promised_;
  sim::MemberTimer<ScriptedFollower> sync_timer_;
};

}  // namespace tidemark::model::srs::test
