// ReplicationChecker: judges the replication invariants on ground truth while the run goes on.
//
// Feed every record of replication/ground_truth.h in the order of virtual time, then call finish() once. Each invariant
// has its own verdict; the first violation of each is kept with its instant. Memory is bounded: what every replica has
// passed is dropped, except the last `image_window` entries, which late snapshots and restores are compared with.
//
//   Q      a confirmation opens the gate only when the entry and all before are durable on >= `quorum` distinct
//          followers of the current set (of both while one is replaced); an ack is sent only for what is durable. What
//          a fault destroyed after its ack left still counts: a leader cannot know
//   DUR    every confirmed entry is in the log that each later leader starts from and serves
//   LOG    what followers and replicas hold are entries of a leader, chained by digest, without a gap
//   ONE    at most one content is ever confirmed per place in the log; nothing is shown that is not on the confirmed
//   log CMONO  confirmed marks never go back (of a leader; of a follower within one life), and nobody knows of a
//          confirmation that did not happen, or of one whose entry it does not hold; a leader serves nothing that is
//          not confirmed
//   BM     bookmarks strictly increase within an epoch and along the log, and are never issued twice
//   FENCE  once a majority promised a newer epoch, an older one confirms only what was durable on a quorum before these
//          promises; a request that came after a successor began to serve is not answered by the former leader
//   HIDE   nothing that is published or answered depends on an entry that is not confirmed at that instant
//   TXN    an entry is one transaction; a visible state is at the end of a transaction and has its size
//   VMONO  visible marks never go back in one life, and no answer carries an older bookmark than the session asked with
//   WAIT   an answer's state is not older than the bookmark that the request carried
//   FRESH  a first-primary read sees every write that was acknowledged before it started
//   META   returned bookmark, region and primary flag tell the truth
//   IMG    the pages that a replica shows, or a leader begins to serve from, equal the reference image
//   SNAP   a snapshot equals the reference image at its label
//   PITR   the state after a restore equals the reference image at its target; the undo point is the entry before it; a
//          time leads to the last entry that was committed by then
//   GC     followers drop only what is in cold storage without a gap; together they always hold all that is confirmed;
//          what is removed from cold storage was superseded for the retention time and leaves no gap
//   CKPT   the primary checkpoints only confirmed frames, a replica only visible ones
//   GATE   no answer leaves the primary before its state is confirmed
//   ERR    the entry of a request that failed for good is never confirmed
//   LAG    a live replica gives one sample, in order, for each entry that was confirmed since it booted or was last
//          accepted by a leader (what was confirmed before may have one), never below the fibre floor; a follower does
//          not send a dozen acks in a row long after what they acknowledge was durable
//   RES    per virtual second: acks of one follower without news, acceptances of one replica; boots of a replica in
//          vain and epochs without a serving leader in a row; unconfirmed entries of a primary and hidden ones of a
//          replica: below the bounds of ReplicationOptions
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "checkers/replication/ground_truth.h"

namespace tidemark::checkers {

struct ReplicationOptions {
  std::uint32_t quorum = 3;
  std::uint32_t image_window = 65536;   // entries
  std::vector<std::string> node_names;  // for the witness text; a missing name prints as "node 7"
  std::vector<std::string> database_names;
  /// The faults of the run may destroy more than the protocol promises to survive. The loss of confirmed entries is
  /// then reported ("budget exceeded: 7 writes lost") and not called a bug, if faults account for it (ContentLost):
  ///   - a leader serves without them: fewer than a quorum of followers would hold them, had each kept what no fault
  ///     took from it, and one that held them could not know that it does not. What comes after is not judged for
  ///     that database.
  ///   - at the end of the run they are in no log and not in cold storage, and every follower that held them was
  ///     struck. All else is judged.
  bool beyond_budget = false;
  bool loss_is_unknown = false;        // DUR is unknown then (exit code 2), else valid with that text (0)
  std::int64_t cold_retention_ns = 0;  // an object may be removed when superseded for so long; 0 = not judged
  // Bounds of RES. Ours: a hundred times what a healthy cluster does, so that only storms and leaks break them.
  std::uint32_t most_repeated_acks_per_second = 200;
  std::uint32_t most_resumptions_per_second = 100;
  std::uint32_t most_boots_in_vain = 64;
  std::uint32_t most_epochs_in_vain = 64;
  std::uint64_t most_unconfirmed = 1U << 16;
  std::uint64_t most_hidden = 1U << 16;
};

/// Counts over all databases, for reports.
struct ReplicationTally {
  std::uint64_t confirmed = 0;            // entries
  std::uint64_t confirmed_lost = 0;       // entries that somebody could know of; 0 unless DUR is broken
  std::uint64_t unconfirmed_dropped = 0;  // entries that nobody was told of and that lost to another branch
  std::uint64_t takeovers = 0;            // leaders that began to serve, but for the first of each database
  std::uint64_t restores = 0;
};

class ReplicationChecker {
 public:
  explicit ReplicationChecker(ReplicationOptions options = {});
  ~ReplicationChecker();
  ReplicationChecker(ReplicationChecker&&) noexcept;
  ReplicationChecker& operator=(ReplicationChecker&&) noexcept;

  void on(const FollowerSet& record);
  void on(const Promised& record);
  void on(const FollowerCut& record);
  void on(const ContentLost& record);
  void on(const FollowerStored& record);
  void on(const FollowerRewound& record);
  void on(const LeaderServes& record);
  void on(const LeaderGone& record);
  void on(const NodeRestarted& record);
  void on(const EntryCommitted& record);
  void on(const Durable& record);
  void on(const AckSent& record);
  void on(const Confirmed& record);
  void on(const EntryReceived& record);
  void on(const ReplicaBooted& record);
  void on(const ReplicaResumed& record);
  void on(const Published& record);
  void on(const Checkpointed& record);
  void on(const SnapshotStored& record);
  void on(const SegmentStored& record);
  void on(const ColdRemoved& record);
  void on(const TimeFound& record);
  void on(const Restored& record);
  void on(const Trimmed& record);
  void on(const Response& record);
  void on(const RequestFailed& record);
  void on(const HostileAnswered& record);
  void on(const LagSample& record);
  void on(const ReplicaEnded& record);
  void on(const RunEnded& record);

  /// True as soon as any invariant is broken: a hunt may stop the run there.
  bool violated() const;
  /// Confirmed entries of the database that faults took beyond the budget; complete after its RunEnded.
  std::uint64_t lost_beyond_budget(DatabaseIndex db) const;
  /// A leader went on without such entries: what clients see now contradicts what they saw.
  bool went_on_without() const;
  ReplicationTally tally() const;
  /// One verdict per invariant, in the order of the table above. Call once.
  std::vector<Verdict> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::checkers
