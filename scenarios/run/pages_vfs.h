// PagesVfs: a state of a database as stock SQLite opens it: a list of pages, read-only, without a WAL. The state can be
// exchanged while a connection is open; the connection notices.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/buffer.h"

namespace tidemark::scenarios {

/// Page n is [n - 1]; nullptr = not known.
using PageList = std::vector<sim::BufferRef>;

class PagesVfs {
 public:
  /// Registered with SQLite under a name of its own while it lives. Connections must be closed before it dies.
  explicit PagesVfs(std::uint32_t page_size);
  ~PagesVfs();
  PagesVfs(const PagesVfs&) = delete;
  PagesVfs& operator=(const PagesVfs&) = delete;

  const char* name() const { return name_.c_str(); }
  /// From now on connections see this. Not owned; no statement may be running.
  void show(const PageList& pages) {
    pages_ = &pages;
    ++version_;
  }

 private:
  struct File;
  struct Methods;
  int read(void* out, int amount, sqlite3_int64 offset) const;
  void disguise(char* out, std::uint64_t offset, std::uint64_t amount) const;

  const std::uint32_t page_size_;
  const std::string name_;
  const PageList* pages_ = nullptr;
  std::uint32_t version_ = 0;
  sqlite3_vfs vfs_{};
};

}  // namespace tidemark::scenarios
