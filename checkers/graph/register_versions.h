// Registers: who wrote what each read found. The order of the versions is mostly not told by a history; saturation.h
// finds what follows of it.
//
// Assumes that a value is written to a key once; where a value that was read could come from several transactions, the
// read is left out and the history cannot be proved valid. A compare-and-set that took effect is a read and a write.
// What failed says nothing, not even that a comparison failed: that is for a search to take into account.
//
// Cost: sorting of the writes. Memory: 24 bytes for each write, 24 for each read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/findings.h"
#include "checkers/graph/versions.h"

namespace tidemark::checkers::graph {

/// `reader` found on `key` what `writer` wrote last, or what was there in the beginning (kNoNode).
struct RegisterRead {
  Node reader = 0;
  Node writer = kNoNode;
  std::uint32_t key = 0;
  Value value;
  bool again = false;  // it found something else before: a contradiction by itself, from which nothing else may follow
};

/// An edge that saturation added.
struct InferredEdge {
  Node from = 0;
  Node to = 0;
  Relation relation = Relation::kWw;  // or kRw
  std::uint32_t key = 0;
  Value read;      // what `third` read of `to` (ww), or `from` of `third` (rw)
  Node third = 0;  // ww: it comes after `from`; rw: it comes before `to`
};

class RegisterVersions final : public Versions {
 public:
  /// Finds who wrote what and everything that contradicts by itself. `history` must outlive it.
  RegisterVersions(const History& history, const std::vector<Family>& families, Presence& presence, Findings& findings);

  /// Call once after all kinds have observed, before the rest: compare-and-sets of unknown outcome that took effect
  /// read, too.
  void settle(Presence& presence);
  /// Reads that contradict an earlier one of their transaction say nothing from now on. (They do where such is
  /// allowed.)
  void forget_repeats();
  /// wr, and the rw edges that hold under snapshot isolation, too.
  void add_edges(const Presence& presence, EdgeList& edges) override;
  bool explain(const Presence& presence, Step& step) const override;

  /// By key, then by version, then by reader. After settle().
  std::span<const RegisterRead> reads() const { return reads_; }
  /// Present transactions that wrote the key, ascending. After settle().
  std::span<const Node> writers(std::uint32_t key) const {
    return {writers_.data() + writer_starts_[key], writers_.data() + writer_starts_[key + 1]};
  }
  bool any() const { return any_; }
  /// Some key has several versions that are not ordered by reads: serializability needs more than the edges above.
  bool has_free_order() const;
  /// What `transaction` wrote last to `key`.
  Value written(Node transaction, std::uint32_t key) const;

  void add_inferred(const InferredEdge& edge) { inferred_.push_back(edge); }
  bool any_inferred() const { return !inferred_.empty(); }
  /// Call after the last add_inferred().
  void sort_inferred();
  const InferredEdge* inferred(Node from, Node to, Relation relation) const;

 private:
  struct Write {
    Value value;
    std::uint32_t key;
    Node transaction;
    std::uint32_t event;
    bool last;  // of its transaction, to this key
  };
  struct RawRead {
    Value value;
    std::uint32_t key;
    Node transaction;
    std::uint32_t event;
    bool again;
  };
  struct Current {
    std::uint32_t transaction = UINT32_MAX;
    std::uint32_t write = UINT32_MAX;  // the last own one
    bool read = false;
    Value value;  // what was read before any own write
  };

  /// Of a transaction with itself.
  struct Contradiction {
    Direct direct;
    Node transaction;
    std::uint32_t event;
    Value expected;
  };

  void gather(const std::vector<Family>& families);
  void gather_event(const Txn& txn, Node number, std::uint32_t event);
  void gather_read(const Txn& txn, Node number, std::uint32_t event, Value value);
  void tell(const Contradiction& found);
  std::span<const Write> writes_of(std::uint32_t key, Value value);
  void resolve(const RawRead& read, Presence& presence);
  void blame(const RawRead& read, std::span<const Write> writes);
  bool writes_key(Node transaction, std::uint32_t key) const;
  /// Those that read one version and wrote the key.
  std::vector<Node> updaters(std::span<const RegisterRead> group) const;

  const History& history_;
  Findings& findings_;
  std::vector<std::uint8_t> is_register_;
  bool any_ = false;
  std::vector<Write> writes_;                // by key, value, transaction, event
  std::vector<std::uint32_t> write_starts_;  // by key
  std::vector<std::uint32_t> near_;          // by key: the write that was found last
  std::vector<RawRead> raw_;                 // of transactions that are ok
  std::vector<RawRead> awaiting_;            // of others: in force when they took effect
  std::vector<Contradiction> impossible_;    // of those of unknown outcome
  std::vector<RegisterRead> reads_;
  std::vector<std::uint32_t> writer_starts_;
  std::vector<Node> writers_;
  std::vector<InferredEdge> inferred_;
  std::vector<Current> current_;  // while transactions are gathered
};

}  // namespace tidemark::checkers::graph
