// OpenRestores: the restores of one database (Time Travel) whose entry is in the log of a leader, but neither confirmed
// nor known to be lost. A leader may die in between; then its successor decides.
#pragma once

#include <set>
#include <vector>

#include "model/types/bookmark.h"
#include "model/types/entry.h"

namespace tidemark::scenarios {

class OpenRestores {
 public:
  struct Restore {
    model::Bookmark restored, target, undo;
  };
  struct Ended {
    Restore restore;
    bool took_effect = false;
  };

  /// After the entry was committed.
  void begin(const Restore& restore) { open_.push_back({restore, {restore.restored}}); }
  /// Of any leader, every entry.
  void on_commit(const model::Entry& entry);
  /// Those that are settled once everything up to `bookmark` is confirmed.
  std::vector<Ended> on_confirmed(const model::Bookmark& bookmark);

 private:
  struct Open {
    Restore restore;
    std::set<model::Bookmark> descendants;  // entries that come after it in the same log, and it itself
  };
  std::vector<Open> open_;
};

}  // namespace tidemark::scenarios
