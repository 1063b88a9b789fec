#include "sim/disk/disk_file.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "sim/disk/disk_attachment.h"

namespace tidemark::sim {
namespace {

std::vector<std::byte> with_flipped_bit(std::span<const std::byte> bytes, std::uint64_t bit) {
  std::vector<std::byte> copy(bytes.begin(), bytes.end());
  if (bit / 8 < copy.size()) copy[bit / 8] ^= std::byte{1} << (bit % 8);
  return copy;
}

}  // namespace

Disk::DiskFile::DiskFile(Disk& disk, std::string_view name, FileLayout layout)
    : disk_(disk), id_(++disk.last_file_id_), content_(layout, disk.last_write_) {
  set_name(name);
}

void Disk::DiskFile::set_name(std::string_view name) {
  name_ = name;
  tag_ = hash_name(name);
}

// --- Syncs. ---

Instant Disk::DiskFile::sync(IoCompletion* done) {
  settled();
  if (!disk_.process_.act(ProcessAct::kIo, name_)) [[unlikely]] {  // the process is dead: nobody will wait for it
    sync_status_ = IoStatus::kError;
    sync_promised_ = sync_natural_ = Instant::max();
    return Instant::max();
  }
  const Duration sample = disk_.fsync_.sample(disk_.random_);
  if (disk_.active_ != nullptr) [[unlikely]]
    return sync_with_faults(sample, done);
  const std::uint64_t bytes = content_.bytes_to_sync();
  content_.begin_sync();
  const Duration service = sample + transfer_time(bytes, disk_.bytes_per_second_);
  const Instant completion = std::max(disk_.scheduler_.now(), disk_.free_at_) + service;
  disk_.free_at_ = completion;
  pending_.push_back({completion, completion, false});
  disk_.statistics_.bytes_synced += bytes;
  disk_.statistics_.busy += service;
  ++disk_.statistics_.syncs;
  notify(completion, completion, IoStatus::kOk, done);
  return completion;
}

Instant Disk::DiskFile::sync_with_faults(Duration sample, IoCompletion* done) {
  using Outcome = DiskFaultSet::SyncDecision::Outcome;
  DiskFaultSet& faults = *disk_.active_;
  const std::uint64_t bytes = content_.bytes_to_sync();
  const DiskFaultSet::SyncDecision decision = faults.on_sync(name_, sample, bytes, disk_.bytes_per_second_);
  const Instant natural = std::max(disk_.scheduler_.now(), disk_.free_at_) + decision.service;
  disk_.free_at_ = natural;
  disk_.statistics_.bytes_synced += bytes;
  disk_.statistics_.busy += decision.service;
  ++disk_.statistics_.syncs;
  if (decision.outcome == Outcome::kError || decision.outcome == Outcome::kForget) {
    if (decision.outcome == Outcome::kForget) forget(*decision.forgets);
    notify(natural, natural, IoStatus::kError, done);
    return natural;
  }
  const DiskFaultSet::Hold hold = faults.hold(name_);
  faults.count_held(name_, natural);
  const Instant when = std::max(natural, hold.until);
  if (decision.outcome == Outcome::kStored) {
    content_.begin_sync();
    // The data of syncs become durable in their order.
    const Instant durable = pending_.empty() ? when : std::max(when, pending_.back().when);
    pending_.push_back({durable, natural, hold.hung});
  }
  notify(when, natural, IoStatus::kOk, done);
  return when;
}

void Disk::DiskFile::notify(Instant when, Instant natural, IoStatus status, IoCompletion* done) {
  sync_status_ = status;
  sync_promised_ = when;
  sync_natural_ = natural;
  const bool anybody = done != nullptr && disk_.process_.state() != ProcessState::kStopped;
  if (anybody) disk_.queue_.push({when, tag_ ^ disk_.statistics_.syncs, done, status, natural, id_});
}

void Disk::DiskFile::forget(DiskFaultSet::Instance& by) {
  const Chance old_content = std::get<ForgetfulSync>(by.fault).old_content;
  const std::uint64_t bytes =
      content_.lose_unsynced([&](std::uint64_t) { return disk_.active_->hits(by, old_content); });
  disk_.record_damage(by.id, name_, 0, bytes);
}

void Disk::DiskFile::release_held() {
  settled();
  const Instant hold = disk_.active_ != nullptr ? disk_.active_->hold(name_).until : Instant{};
  for (Pending& sync : pending_) sync.when = std::min(sync.when, std::max(sync.natural, hold));
}

void Disk::DiskFile::on_crash() {
  settled();
  while (!pending_.empty() && pending_.back().hung) {
    content_.abandon_sync();
    pending_.pop_back();
  }
  if (content_.has_lost()) content_.evict_lost();
}

// --- Reads and writes. ---

std::size_t Disk::DiskFile::try_read(std::uint64_t offset, std::span<std::byte> into, IoStatus& status) const {
  status = IoStatus::kOk;
  const std::size_t got = content_.read(offset, into);
  if (disk_.active_ == nullptr) [[likely]]
    return got;
  const DiskFaultSet::ReadDecision decision = disk_.active_->on_read(name_, got);
  status = decision.status;
  const std::size_t kept = status == IoStatus::kOk ? static_cast<std::size_t>(decision.bytes) : 0;
  if (kept < got) std::fill(into.begin() + static_cast<std::ptrdiff_t>(kept), into.end(), std::byte{0});
  if (decision.flip_bit && *decision.flip_bit / 8 < kept) {
    into[*decision.flip_bit / 8] ^= std::byte{1} << (*decision.flip_bit % 8);
  }
  return kept;
}

BufferRef Disk::DiskFile::try_body(std::uint64_t index, IoStatus& status) const {
  status = IoStatus::kOk;
  BufferRef body = content_.body(index);
  if (disk_.active_ == nullptr || body == nullptr) [[likely]]
    return body;
  const DiskFaultSet::ReadDecision decision = disk_.active_->on_read(name_, body->size());
  status = decision.status;
  if (status != IoStatus::kOk) return nullptr;
  if (decision.flip_bit) body = Buffer::copy(with_flipped_bit(body->bytes(), *decision.flip_bit));
  return decision.bytes < body->size() ? Buffer::copy(body->bytes().first(decision.bytes)) : body;
}

DiskFaultSet::Growth Disk::DiskFile::growth_to(std::uint64_t end) const {
  return {end > size() ? end - size() : 0, disk_.used_bytes()};
}

IoStatus Disk::DiskFile::truncate(std::uint64_t size) {
  if (!disk_.process_.act(ProcessAct::kIo, name_)) [[unlikely]]
    return IoStatus::kError;
  if (disk_.active_ != nullptr) [[unlikely]] {
    const IoStatus status = disk_.active_->on_truncate(name_, growth_to(size));
    if (status != IoStatus::kOk) return status;
  }
  content_.truncate(size);
  return IoStatus::kOk;
}

IoStatus Disk::DiskFile::write_with_faults(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef shared) {
  const DiskFaultSet::WriteDecision decision =
      disk_.active_->on_write(name_, bytes.size(), growth_to(offset + bytes.size()));
  if (decision.store == 0) return decision.status;
  if (decision.store < bytes.size()) shared = nullptr;
  bytes = bytes.first(decision.store);
  if (decision.flip_bit && *decision.flip_bit / 8 < bytes.size()) {
    const std::vector<std::byte> flipped = with_flipped_bit(bytes, *decision.flip_bit);
    disk_.record_damage(decision.flipped_by, name_, offset + *decision.flip_bit / 8, 1);
    store(offset, flipped, shared == nullptr ? nullptr : Buffer::copy(flipped), decision);
  } else {
    store(offset, bytes, std::move(shared), decision);
  }
  return decision.status;
}

void Disk::DiskFile::store(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef shared,
                           const DiskFaultSet::WriteDecision& decision) {
  const std::uint64_t size = bytes.size();
  if (decision.lost) {
    disk_.record_damage(decision.lost_by, name_, offset, size);
    content_.write_lost(offset, bytes, std::move(shared));
    if (*decision.lost == LostWrite::Shows::kAtOnce) content_.evict_lost();
  } else if (shared != nullptr) {
    content_.write_shared(offset, std::move(shared));
  } else {
    content_.write(offset, bytes);
  }
  if (decision.flush_file) {
    settled().flush();
  } else if (decision.flush_write) {
    settled().flush_pages(offset, offset + size);
  }
}

// --- The content as a whole. ---

bool Disk::DiskFile::rot(std::uint64_t sector, RandomStream& random, RotForm form) {
  const std::uint64_t begin = sector * kSectorBytes;
  BlockFile& content = settled();
  const std::vector<std::uint64_t> clean = content.clean_bytes(begin, begin + kSectorBytes);
  if (clean.empty()) return false;
  const auto change = [&](std::uint64_t at, std::byte flip) {
    std::array<std::byte, 1> byte{};
    content.read(at, byte);
    byte[0] ^= flip;
    content.damage(Piece::inline_copy(at, byte));
  };
  if (form == RotForm::kBitFlip) {
    const std::uint64_t at = clean[random.below(clean.size())];
    change(at, std::byte{1} << random.below(8));
    disk_.record_damage(0, name_, at, 1);
  } else {
    for (const std::uint64_t at : clean) change(at, static_cast<std::byte>(1 + random.below(255)));
    disk_.record_damage(0, name_, clean.front(), clean.back() + 1 - clean.front());
  }
  return true;
}

DiskImage::File Disk::DiskFile::image() const {
  BlockFile durable = settled();
  durable.lose_power(name_, nullptr);
  return {name_, durable.layout(), durable.size(), discarded_, durable.pieces()};
}

void Disk::DiskFile::assign(const DiskImage::File& image) {
  TIDEMARK_ASSERT(pending_.empty());
  content_.assign(image.size, image.content);
  discarded_ = image.discarded;
}

}  // namespace tidemark::sim
