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
// Creating, removing and renaming files is durable at once (unless a fault says otherwise), as is the layout, which
// exists only here. Everything else that can go wrong is injected: sim/disk/disk_faults.h says what each fault means.
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
#include "sim/disk/disk_fault_set.h"
#include "sim/disk/disk_faults.h"
#include "sim/disk/disk_image.h"
#include "sim/disk/options.h"
#include "sim/disk/survivors.h"

namespace tidemark::sim {

class SyncQueue;

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
  IoStatus sync_directory() override;
  std::vector<std::string> list() const override;

  /// The machine loses power: of the un-synced writes of every file remains what `survivors` chooses (nullptr:
  /// nothing); syncs under way are lost. The process must have crashed before.
  void power_loss(Survivors* survivors = nullptr);

  // --- Faults: sim/disk/disk_faults.h. ---

  DiskFaultId inject(DiskFault fault, RandomStream& random, FileFilter files = {});
  void end(DiskFaultId id);
  void end_all_faults();
  bool active(DiskFaultId id) const { return faults_ != nullptr && faults_->active(id); }
  std::uint64_t effects(DiskFaultId id) const { return faults_ == nullptr ? 0 : faults_->effects(id); }
  const std::vector<DiskDamage>& damage() const { return damage_; }

  /// One bit of the sector, or all of it, changes on the medium. False if nothing could: no such sector, or all of it
  /// has un-synced writes, which will overwrite what is on the medium.
  bool rot(std::string_view file, std::uint64_t sector, RandomStream& random, RotForm form = RotForm::kBitFlip);
  /// A sector drawn from all that hold durable, not discarded bytes of matching files.
  bool rot_anywhere(RandomStream& random, const FileFilter& files = {}, RotForm form = RotForm::kBitFlip);
  /// Removes matching files; returns how many. As the calls below: only while the process is stopped.
  std::size_t wipe(const FileFilter& files = {});
  /// The durable images now; what syncs under way will store is not part of it. Any time.
  DiskImage take_image() const;
  /// The disk is what it was when the image was taken (of this disk or another one).
  void restore_image(const DiskImage& image);
  /// False when there is no such file.
  bool lose_file(std::string_view file);
  bool empty_file(std::string_view file);

  // --- For observers and tests. ---

  /// Files with un-synced writes, by name. The names are valid until a file is removed or renamed.
  std::vector<UnsyncedFile> unsynced() const;
  /// Their writes: files by name, the writes of each oldest first. Names as above.
  std::vector<UnsyncedChange> unsynced_changes() const;
  /// Content of the durable image; empty when there is no such file.
  std::vector<std::byte> durable_image(std::string_view name) const;
  const DiskStatistics& statistics() const { return statistics_; }

 private:
  class DiskFile;
  using Files = std::map<std::string, std::unique_ptr<DiskFile>, std::less<>>;
  struct Attachment;  // what the process's crash listener holds: it may live longer than the disk
  /// A change of the directory that a power loss may undo (D15).
  struct DirectoryChange {
    enum class Kind : std::uint8_t { kCreate, kRemove, kRename } kind;
    std::string name;
    std::string to;                  // of a rename
    std::unique_ptr<DiskFile> gone;  // what was removed, or displaced by the rename
  };

  void on_crash();
  void require_stopped() const;
  bool remember_directory() const { return active_ != nullptr && active_->loose_directory(); }
  void lose_directory_changes();
  void undo_directory_change(DirectoryChange& change, bool both_names, std::string& clone_of, std::string& clone_as);
  void clone_file(std::string_view from, const std::string& to);
  void faults_changed();
  /// Stalls and hangs have changed: `begun` began, or 0: some ended.
  void holds_changed(DiskFaultId begun);
  std::uint64_t used_bytes() const;
  void record_damage(DiskFaultId fault, std::string_view file, std::uint64_t offset, std::uint64_t bytes);

  // Constant after construction.
  Scheduler& scheduler_;
  Process& process_;
  const std::uint64_t bytes_per_second_;
  const DurationDistribution fsync_;
  RandomStream& random_;
  // The content.
  std::uint64_t last_write_ = 0;  // sequence number over all files, see survivors.h
  std::uint64_t last_file_id_ = 0;
  Files files_;
  std::vector<DirectoryChange> directory_changes_;  // un-synced ones, oldest first
  // Syncs under way.
  Instant free_at_;  // completion of the newest sync, stalls aside
  std::shared_ptr<Attachment> attachment_;
  SyncQueue& queue_;
  DiskStatistics statistics_;
  // Faults.
  std::unique_ptr<DiskFaultSet> faults_;  // made by the first injection
  DiskFaultSet* active_ = nullptr;        // faults_ while any instance is active
  std::vector<DiskDamage> damage_;
};

}  // namespace tidemark::sim
