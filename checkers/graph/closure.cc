#include <algorithm>
#include <bit>
#include <tuple>

#include "checkers/graph/saturation.h"

namespace tidemark::checkers::graph {
namespace {

constexpr Mask kEverything = 0xff;
using Word = std::uint64_t;

/// For each node a set of nodes, as bits.
class Relations {
 public:
  explicit Relations(std::size_t nodes) : words_((nodes + 63) / 64), bits_(nodes * words_, 0) {}
  Word* row(std::size_t node) { return bits_.data() + node * words_; }
  const Word* row(std::size_t node) const { return bits_.data() + node * words_; }

 private:
  std::size_t words_;
  std::vector<Word> bits_;
};

void set(Word* row, std::size_t bit) {
  row[bit / 64] |= Word{1} << (bit % 64);
}
void clear(Word* row, std::size_t bit) {
  row[bit / 64] &= ~(Word{1} << (bit % 64));
}

/// One round of the rules, with everything that is known at its beginning. Nodes go by their places in a topological
/// order here: what reaches a place has smaller ones.
class Round {
 public:
  Round(const History& history, const RegisterVersions& registers, const CsrGraph& graph,
        const std::vector<Node>& order)
      : history_(history),
        registers_(registers),
        order_(order),
        place_(order.size()),
        words_((order.size() + 63) / 64),
        before_(order.size()),
        after_(order.size()),
        writers_(words_, 0),
        known_(words_, 0),
        left_(words_, 0) {
    for (std::uint32_t i = 0; i < order.size(); ++i) place_[order[i]] = i;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      for (const Arc arc : graph.arcs(order[i])) {
        const std::uint32_t to = place_[arc.to()];
        join(before_.row(to), before_.row(i), 0, i / 64 + 1);
        set(before_.row(to), i);
      }
    }
    for (std::uint32_t i = static_cast<std::uint32_t>(order.size()); i-- > 0;) {
      for (const Arc arc : graph.arcs(order[i])) {
        const std::uint32_t to = place_[arc.to()];
        join(after_.row(i), after_.row(to), to / 64, words_);
        set(after_.row(i), to);
      }
    }
  }

  std::vector<InferredEdge> infer() {
    const std::span<const RegisterRead> reads = registers_.reads();
    std::size_t next = 0;
    for (std::uint32_t key = 0; key < history_.keys(); ++key) {
      for (const Node writer : registers_.writers(key)) set(writers_.data(), place_[writer]);
      while (next < reads.size() && reads[next].key == key) {
        std::size_t end = next;
        while (end < reads.size() && reads[end].key == key && reads[end].writer == reads[next].writer) ++end;
        // What read the beginning stands before all writers already.
        if (reads[next].writer != kNoNode) infer_version(reads.subspan(next, end - next));
        next = end;
      }
      for (const Node writer : registers_.writers(key)) clear(writers_.data(), place_[writer]);
    }
    return std::move(found_);
  }
  std::uint64_t steps() const { return steps_; }

 private:
  void join(Word* to, const Word* from, std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) to[i] |= from[i];
    steps_ += end - first;
  }

  void infer_version(std::span<const RegisterRead> readers) {
    const std::uint32_t writer = place_[readers[0].writer];
    std::copy_n(before_.row(writer), words_, known_.begin());
    set(known_.data(), writer);
    for (const RegisterRead& read : readers) {
      if (!read.again) infer_before(read, writer);
    }
    for (const RegisterRead& read : readers) {
      if (!read.again) infer_after(read, writer);
    }
  }

  /// Writers that reach the reader stand before the version. Of those that reach each other the last is enough.
  void infer_before(const RegisterRead& read, std::uint32_t writer) {
    const std::uint32_t reader = place_[read.reader];
    const Word* reached = before_.row(reader);
    const std::size_t words = reader / 64 + 1;
    steps_ += words;
    for (std::size_t i = words; i-- > 0;) {
      for (Word left = reached[i] & writers_[i] & ~known_[i]; left != 0; left = left & ~known_[i]) {
        const std::size_t other = i * 64 + 63 - static_cast<std::size_t>(std::countl_zero(left));
        found_.push_back({order_[other], order_[writer], Relation::kWw, read.key, read.value, read.reader});
        join(known_.data(), before_.row(other), 0, i + 1);
        set(known_.data(), other);
      }
    }
  }

  /// Writers that the version reaches stand after its readers. Of those that reach each other the first is enough.
  void infer_after(const RegisterRead& read, std::uint32_t writer) {
    const std::uint32_t reader = place_[read.reader];
    const Word* reached = after_.row(writer);
    const std::size_t first = writer / 64;
    std::copy(after_.row(reader) + first, after_.row(reader) + words_,
              left_.begin() + static_cast<std::ptrdiff_t>(first));
    set(left_.data(), reader);
    steps_ += words_ - first;
    for (std::size_t i = first; i < words_; ++i) {
      for (Word left = reached[i] & writers_[i] & ~left_[i]; left != 0; left = left & ~left_[i]) {
        const std::size_t other = i * 64 + static_cast<std::size_t>(std::countr_zero(left));
        found_.push_back({read.reader, order_[other], Relation::kRw, read.key, read.value, order_[writer]});
        join(left_.data(), after_.row(other), i, words_);
        set(left_.data(), other);
      }
    }
  }

  const History& history_;
  const RegisterVersions& registers_;
  const std::vector<Node>& order_;
  std::vector<std::uint32_t> place_;
  std::size_t words_;
  Relations before_;           // what reaches each place
  Relations after_;            // what it reaches
  std::vector<Word> writers_;  // of the key that is looked at
  std::vector<Word> known_;    // what stands before the version
  std::vector<Word> left_;     // what stands after the reader
  std::vector<InferredEdge> found_;
  std::uint64_t steps_ = 0;
};

}  // namespace

Saturated saturate_by_closure(const History& history, RegisterVersions& registers, EdgeList& edges,
                              const SaturationOptions& options) {
  Saturated result;
  for (;;) {
    const CsrGraph graph(edges);
    const std::vector<Node> order = topological_order(graph, kEverything);
    result.cyclic = order.empty() && graph.nodes() > 0;
    if (result.cyclic) break;
    ++result.rounds;
    Round round(history, registers, graph, order);
    const std::vector<InferredEdge> found = round.infer();
    result.steps += round.steps();
    for (const InferredEdge& edge : found) {
      edges.add(edge.from, edge.to, edge.relation);
      registers.add_inferred(edge);
    }
    if (found.empty()) break;
    result.complete = result.steps < options.step_budget;
    if (!result.complete) break;
  }
  registers.sort_inferred();
  return result;
}

}  // namespace tidemark::checkers::graph
