// Smaller histories that are valid whenever the whole one is. Private to this room.
//
// Who leaves out a write must not leave what read it: then a contradiction would be of our own making. Leaving out is
// sound, for every order that explains the whole explains the rest, if
//   lists and sets   a value that is left out vanishes from every read as well
//   registers        whoever read a value goes when one of its writes goes
//   texts            whoever read a text goes when something that occurs in it goes
//   counters, and keys that are cleared: whoever read one goes when a change of it goes
// Reads and whole keys may always go.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::why {

/// By number of the event: 0 = left out.
using Kept = std::vector<std::uint8_t>;

class Cutter {
 public:
  /// `history` must outlive it. Memory: 24 bytes for each write.
  explicit Cutter(const History& history);

  /// Leaves out whatever must go besides. `transactions`: all that have kept events, ascending; those that have none
  /// any more are removed.
  void close(Kept& kept, std::vector<std::uint32_t>& transactions) const;
  /// The history of what is kept. Lines, indices, instants, times and regions are those of the whole.
  History cut(const Kept& kept, const std::vector<std::uint32_t>& transactions) const;

 private:
  struct Put {
    std::uint32_t key;
    std::uint32_t event;
    Value value;
  };
  bool all_kept(const Kept& kept, std::uint32_t key, Value value) const;
  bool changes_kept(const Kept& kept, const Event& read) const;
  bool must_go(const Kept& kept, const Event& event) const;
  void copy_event(const Kept& kept, const Event& event, HistoryBuilder& builder, std::vector<Value>& elements) const;
  Value copy(Value value, HistoryBuilder& builder) const;

  const History& history_;
  std::vector<Put> puts_;     // values: appends, additions, writes; by key, value, event
  std::vector<Put> changes_;  // texts, increments, clearings; by key, event
};

}  // namespace tidemark::checkers::why
