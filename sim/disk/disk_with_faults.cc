// Disk: what only faults need. The rules are in disk_faults.h.
#include <algorithm>
#include <utility>

#include "sim/disk/disk.h"
#include "sim/disk/disk_attachment.h"
#include "sim/disk/disk_file.h"

namespace tidemark::sim {

// --- Life of an instance. ---

DiskFaultId Disk::inject(DiskFault fault, RandomStream& random, FileFilter files) {
  if (faults_ == nullptr) faults_ = std::make_unique<DiskFaultSet>();
  const bool holds = std::holds_alternative<StalledDisk>(fault) || std::holds_alternative<HungDisk>(fault);
  const DiskFaultId id = faults_->inject(std::move(fault), random, std::move(files));
  active_ = faults_.get();
  if (holds) holds_changed(id);
  return id;
}

void Disk::end(DiskFaultId id) {
  if (faults_ == nullptr || !faults_->end(id)) return;
  faults_changed();
}

void Disk::end_all_faults() {
  if (faults_ == nullptr) return;
  faults_->end_all();
  faults_changed();
}

void Disk::faults_changed() {
  active_ = faults_->any() ? faults_.get() : nullptr;
  if (active_ == nullptr || !active_->loose_directory()) directory_changes_.clear();  // durable as they are
  for (const auto& [name, file] : files_) file->release_held();
  holds_changed(0);
}

void Disk::holds_changed(DiskFaultId begun) {
  if (queue_.empty()) return;
  std::map<std::uint64_t, Instant> holds;  // file id -> until
  if (active_ != nullptr) {
    for (const auto& [name, file] : files_) holds[file->id()] = active_->hold(name).until;
  }
  queue_.rearrange([&](SyncQueue::Waiting& entry) {
    if (entry.status != IoStatus::kOk) return;
    const auto hold = holds.find(entry.file_id);
    const Instant when = hold == holds.end() ? entry.natural : std::max(entry.natural, hold->second);
    if (begun != 0 && when > entry.when) faults_->count(begun);
    entry.when = when;
  });
}

void Disk::on_crash() {
  if (faults_ == nullptr) return;
  for (const auto& [name, file] : files_) file->on_crash();
  const std::vector<DiskFaultId> hangs = faults_->of_kind<HungDisk>();
  for (const DiskFaultId id : hangs) faults_->end(id);
  if (!hangs.empty()) faults_changed();
}

std::uint64_t Disk::used_bytes() const {
  std::uint64_t used = 0;
  for (const auto& [name, file] : files_) used += file->used_bytes();
  return used;
}

void Disk::record_damage(DiskFaultId fault, std::string_view file, std::uint64_t offset, std::uint64_t bytes) {
  damage_.push_back({scheduler_.now(), fault, std::string(file), offset, bytes});
}

// --- The directory. ---

IoStatus Disk::sync_directory() {
  if (!process_.act(ProcessAct::kIo, "directory")) [[unlikely]]
    return IoStatus::kError;
  if (active_ == nullptr) return IoStatus::kOk;
  const DiskFaultSet::DirectorySync decision = active_->on_directory_sync();
  if (decision.stored) directory_changes_.clear();
  return decision.status;
}

void Disk::lose_directory_changes() {
  const std::size_t changes = directory_changes_.size();
  const DiskFaultSet::DirectoryLoss loss =
      active_ != nullptr ? active_->on_directory_loss(changes) : DiskFaultSet::DirectoryLoss{changes};
  std::string clone_of;
  std::string clone_as;
  for (std::size_t i = changes; i-- > loss.keep;) {
    // Only the oldest change that is lost may be half there.
    undo_directory_change(directory_changes_[i], loss.both_names && i == loss.keep, clone_of, clone_as);
  }
  directory_changes_.clear();
  if (!clone_as.empty() && !exists(clone_as)) clone_file(clone_of, clone_as);
}

void Disk::undo_directory_change(DirectoryChange& change, bool both_names, std::string& clone_of,
                                 std::string& clone_as) {
  switch (change.kind) {
    case DirectoryChange::Kind::kCreate:
      files_.erase(change.name);
      return;
    case DirectoryChange::Kind::kRemove:
      files_[change.name] = std::move(change.gone);
      return;
    case DirectoryChange::Kind::kRename:
      if (both_names) {
        clone_of = change.to;
        clone_as = change.name;
        return;
      }
      std::unique_ptr<DiskFile> file = std::move(files_.at(change.to));
      if (change.gone != nullptr) {
        files_[change.to] = std::move(change.gone);
      } else {
        files_.erase(change.to);
      }
      file->set_name(change.name);
      files_[change.name] = std::move(file);
      return;
  }
}

/// The durable image of one file under a second name.
void Disk::clone_file(std::string_view from, const std::string& to) {
  const DiskImage::File image = files_.find(from)->second->image();
  files_[to] = std::make_unique<DiskFile>(*this, to, image.layout);
  files_[to]->assign(image);
}

// --- Damage and images. ---

bool Disk::rot(std::string_view file, std::uint64_t sector, RandomStream& random, RotForm form) {
  const auto found = files_.find(file);
  return found != files_.end() && found->second->rot(sector, random, form);
}

bool Disk::rot_anywhere(RandomStream& random, const FileFilter& files, RotForm form) {
  std::vector<std::pair<DiskFile*, std::uint64_t>> candidates;  // with the number of sectors
  std::uint64_t total = 0;
  for (const auto& [name, file] : files_) {
    if (!files.matches(name)) continue;
    const std::uint64_t sectors = (file->durable_size() + kSectorBytes - 1) / kSectorBytes;
    if (sectors <= file->first_kept_sector()) continue;
    candidates.emplace_back(file.get(), sectors - file->first_kept_sector());
    total += candidates.back().second;
  }
  if (total == 0) return false;
  std::uint64_t chosen = random.below(total);
  for (const auto& [file, sectors] : candidates) {
    if (chosen < sectors) return file->rot(file->first_kept_sector() + chosen, random, form);
    chosen -= sectors;
  }
  return false;
}

std::size_t Disk::wipe(const FileFilter& files) {
  require_stopped();
  directory_changes_.clear();
  return std::erase_if(files_, [&files](const auto& entry) { return files.matches(entry.first); });
}

DiskImage Disk::take_image() const {
  DiskImage image;
  for (const auto& [name, file] : files_) image.files.push_back(file->image());
  return image;
}

void Disk::restore_image(const DiskImage& image) {
  wipe();
  for (const DiskImage::File& file : image.files) {
    const auto made = files_.emplace(file.name, std::make_unique<DiskFile>(*this, file.name, file.layout)).first;
    made->second->assign(file);
  }
}

bool Disk::lose_file(std::string_view file) {
  require_stopped();
  const auto found = files_.find(file);
  if (found == files_.end()) return false;
  record_damage(0, file, 0, found->second->size());
  files_.erase(found);
  return true;
}

bool Disk::empty_file(std::string_view file) {
  require_stopped();
  const auto found = files_.find(file);
  if (found == files_.end()) return false;
  record_damage(0, file, 0, found->second->size());
  found->second->lose_power(nullptr);
  found->second->assign({});
  return true;
}

}  // namespace tidemark::sim
