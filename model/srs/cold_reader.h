// Reading a database back from cold storage: a snapshot and the segments after it, checked, as far as they go without a
// gap. Chained by digest, never by the order of names.
//
// Overlaps (a re-cut by a later leader, an orphan that a follower uploaded, a put that took effect late) are harmless:
// entries that are held already are skipped. A body that fails its checks is read again; if it stays bad another
// object that covers the same entries is tried, and for a snapshot an older one with the longer chain after it. Only
// confirmed entries are ever uploaded, so all objects lie on one log: two entries that follow the same one are damage.
#pragma once

#include <string>
#include <vector>

#include "model/srs/cold_listing.h"
#include "model/srs/page_table.h"
#include "model/srs/relay_setup.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

enum class ColdStatus : std::uint8_t {
  kOk,
  kNothing,   // no snapshot (of those asked for)
  kVanished,  // an object was removed between the listing and the reading, or the store refused: try again
  kDamaged,   // what is listed cannot be read to its end; `problem` names the object. The image is what could be read
};

/// What a leader's ColdWriter has to know about what others have stored: ColdImage::stock.
struct ColdStock {
  Bookmark snapshot;            // a stored snapshot that was read and checked
  bool has_snapshot = false;    // false: nothing is known to be there
  bool renew = false;           // a newer object is damaged: a new snapshot should replace it soon
  std::uint64_t log_bytes = 0;  // entries after that snapshot
  std::vector<ColdObject> objects;
};

struct ColdImage {
  ColdStatus status = ColdStatus::kNothing;
  std::string problem;  // with the key of the object; with kOk: of an object that could be done without
  PageTable snapshot;
  std::vector<EntryRef> entries;  // what follows the snapshot, without a gap
  ColdStock stock;
  const Bookmark& position() const { return entries.empty() ? snapshot.at() : entries.back()->bookmark(); }
  /// The image at position().
  PageTable at_end() const;
};

/// Which part of the history is wanted: it begins with the newest snapshot within both bounds, and ends as soon as
/// the chain has reached `up_to` or an entry recorded after `until`.
struct ColdGoal {
  Bookmark up_to{Bookmark::kEndOfEpoch, Bookmark::kEndOfEpoch, Bookmark::kEndOfEpoch, {}};
  sim::Instant until = sim::Instant::max();
};

/// One listing, then one get per object, some segments at once, each repeated a few times when it fails. The result is
/// the end of the gap-free chain. `setup` must outlive the task.
sim::Task<ColdImage> read_cold(const RelaySetup& setup);

/// The same with a listing at hand. `setup` must outlive the task.
sim::Task<ColdImage> read_cold(const RelaySetup& setup, ColdListing listing, ColdGoal goal);

}  // namespace tidemark::model::srs
