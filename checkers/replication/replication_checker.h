// ReplicationChecker: judges the replication invariants on ground truth while the run goes on.
//
// Feed every record of replication/ground_truth.h in the order of virtual time, then call finish() once. Each invariant
// has its own verdict; the first violation of each is kept with its instant. Memory is bounded: what every replica has
// passed is dropped, except the last `image_window` entries, which late snapshots are compared with.
//
//   Q      gate opens only when the entry and all before are durable on >= `quorum` distinct current followers;
//          an ack is sent only for what is durable
//   LOG    entries that replicas take and publish are the primary's, without a gap, chained by digest
//   HIDE   nothing that is published or answered depends on an entry that is not confirmed at that instant
//   TXN    an entry is one transaction; a visible state is at the end of a transaction and has its size
//   IMG    visible pages equal the reference image
//   BM     bookmarks strictly increase and are never issued twice
//   VMONO  visible marks never go back, and no answer carries an older bookmark than the session asked with
//   CMONO  confirmed marks never go back
//   WAIT   an answer's state is not older than the bookmark that the request carried
//   META   returned bookmark, region and primary flag tell the truth
//   FRESH  a first-primary read sees every write that was acknowledged before it started
//   GATE   no answer leaves the primary before its state is confirmed
//   CKPT   the primary checkpoints only confirmed frames, a replica only visible ones
//   SNAP   a snapshot equals the reference image at its label
//   LAG    a live replica gives one sample, in order, for each entry after its boot position that was confirmed since
//   it
//          booted (what was confirmed before may have one), never below the fibre floor
//   GC     what followers drop is in cold storage without a gap
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
};

class ReplicationChecker {
 public:
  explicit ReplicationChecker(ReplicationOptions options = {});
  ~ReplicationChecker();
  ReplicationChecker(ReplicationChecker&&) noexcept;
  ReplicationChecker& operator=(ReplicationChecker&&) noexcept;

  void on(const FollowerSet& record);
  void on(const EntryCommitted& record);
  void on(const Durable& record);
  void on(const AckSent& record);
  void on(const Confirmed& record);
  void on(const EntryReceived& record);
  void on(const ReplicaBooted& record);
  void on(const Published& record);
  void on(const Checkpointed& record);
  void on(const SnapshotStored& record);
  void on(const SegmentStored& record);
  void on(const Trimmed& record);
  void on(const Response& record);
  void on(const LagSample& record);
  void on(const ReplicaEnded& record);

  /// True as soon as any invariant is broken: a hunt may stop the run there.
  bool violated() const;
  /// One verdict per invariant, in the order of the table above. Call once.
  std::vector<Verdict> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::checkers
