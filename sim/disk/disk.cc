#include "sim/disk/disk.h"

#include <algorithm>
#include <boost/circular_buffer.hpp>
#include <deque>
#include <utility>

#include "base/digest.h"
#include "sim/disk/block_file.h"

namespace tidemark::sim {

/// Callbacks of the syncs under way, in order of completion. One timer: only the first can be due.
class Disk::SyncQueue {
 public:
  explicit SyncQueue(Process& process) : timer_(*this, process) {}

  void push(Instant when, std::uint64_t tag, IoCompletion& done) {
    if (waiting_.full()) waiting_.set_capacity(waiting_.capacity() * 2);
    waiting_.push_back({when, tag, &done});
    if (waiting_.size() == 1) arm();
  }
  void clear() {
    waiting_.clear();
    if (timer_.armed()) timer_.cancel();
  }

 private:
  struct Waiting {
    Instant when;
    std::uint64_t tag = 0;
    IoCompletion* done = nullptr;
  };
  struct QueueTimer : Timer {
    QueueTimer(SyncQueue& owning, Process& process)
        : Timer(&SyncQueue::fire, EventKind::kDisk, &process), queue(owning) {}
    SyncQueue& queue;
  };
  void arm() { timer_.owner()->scheduler().arm(timer_, waiting_.front().when, waiting_.front().tag); }
  static void fire(Timer& timer) {
    SyncQueue& queue = static_cast<QueueTimer&>(timer).queue;
    IoCompletion* const done = queue.waiting_.front().done;
    queue.waiting_.pop_front();
    if (!queue.waiting_.empty()) queue.arm();
    done->on_io(IoStatus::kOk);
  }

  QueueTimer timer_;
  boost::circular_buffer<Waiting> waiting_{16};
};

class Disk::DiskFile final : public File {
 public:
  DiskFile(Disk& disk, std::string_view name, FileLayout layout) : disk_(disk), content_(layout, disk.last_write_) {
    set_name(name);
  }

  const std::string& name() const override { return name_; }
  std::uint64_t size() const override { return content_.size(); }
  std::size_t read(std::uint64_t offset, std::span<std::byte> into) const override {
    return content_.read(offset, into);
  }
  IoStatus write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    content_.write(offset, bytes);
    return IoStatus::kOk;
  }
  IoStatus write_shared(std::uint64_t offset, BufferRef buffer) override {
    content_.write_shared(offset, std::move(buffer));
    return IoStatus::kOk;
  }
  BufferRef body(std::uint64_t index) const override { return content_.body(index); }
  IoStatus truncate(std::uint64_t size) override {
    content_.truncate(size);
    return IoStatus::kOk;
  }
  void discard_before(std::uint64_t offset) override { content_.discard_before(offset); }
  Instant sync(IoCompletion* done) override;
  std::uint64_t durable_size() const override { return settled().durable_size(); }

  void set_name(std::string_view name) {
    name_ = name;
    tag_ = hash_name(name);
  }
  /// The content after all syncs whose instant has come. Every look at the durable image goes through here: that is
  /// why a sync needs no event to take effect.
  BlockFile& settled() const {
    while (!completions_.empty() && completions_.front() <= disk_.scheduler_.now()) {
      content_.complete_sync();
      completions_.pop_front();
    }
    return content_;
  }
  void lose_power(Survivors* survivors) {
    settled().lose_power(name_, survivors);
    completions_.clear();
  }
  void set_layout(FileLayout layout) { content_.set_layout(layout); }

 private:
  Disk& disk_;
  std::string name_;
  std::uint64_t tag_ = 0;  // hash of the name
  mutable BlockFile content_;
  mutable std::deque<Instant> completions_;  // of the content's pending syncs, oldest first
};

Instant Disk::DiskFile::sync(IoCompletion* done) {
  settled();
  const std::uint64_t bytes = content_.bytes_to_sync();
  content_.begin_sync();
  const Instant now = disk_.scheduler_.now();
  const Duration service = disk_.fsync_.sample(disk_.random_) + transfer_time(bytes, disk_.bytes_per_second_);
  const Instant completion = std::max(now, disk_.free_at_) + service;
  disk_.free_at_ = completion;
  completions_.push_back(completion);
  disk_.statistics_.bytes_synced += bytes;
  disk_.statistics_.busy += service;
  ++disk_.statistics_.syncs;
  const bool anybody = done != nullptr && disk_.process_.state() != ProcessState::kStopped;
  if (anybody) disk_.queue_->push(completion, tag_ ^ disk_.statistics_.syncs, *done);
  return completion;
}

Disk::Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process)
    : Disk(scheduler, streams, options, process, options.fsync()) {}

Disk::Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process,
           DurationDistribution fsync)
    : scheduler_(scheduler),
      process_(process),
      bytes_per_second_(options.bytes_per_second),
      fsync_(std::move(fsync)),
      random_(streams.stream("disk/" + process.name(), "fsync")),
      queue_(std::make_shared<SyncQueue>(process)) {
  process.on_crash([queue = queue_](Process&) { queue->clear(); });
}

Disk::~Disk() {
  queue_->clear();
}

File& Disk::open(std::string_view name, FileLayout layout) {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    return *files_.emplace(std::string(name), std::make_unique<DiskFile>(*this, name, layout)).first->second;
  }
  found->second->set_layout(layout);
  return *found->second;
}

bool Disk::exists(std::string_view name) const {
  return files_.find(name) != files_.end();
}

IoStatus Disk::remove(std::string_view name) {
  const auto found = files_.find(name);
  if (found == files_.end()) return IoStatus::kNotFound;
  files_.erase(found);
  return IoStatus::kOk;
}

IoStatus Disk::rename(std::string_view from, std::string_view to) {
  const auto found = files_.find(from);
  if (found == files_.end()) return IoStatus::kNotFound;
  if (from == to) return IoStatus::kOk;
  std::unique_ptr<DiskFile> file = std::move(found->second);
  files_.erase(found);
  file->set_name(to);
  files_.insert_or_assign(std::string(to), std::move(file));
  return IoStatus::kOk;
}

std::vector<std::string> Disk::list() const {
  std::vector<std::string> names;
  names.reserve(files_.size());
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

void Disk::power_loss(Survivors* survivors) {
  TIDEMARK_ASSERT(process_.state() == ProcessState::kStopped);
  for (const auto& [name, file] : files_) file->lose_power(survivors);
  free_at_ = scheduler_.now();
}

std::vector<UnsyncedFile> Disk::unsynced() const {
  std::vector<UnsyncedFile> result;
  for (const auto& [name, file] : files_) {
    if (const BlockFile& content = file->settled(); content.has_unsynced()) result.push_back(content.unsynced(name));
  }
  return result;
}

std::vector<std::byte> Disk::durable_image(std::string_view name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return {};
  const BlockFile& content = found->second->settled();
  std::vector<std::byte> image(content.durable_size());
  content.read_durable(0, image);
  return image;
}

}  // namespace tidemark::sim
