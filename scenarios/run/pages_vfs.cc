#include "scenarios/run/pages_vfs.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "model/sqlite/library.h"

namespace tidemark::scenarios {
namespace {

// The database header, SQLite file format 1.3.
constexpr std::uint64_t kVersionsAt = 18;  // of the file format, for writing and for reading: 2 = WAL, 1 = journal
constexpr std::uint64_t kCounterAt = 24;   // of changes: a connection whose cache is of another one forgets it

std::string next_name() {
  static std::uint64_t made = 0;
  return fmt::format("tidemark-states-{}", ++made);
}

}  // namespace

struct PagesVfs::File {
  sqlite3_file base;
  const PagesVfs* owner;
};

struct PagesVfs::Methods {
  static const PagesVfs& owner(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->owner; }
  static int open(sqlite3_vfs* vfs, const char*, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods kMethods = io_methods();
    auto* const opened = reinterpret_cast<File*>(file);
    opened->base.pMethods = nullptr;
    // Journals and temporary files are nothing that a reader needs.
    if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return SQLITE_CANTOPEN;
    opened->owner = static_cast<const PagesVfs*>(vfs->pAppData);
    opened->base.pMethods = &kMethods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  static int close(sqlite3_file*) { return SQLITE_OK; }
  static int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
    return owner(file).read(out, amount, offset);
  }
  static int write(sqlite3_file*, const void*, int, sqlite3_int64) { return SQLITE_READONLY; }
  static int truncate(sqlite3_file*, sqlite3_int64) { return SQLITE_READONLY; }
  static int sync(sqlite3_file*, int) { return SQLITE_OK; }
  static int size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(owner(file).pages_->size()) * owner(file).page_size_;
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_lock(sqlite3_file*, int* reserved) { return *reserved = 0, SQLITE_OK; }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return 0; }
  static int remove(sqlite3_vfs*, const char*, int) { return SQLITE_OK; }
  static int access(sqlite3_vfs*, const char*, int, int* result) { return *result = 0, SQLITE_OK; }
  static int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", name);
    return SQLITE_OK;
  }
  static int randomness(sqlite3_vfs*, int size, char* out) {
    return std::memset(out, 0, static_cast<std::size_t>(size)), size;
  }
  static int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }
  static int time(sqlite3_vfs*, double* day) {
    constexpr double kDayOf1970 = 2440587.5;
    return *day = kDayOf1970, SQLITE_OK;
  }
  static sqlite3_io_methods io_methods() {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;  // no shared memory
    methods.xClose = close;
    methods.xRead = read;
    methods.xWrite = write;
    methods.xTruncate = truncate;
    methods.xSync = sync;
    methods.xFileSize = size;
    methods.xLock = lock;
    methods.xUnlock = lock;
    methods.xCheckReservedLock = check_lock;
    methods.xFileControl = control;
    methods.xSectorSize = sector;
    methods.xDeviceCharacteristics = characteristics;
    return methods;
  }
};

PagesVfs::PagesVfs(std::uint32_t page_size) : page_size_(page_size), name_(next_name()) {
  model::sqlite::set_up_library();
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(File);
  vfs_.mxPathname = 64;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Methods::open;
  vfs_.xDelete = Methods::remove;
  vfs_.xAccess = Methods::access;
  vfs_.xFullPathname = Methods::full_name;
  vfs_.xRandomness = Methods::randomness;
  vfs_.xSleep = Methods::sleep;
  vfs_.xCurrentTime = Methods::time;
  const int status = sqlite3_vfs_register(&vfs_, 0);
  TIDEMARK_ASSERT(status == SQLITE_OK, "a VFS can always be registered");
}

PagesVfs::~PagesVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

int PagesVfs::read(void* out, int amount, sqlite3_int64 offset) const {
  auto* const bytes = static_cast<char*>(out);
  const auto wanted = static_cast<std::uint64_t>(amount);
  const auto from = static_cast<std::uint64_t>(offset);
  for (std::uint64_t done = 0; done < wanted;) {
    const std::uint64_t page = (from + done) / page_size_;
    const std::uint64_t inside = (from + done) % page_size_;
    const std::uint64_t part = std::min(wanted - done, page_size_ - inside);
    if (page >= pages_->size()) {
      std::memset(bytes + done, 0, wanted - done);
      return SQLITE_IOERR_SHORT_READ;
    }
    const sim::BufferRef& buffer = (*pages_)[page];
    if (buffer == nullptr) return SQLITE_IOERR_READ;
    std::memcpy(bytes + done, buffer->bytes().data() + inside, part);
    if (page == 0) disguise(bytes + done, inside, part);
    done += part;
  }
  return SQLITE_OK;
}

/// Page 1 says that there is a WAL, which there is not here; and commits to a WAL leave the counter as it is.
void PagesVfs::disguise(char* out, std::uint64_t offset, std::uint64_t amount) const {
  const auto put = [&](std::uint64_t at, std::uint32_t byte) {
    if (at >= offset && at < offset + amount) out[at - offset] = static_cast<char>(byte);
  };
  put(kVersionsAt, 1);
  put(kVersionsAt + 1, 1);
  for (std::uint32_t i = 0; i < 4; ++i) put(kCounterAt + i, version_ >> (24 - 8 * i) & 0xffU);
}

}  // namespace tidemark::scenarios
