// Disk: the file system of one machine, used by one process (sim/core/file.h has the rules of files).
//
// Time. Reads and writes are immediate. Syncs of all files of the disk wait in one queue and are served one at a time,
// in order: completion = max(now, completion of the one before) + sample + bytes written since the file's last sync /
// bandwidth. Each draws one fsync sample from the stream "disk/<process name>", "fsync", when it is queued. A sync with
// a callback is an event (EventKind::kDisk) of the process: it waits while the process is paused. The data become
// durable at the completion instant in any case; a sync without a callback therefore needs no event.
//
// Faults. A crash of the process drops the callbacks; the written image stays (it is the operating system's cache) and
// syncs under way still make their data durable. power_loss() takes the written image back to the durable one.
// Creating, removing and renaming files is durable at once, as is the layout, which exists only here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/file.h"
#include "sim/core/process.h"
#include "sim/core/random.h"
#include "sim/core/scheduler.h"
#include "sim/disk/options.h"
#include "sim/disk/survivors.h"

namespace tidemark::sim {

struct DiskStatistics {
  std::uint64_t syncs = 0;         // begun
  std::uint64_t bytes_synced = 0;  // that those had to move
  Duration busy;                   // sum of their service times, without queueing
};

class Disk final : public FileSystem {
 public:
  /// The references must outlive the disk; the disk must outlive the use of its files, not the process.
  Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process);
  /// For many disks with the same options: `fsync` is options.fsync(), whose tables take 0.2 ms to make.
  Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process,
       DurationDistribution fsync);
  ~Disk() override;
  Disk(const Disk&) = delete;
  Disk& operator=(const Disk&) = delete;

  File& open(std::string_view name, FileLayout layout = {}) override;
  bool exists(std::string_view name) const override;
  /// A reference to a removed file, or to the target of a rename, must not be used any more. Callbacks of its syncs
  /// still come. kNotFound when there is no such file.
  IoStatus remove(std::string_view name) override;
  IoStatus rename(std::string_view from, std::string_view to) override;
  std::vector<std::string> list() const override;

  /// The machine loses power: of the un-synced writes of every file remains what `survivors` chooses (nullptr:
  /// nothing); syncs under way are lost. The process must have crashed before.
  void power_loss(Survivors* survivors = nullptr);

  // --- For observers and tests. ---

  /// Files with un-synced writes, by name. The names are valid until a file is removed or renamed.
  std::vector<UnsyncedFile> unsynced() const;
  /// Content of the durable image; empty when there is no such file.
  std::vector<std::byte> durable_image(std::string_view name) const;
  const DiskStatistics& statistics() const { return statistics_; }

 private:
  class DiskFile;
  class SyncQueue;
  using Files = std::map<std::string, std::unique_ptr<DiskFile>, std::less<>>;

  // Constant after construction.
  Scheduler& scheduler_;
  Process& process_;
  const std::uint64_t bytes_per_second_;
  const DurationDistribution fsync_;
  RandomStream& random_;
  // The content.
  std::uint64_t last_write_ = 0;  // sequence number over all files, see survivors.h
  Files files_;
  // Syncs under way.
  Instant free_at_;                   // completion of the newest sync
  std::shared_ptr<SyncQueue> queue_;  // shared with the process's crash listener, which may live longer
  DiskStatistics statistics_;
};

}  // namespace tidemark::sim
