// Orphans: entries that a follower knows to be confirmed, and that no leader brings to cold storage because it is gone.
// The follower uploads them itself.
//
// What goes up is a run that begins right after the follower's base, which is in cold storage without a gap, so the
// chain there is never broken. Only confirmed entries go up, and there is one confirmed history: two uploads of the
// same entries, by several followers or by a leader that was only unreachable, hold the same bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "model/srs/relay_setup.h"
#include "sim/core/member_timer.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

/// Confirmed entries of a log: those after `base` up to `confirmed`; none when the two are equal.
struct Orphans {
  Bookmark base;
  Bookmark confirmed;
};

/// Watches over one follower's log. Owner: the follower, whose process runs the uploads.
class OrphanWatch {
 public:
  class Source {
   public:
    virtual ~Source() = default;
    virtual Orphans orphans() const = 0;
    /// Read back from the disk; empty when that is not possible now.
    virtual std::vector<EntryRef> read_orphans() = 0;
  };

  /// `index` staggers the followers of a database, so that the later ones find the work done. `source` is not owned.
  OrphanWatch(const RelaySetup& setup, std::uint32_t index, Source& source);

  /// A leader spoke, or trimmed.
  void heard() {
    if (setup_.env.unlikely("orphans/not-heard", sim::BuggifyClass::kEarly)) return;
    quiet_since_ = setup_.env.now();
  }
  /// The orphans have changed.
  void update();
  void stop() { timer_.cancel(); }

 private:
  void look();
  sim::Instant due() const;
  bool pending() const;
  sim::Task<void> upload(std::vector<EntryRef> entries);
  sim::Task<bool> put(std::vector<EntryRef> entries);

  const RelaySetup setup_;
  Source& source_;
  const sim::Duration patience_;
  sim::MemberTimer<OrphanWatch> timer_;
  sim::Instant quiet_since_;  // last sign of a leader, or last attempt
  bool uploading_ = false;
  Bookmark uploaded_;  // everything confirmed up to here is in cold storage
};

}  // namespace tidemark::model::srs
