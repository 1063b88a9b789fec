// DiskFaultSet: the active faults of one disk, and what they decide about each operation. Private to sim/disk: the API
// is sim/disk/disk_faults.h. It draws and decides; sim/disk/disk_file.cc carries the decisions out.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/file.h"
#include "sim/disk/disk_faults.h"

namespace tidemark::sim {

class DiskFaultSet {
 public:
  struct Instance {
    DiskFaultId id;
    DiskFault fault;
    RandomStream* random;
    FileFilter files;
    std::set<std::string, std::less<>> bad_files;  // of StickyIoErrors
  };

  // --- Life of an instance. ---

  DiskFaultId inject(DiskFault fault, RandomStream& random, FileFilter files);
  /// False when it has ended already.
  bool end(DiskFaultId id);
  void end_all() { active_.clear(); }
  bool active(DiskFaultId id) const;
  bool any() const { return !active_.empty(); }
  std::uint64_t effects(DiskFaultId id) const { return id == 0 || id > effects_.size() ? 0 : effects_[id - 1]; }
  void count(DiskFaultId id, std::uint64_t operations = 1) { effects_[id - 1] += operations; }
  template <typename Kind>
  std::vector<DiskFaultId> of_kind() const {
    std::vector<DiskFaultId> ids;
    for (const Instance& instance : active_) {
      if (std::holds_alternative<Kind>(instance.fault)) ids.push_back(instance.id);
    }
    return ids;
  }

  // --- Decisions. `name` is the file's. ---

  struct SyncDecision {
    enum class Outcome : std::uint8_t { kStored, kLie, kError, kForget };
    Outcome outcome = Outcome::kStored;
    Instance* forgets = nullptr;
    Duration service;
  };
  /// `sample` and `bytes_per_second` are what the disk alone would take.
  SyncDecision on_sync(std::string_view name, Duration sample, std::uint64_t bytes, std::uint64_t bytes_per_second);

  /// Until when operations on the file do not complete; Instant{} when nothing holds them.
  struct Hold {
    Instant until;
    bool hung = false;
  };
  Hold hold(std::string_view name) const;
  /// Counts an operation that would be complete at `natural` for every stall or hang that delays it.
  void count_held(std::string_view name, Instant natural);

  struct WriteDecision {
    IoStatus status = IoStatus::kOk;
    std::uint64_t store = 0;  // with an error: bytes stored all the same
    std::optional<std::uint64_t> flip_bit;
    DiskFaultId flipped_by = 0;
    std::optional<LostWrite::Shows> lost;
    DiskFaultId lost_by = 0;
    bool flush_write = false;
    bool flush_file = false;
  };
  /// `grows`: bytes by which the file would grow; `free_of(capacity)` tells how many more bytes fit.
  struct Growth {
    std::uint64_t bytes;
    std::uint64_t used;
  };
  WriteDecision on_write(std::string_view name, std::uint64_t bytes, Growth growth);
  IoStatus on_truncate(std::string_view name, Growth growth);

  struct ReadDecision {
    IoStatus status = IoStatus::kOk;
    std::uint64_t bytes = 0;  // to return
    std::optional<std::uint64_t> flip_bit;
  };
  /// `bytes`: what there is.
  ReadDecision on_read(std::string_view name, std::uint64_t bytes);

  struct DirectorySync {
    IoStatus status = IoStatus::kOk;
    bool stored = true;
  };
  DirectorySync on_directory_sync();
  bool loose_directory() const;
  struct DirectoryLoss {
    std::size_t keep;  // changes that survive
    bool both_names = false;
  };
  /// A power loss with `changes` un-synced ones.
  DirectoryLoss on_directory_loss(std::size_t changes);

  bool hits(Instance& instance, Chance chance) {
    return chance == kAlways || (chance != 0 && instance.random->chance_fixed(chance));
  }

 private:
  /// D4 and D5.
  bool fails(Instance& instance, std::string_view name, IoOps operation);
  bool no_space(Instance& instance, WriteDecision& decision, std::uint64_t bytes, Growth growth);

  std::vector<Instance> active_;        // in order of injection
  std::vector<std::uint64_t> effects_;  // of fault id at [id - 1]
};

}  // namespace tidemark::sim
