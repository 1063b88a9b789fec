#include "checkers/replication/chain.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxSides = 16384;

}  // namespace

const Chain::Side* Chain::side(const Position& position) const {
  const auto found = sides_.find(position.key());
  return found != sides_.end() && found->second.entry.position == position ? &found->second : nullptr;
}

std::optional<Chain::Place> Chain::locate(const Position& position) const {
  if (position.key() == 0) return Place{0, true, first_ > 0};
  if (!entries_.empty()) {  // sequences of one epoch have no gaps, so the place is nearly always known
    const Position& newest = entries_.back().position;
    const std::uint64_t back = newest.key() - position.key();
    if (newest.key() >= position.key() && back < entries_.size() &&
        entries_[entries_.size() - 1 - back].position == position)
      return Place{head() - back, true, false};
  }
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), position.key(),
                                      [](const Entry& entry, auto key) { return entry.position.key() < key; });
  if (found != entries_.end() && found->position == position)
    return Place{first_ + 1 + static_cast<Ordinal>(found - entries_.begin()), true, false};
  if (const Side* beside = side(position)) return Place{beside->left_at, false, false};
  if (first_ == 0 || position.key() > base_.key()) return std::nullopt;
  if (position.key() == base_.key() && position != base_) return std::nullopt;
  return Place{first_, true, position.key() < base_.key()};
}

std::optional<Position> Chain::before(const Position& position) const {
  if (const Side* beside = side(position)) return beside->previous;
  const auto place = locate(position);
  if (!place || place->dropped || place->ordinal <= first_) return std::nullopt;
  return this->position(place->ordinal - 1);
}

Chain::Appended Chain::append(const EntryCommitted& record, Ordinal floor) {
  const auto previous = locate(record.previous);
  if (!previous || (previous->dropped && previous->ordinal != first_)) return Appended::kUnknown;
  Side fresh{
      {record.position, record.size_pages, record.is_transaction_end, {}, record.committed_ns}, record.previous, 0, {}};
  fresh.entry.pages.reserve(record.pages.size());
  fresh.images.reserve(record.pages.size());
  for (const PageImage& page : record.pages) {
    fresh.entry.pages.push_back(page.pgno);
    fresh.images.push_back(page.digest);
  }
  fresh.left_at = previous->ordinal;
  const bool newest = entries_.empty() || record.position.key() > entries_.back().position.key();
  const bool below = previous->ordinal < std::max(floor, first_);
  if (!newest || below || (!previous->on_chain && !switch_to(record.previous, floor))) {
    put_aside(std::move(fresh));
    return below ? Appended::kBelow : Appended::kSide;
  }
  if (previous->on_chain && previous->ordinal < head()) {
    cut_to(previous->ordinal);
    place_sides();
  }
  push(std::move(fresh.entry), fresh.images);
  return Appended::kMain;
}

void Chain::push(Entry entry, const std::vector<Digest128>& images) {
  entries_.push_back(std::move(entry));
  const Ordinal ordinal = head();
  const std::vector<std::uint32_t>& pages = entries_.back().pages;
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (pages[i] >= pages_.size()) pages_.resize(pages[i] + 1);
    pages_[pages[i]].push_back({ordinal, images[i]});
  }
}

bool Chain::switch_to(const Position& target, Ordinal floor) {
  std::vector<std::uint64_t> path;  // from the target back to the main line
  Position at = target;
  for (const Side* beside = side(at); beside != nullptr; beside = side(at)) {
    path.push_back(at.key());
    at = beside->previous;
  }
  const auto root = locate(at);
  if (path.empty() || !root || !root->on_chain || root->ordinal < std::max(floor, first_)) return false;
  cut_to(root->ordinal);
  for (auto key = path.rbegin(); key != path.rend(); ++key) {
    const auto found = sides_.find(*key);
    push(std::move(found->second.entry), found->second.images);
    sides_.erase(found);
  }
  place_sides();
  return true;
}

void Chain::put_aside(Side entry) {
  const std::uint64_t key = entry.entry.position.key();
  if (sides_.insert_or_assign(key, std::move(entry)).second) side_order_.push_back(key);
  while (side_order_.size() > kMaxSides) {
    forgotten_sides_ += sides_.erase(side_order_.front());
    side_order_.pop_front();
  }
}

void Chain::cut_to(Ordinal ordinal) {
  TIDEMARK_ASSERT(ordinal >= first_ && ordinal <= head());
  while (head() > ordinal) {
    Side gone{std::move(entries_.back()), position(head() - 1), ordinal, {}};
    for (const std::uint32_t pgno : gone.entry.pages) {
      auto& images = pages_[pgno];
      TIDEMARK_ASSERT(!images.empty() && images.back().ordinal == head(), "every page of an entry has its image");
      gone.images.push_back(images.back().digest);
      images.pop_back();
    }
    entries_.pop_back();
    put_aside(std::move(gone));
  }
}

/// Where each branch leaves the main line, after it moved. Parents have smaller keys than their children.
void Chain::place_sides() {
  ++switches_;
  std::erase_if(side_order_, [this](std::uint64_t key) { return !sides_.contains(key); });
  std::vector<std::uint64_t> keys(side_order_.begin(), side_order_.end());
  std::sort(keys.begin(), keys.end());
  for (const std::uint64_t key : keys) {
    Side& beside = sides_.find(key)->second;
    const auto parent = locate(beside.previous);
    if (parent) beside.left_at = parent->ordinal;
  }
}

std::uint64_t Chain::lost_entries(Ordinal confirmed) const {
  std::uint64_t lost = forgotten_sides_;
  for (const std::uint64_t key : side_order_) {
    const auto found = sides_.find(key);
    if (found != sides_.end() && found->second.left_at < confirmed) ++lost;
  }
  return lost;
}

const Digest128* Chain::page_at(std::uint32_t pgno, Ordinal ordinal) const {
  if (pgno >= pages_.size()) return nullptr;
  const auto& images = pages_[pgno];
  for (auto image = images.rbegin(); image != images.rend(); ++image)
    if (image->ordinal <= ordinal) return &image->digest;
  return nullptr;
}

void Chain::forget_before(Ordinal ordinal) {
  while (first_ < ordinal && !entries_.empty()) {
    Entry& entry = entries_.front();
    ++first_;
    base_ = entry.position;
    base_pages_ = entry.size_pages;
    // The newest image that is not newer than first_ stays. Those before it go when they are half of all, so that what
    // stays is not moved for each of them.
    for (const std::uint32_t pgno : entry.pages) {
      auto& images = pages_[pgno];
      const auto newer = std::partition_point(images.begin(), images.end(),
                                              [this](const Image& image) { return image.ordinal <= first_; });
      const std::ptrdiff_t old = newer - images.begin() - 1;
      if (2 * old >= std::ssize(images)) images.erase(images.begin(), images.begin() + old);
    }
    entries_.pop_front();
  }
}

}  // namespace tidemark::checkers
