#include "scenarios/run/open_restores.h"

namespace tidemark::scenarios {

void OpenRestores::on_commit(const model::Entry& entry) {
  for (Open& open : open_) {
    if (open.descendants.contains(entry.previous())) open.descendants.insert(entry.bookmark());
  }
}

std::vector<OpenRestores::Ended> OpenRestores::on_confirmed(const model::Bookmark& bookmark) {
  std::vector<Ended> ended;
  std::erase_if(open_, [&](const Open& open) {
    const bool holds_it = open.descendants.contains(bookmark);
    // A confirmed position after it that does not lead back to it: another log has won.
    if (!holds_it && bookmark <= open.restore.restored) return false;
    ended.push_back({open.restore, holds_it});
    return true;
  });
  return ended;
}

}  // namespace tidemark::scenarios
