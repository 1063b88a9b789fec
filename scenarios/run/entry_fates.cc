#include "scenarios/run/entry_fates.h"

#include <set>

namespace tidemark::scenarios {

std::vector<EntryFates::Settled> EntryFates::on_confirmed(const model::Bookmark& bookmark) {
  std::set<model::Bookmark> line;
  for (auto at = previous_.find(bookmark); at != previous_.end(); at = previous_.find(at->second))
    line.insert(at->first);
  std::vector<Settled> settled;
  for (auto entry = previous_.begin(); entry != previous_.end() && entry->first <= bookmark;) {
    const bool confirmed = line.contains(entry->first);
    // Of the same leader: its log is one line, what is not in `line` was settled before.
    settled.push_back({entry->first, confirmed});
    entry = previous_.erase(entry);
  }
  return settled;
}

}  // namespace tidemark::scenarios
