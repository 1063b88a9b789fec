// EntryFates: which entries of one database are in its log for good, and which are lost for good.
//
// An entry is settled when an entry of its own or a later epoch is confirmed: it is that entry or comes before it in
// the same log, or it never will be confirmed. Memory: the entries that are not settled.
#pragma once

#include <map>
#include <vector>

#include "model/types/bookmark.h"
#include "model/types/entry.h"

namespace tidemark::scenarios {

class EntryFates {
 public:
  struct Settled {
    model::Bookmark entry;
    bool confirmed = false;
  };

  /// Of any leader, every entry that it made; in the order of each log.
  void on_commit(const model::Entry& entry) { previous_.emplace(entry.bookmark(), entry.previous()); }
  /// Those that are settled now, oldest first.
  std::vector<Settled> on_confirmed(const model::Bookmark& bookmark);

 private:
  std::map<model::Bookmark, model::Bookmark> previous_;  // of entries that are not settled
};

}  // namespace tidemark::scenarios
