// MemoryVfs: a database file and its WAL in memory, for stock SQLite to open. No locks and no shared memory: one
// connection, in exclusive locking mode, for which SQLite keeps the wal-index in its own heap.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tidemark::scenarios {

class MemoryVfs {
 public:
  /// Registered with SQLite under a name of its own while it lives. Connections must be closed before it dies.
  MemoryVfs(std::vector<std::byte> database, std::vector<std::byte> wal);
  ~MemoryVfs();
  MemoryVfs(const MemoryVfs&) = delete;
  MemoryVfs& operator=(const MemoryVfs&) = delete;

  const char* name() const { return kName; }
  /// The file that connections open.
  static constexpr const char* kFile = "copy";
  const std::vector<std::byte>& database() const { return database_; }
  /// The database file as the closed connections left it; once.
  std::vector<std::byte> take_database() { return std::move(database_); }

 private:
  static constexpr const char* kName = "tidemark-final-comparison";
  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags);
  static int remove(sqlite3_vfs* vfs, const char* name, int sync);
  static int access(sqlite3_vfs* vfs, const char* name, int flags, int* result);
  std::vector<std::byte>* find(const char* name);

  std::vector<std::byte> database_;
  std::vector<std::byte> wal_;
  std::vector<std::byte> journal_;
  sqlite3_vfs vfs_{};
};

}  // namespace tidemark::scenarios
