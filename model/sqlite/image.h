// Reading a copy from the outside, for observers, snapshots and export. Look-up code of its own: it shares the layout
// with the writer (wal_format.h) and nothing else, so that one can judge the other.
#pragma once

#include <cstdint>
#include <vector>

#include "model/sqlite/vfs.h"
#include "model/types/observer.h"
#include "sim/core/buffer.h"

namespace tidemark::model::sqlite {

/// The database as a connection that opens now would see it: at the visible position of the wal-index. Takes no locks:
/// use it between calls of SQLite, and make a new one after anything changed.
class Image final : public PageReader {
 public:
  explicit Image(Vfs& vfs);
  std::uint32_t pages() const override { return pages_; }
  sim::BufferRef page(std::uint32_t number) const override;
  bool at_transaction_end() const override;
  /// Newest visible frame of `page`, 0 when it is in the database file only.
  std::uint32_t frame_of(std::uint32_t number) const;
  std::uint32_t visible_frame() const { return last_frame_; }

 private:
  Vfs& vfs_;
  std::uint32_t pages_ = 0;
  std::uint32_t last_frame_ = 0;
  std::uint32_t backfilled_ = 0;
};

/// Every page of the image, shared by reference: a snapshot, or the input of install_image().
std::vector<sim::BufferRef> copy_image(const PageReader& image);

/// The two files as bytes, to be opened by the stock sqlite3 command. The WAL is cut behind the visible frame, so
/// hidden transactions do not appear.
struct ExportedFiles {
  std::vector<std::byte> database;
  std::vector<std::byte> wal;
};
ExportedFiles export_files(Vfs& vfs);

}  // namespace tidemark::model::sqlite
