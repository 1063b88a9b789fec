#include "model/srs/cold_chain.h"

#include <algorithm>
#include <map>

namespace tidemark::model::srs {
namespace {

/// Bug E8: the pages of the older object are applied after those of the newer one that overlaps it.
EntryRef with_older_pages(const Entry& newest, const std::vector<EntryRef>& older) {
  std::map<std::uint32_t, sim::BufferRef> pages;
  for (const EntryFrame& frame : newest.frames()) pages[frame.page] = frame.bytes;
  for (const EntryRef& entry : older) {
    for (const EntryFrame& frame : entry->frames()) {
      if (frame.page <= newest.database_pages()) pages[frame.page] = frame.bytes;
    }
  }
  CommittedTransaction mixed;
  mixed.database_pages = newest.database_pages();
  for (auto& [page, bytes] : pages) mixed.frames.push_back({page, bytes});
  return Entry::restore(newest.previous(), newest.bookmark(), std::move(mixed), newest.committed(), newest.kind());
}

/// Bug E17: what comes next by name is taken for what follows.
EntryRef as_if_after(const Bookmark& position, const Entry& entry) {
  return Entry::restore(position, entry.bookmark(), {entry.frames(), entry.database_pages()}, entry.committed(),
                        entry.kind());
}

}  // namespace

ColdChain::ColdChain(const RelaySetup& setup, const PageTable& snapshot, const ColdGoal& goal)
    : setup_(setup), goal_(goal), label_(snapshot.at()), recorded_(snapshot.recorded()) {}

bool ColdChain::done() const {
  return position() >= goal_.up_to || recorded_ > goal_.until;
}

const ColdObject* ColdChain::next(const std::vector<ColdObject>& segments) const {
  if (done() || gap_ || !fork_.empty()) return nullptr;
  const ColdObject* furthest = nullptr;  // of those that begin within the chain
  const ColdObject* first = nullptr;     // of the others
  for (const ColdObject& segment : segments) {
    if (segment.what.last <= position() || failed_.contains(segment.key)) continue;
    if (segment.what.first <= position()) {
      if (furthest == nullptr || segment.what.last > furthest->what.last) furthest = &segment;
    } else if (first == nullptr || segment.what.first == first->what.first) {
      first = &segment;  // they are sorted: of equal beginnings the last reaches furthest
    }
  }
  return furthest != nullptr ? furthest : first;
}

void ColdChain::extend(const ColdObject& segment, std::vector<EntryRef> entries) {
  std::vector<EntryRef> held;
  for (EntryRef& entry : entries) {
    if (entry->bookmark() <= position()) {
      held.push_back(std::move(entry));
      continue;
    }
    if (chains_by_name()) entry = as_if_after(position(), *entry);
    if (entry->previous() != position()) {
      gap_ = entry->previous() > position();
      if (!gap_) fork_ = segment.key + ": it is of another history, it does not continue " + position().text();
      return;
    }
    recorded_ = std::max(recorded_, entry->committed());
    entries_.push_back(std::move(entry));
  }
  if (setup_.bugs.has(Bug::kE8) && !held.empty() && !entries_.empty())
    entries_.back() = with_older_pages(*entries_.back(), held);
}

void ColdChain::failed(const ColdObject& segment) {
  failed_[segment.key] = segment.what.last;
}

/// A failed segment that ends after the position may hold what follows it.
bool ColdChain::complete() const {
  return done() || std::none_of(failed_.begin(), failed_.end(), [&](const auto& f) { return f.second > position(); });
}

bool ColdChain::holds(const Bookmark& bookmark) const {
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), bookmark,
                                      [](const EntryRef& e, const Bookmark& b) { return e->bookmark() < b; });
  return place != entries_.end() && (*place)->bookmark() == bookmark;
}

/// A bookmark says which log it is of, so keys are enough. Nothing is known of what is before the snapshot.
std::string ColdChain::fork(const std::vector<ColdObject>& segments) const {
  if (!fork_.empty() || chains_by_name()) return fork_;
  for (const ColdObject& segment : segments) {
    for (const Bookmark& bookmark : {segment.what.first, segment.what.last}) {
      if (bookmark > label_ && bookmark <= position() && !holds(bookmark))
        return segment.key + ": it is of another history than " + position().text();
    }
  }
  return {};
}

}  // namespace tidemark::model::srs
