#include "sim/disk/disk.h"

#include <algorithm>
#include <utility>

#include "sim/disk/disk_attachment.h"
#include "sim/disk/disk_file.h"

namespace tidemark::sim {

Disk::Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process)
    : Disk(scheduler, streams, options, process, options.fsync()) {}

Disk::Disk(Scheduler& scheduler, StreamRegistry& streams, const DiskOptions& options, Process& process,
           DurationDistribution fsync)
    : scheduler_(scheduler),
      process_(process),
      bytes_per_second_(options.bytes_per_second),
      fsync_(std::move(fsync)),
      random_(streams.stream("disk/" + process.name(), "fsync")),
      attachment_(std::make_shared<Attachment>(*this, process)),
      queue_(attachment_->queue) {
  process.on_crash([attachment = attachment_](Process&) {
    attachment->queue.clear();
    if (attachment->disk != nullptr) attachment->disk->on_crash();
  });
}

Disk::~Disk() {
  queue_.clear();
  attachment_->disk = nullptr;
}

File& Disk::open(std::string_view name, FileLayout layout) {
  const auto found = files_.find(name);
  if (found == files_.end()) {
    if (remember_directory()) [[unlikely]]
      directory_changes_.push_back({DirectoryChange::Kind::kCreate, std::string(name), {}, nullptr});
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
  if (!process_.act(ProcessAct::kIo, name)) [[unlikely]]
    return IoStatus::kError;
  if (remember_directory()) [[unlikely]]
    directory_changes_.push_back({DirectoryChange::Kind::kRemove, std::string(name), {}, std::move(found->second)});
  files_.erase(found);
  return IoStatus::kOk;
}

IoStatus Disk::rename(std::string_view from, std::string_view to) {
  const auto found = files_.find(from);
  if (found == files_.end()) return IoStatus::kNotFound;
  if (from == to) return IoStatus::kOk;
  if (!process_.act(ProcessAct::kIo, to)) [[unlikely]]
    return IoStatus::kError;
  std::unique_ptr<DiskFile> file = std::move(found->second);
  files_.erase(found);
  file->set_name(to);
  std::unique_ptr<DiskFile>& place = files_[std::string(to)];
  place.swap(file);
  if (remember_directory()) [[unlikely]]
    directory_changes_.push_back({DirectoryChange::Kind::kRename, std::string(from), std::string(to), std::move(file)});
  return IoStatus::kOk;
}

std::vector<std::string> Disk::list() const {
  std::vector<std::string> names;
  names.reserve(files_.size());
  for (const auto& [name, file] : files_) names.push_back(name);
  return names;
}

void Disk::power_loss(Survivors* survivors) {
  require_stopped();
  if (!directory_changes_.empty()) [[unlikely]]
    lose_directory_changes();
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

std::vector<UnsyncedChange> Disk::unsynced_changes() const {
  std::vector<UnsyncedChange> result;
  for (const auto& [name, file] : files_) file->settled().add_changes(name, result);
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

void Disk::require_stopped() const {
  TIDEMARK_ASSERT(process_.state() == ProcessState::kStopped);
}

}  // namespace tidemark::sim
