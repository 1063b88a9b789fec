#include "model/sqlite/vfs_methods.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

#include "base/assert.h"
#include "model/sqlite/vfs.h"

namespace tidemark::model::sqlite {
namespace {

enum class Kind : std::uint8_t { kDatabase, kWal, kPlain, kScratch };

/// What SQLite holds as a file. SQLite gives the memory.
struct OpenFile {
  sqlite3_file base{};
  Vfs* vfs = nullptr;
  sim::File* file = nullptr;
  Kind kind = Kind::kPlain;
  LockHolder locks;                // of a database file: this connection's
  std::vector<std::byte> scratch;  // content of an unnamed temporary file
};

OpenFile& as_file(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}
Vfs& as_vfs(sqlite3_vfs* vfs) {
  return *static_cast<Vfs*>(vfs->pAppData);
}

}  // namespace

/// SQLite's code for the outcome of a write. What a failed write left behind is unknown, so the copy is given up. A
/// full disk only fails the transaction.
int Vfs::outcome(sim::IoStatus status, int error) {
  if (status == sim::IoStatus::kOk) return SQLITE_OK;
  if (status == sim::IoStatus::kNoSpace) return SQLITE_FULL;
  damaged_ = true;
  return error;
}

/// Friend of Vfs: the methods themselves.
struct VfsMethods {
  static int close(sqlite3_file* base) {
    OpenFile& file = as_file(base);
    if (file.kind == Kind::kDatabase) {
      file.vfs->locks_.unlock_slots(file.locks, 0, kLockSlots);
      file.vfs->locks_.unlock_file(file.locks, FileLock::kNone);
      TIDEMARK_ASSERT(file.vfs->connections_ > 0);
      --file.vfs->connections_;
    }
    file.~OpenFile();
    return SQLITE_OK;
  }

  /// Is this read or write exactly the body of a block?
  static bool is_body(const OpenFile& file, std::size_t amount, std::uint64_t offset, std::uint64_t& index) {
    const std::uint32_t page = file.vfs->page_size_;
    if (amount != page) return false;
    if (file.kind == Kind::kDatabase) {
      index = offset / page;
      return offset % page == 0;
    }
    if (file.kind != Kind::kWal || offset < kWalHeaderBytes + kFrameHeaderBytes) return false;
    const std::uint64_t place = offset - kWalHeaderBytes - kFrameHeaderBytes;
    index = place / (page + kFrameHeaderBytes);
    return place % (page + kFrameHeaderBytes) == 0;
  }

  static int read(sqlite3_file* base, void* into, int amount, sqlite3_int64 offset) {
    OpenFile& file = as_file(base);
    Vfs& vfs = *file.vfs;
    const auto size = static_cast<std::size_t>(amount);
    const auto from = static_cast<std::uint64_t>(offset);
    if (file.kind == Kind::kScratch) return read_scratch(file, into, size, from);
    if (vfs.dead_) return SQLITE_IOERR_READ;
    std::uint64_t index = 0;
    if (is_body(file, size, from, index)) {
      ++vfs.counters_.pages_read;
      sim::BufferRef body = vfs.read_page(*file.file, file.kind == Kind::kWal, index);
      if (vfs.damaged_) return SQLITE_IOERR_DATA;
      if (body != nullptr && body->size() == size) {
        std::memcpy(into, body->data(), size);
        if (file.kind == Kind::kWal) {
          vfs.last_read_into_ = into;
          vfs.last_read_ = std::move(body);
        }
        return SQLITE_OK;
      }
    }
    sim::IoStatus status = sim::IoStatus::kOk;
    const std::size_t got = file.file->try_read(from, {static_cast<std::byte*>(into), size}, status);
    if (status != sim::IoStatus::kOk) {
      vfs.damaged_ = true;
      return SQLITE_IOERR_READ;
    }
    if (got == size) return SQLITE_OK;
    std::memset(static_cast<std::byte*>(into) + got, 0, size - got);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int read_scratch(const OpenFile& file, void* into, std::size_t size, std::uint64_t from) {
    const std::size_t have = from < file.scratch.size() ? std::min(size, file.scratch.size() - from) : 0;
    if (have != 0) std::memcpy(into, file.scratch.data() + from, have);
    if (have == size) return SQLITE_OK;
    std::memset(static_cast<std::byte*>(into) + have, 0, size - have);
    return SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* base, const void* data, int amount, sqlite3_int64 offset) {
    OpenFile& file = as_file(base);
    Vfs& vfs = *file.vfs;
    const std::span bytes(static_cast<const std::byte*>(data), static_cast<std::size_t>(amount));
    const auto to = static_cast<std::uint64_t>(offset);
    if (file.kind == Kind::kScratch) {
      file.scratch.resize(std::max<std::size_t>(file.scratch.size(), to + bytes.size()));
      std::memcpy(file.scratch.data() + to, bytes.data(), bytes.size());
      return SQLITE_OK;
    }
    if (vfs.dead_) return SQLITE_IOERR_WRITE;
    std::uint64_t index = 0;
    if (!is_body(file, bytes.size(), to, index)) {
      if (file.kind == Kind::kWal) vfs.wal_heads_.note(to, bytes, vfs.page_size_);
      return vfs.outcome(file.file->write(to, bytes), SQLITE_IOERR_WRITE);
    }
    ++vfs.counters_.pages_written;
    // A checkpoint reads a page out of the WAL and writes it to the database file: the same bytes, shared.
    const bool again = data == vfs.last_read_into_ && vfs.last_read_ != nullptr &&
                       vfs.last_read_->size() == bytes.size() &&
                       std::memcmp(vfs.last_read_->data(), data, bytes.size()) == 0;
    sim::BufferRef body = again ? vfs.last_read_ : sim::Buffer::copy(bytes);
    PageDigests& digests = file.kind == Kind::kWal ? vfs.wal_digests_ : vfs.database_digests_;
    const sim::IoStatus status = file.file->write_shared(to, body);
    if (status == sim::IoStatus::kOk) digests.note(index, body);
    return vfs.outcome(status, SQLITE_IOERR_WRITE);
  }

  static int truncate(sqlite3_file* base, sqlite3_int64 size) {
    OpenFile& file = as_file(base);
    if (file.kind == Kind::kScratch) {
      file.scratch.resize(std::min<std::size_t>(file.scratch.size(), static_cast<std::size_t>(size)));
      return SQLITE_OK;
    }
    if (file.vfs->dead_) return SQLITE_IOERR_TRUNCATE;
    if (file.kind != Kind::kPlain) file.vfs->note_truncate(file.kind == Kind::kWal, static_cast<std::uint64_t>(size));
    return file.vfs->outcome(file.file->truncate(static_cast<std::uint64_t>(size)), SQLITE_IOERR_TRUNCATE);
  }

  static int sync(sqlite3_file* base, int) {
    OpenFile& file = as_file(base);
    if (file.kind == Kind::kScratch) return SQLITE_OK;
    if (file.vfs->dead_) return SQLITE_IOERR_FSYNC;
    file.vfs->sync(*file.file);
    return file.vfs->damaged_ ? SQLITE_IOERR_FSYNC : SQLITE_OK;
  }

  static int file_size(sqlite3_file* base, sqlite3_int64* out) {
    const OpenFile& file = as_file(base);
    *out = static_cast<sqlite3_int64>(file.kind == Kind::kScratch ? file.scratch.size() : file.file->size());
    return SQLITE_OK;
  }

  static int lock(sqlite3_file* base, int level) {
    OpenFile& file = as_file(base);
    if (file.kind != Kind::kDatabase) return SQLITE_OK;
    return file.vfs->locks_.lock_file(file.locks, static_cast<FileLock>(level)) ? SQLITE_OK : SQLITE_BUSY;
  }

  static int unlock(sqlite3_file* base, int level) {
    OpenFile& file = as_file(base);
    if (file.kind == Kind::kDatabase) file.vfs->locks_.unlock_file(file.locks, static_cast<FileLock>(level));
    return SQLITE_OK;
  }

  static int check_reserved(sqlite3_file* base, int* out) {
    const OpenFile& file = as_file(base);
    *out = file.kind == Kind::kDatabase && file.vfs->locks_.file_reserved() ? 1 : 0;
    return SQLITE_OK;
  }

  static int file_control(sqlite3_file*, int operation, void* argument) {
    // Belt and braces: should SQLite ever close the last connection with a checkpoint, the WAL file stays.
    if (operation == SQLITE_FCNTL_PERSIST_WAL) {
      *static_cast<int*>(argument) = 1;
      return SQLITE_OK;
    }
    return SQLITE_NOTFOUND;
  }

  static int sector_size(sqlite3_file*) { return 4096; }
  static int device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int shm_map(sqlite3_file* base, int region, int size, int extend, void volatile** out) {
    TIDEMARK_ASSERT(size == static_cast<int>(kIndexRegionBytes));
    *out = as_file(base).vfs->index_region(static_cast<std::uint32_t>(region), extend != 0);
    return SQLITE_OK;
  }

  static int shm_lock(sqlite3_file* base, int first, int count, int flags) {
    OpenFile& file = as_file(base);
    Vfs& vfs = *file.vfs;
    if ((flags & SQLITE_SHM_LOCK) != 0) {
      return vfs.locks_.lock_slots(file.locks, first, count, (flags & SQLITE_SHM_EXCLUSIVE) != 0) ? SQLITE_OK
                                                                                                  : SQLITE_BUSY;
    }
    const bool was_writing = first == kWriteLock && (file.locks.exclusive_slots & 1) != 0;
    vfs.locks_.unlock_slots(file.locks, first, count);
    if (was_writing && vfs.listener_ != nullptr && !vfs.dead_) vfs.listener_->on_write_unlock();
    return SQLITE_OK;
  }

  static void shm_barrier(sqlite3_file*) {}

  static int shm_unmap(sqlite3_file* base, int remove) {
    OpenFile& file = as_file(base);
    file.vfs->locks_.unlock_slots(file.locks, 0, kLockSlots);
    if (remove != 0 && file.vfs->connections_ == 1) file.vfs->forget_index();
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs* base, const char* name, sqlite3_file* out, int flags, int* out_flags);

  static int remove(sqlite3_vfs* base, const char* name, int) {
    Vfs& vfs = as_vfs(base);
    if (vfs.dead_) return SQLITE_IOERR_DELETE;
    const sim::IoStatus status = vfs.files_.remove(name);
    return status == sim::IoStatus::kNotFound ? SQLITE_IOERR_DELETE_NOENT : vfs.outcome(status, SQLITE_IOERR_DELETE);
  }

  static int access(sqlite3_vfs* base, const char* name, int, int* out) {
    // An empty journal counts as absent, as in the unix VFS.
    Vfs& vfs = as_vfs(base);
    *out = vfs.files_.exists(name) ? 1 : 0;
    if (*out != 0 && name == vfs.journal_) *out = vfs.files_.open(name).size() != 0 ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
    const std::size_t length = std::strlen(name);
    if (length + 1 > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
    std::memcpy(out, name, length + 1);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* base, int size, char* out) {
    int filled = 0;
    while (filled < size) {
      const std::uint64_t bits = as_vfs(base).surroundings_.random();
      const int part = std::min<int>(sizeof bits, size - filled);
      std::memcpy(out + filled, &bits, static_cast<std::size_t>(part));
      filled += part;
    }
    return size;
  }

  static int sleep(sqlite3_vfs* base, int microseconds) {
    as_vfs(base).surroundings_.on_sleep(sim::Duration::microseconds(microseconds));
    return microseconds;
  }

  static int current_time_ms(sqlite3_vfs* base, sqlite3_int64* out) {
    constexpr sqlite3_int64 kJulianDayOf1970Ms = 210866760000000;
    *out = kJulianDayOf1970Ms + as_vfs(base).surroundings_.unix_ms();
    return SQLITE_OK;
  }

  static int current_time(sqlite3_vfs* base, double* out) {
    sqlite3_int64 ms = 0;
    current_time_ms(base, &ms);
    *out = static_cast<double>(ms) / 86400000.0;
    return SQLITE_OK;
  }

  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

namespace {

constexpr sqlite3_io_methods kFileMethods = {
    .iVersion = 2,
    .xClose = &VfsMethods::close,
    .xRead = &VfsMethods::read,
    .xWrite = &VfsMethods::write,
    .xTruncate = &VfsMethods::truncate,
    .xSync = &VfsMethods::sync,
    .xFileSize = &VfsMethods::file_size,
    .xLock = &VfsMethods::lock,
    .xUnlock = &VfsMethods::unlock,
    .xCheckReservedLock = &VfsMethods::check_reserved,
    .xFileControl = &VfsMethods::file_control,
    .xSectorSize = &VfsMethods::sector_size,
    .xDeviceCharacteristics = &VfsMethods::device_characteristics,
    .xShmMap = &VfsMethods::shm_map,
    .xShmLock = &VfsMethods::shm_lock,
    .xShmBarrier = &VfsMethods::shm_barrier,
    .xShmUnmap = &VfsMethods::shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

int VfsMethods::open(sqlite3_vfs* base, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  Vfs& vfs = as_vfs(base);
  out->pMethods = nullptr;  // SQLite calls xClose only when this is set
  if (vfs.dead_) return SQLITE_CANTOPEN;
  auto* file = new (out) OpenFile;
  file->vfs = &vfs;
  file->base.pMethods = &kFileMethods;
  if (name == nullptr) {
    file->kind = Kind::kScratch;
  } else if ((flags & SQLITE_OPEN_MAIN_DB) != 0) {
    TIDEMARK_ASSERT(name == vfs.database_, "a Vfs holds one database");
    file->kind = Kind::kDatabase;
    file->file = &vfs.database_file();
    ++vfs.connections_;
  } else if ((flags & SQLITE_OPEN_WAL) != 0) {
    file->kind = Kind::kWal;
    file->file = &vfs.wal_file();
  } else {
    file->file = &vfs.files_.open(name);
  }
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

void fill_vfs(sqlite3_vfs& out, Vfs& vfs, const char* name) {
  out = {};
  out.iVersion = 2;
  out.szOsFile = sizeof(OpenFile);
  out.mxPathname = 512;
  out.zName = name;
  out.pAppData = &vfs;
  out.xOpen = &VfsMethods::open;
  out.xDelete = &VfsMethods::remove;
  out.xAccess = &VfsMethods::access;
  out.xFullPathname = &VfsMethods::full_path;
  out.xRandomness = &VfsMethods::randomness;
  out.xSleep = &VfsMethods::sleep;
  out.xCurrentTime = &VfsMethods::current_time;
  out.xGetLastError = &VfsMethods::last_error;
  out.xCurrentTimeInt64 = &VfsMethods::current_time_ms;
}

}  // namespace tidemark::model::sqlite
