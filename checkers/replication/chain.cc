#include "checkers/replication/chain.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMaxForks = 65536;

}  // namespace

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
  if (first_ > 0 && position.key() <= base_.key()) {
    if (position.key() == base_.key() && position != base_) return std::nullopt;
    return Place{first_, true, position.key() < base_.key()};
  }
  for (auto fork = forks_.rbegin(); fork != forks_.rend(); ++fork)
    if (fork->position == position) return Place{fork->left_at, false, false};
  return std::nullopt;
}

bool Chain::append(const EntryCommitted& record) {
  const auto previous = locate(record.previous);
  if (!previous || !previous->on_chain || (previous->dropped && previous->ordinal != first_)) return false;
  cut_to(std::max(previous->ordinal, first_));
  highest_key_ = std::max(highest_key_, record.position.key());
  Entry entry{record.position, record.size_pages, record.is_transaction_end, {}};
  entry.pages.reserve(record.pages.size());
  entries_.push_back(std::move(entry));
  const Ordinal ordinal = head();
  for (const PageImage& page : record.pages) {
    entries_.back().pages.push_back(page.pgno);
    if (page.pgno >= pages_.size()) pages_.resize(page.pgno + 1);
    pages_[page.pgno].push_back({ordinal, page.digest});
  }
  return true;
}

void Chain::cut_to(Ordinal ordinal) {
  TIDEMARK_ASSERT(ordinal >= first_ && ordinal <= head());
  while (head() > ordinal) {
    for (const std::uint32_t pgno : entries_.back().pages) {
      auto& images = pages_[pgno];
      if (!images.empty() && images.back().ordinal == head()) images.pop_back();
    }
    forks_.push_back({entries_.back().position, ordinal});
    entries_.pop_back();
  }
  while (forks_.size() > kMaxForks) forks_.pop_front();
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
    for (const std::uint32_t pgno : entry.pages) {  // keep the newest image that is not newer than first_
      auto& images = pages_[pgno];
      std::size_t old = 0;
      while (old + 1 < images.size() && images[old + 1].ordinal <= first_) ++old;
      images.erase(images.begin(), images.begin() + static_cast<std::ptrdiff_t>(old));
    }
    entries_.pop_front();
  }
}

}  // namespace tidemark::checkers
