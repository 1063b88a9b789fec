// BlockFile: power loss, and the states that only faults bring about.
#include <algorithm>
#include <map>
#include <set>

#include "sim/core/random.h"
#include "sim/disk/block_file.h"

namespace tidemark::sim {
namespace {

std::uint64_t cut_of(std::span<const std::pair<std::uint64_t, std::uint64_t>> cuts, std::uint64_t sector) {
  const auto found = std::lower_bound(cuts.begin(), cuts.end(), std::pair<std::uint64_t, std::uint64_t>{sector, 0});
  TIDEMARK_ASSERT(found != cuts.end() && found->first == sector);
  return found->second;
}

std::uint64_t page_begin(std::uint64_t offset) {
  return offset / kCachePageBytes * kCachePageBytes;
}
std::uint64_t page_end(std::uint64_t offset) {
  return page_begin(offset + kCachePageBytes - 1);
}

/// Gives `visit` the parts of `piece` page by page.
template <typename Visit>
void by_page(const Piece& piece, Visit visit) {
  for (std::uint64_t at = piece.offset; at < piece.end();) {
    const std::uint64_t end = std::min(page_begin(at) + kCachePageBytes, piece.end());
    visit(at / kCachePageBytes, piece.part(at, end));
    at = end;
  }
}

}  // namespace

// --- Power loss. ---

void BlockFile::lose_power(std::string_view name, Survivors* survivors) {
  put_back_lost(Survivors::kEverything);
  const UnsyncedFile file = unsynced(name);
  std::uint64_t size = durable_size();
  if (survivors == nullptr) {
    const UndoLog::Records& records = undo_.records();
    for (auto record = records.rbegin(); record != records.rend(); ++record) put(record->old, nullptr);
    cut_content(size, nullptr);
  } else if (!undo_.empty()) {
    std::vector<Harm> harms;
    const std::uint64_t length_cut = survivors->length_cut(file);
    const SectorCuts cuts = ask_sectors(file, *survivors, harms);
    std::vector<SectorBefore> before;
    for (const Harm& harm : harms) before.push_back(sector_before(harm.sector));
    size = apply_cuts(length_cut, cuts);
    cut_content(size, nullptr);
    size_ = size;
    for (std::size_t i = 0; i < harms.size(); ++i) apply_harm(harms[i], before[i]);
  } else {
    cut_content(size, nullptr);
  }
  size_ = size;
  undo_.clear();
  pending_.clear();
  lost_size_.reset();
  bytes_to_sync_ = 0;
}

BlockFile::SectorCuts BlockFile::ask_sectors(const UnsyncedFile& file, Survivors& survivors,
                                             std::vector<Harm>& harms) const {
  std::set<std::uint64_t> dirty;
  for (const Undo& record : undo_.records()) {
    for (std::uint64_t at = record.old.offset; at < record.old.end(); at = (at / kSectorBytes + 1) * kSectorBytes)
      dirty.insert(at / kSectorBytes);
  }
  SectorCuts cuts;
  cuts.reserve(dirty.size());
  for (const std::uint64_t sector : dirty) {
    cuts.emplace_back(sector, survivors.sector_cut(file, sector));
    const SectorDamage damage = survivors.sector_damage(file, sector);
    if (damage.kind != SectorDamage::Kind::kNone) harms.push_back({sector, damage});
  }
  return cuts;
}

/// Walks the written image back as far as the cuts say; returns the length that is left.
std::uint64_t BlockFile::apply_cuts(std::uint64_t length_cut, const SectorCuts& cuts) {
  std::uint64_t size = size_;
  // While no write after the lost ones has made the length durable, it is the one before them.
  bool length_lost = lost_size_.has_value();
  const UndoLog::Records& records = undo_.records();
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    undo_record(*record, cuts);
    if (record->sequence > lost_through_) {
      if (record->sequence <= length_cut) length_lost = false;
    } else if (length_lost) {
      size = *lost_size_;
      length_lost = false;
    }
    if (record->sequence > length_cut) size = record->old_size;
  }
  return length_lost ? *lost_size_ : size;
}

/// Puts the record's bytes back in those sectors whose cut is before the record's write.
void BlockFile::undo_record(const Undo& record, const SectorCuts& cuts) {
  std::uint64_t begin = record.old.offset;
  std::uint64_t at = begin;
  while (at < record.old.end()) {
    const std::uint64_t sector_end = std::min((at / kSectorBytes + 1) * kSectorBytes, record.old.end());
    if (cut_of(cuts, at / kSectorBytes) >= record.sequence) {
      if (at > begin) put(record.old.part(begin, at), nullptr);
      begin = sector_end;
    }
    at = sector_end;
  }
  if (at > begin) put(record.old.part(begin, at), nullptr);
}

BlockFile::SectorBefore BlockFile::sector_before(std::uint64_t sector) const {
  SectorBefore before;
  const std::uint64_t begin = sector * kSectorBytes;
  const std::size_t stored = read_durable(begin, before.durable);
  std::array<std::byte, kSectorBytes> now{};
  read(begin, now);
  // Not what the undo log covers: its records may be longer than the writes.
  for (std::size_t i = 0; i < kSectorBytes; ++i) before.unsynced[i] = i >= stored || now[i] != before.durable[i];
  return before;
}

void BlockFile::apply_harm(const Harm& harm, const SectorBefore& before) {
  const std::uint64_t begin = harm.sector * kSectorBytes;
  std::array<std::byte, kSectorBytes> now{};
  const std::size_t present = read(begin, now);
  RandomStream garbage(harm.damage.seed, "garbage");
  for (std::uint64_t i = 0; i < present; ++i) {
    const auto random = static_cast<std::byte>(garbage());
    if (i < harm.damage.begin || i >= harm.damage.end) continue;
    if (!harm.damage.whole_sector && !before.unsynced[i]) continue;
    now[i] = harm.damage.kind == SectorDamage::Kind::kGarbage ? random : before.durable[i];
  }
  if (present == 0) return;
  put(Piece::slice(begin, static_cast<std::uint32_t>(present), Buffer::copy(std::span(now).first(present)), 0),
      nullptr);
}

// --- Lost bytes. ---

void BlockFile::abandon_sync() {
  TIDEMARK_ASSERT(!pending_.empty());
  pending_.pop_back();
}

/// The pages that [begin, end) touches are written to: what was lost there is un-synced again, as part of this write.
void BlockFile::make_dirty(std::uint64_t begin, std::uint64_t end) {
  begin = page_begin(begin);
  end = page_end(end);
  std::vector<Undo> left;
  for (Undo& record : lost_) {
    const std::uint64_t from = std::clamp(begin, record.old.offset, record.old.end());
    const std::uint64_t to = std::clamp(end, from, record.old.end());
    const auto keep = [&](std::uint64_t a, std::uint64_t b) {
      if (a < b) left.push_back(Undo{record.sequence, record.old_size, record.old.part(a, b)});
    };
    keep(record.old.offset, from);
    if (from < to) undo_.add(record.old.part(from, to));
    keep(to, record.old.end());
  }
  lost_ = std::move(left);
}

/// Writes up to `cut` are on the medium.
void BlockFile::stored_through(std::uint64_t cut) {
  if (lost_size_) [[unlikely]] {
    for (const Undo& record : undo_.records()) {
      if (record.sequence <= cut && record.sequence > lost_through_) lost_size_.reset();
      if (!lost_size_ || record.sequence > cut) break;
    }
  }
  undo_.forget_through(cut);
}

std::uint64_t BlockFile::lose_unsynced(const std::function<bool(std::uint64_t page)>& show_old) {
  std::vector<Undo> taken = undo_.take_after(pending_.empty() ? 0 : pending_.back());
  bytes_to_sync_ = 0;
  if (taken.empty()) return 0;
  // Only the first loss knows the durable length: later ones come on top of it, unless a write in between stores it.
  const bool stored_between = !undo_.empty() && undo_.records().back().sequence > lost_through_;
  if ((!lost_size_ && taken.front().old_size != size_) || (lost_size_ && stored_between)) {
    lost_size_ = taken.front().old_size;
  }
  if (lost_size_) lost_through_ = last_write_;
  std::map<std::uint64_t, bool> pages;
  for (const Undo& record : taken) by_page(record.old, [&pages](std::uint64_t page, const Piece&) { pages[page]; });
  for (auto& [page, old] : pages) old = show_old(page);
  std::uint64_t bytes = 0;
  std::vector<Piece> back;
  for (const Undo& record : taken) {
    by_page(record.old, [&](std::uint64_t page, const Piece& part) {
      bytes += part.length;
      const std::uint64_t visible = pages.at(page) ? std::clamp(size_, part.offset, part.end()) : part.offset;
      if (visible > part.offset) back.push_back(part.part(part.offset, visible));
      if (visible < part.end()) lost_.push_back(Undo{record.sequence, record.old_size, part.part(visible, part.end())});
    });
  }
  for (auto piece = back.rbegin(); piece != back.rend(); ++piece) put(*piece, nullptr);
  return bytes;
}

void BlockFile::write_lost(std::uint64_t offset, std::span<const std::byte> bytes, BufferRef buffer) {
  if (bytes.empty()) return;
  TIDEMARK_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  const auto length = static_cast<std::uint32_t>(bytes.size());
  undo_.begin_write(++last_write_, size_);
  undo_.add(Piece{});  // the length is an ordinary un-synced change
  UndoLog replaced;
  replaced.begin_write(last_write_, size_);
  if (plain()) {
    rope_.put(Piece::slice(offset, length, buffer != nullptr ? std::move(buffer) : Buffer::copy(bytes), 0), &replaced);
  } else if (buffer != nullptr) {
    blocks_.share(offset, std::move(buffer), &replaced);
  } else {
    blocks_.write(offset, bytes, &replaced);
  }
  for (const Undo& record : replaced.records()) lost_.push_back(record);
  end_write(offset + length, length);
}

/// Takes lost bytes below `limit` out of the written image.
void BlockFile::put_back_lost(std::uint64_t limit) {
  std::vector<Undo> left;
  for (auto record = lost_.rbegin(); record != lost_.rend(); ++record) {
    const Piece& old = record->old;
    const std::uint64_t visible = std::clamp(limit, old.offset, old.end());
    if (visible > old.offset) put(old.part(old.offset, visible), nullptr);
    if (visible < old.end()) left.push_back(Undo{record->sequence, record->old_size, old.part(visible, old.end())});
  }
  std::reverse(left.begin(), left.end());
  lost_ = std::move(left);
}

void BlockFile::evict_lost() {
  put_back_lost(size_);
}

// --- Write-back, damage, images. ---

void BlockFile::flush() {
  stored_through(undo_.newest());
}

void BlockFile::flush_pages(std::uint64_t begin, std::uint64_t end) {
  begin = page_begin(begin);
  end = page_end(end);
  const std::uint64_t length = std::min(end, size_);
  if (lost_size_) lost_size_ = std::max(*lost_size_, length);
  undo_.forget_range(begin, end, length);
}

std::vector<std::uint64_t> BlockFile::clean_bytes(std::uint64_t begin, std::uint64_t end) const {
  std::vector<bool> dirty(end - begin);
  const auto mark = [&](const Piece& piece) {
    for (std::uint64_t at = std::max(begin, piece.offset); at < std::min(end, piece.end()); ++at)
      dirty[at - begin] = true;
  };
  for (const Undo& record : undo_.records()) mark(record.old);
  for (const Undo& record : lost_) mark(record.old);
  std::vector<std::uint64_t> clean;
  for (std::uint64_t at = begin; at < std::min(end, std::min(size_, durable_size())); ++at) {
    if (!dirty[at - begin]) clean.push_back(at);
  }
  return clean;
}

std::vector<Piece> BlockFile::pieces() const {
  std::vector<Piece> result;
  const auto collect = [&result](Piece piece) { result.push_back(std::move(piece)); };
  if (plain()) {
    rope_.visit(collect);
  } else {
    blocks_.visit(collect);
  }
  return result;
}

void BlockFile::assign(std::uint64_t size, const std::vector<Piece>& content) {
  TIDEMARK_ASSERT(undo_.empty() && pending_.empty() && lost_.empty());
  cut_content(0, nullptr);
  for (const Piece& piece : content) put(piece, nullptr);
  cut_content(size, nullptr);
  size_ = size;
}

}  // namespace tidemark::sim
