// LeaderStart: what a takeover found, and where a leader begins. Made by Takeover, used by SrsLeader and by whoever
// installs the primary's files (image, then the recovered entries).
#pragma once

#include <vector>

#include "model/srs/cold_reader.h"
#include "model/srs/page_table.h"
#include "model/types/entry.h"

namespace tidemark::model::srs {

struct LeaderStart {
  std::uint32_t epoch = 1;
  /// The database at P = image.at(): P is confirmed and in cold storage, or the origin. No pages: cold storage holds
  /// nothing yet; then the host puts in what SQLite makes of a new, empty database, before it makes the SrsLeader.
  PageTable image;
  /// What cold storage holds up to there, for the leader's ColdWriter.
  ColdStock stock;
  /// What follows P on the chosen log, oldest first: not known to be confirmed before an entry of `epoch` is.
  std::vector<EntryRef> recovered;
  /// Reads need a lease (set_lease). False in worlds without a control plane.
  bool leased = false;

  /// Nothing was ever written: no entry of the new epoch is needed to prove anything.
  bool empty_log() const { return image.at().is_origin() && recovered.empty(); }
  const Bookmark& newest() const { return recovered.empty() ? image.at() : recovered.back()->bookmark(); }
};

}  // namespace tidemark::model::srs
