// DiskFile: one file of a Disk. Private to sim/disk. Without an active fault each operation goes straight to the
// BlockFile; with one, DiskFaultSet decides and this class carries the decision out.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "sim/disk/block_file.h"
#include "sim/disk/disk.h"

namespace tidemark::sim {

class Disk::DiskFile final : public File {
 public:
  DiskFile(Disk& disk, std::string_view name, FileLayout layout);

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return content_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const override {
    return content_.read(offset, into);
  }
  std::size_t try_read(std::uint64_t offset, std::span<std::byte> into, IoStatus& status) const override;
  IoStatus write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    if (!disk_.process_.act(ProcessAct::kIo, name_)) [[unlikely]]
      return IoStatus::kError;
    if (disk_.active_ != nullptr) [[unlikely]]
      return write_with_faults(offset, bytes, nullptr);
    content_.write(offset, bytes);
    return IoStatus::kOk;
  }
  IoStatus write_shared(std::uint64_t offset, BufferRef buffer) override {
    if (!disk_.process_.act(ProcessAct::kIo, name_)) [[unlikely]]
      return IoStatus::kError;
    if (disk_.active_ != nullptr) [[unlikely]]
      return write_with_faults(offset, buffer->bytes(), buffer);
    content_.write_shared(offset, std::move(buffer));
    return IoStatus::kOk;
  }
  BufferRef body(std::uint64_t index) const override { return content_.body(index); }
  BufferRef try_body(std::uint64_t index, IoStatus& status) const override;
  IoStatus truncate(std::uint64_t size) override;
  void discard_before(std::uint64_t offset) override {
    discarded_ = std::max(discarded_, offset);
    content_.discard_before(offset);
  }
  Instant sync(IoCompletion* done) override;
  IoStatus sync_status() const override { return sync_status_; }
  Instant synced_at() const override {
    if (disk_.active_ == nullptr) [[likely]]
      return std::min(sync_promised_, sync_natural_);
    return std::min(sync_promised_, std::max(sync_natural_, disk_.active_->hold(name_).until));
  }
  std::uint64_t durable_size() const override { return settled().durable_size(); }

  std::uint64_t id() const { return id_; }
  void set_name(std::string_view name);
  /// The content after all syncs whose instant has come. Every look at the durable image goes through here: that is
  /// why a sync needs no event to take effect.
  BlockFile& settled() const {
    while (!pending_.empty() && pending_.front().when <= disk_.scheduler_.now()) {
      content_.complete_sync();
      pending_.pop_front();
    }
    return content_;
  }
  void lose_power(Survivors* survivors) {
    settled().lose_power(name_, survivors);
    pending_.clear();
  }
  void set_layout(FileLayout layout) { content_.set_layout(layout); }

  // --- Faults. ---

  /// The process has crashed: hung syncs are given up, lost bytes leave the cache.
  void on_crash();
  /// Stalls have ended: syncs that they hold complete earlier.
  void release_held();
  bool rot(std::uint64_t sector, RandomStream& random, RotForm form);
  /// Bytes that take space.
  std::uint64_t used_bytes() const { return size() - std::min(size(), discarded_); }
  std::uint64_t first_kept_sector() const { return discarded_ / kSectorBytes; }
  DiskImage::File image() const;
  /// Replaces both images; no sync may be pending.
  void assign(const DiskImage::File& image);

 private:
  /// A sync whose data are not durable yet.
  struct Pending {
    Instant when;
    Instant natural;  // without a stall
    bool hung;
  };
  Instant sync_with_faults(Duration sample, IoCompletion* done);
  void notify(Instant when, Instant natural, IoStatus status, IoCompletion* done);
  void forget(DiskFaultSet::Instance& by);
  IoStatus write_with_faults(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef shared);
  void store(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef shared,
             const DiskFaultSet::WriteDecision& decision);
  DiskFaultSet::Growth growth_to(std::uint64_t end) const;

  Disk& disk_;
  const std::uint64_t id_;
  std::string name_;
  std::uint64_t tag_ = 0;  // hash of the name
  std::uint64_t discarded_ = 0;
  // The sync begun last.
  IoStatus sync_status_ = IoStatus::kOk;
  Instant sync_promised_;  // what sync() returned
  Instant sync_natural_;   // without a stall
  mutable BlockFile content_;
  mutable std::deque<Pending> pending_;  // as the content's pending syncs, oldest first
};

}  // namespace tidemark::sim
