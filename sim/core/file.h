// Files on the disk of one machine. Interfaces only: sim/disk implements them.
//
// A file has two images. The written image is what reads return. The durable image is what a power loss leaves (plus,
// at the nemesis' choice, some of the writes since the last completed sync). Reads and writes take effect on the
// written image at once; their cost in virtual time is the caller's affair (SQLite is synchronous, so the query that
// caused them is charged afterwards). A sync takes virtual time; at its completion the writes made before its start are
// durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/buffer.h"
#include "sim/core/time.h"

namespace tidemark::sim {

enum class IoStatus : std::uint8_t { kOk, kError, kNoSpace, kNotFound };

class IoCompletion {
 public:
  virtual ~IoCompletion() = default;
  virtual void on_io(IoStatus status) = 0;
};

/// How the file is cut into blocks that can be shared by reference. After `prefix` bytes come blocks of
/// `header + body` bytes. {0, 0, 4096}: a database file. {32, 24, 4096}: a SQLite WAL. {0, 0, 0}: a plain file.
/// Any write is allowed whatever the layout; writes that cover exactly a body are shared instead of copied.
struct FileLayout {
  std::uint32_t prefix = 0;
  std::uint32_t header = 0;
  std::uint32_t body = 0;
  friend bool operator==(const FileLayout&, const FileLayout&) = default;
};

class File {
 public:
  virtual ~File() = default;
  virtual const std::string& name() const = 0;
  virtual std::uint64_t size() const = 0;
  /// Copies from the written image; returns the bytes copied (less than asked at the end of the file). Never fails and
  /// never draws, so observers may use it; code of the system under test reads with try_read.
  virtual std::size_t read(std::uint64_t offset, std::span<std::byte> into) const = 0;
  /// As read, but meets the faults of the disk: sets `status` to kError (nothing read), or returns less or other bytes
  /// than there are.
  virtual std::size_t try_read(std::uint64_t offset, std::span<std::byte> into, IoStatus& status) const {
    status = IoStatus::kOk;
    return read(offset, into);
  }
  /// Grows the file when needed; a gap reads as zeros.
  virtual IoStatus write(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  /// As write, sharing `buffer` where it is exactly a block's body (offset at a body, size = body).
  virtual IoStatus write_shared(std::uint64_t offset, BufferRef buffer) = 0;
  /// The body of block `index` (0-based) without copying; a new buffer if it was not written as one. nullptr past the
  /// end.
  virtual BufferRef body(std::uint64_t index) const = 0;
  /// body() as try_read is to read(): nullptr with kError, a shorter body, or a copy with other bytes.
  virtual BufferRef try_body(std::uint64_t index, IoStatus& status) const {
    status = IoStatus::kOk;
    return body(index);
  }
  virtual IoStatus truncate(std::uint64_t size) = 0;
  /// The bytes before `offset` are not needed any more (a log that dropped old entries): their memory may be released,
  /// and they may read as zeros in both images from now on; sim/disk does both. Offsets and size stay. Not a write: it
  /// needs no sync and a power loss does not undo it.
  virtual void discard_before(std::uint64_t) {}
  /// Starts a sync and returns the instant at which it will be complete (queue wait included). `done`, not owned, may
  /// be nullptr; it must stay alive until called or until the owning process has crashed. The outcome goes to `done`;
  /// who has none asks sync_status(). Instant::max(): never, before a restart.
  virtual Instant sync(IoCompletion* done) = 0;
  /// Outcome of the sync begun last (it is decided at its start): kOk before the first.
  virtual IoStatus sync_status() const { return IoStatus::kOk; }
  /// When the sync begun last in this life of the process will be complete, as known now; Instant{} before the first.
  /// Never later than sync() said, but earlier when a stall of unknown length ends. Who has no callback waits with
  /// until_synced (sim/core/sync_wait.h) instead of sleeping until what sync() returned.
  virtual Instant synced_at() const { return Instant{}; }
  /// Size of the durable image: for observers and tests.
  virtual std::uint64_t durable_size() const = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Opens, creating an empty file if there is none. The same File for the same name until it is removed; owned by the
  /// file system. A layout other than the first one's re-cuts the file.
  virtual File& open(std::string_view name, FileLayout layout = {}) = 0;
  virtual bool exists(std::string_view name) const = 0;
  virtual IoStatus remove(std::string_view name) = 0;
  virtual IoStatus rename(std::string_view from, std::string_view to) = 0;
  /// Makes the creations, removals and renames so far durable, at once. Syncing a file does not: after creating,
  /// removing or renaming a file that must be there (or gone) after a power loss, call this. kError: nothing changed.
  virtual IoStatus sync_directory() { return IoStatus::kOk; }
  /// Sorted by name.
  virtual std::vector<std::string> list() const = 0;
};

}  // namespace tidemark::sim
