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

/// What the rules look at: some nodes of the graph under numbers of their own, ascending by the old ones; the reads
/// whose writer and reader are among them, and the writers of their keys. By key, then by version.
struct Part {
  std::vector<Node> names;  // the old numbers
  std::vector<RegisterRead> reads;
  std::vector<std::uint32_t> writer_starts;  // by place in `keys`
  std::vector<std::uint32_t> keys;           // ascending
  std::vector<Node> writers;
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
  Round(const Part& part, const CsrGraph& graph, const std::vector<Node>& order)
      : part_(part),
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

  /// The edges, under the numbers of the part.
  std::vector<InferredEdge> infer() {
    const std::vector<RegisterRead>& reads = part_.reads;
    std::size_t next = 0;
    for (std::size_t i = 0; i < part_.keys.size(); ++i) {
      const std::uint32_t key = part_.keys[i];
      const std::span<const Node> writers{part_.writers.data() + part_.writer_starts[i],
                                          part_.writers.data() + part_.writer_starts[i + 1]};
      for (const Node writer : writers) set(writers_.data(), place_[writer]);
      while (next < reads.size() && reads[next].key == key) {
        std::size_t end = next;
        while (end < reads.size() && reads[end].key == key && reads[end].writer == reads[next].writer) ++end;
        infer_version({reads.data() + next, end - next});
        next = end;
      }
      for (const Node writer : writers) clear(writers_.data(), place_[writer]);
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
    for (const RegisterRead& read : readers) infer_before(read, writer);
    for (const RegisterRead& read : readers) infer_after(read, writer);
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

  const Part& part_;
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

/// Parts of a graph, one after the other.
class PartMaker {
 public:
  PartMaker(const History& history, const RegisterVersions& registers, Node nodes)
      : registers_(registers), number_(nodes, kNoNode), read_starts_(nodes + std::size_t{1}, 0) {
    for (const RegisterRead& read : registers.reads()) {
      // What read the beginning stands before all writers already.
      if (!read.again && read.writer != kNoNode) ++read_starts_[read.reader + std::size_t{1}];
    }
    for (Node node = 0; node < nodes; ++node) read_starts_[node + std::size_t{1}] += read_starts_[node];
    reads_.resize(read_starts_.back());
    std::vector<std::uint32_t> next(read_starts_.begin(), read_starts_.end() - 1);
    for (std::uint32_t i = 0; i < registers.reads().size(); ++i) {
      const RegisterRead& read = registers.reads()[i];
      if (!read.again && read.writer != kNoNode) reads_[next[read.reader]++] = i;
    }
    for (std::uint32_t key = 0; key < history.keys(); ++key) {
      for (const Node writer : registers.writers(key)) written_.emplace_back(writer, key);
    }
    std::sort(written_.begin(), written_.end());
  }

  Part make(std::span<const Node> members) {
    Part part;
    part.names.assign(members.begin(), members.end());
    std::sort(part.names.begin(), part.names.end());
    for (Node i = 0; i < part.names.size(); ++i) number_[part.names[i]] = i;
    std::vector<std::uint32_t> reads;
    std::vector<std::pair<std::uint32_t, Node>> writers;
    for (const Node name : part.names) {
      for (std::uint32_t i = read_starts_[name]; i < read_starts_[name + std::size_t{1}]; ++i) {
        if (number_[registers_.reads()[reads_[i]].writer] != kNoNode) reads.push_back(reads_[i]);
      }
      for (auto one = std::lower_bound(written_.begin(), written_.end(), std::make_pair(name, std::uint32_t{0}));
           one != written_.end() && one->first == name; ++one) {
        writers.emplace_back(one->second, number_[name]);
      }
    }
    std::sort(reads.begin(), reads.end());
    for (const std::uint32_t i : reads) {
      RegisterRead read = registers_.reads()[i];
      read.reader = number_[read.reader];
      read.writer = number_[read.writer];
      part.reads.push_back(read);
    }
    std::sort(writers.begin(), writers.end());
    for (const auto& [key, writer] : writers) {
      if (part.keys.empty() || part.keys.back() != key) {
        part.keys.push_back(key);
        part.writer_starts.push_back(static_cast<std::uint32_t>(part.writers.size()));
      }
      part.writers.push_back(writer);
    }
    part.writer_starts.push_back(static_cast<std::uint32_t>(part.writers.size()));
    return part;
  }

  /// The arcs between the members of the part that was made last.
  EdgeList edges(const CsrGraph& graph, const Part& part) const {
    EdgeList list(static_cast<Node>(part.names.size()));
    for (Node i = 0; i < part.names.size(); ++i) {
      for (const Arc arc : graph.arcs(part.names[i])) {
        if (number_[arc.to()] != kNoNode) list.add(i, number_[arc.to()], arc.relation());
      }
    }
    return list;
  }

  void forget(const Part& part) {
    for (const Node name : part.names) number_[name] = kNoNode;
  }

 private:
  const RegisterVersions& registers_;
  std::vector<Node> number_;                // of the part that was made last
  std::vector<std::uint32_t> read_starts_;  // by reader
  std::vector<std::uint32_t> reads_;
  std::vector<std::pair<Node, std::uint32_t>> written_;  // by node, the keys
};

/// Windows along a topological order, each saturated by itself; again with others, until nothing more follows.
class WindowSaturator {
 public:
  WindowSaturator(const History& history, RegisterVersions& registers, EdgeList& edges,
                  const SaturationOptions& options, std::size_t width)
      : registers_(registers),
        edges_(edges),
        options_(options),
        width_(width),
        parts_(history, registers, edges.nodes()) {}

  /// First in small windows, which are cheap and tell most.
  Saturated run() {
    const auto nodes = std::max<std::size_t>(edges_.nodes(), 1);
    for (std::size_t width = std::min(kFirstWidth, width_);; width *= 4) {
      while (pass(std::min(width, width_), false) || pass(std::min(width, width_), true)) {
      }
      if (result_.cyclic || !result_.complete || width >= std::min(width_, nodes)) break;
    }
    registers_.sort_inferred();
    return result_;
  }

 private:
  static constexpr std::size_t kFirstWidth = 512;

  /// `between`: with the borders of the windows in the middle of where they are else. True if something followed.
  bool pass(std::size_t width, bool between) {
    const bool one = width >= edges_.nodes();
    if (result_.cyclic || !result_.complete || (one && between)) return false;
    const CsrGraph graph(edges_);
    const std::vector<Node> order = topological_order(graph, kEverything);
    result_.cyclic = order.empty() && graph.nodes() > 0;
    ++result_.rounds;
    const std::size_t before = edges_.size();
    for (std::size_t first = 0; first < order.size() && !result_.cyclic && result_.complete;) {
      const std::size_t end = std::min(first == 0 && between ? width / 2 : first + width, order.size());
      saturate(graph, {order.data() + first, end - first});
      first = end;
    }
    return edges_.size() != before;
  }

  void saturate(const CsrGraph& graph, std::span<const Node> members) {
    const Part part = parts_.make(members);
    EdgeList list = parts_.edges(graph, part);
    parts_.forget(part);
    for (bool more = !part.reads.empty(); more;) {
      const CsrGraph own(list);
      const std::vector<Node> order = topological_order(own, kEverything);
      result_.cyclic = order.empty();
      if (result_.cyclic) return;
      Round round(part, own, order);
      std::vector<InferredEdge> found = round.infer();
      result_.steps += round.steps();
      for (InferredEdge& edge : found) {
        list.add(edge.from, edge.to, edge.relation);
        for (Node* const node : {&edge.from, &edge.to, &edge.third}) *node = part.names[*node];
        edges_.add(edge.from, edge.to, edge.relation);
        registers_.add_inferred(edge);
      }
      more = !found.empty();
      result_.complete = result_.steps < options_.step_budget;
      if (!result_.complete) return;
    }
  }

  RegisterVersions& registers_;
  EdgeList& edges_;
  const SaturationOptions& options_;
  const std::size_t width_;
  PartMaker parts_;
  Saturated result_;
};

}  // namespace

Saturated saturate_by_closure(const History& history, RegisterVersions& registers, EdgeList& edges,
                              const SaturationOptions& options, Node width) {
  return WindowSaturator(history, registers, edges, options, std::max<Node>(width, 2)).run();
}

}  // namespace tidemark::checkers::graph
