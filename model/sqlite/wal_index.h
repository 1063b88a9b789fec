// WalIndex: writes the wal-index of a copy as SQLite's own writer does.
#pragma once

#include <cstdint>

#include "model/sqlite/vfs.h"
#include "model/sqlite/wal_format.h"

namespace tidemark::model::sqlite {

class WalIndex {
 public:
  /// Keeps a reference; the regions belong to the Vfs.
  explicit WalIndex(Vfs& vfs) : vfs_(vfs) {}

  /// Enters `frame` as a version of `page`. Frames are entered in ascending order without gaps; entering the first
  /// frame of a region wipes the region. Not visible before the header moves.
  void append(std::uint32_t frame, std::uint32_t page);
  /// The page of a frame that was entered.
  std::uint32_t page_of(std::uint32_t frame) const;
  /// Takes out every frame above `last` of the region that holds `last`; later regions are wiped when entered again.
  void remove_above(std::uint32_t last);
  /// Writes both header copies, the one read second first, with version, flags and header checksum filled in.
  void write_header(IndexHeader header);
  /// As after a fresh start or restart of the WAL: nothing backfilled, read mark 1 at `mark`, the others unused.
  void reset_checkpoint_info(std::uint32_t mark);

 private:
  Vfs& vfs_;
};

}  // namespace tidemark::model::sqlite
