// The dependency graph of a history whose versions are ordered by its reads: black-box mode, no bookmarks.
//
// Lists (append; orders without resets): the longest read of a key is its version order, every other read must be a
// prefix of it; appends that nobody read come after. Registers: the version column is the order. Edges: ww, wr, rw
// between transactions and `so`, the order of each session (nothing follows from an operation of unknown outcome). The
// graph is acyclic if and only if the history is sequentially consistent: a topological order is the witness. (Theory:
// Adya 1999; the list trick: Elle, 2020.) No recursion, no time limits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/transaction.h"

namespace tidemark::checkers {

enum EdgeKind : std::uint8_t { kWw = 1, kWr = 2, kRw = 4, kSo = 8 };
inline constexpr std::uint8_t kAllEdges = kWw | kWr | kRw | kSo;

struct Edge {
  std::uint32_t to = 0;
  EdgeKind kind = kSo;
  std::int64_t key = 0;
  std::int64_t before = 0;  // the version that the source wrote or read (`initial` when it read the initial one)
  std::int64_t after = 0;   // the version that the target wrote or read
  bool initial = false;
};

class DependencyGraph {
 public:
  /// Builds the graph of the ok transactions and the observed unknown ones.
  explicit DependencyGraph(const Batch& batch);

  /// A contradiction that needs no cycle: an element that nobody wrote or that surely failed, a read that is no prefix,
  /// ... First the name of the anomaly, then a colon and the text; empty when there is none.
  const std::string& direct() const { return direct_; }
  /// Why the order of the versions is not known; empty when it is.
  const std::string& undecidable() const { return undecidable_; }
  /// Text of the smallest cycle found, with its name; empty when the graph is acyclic.
  std::string cycle() const;

 private:
  struct Version {
    std::int64_t element;
    std::uint32_t writer;
  };

  void build_lists();
  void build_registers();
  void add_sessions();
  void link_read(std::uint32_t reader, std::int64_t key, const std::vector<Version>& order, std::size_t length);
  void fail(const std::string& name, std::uint32_t transaction, const std::string& text);
  std::uint32_t add_helper();
  std::vector<std::uint32_t> components(std::uint8_t mask) const;  // component of each node; 0 = alone
  std::vector<std::pair<std::uint32_t, Edge>> path(std::uint32_t from, std::uint32_t to, std::uint8_t mask,
                                                   const std::vector<std::uint32_t>& component,
                                                   std::size_t limit) const;
  std::vector<std::pair<std::uint32_t, Edge>> smallest_cycle(std::uint8_t mask,
                                                             const std::vector<std::uint32_t>& component) const;
  std::string explain(const std::vector<std::pair<std::uint32_t, Edge>>& cycle) const;
  std::string reason(std::uint32_t from, const Edge& edge, std::uint32_t to) const;

  const Batch& batch_;
  std::uint32_t transactions_ = 0;  // nodes below are transactions, the others helpers
  std::vector<bool> present_;       // ok, or unknown and observed
  std::vector<std::vector<Edge>> edges_;
  std::string direct_;
  std::string undecidable_;
};

}  // namespace tidemark::checkers
