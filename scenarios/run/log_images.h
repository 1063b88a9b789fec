// LogImages: the state of a database at every new entry of its log, from ground truth: the pages of the entries
// themselves, whoever leads. A leader that goes on from an older entry gets the state of that entry back.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "model/types/entry.h"
#include "scenarios/run/pages_vfs.h"

namespace tidemark::scenarios {

class LogImages {
 public:
  /// The state after the entry; nullptr when what it follows is not known any more. Good until the next call.
  const PageList* add(const model::Entry& entry);
  /// The state right after this entry. False: it is not known any more, or never was.
  bool state_at(const model::Bookmark& at, PageList& pages) const;
  /// No leader of a run within the budget goes on from before this.
  void confirm(const model::Bookmark& bookmark);

 private:
  /// How to get from the state after an entry to the one before.
  struct Undo {
    model::Bookmark previous;
    model::Bookmark entry;
    std::size_t size = 0;
    std::vector<std::pair<std::uint32_t, sim::BufferRef>> pages;  // index and content before
  };
  /// What the leader of one epoch made.
  struct Line {
    PageList pages;
    model::Bookmark tip;
    std::deque<Undo> undo;
  };
  /// The state at this place of the log, out of any line.
  bool find(const model::Bookmark& at, Line& line) const;
  static void apply(Line& line, const model::Entry& entry);
  static void undo(Line& line);

  std::map<std::uint32_t, Line> lines_;  // by epoch
};

}  // namespace tidemark::scenarios
