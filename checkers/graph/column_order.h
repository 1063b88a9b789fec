// Registers with a version column: the order of versions that the values of the column tell.
//
// A store that counts the writes of a row (`version = version + 1`) tells with each write and each read how many there
// were. So a write with a smaller number comes before one with a larger; where all writers of a key are numbered,
// nothing is left to find out. What a write of unknown outcome counted is known where its value was read.
//
// Assumes what register_versions.h assumes. Two writes with one number, one with a smaller number than an earlier one
// of its transaction, and a read that shows another number than the write had, contradict by themselves. Cost: sorting
// of the writes with versions; 40 bytes for each.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "checkers/graph/register_versions.h"

namespace tidemark::checkers::graph {

class ColumnOrder {
 public:
  /// After RegisterVersions::settle(), before edges are asked for. Adds what follows to `registers` as inferred edges.
  ColumnOrder(const History& history, const std::vector<Family>& families, const Presence& presence,
              RegisterVersions& registers, Findings& findings);

  /// ww to the next version, rw from its readers to the next.
  void add_edges(EdgeList& edges) const;
  /// The same, and why.
  std::span<const InferredEdge> edges() const { return edges_; }
  /// Every register that several transactions wrote is numbered throughout: these edges are all there are.
  bool complete() const { return complete_; }
  /// The transactions that wrote the key, in the order of its versions; empty where it is not known.
  std::span<const Node> order(std::uint32_t key) const;
  /// Place of `writer` in order(key); kNoNode: none.
  std::uint32_t place(std::uint32_t key, Node writer) const;

 private:
  struct Write {
    std::uint32_t key;
    Value value;
    std::int64_t version;
    Node transaction;
    std::uint32_t place;  // in the history, among all of them
  };

  void gather(const std::vector<Family>& families, const Presence& presence);
  void learn_from_reads(Findings& findings);
  void check_own(const Write& first, const Write& second, Findings& findings) const;
  void link(RegisterVersions& registers, Findings& findings);
  Write* write_of(std::uint32_t key, Value value);

  const History& history_;
  std::vector<std::uint8_t> is_register_;
  std::vector<Write> writes_;  // of present transactions; by key and value, then by key and version
  std::vector<InferredEdge> edges_;
  std::vector<std::uint32_t> starts_;  // by key, of its order; empty when no column is known
  std::vector<Node> order_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> places_;  // key and writer, place
  bool complete_ = false;
};

}  // namespace tidemark::checkers::graph
