// Sets that only grow: the reads of a set, by what they contain, must form a chain.
//
// A read comes after everything that added one of its members and before everything that added something that it lacks.
// Where the reads form a chain, these are all the constraints, so the graph is exact; two reads of which each lacks
// something of the other are a contradiction by themselves (a long fork). Own additions of a transaction do not count
// for its reads. Assumes that a value is added to a set once; where a member of a read can have come from several
// transactions, it is left out and the history cannot be proved valid.
//
// Cost: sorting of the additions, then linear in observed members. Memory: 24 bytes for each addition, 32 for each
// read.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "checkers/graph/findings.h"
#include "checkers/graph/versions.h"

namespace tidemark::checkers::graph {

class SetVersions final : public Versions {
 public:
  SetVersions(const History& history, const std::vector<Family>& families, Presence& presence, Findings& findings);

  void add_edges(const Presence& presence, EdgeList& edges) override;
  bool explain(const Presence& presence, Step& step) const override;

  /// The reads of the key contradict each other.
  bool orderless(std::uint32_t key) const { return orderless_[key] != 0; }
  /// The place of an event in the chain of reads, from 1: what a read has stands at places up to its own. Additions
  /// that nobody read: UINT32_MAX. False: not known.
  bool place(std::uint32_t event, std::uint32_t& place) const;

 private:
  struct Addition {
    Value value;
    std::uint32_t key;
    Node transaction;
    std::uint32_t event;
    std::uint32_t level;  // of the first read that has it; kUnread: none has
  };
  struct Read {
    std::span<const Value> members;
    Node transaction;
    std::uint32_t event;
    std::uint32_t key;
    std::uint32_t level;
    std::uint32_t first_member;  // in members_: the additions behind it, without its own
    std::uint32_t member_count;
  };
  static constexpr std::uint32_t kUnread = UINT32_MAX;
  static constexpr std::uint32_t kDoubtful = UINT32_MAX - 1;  // one of several additions of a value that was read
  static constexpr std::uint32_t kNone = UINT32_MAX;

  void gather(const std::vector<Family>& families);
  void check_inside(const Txn& txn, Node number, std::uint32_t event);
  void resolve(Read& read, Presence& presence);
  std::uint32_t addition_of(const Read& read, Value value, const Presence& presence);
  void order_key(std::span<Read> reads);
  void long_fork(const Read& smaller, const Read& larger, std::uint32_t missing);
  void add_edges_of_key(std::span<const Read> reads, std::span<const Addition> additions, const Presence& presence,
                        EdgeList& edges) const;
  std::span<const Addition> additions_of(std::uint32_t key) const;

  const History& history_;
  Findings& findings_;
  std::vector<std::uint8_t> is_set_;
  std::vector<std::uint8_t> orderless_;
  std::vector<Addition> additions_;  // by key, value, transaction
  std::vector<Read> reads_;          // by key, number of members
  std::vector<std::uint32_t> members_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> places_;  // by event
  std::vector<std::uint32_t> seen_in_;                           // by addition: the last read whose members were marked
};

}  // namespace tidemark::checkers::graph
