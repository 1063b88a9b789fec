// What is known of the order of versions of registers that several transactions wrote, while a session guarantee is
// judged: a partial order for each key, which grows by what the guarantee itself asks for.
//
// It begins with what holds under every model: a transaction that read a version and wrote the key stands behind that
// version, and version columns. Keys whose column orders all writers are not looked at here.
//
// Cost: the square of the writers of a key in bits, for each such key; where that is beyond the budget, nothing is
// known.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/inference.h"

namespace tidemark::checkers::graph {

class RegisterOrders {
 public:
  RegisterOrders(const Inference& inference, std::uint64_t memory_budget);

  bool any() const { return any_; }
  /// Several transactions wrote it, and a column does not order them; and there was room for it.
  bool partial(std::uint32_t key) const { return !tables_.empty() && !tables_[key].writers.empty(); }
  /// Some transactions read what each other wrote: no order fits.
  bool contradictory() const { return contradictory_; }

  /// Of partial keys; both wrote it.
  bool before(std::uint32_t key, Node first, Node second) const;
  /// True if that is news. Not when the opposite is known.
  bool add(std::uint32_t key, Node first, Node second);

  struct Edge {
    std::uint32_t key;
    Node from;
    Node to;
  };
  std::span<const Edge> edges() const { return edges_; }

  /// Makes every order total: by what is known, then by `position` (of transactions), which must agree with it. Empty:
  /// by the number of versions known to be before, then by the history. For before(), until the next call.
  void guess(std::span<const Node> position);
  void forget_guess() { ranks_.clear(); }

 private:
  struct Table {
    std::vector<Node> writers;         // ascending
    std::vector<std::uint64_t> after;  // for each writer the set of those known to come after it
    std::size_t words = 0;
  };

  static std::size_t index(const Table& table, Node writer);
  static bool has(const Table& table, std::size_t first, std::size_t second) {
    return (table.after[first * table.words + second / 64] >> (second % 64) & 1) != 0;
  }

  std::vector<Table> tables_;  // by key
  std::vector<Edge> edges_;
  std::vector<std::vector<std::uint32_t>> ranks_;  // by key and writer; of a guess
  bool any_ = false;
  bool contradictory_ = false;
};

}  // namespace tidemark::checkers::graph
