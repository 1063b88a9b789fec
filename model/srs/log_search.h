// Finding a place in a log by bookmark. The entries of one leader have consecutive sequence numbers, so the place is
// nearly always known from the number: a search would touch a dozen entries that are in no cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "model/types/bookmark.h"

namespace tidemark::model::srs {

/// Index of the first element after `bookmark`, the size of `log` when there is none. `log` is random access, in the
/// order of its bookmarks; `bookmark_of(element)` gives an element's.
template <typename Log, typename BookmarkOf>
std::size_t first_after(const Log& log, const Bookmark& bookmark, BookmarkOf bookmark_of) {
  if (log.empty()) return 0;
  const Bookmark& last = bookmark_of(log.back());
  if (last <= bookmark) return log.size();
  const std::uint32_t newer = last.sequence - bookmark.sequence;
  if (last.epoch == bookmark.epoch && newer > 0 && newer <= log.size()) {
    // As many elements come after it as the numbers differ, unless some were never made.
    const std::size_t place = log.size() - newer;
    const bool after = bookmark < bookmark_of(log[place]);
    if (after && (place == 0 || bookmark_of(log[place - 1]) <= bookmark)) return place;
  }
  const auto place = std::upper_bound(
      log.begin(), log.end(), bookmark,
      [&bookmark_of](const Bookmark& sought, const auto& element) { return sought < bookmark_of(element); });
  return static_cast<std::size_t>(place - log.begin());
}

}  // namespace tidemark::model::srs
