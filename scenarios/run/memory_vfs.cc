#include "scenarios/run/memory_vfs.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "base/assert.h"
#include "model/sqlite/library.h"

namespace tidemark::scenarios {
namespace {

struct MemoryFile {
  sqlite3_file base;
  std::vector<std::byte>* bytes;
};

std::vector<std::byte>& bytes_of(sqlite3_file* file) {
  return *reinterpret_cast<MemoryFile*>(file)->bytes;
}

int close_file(sqlite3_file*) {
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* out, int amount, sqlite3_int64 offset) {
  const std::vector<std::byte>& bytes = bytes_of(file);
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  const sqlite3_int64 there = std::clamp<sqlite3_int64>(size - offset, 0, amount);
  if (there > 0) std::memcpy(out, bytes.data() + offset, static_cast<std::size_t>(there));
  if (there == amount) return SQLITE_OK;
  std::memset(static_cast<char*>(out) + there, 0, static_cast<std::size_t>(amount - there));
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* data, int amount, sqlite3_int64 offset) {
  std::vector<std::byte>& bytes = bytes_of(file);
  const auto end = static_cast<std::size_t>(offset + amount);
  if (bytes.size() < end) bytes.resize(end);
  std::memcpy(bytes.data() + offset, data, static_cast<std::size_t>(amount));
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  bytes_of(file).resize(static_cast<std::size_t>(size));
  return SQLITE_OK;
}

int sync_file(sqlite3_file*, int) {
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(bytes_of(file).size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_lock(sqlite3_file*, int* reserved) {
  return *reserved = 0, SQLITE_OK;
}
int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return 0;
}

sqlite3_io_methods io_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;  // no shared memory
  methods.xClose = close_file;
  methods.xRead = read_file;
  methods.xWrite = write_file;
  methods.xTruncate = truncate_file;
  methods.xSync = sync_file;
  methods.xFileSize = file_size;
  methods.xLock = lock_file;
  methods.xUnlock = lock_file;
  methods.xCheckReservedLock = check_lock;
  methods.xFileControl = control_file;
  methods.xSectorSize = sector_size;
  methods.xDeviceCharacteristics = characteristics;
  return methods;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int no_randomness(sqlite3_vfs*, int size, char* out) {
  return std::memset(out, 0, static_cast<std::size_t>(size)), size;
}
int no_sleep(sqlite3_vfs*, int microseconds) {
  return microseconds;
}
int no_time(sqlite3_vfs*, double* day) {
  return *day = 0, SQLITE_OK;
}

}  // namespace

MemoryVfs::MemoryVfs(std::vector<std::byte> database, std::vector<std::byte> wal)
    : database_(std::move(database)), wal_(std::move(wal)) {
  model::sqlite::set_up_library();
  vfs_.iVersion = 1;
  vfs_.szOsFile = sizeof(MemoryFile);
  vfs_.mxPathname = 64;
  vfs_.zName = kName;
  vfs_.pAppData = this;
  vfs_.xOpen = &MemoryVfs::open;
  vfs_.xDelete = &MemoryVfs::remove;
  vfs_.xAccess = &MemoryVfs::access;
  vfs_.xFullPathname = full_name;
  vfs_.xRandomness = no_randomness;
  vfs_.xSleep = no_sleep;
  vfs_.xCurrentTime = no_time;
  const int status = sqlite3_vfs_register(&vfs_, 0);
  TIDEMARK_ASSERT(status == SQLITE_OK, "a VFS can always be registered");
}

MemoryVfs::~MemoryVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

std::vector<std::byte>* MemoryVfs::find(const char* name) {
  const std::string_view text = name == nullptr ? "" : name;
  if (text == kFile) return &database_;
  if (text == std::string(kFile) + "-wal") return &wal_;
  return text == std::string(kFile) + "-journal" ? &journal_ : nullptr;
}

int MemoryVfs::open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  static const sqlite3_io_methods kMethods = io_methods();
  auto* const memory = reinterpret_cast<MemoryFile*>(file);
  memory->base.pMethods = nullptr;
  memory->bytes = static_cast<MemoryVfs*>(vfs->pAppData)->find(name);
  if (memory->bytes == nullptr) return SQLITE_CANTOPEN;
  memory->base.pMethods = &kMethods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int MemoryVfs::remove(sqlite3_vfs* vfs, const char* name, int) {
  if (std::vector<std::byte>* bytes = static_cast<MemoryVfs*>(vfs->pAppData)->find(name)) bytes->clear();
  return SQLITE_OK;
}

int MemoryVfs::access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  const std::vector<std::byte>* bytes = static_cast<MemoryVfs*>(vfs->pAppData)->find(name);
  *result = bytes != nullptr && !bytes->empty() ? 1 : 0;
  return SQLITE_OK;
}

}  // namespace tidemark::scenarios
