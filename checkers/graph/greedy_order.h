// A greedy walk along a graph: takes what can come next, but does not overwrite a version of a register that somebody
// must still read, unless nothing else is left.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

/// What each transaction reads and writes of registers, by number of the version: made once for several walks.
/// Memory: 12 bytes for each access, 4 for each transaction and each version.
class RegisterAccesses {
 public:
  RegisterAccesses(const History& history, const RegisterVersions& registers);

  struct Access {
    std::uint32_t key = 0;
    std::uint32_t version = 0;  // a group of reads with one key and writer; 0: a write that nobody read
    bool write = false;
  };
  std::span<const Access> of(Node transaction) const {
    return {accesses_.data() + starts_[transaction], accesses_.data() + starts_[transaction + 1]};
  }
  /// By version: how many read it.
  const std::vector<std::uint32_t>& readers() const { return readers_; }
  /// By key: what was there in the beginning.
  const std::vector<std::uint32_t>& first_versions() const { return first_versions_; }

 private:
  static constexpr Node kPiece = 4096;  // transactions

  void fill(const RegisterVersions& registers);
  void begin_version(const RegisterRead& read);
  void add(Node node, const Access& access) { accesses_[filled_[node]++] = access; }

  std::vector<std::uint32_t> starts_;  // by transaction
  std::vector<Access> accesses_;
  std::vector<std::uint32_t> readers_;
  std::vector<std::uint32_t> first_versions_;
  std::vector<std::uint32_t> filled_;  // by transaction, in the making: how far
};

struct GreedyOrder {
  std::vector<Node> nodes;   // all of the graph, in an order that keeps its arcs
  std::uint64_t woken = 0;   // so often something that waited was looked at again
  std::uint64_t forced = 0;  // so many overwrote what must still be read; 0: every register holds what each read found
};

/// What waits is taken all the same when `patience` places of the history have been passed by: an order that stays near
/// that of the records has faults that are near each other. kNoNode: only when nothing else is left.
/// `graph` has no cycles. Cost: n log n; what waits for several keys, one after the other, is looked at more often.
GreedyOrder greedy_order(const History& history, const Presence& presence, const RegisterAccesses& accesses,
                         const CsrGraph& graph, Node patience);

}  // namespace tidemark::checkers::graph
