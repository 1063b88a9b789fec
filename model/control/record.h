// The durable record of the control plane: one small file per database, "<database>.control", on its own disk.
//
// Bytes, integers little-endian:
//   0   8  magic "TMCTRL01"
//   8   4  epoch          newest epoch that a host was appointed in; 0 = none yet
//   12  4  host           Process::id() of that host; 0 = none yet
//   16  4  version        of the follower set, from 1
//   20  4  flags          bit 0: a leader has served once; bit 1: asleep (evicted)
//   24  4  followers      number n
//   28  4n follower i     Process::id()
//   .. 16  digest         of everything before, high half first
// A write goes to "<database>.control.new", is synced, and takes the place of the old file by a rename: after a crash
// there is the old record or the new one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/types/bugs.h"
#include "sim/core/file.h"
#include "sim/core/process.h"
#include "sim/core/wait.h"

namespace tidemark::model::control {

struct DatabaseRecord {
  std::uint32_t epoch = 0;
  std::uint32_t host = 0;
  std::uint32_t version = 1;
  bool ever_served = false;
  bool asleep = false;
  std::vector<std::uint32_t> followers;
  friend bool operator==(const DatabaseRecord&, const DatabaseRecord&) = default;
};

std::vector<std::byte> encode(const DatabaseRecord& record);
/// nullopt: not a whole record.
std::optional<DatabaseRecord> decode(std::span<const std::byte> bytes);

class RecordFile {
 public:
  /// All must outlive the file. Bug D14: not synced.
  RecordFile(sim::Process& process, sim::FileSystem& files, const BugSet& bugs, const std::string& database);

  /// nullopt: there is none yet. A record that cannot be read although it is there is reported as damaged().
  std::optional<DatabaseRecord> load();
  bool damaged() const { return damaged_; }
  /// Resolves once `record` is durable (true), or the disk failed (false). Saves wait for each other, in order.
  sim::Task<bool> save(DatabaseRecord record);

 private:
  sim::Process& process_;
  sim::FileSystem& files_;
  const BugSet& bugs_;
  const std::string name_;
  bool saving_ = false;
  bool damaged_ = false;
  sim::WaitQueue saved_;
};

}  // namespace tidemark::model::control
