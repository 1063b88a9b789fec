// Smaller histories that are valid whenever the whole one is. Private to this room.
//
// Who leaves out a write must not leave what read it: then a contradiction would be of our own making. Leaving out is
// sound, for every order that explains the whole explains the rest, if
//   lists and sets   a value that is left out vanishes from every read as well
//   registers        whoever read a value goes when a write goes that it may have come from. In real time that is none
//                    that began after the read had ended, nor one that was certainly overwritten before
//   texts            whoever read a text goes when something that occurs in it goes
//   counters, and keys that are cleared: whoever read one goes when a change of it goes
// Reads and whole keys may always go.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/explain/derive.h"
#include "checkers/record/history.h"

namespace tidemark::checkers::why {

/// By number of the event: 0 = left out.
using Kept = std::vector<std::uint8_t>;

class Cutter {
 public:
  /// `history` must outlive it. `orders`: what the model is about. Memory: 40 bytes for each write.
  Cutter(const History& history, const Orders& orders);

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
    std::uint32_t transaction;
  };
  /// Certain writes of a key by their ends: what has been overwritten when something begins.
  struct Overwriting {
    std::uint32_t key;
    std::uint32_t ret;
    std::uint32_t latest_call;  // of this one and those of the key before it
  };
  void note_overwriting();
  std::uint32_t overwritten_before(std::uint32_t key, std::uint32_t call) const;
  bool sources_kept(const Kept& kept, const Txn& reader, std::uint32_t key, Value value) const;
  bool all_kept(const Kept& kept, std::uint32_t key, Value value) const;
  bool changes_kept(const Kept& kept, const Event& read) const;
  bool must_go(const Kept& kept, const Txn& txn, const Event& event) const;
  void copy_event(const Kept& kept, const Event& event, HistoryBuilder& builder, std::vector<Value>& elements) const;
  Value copy(Value value, HistoryBuilder& builder) const;

  const History& history_;
  const bool real_time_;
  std::vector<Overwriting> overwriting_;  // by key, ret
  std::vector<Put> puts_;                 // values: appends, additions, writes; by key, value, event
  std::vector<Put> changes_;              // texts, increments, clearings; by key, event
};

}  // namespace tidemark::checkers::why
