// StoryWitness: what happened in the run of a story, from ground truth and apart from every checker: who led, what was
// on whose disk when a leader went, where replicas booted, what was uploaded and by whom it can have been. It is the
// sink of the run's events as well, for the time.
//
// Of the first database only: a story has one, or the others are neighbours.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "model/types/observer.h"
#include "sim/core/scheduler.h"

namespace tidemark {

class StoryWitness final : public model::Observer, public sim::EventSink {
 public:
  /// One entry that a leader had not confirmed when it went, and how many followers of its set held it durably.
  struct TailEntry {
    model::Bookmark bookmark;
    std::size_t holders = 0;
  };
  struct Reign {
    std::uint32_t host = 0;  // Process::id()
    std::uint32_t epoch = 0;
    model::Bookmark from;         // confirmed, when it began to serve
    model::Bookmark to;           // newest that was confirmed while it was the newest leader
    std::uint64_t confirmed = 0;  // entries confirmed while it was the newest leader
    bool ended = false;
    std::vector<TailEntry> tail;    // when it ended
    bool successor_served = false;  // ... before it ended: it was a zombie
  };

  std::vector<Reign> reigns;
  sim::Duration without_leader;          // from the end of the newest reign to the begin of the next one
  sim::Duration longest_without_leader;  // ... without a break
  std::uint64_t promises = 0;
  std::uint64_t cuts = 0;
  std::uint64_t trims = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t segments = 0;
  std::uint64_t segments_without_leader = 0;  // so a follower uploaded them
  std::uint64_t primary_checkpoints = 0;
  std::uint64_t restores = 0;
  std::uint64_t resumptions = 0;                      // of replicas, at a leader
  std::uint64_t refusals = 0;                         // requests that failed at a copy, without any effect
  std::uint64_t broken_gates = 0;                     // ... with an unknown outcome
  std::map<std::uint32_t, std::uint64_t> boots;       // of replicas, by process
  std::vector<std::vector<std::uint32_t>> followers;  // the sets, in order
  std::uint64_t answers_of_replicas = 0;
  std::uint64_t answers_of_primary = 0;

  /// Longest number of holders among the entries of a tail; 0 for an empty tail.
  static std::size_t most_holders(const Reign& reign);

  void on_event(const sim::EventRecord& event) override { now_ = event.when; }
  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_sqlite_commit(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) override {}
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_durable(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_ack(std::uint32_t, std::uint32_t, const model::Bookmark&) override {}
  void on_follower_confirmed(std::uint32_t, std::uint32_t, const model::Bookmark&) override {}
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_received(std::uint32_t, std::uint32_t, const model::EntryRef&) override {}
  void on_published(std::uint32_t, std::uint32_t, const model::EntryRef&, const model::PageReader&) override {}
  void on_lag(const model::LagTruth&) override {}
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_segment(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_cold_removed(std::uint32_t, const model::Bookmark&) override {}
  void on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) override;
  void on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) override;
  void on_follower_cut(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last) override;
  void on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const model::Bookmark& at) override;
  void on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) override;
  void on_restore(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                  const model::Bookmark& undo) override;
  void on_resumed(std::uint32_t database, std::uint32_t replica, const model::Bookmark& kept) override;
  void on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const model::Bookmark& created) override;
  void on_response(const model::ResponseTruth& response) override;

 private:
  sim::Instant now_;
  sim::Instant gone_;  // the newest leader
  bool somebody_leads() const;
  std::size_t holders(const model::Bookmark& bookmark) const;

  std::map<std::uint32_t, std::vector<model::Bookmark>> open_;  // by epoch: committed, not confirmed
  std::map<std::uint32_t, model::Bookmark> durable_;            // by follower
};

}  // namespace tidemark
