#include "checkers/graph/greedy_order.h"

#include <functional>
#include <queue>
#include <utility>

namespace tidemark::checkers::graph {

RegisterAccesses::RegisterAccesses(const History& history, const RegisterVersions& registers)
    : starts_(history.transactions().size() + 1, 0), readers_(1, 0), first_versions_(history.keys(), 0) {
  for (std::uint32_t key = 0; key < history.keys(); ++key) {
    for (const Node writer : registers.writers(key)) ++starts_[writer + 1];
  }
  for (const RegisterRead& read : registers.reads()) ++starts_[read.reader + 1];
  for (std::size_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
  accesses_.resize(starts_.back());
  filled_.assign(starts_.begin(), starts_.end() - 1);
  fill(registers);
  filled_ = {};
}

/// By key within pieces of the history: the accesses of a piece stay in the cache while all keys are gone through.
void RegisterAccesses::fill(const RegisterVersions& registers) {
  const auto keys = static_cast<std::uint32_t>(first_versions_.size());
  const auto transactions = static_cast<Node>(starts_.size() - 1);
  const std::span<const RegisterRead> reads = registers.reads();
  std::vector<std::uint32_t> next_write(keys, 0);
  std::vector<std::uint32_t> next_read(keys + std::size_t{1}, 0);
  for (const RegisterRead& read : reads) ++next_read[read.key + 1];
  for (std::size_t key = 1; key < next_read.size(); ++key) next_read[key] += next_read[key - 1];
  const std::vector<std::uint32_t> read_starts = next_read;
  for (Node piece = 0; piece < transactions; piece += kPiece) {
    const bool last = transactions - piece <= kPiece;  // what was there in the beginning has no writer
    for (std::uint32_t key = 0; key < keys; ++key) {
      const std::span<const Node> writers = registers.writers(key);
      std::uint32_t& write = next_write[key];
      for (; write < writers.size() && writers[write] - piece < kPiece; ++write) add(writers[write], {key, 0, true});
      std::uint32_t& at = next_read[key];
      for (; at < read_starts[key + 1] && (last || reads[at].writer - piece < kPiece); ++at) {
        if (at == read_starts[key] || reads[at - 1].writer != reads[at].writer) begin_version(reads[at]);
        ++readers_.back();
        add(reads[at].reader, {key, static_cast<std::uint32_t>(readers_.size() - 1), false});
      }
    }
  }
}

void RegisterAccesses::begin_version(const RegisterRead& read) {
  const auto version = static_cast<std::uint32_t>(readers_.size());
  readers_.push_back(0);
  if (read.writer == kNoNode) {
    first_versions_[read.key] = version;
    return;
  }
  // Of this key are the last ones so far.
  for (std::uint32_t i = filled_[read.writer]; i > starts_[read.writer] && accesses_[i - 1].key == read.key; --i) {
    if (accesses_[i - 1].write) accesses_[i - 1].version = version;
  }
}

namespace {

class GreedyWalk {
 public:
  GreedyWalk(const History& history, const Presence& presence, const RegisterAccesses& accesses, const CsrGraph& graph,
             Node patience)
      : history_(history),
        presence_(presence),
        accesses_(accesses),
        graph_(graph),
        readers_left_(accesses.readers().size()),
        current_(accesses.first_versions()),
        waiting_for_(history.keys()),
        patience_(patience) {}

  GreedyOrder run() {
    count_readers();
    waits_.assign(graph_.nodes(), 0);
    woken_by_.assign(graph_.nodes(), kNoKey);
    missing_.assign(graph_.nodes(), 0);
    for (Node node = 0; node < graph_.nodes(); ++node) {
      for (const Arc arc : graph_.arcs(node)) ++missing_[arc.to()];
    }
    for (Node node = 0; node < graph_.nodes(); ++node) {
      if (missing_[node] == 0) make_ready(node);
    }
    while (step()) {
    }
    return std::move(result_);
  }

 private:
  static constexpr std::uint32_t kNoKey = UINT32_MAX;
  using Access = RegisterAccesses::Access;
  using Smallest = std::priority_queue<Node, std::vector<Node>, std::greater<>>;
  struct Readers {
    std::uint32_t left = 0;
    Node sum = 0;  // of those that are left, by exclusive or: of one, itself
  };

  void count_readers() {
    for (Node node = 0; node < graph_.transactions(); ++node) {
      for (const Access& access : accesses_.of(node)) {
        if (access.write) continue;
        ++readers_left_[access.version].left;
        readers_left_[access.version].sum ^= node;
      }
    }
  }

  void make_ready(Node node) {
    if (graph_.is_helper(node) || !presence_.present(node)) {
      free_.push_back(node);
      return;
    }
    // What only reads never hurts, and may free what waits.
    const std::uint64_t later = history_.transactions()[node].has_write ? std::uint64_t{1} << 32 : 0;
    ready_.push(later | node);
  }

  bool step() {
    Node node = 0;
    if (!free_.empty()) {
      node = free_.back();
      free_.pop_back();
    } else if (!ready_.empty() && !has_waited_long()) {
      node = static_cast<Node>(ready_.top());
      ready_.pop();
      if (must_wait(node)) return true;
      take(node);
    } else if (!waiting_.empty()) {
      node = waiting_.top();
      waiting_.pop();
      if (waits_[node] == 0) return true;
      waits_[node] = 0;
      ++result_.forced;
      take(node);
    } else {
      return false;
    }
    result_.nodes.push_back(node);
    for (const Arc arc : graph_.arcs(node)) {
      if (--missing_[arc.to()] == 0) make_ready(arc.to());
    }
    return true;
  }

  bool has_waited_long() {
    while (!waiting_.empty() && waits_[waiting_.top()] == 0) waiting_.pop();
    return !waiting_.empty() && static_cast<Node>(ready_.top()) > waiting_.top() &&
           static_cast<Node>(ready_.top()) - waiting_.top() > patience_;
  }

  /// It would overwrite what must still be read.
  bool must_wait(Node node) {
    const std::uint32_t woken_by = std::exchange(woken_by_[node], kNoKey);
    for (const Access& access : accesses_.of(node)) {
      if (!access.write) continue;
      const Readers& readers = readers_left_[current_[access.key]];
      if (readers.left == 0 || (readers.left == 1 && readers.sum == node)) continue;
      waiting_for_[access.key].push(node);
      waiting_.push(node);
      waits_[node] = access.key + 1;
      if (woken_by != kNoKey && woken_by != access.key) wake(woken_by);
      return true;
    }
    return false;
  }

  void take(Node node) {
    for (const Access& access : accesses_.of(node)) {
      if (access.write) continue;
      Readers& readers = readers_left_[access.version];
      --readers.left;
      readers.sum ^= node;
      if (readers.left <= 1 && current_[access.key] == access.version) wake(access.key);
    }
    for (const Access& access : accesses_.of(node)) {
      if (!access.write) continue;
      current_[access.key] = access.version;
      wake(access.key);
    }
  }

  // Where nobody is left to read, one is woken: it overwrites the key and wakes the next, or waits for another key and
  // does so, too. One reader that is left may be waiting itself.
  void wake(std::uint32_t key) {
    const Readers& readers = readers_left_[current_[key]];
    if (readers.left == 1 && waits_[readers.sum] == key + 1) return wake(readers.sum, key);
    if (readers.left != 0) return;
    for (Smallest& all = waiting_for_[key]; !all.empty();) {
      const Node node = all.top();
      all.pop();
      if (waits_[node] == key + 1) return wake(node, key);
    }
  }

  void wake(Node node, std::uint32_t key) {
    waits_[node] = 0;
    woken_by_[node] = key;
    ++result_.woken;
    make_ready(node);
  }

  const History& history_;
  const Presence& presence_;
  const RegisterAccesses& accesses_;
  const CsrGraph& graph_;
  std::vector<Readers> readers_left_;   // by version
  std::vector<std::uint32_t> current_;  // the version that each key holds
  std::vector<Smallest> waiting_for_;   // by key: that a version of it is read; with some that wait no more
  Smallest waiting_;                    // for whatever; likewise
  std::vector<std::uint32_t> waits_;    // by node: for which key, + 1; 0: it does not
  std::vector<std::uint32_t> woken_by_;
  std::vector<std::uint32_t> missing_;
  std::vector<Node> free_;  // no transaction that takes part
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> ready_;
  const Node patience_;
  GreedyOrder result_;
};

}  // namespace

GreedyOrder greedy_order(const History& history, const Presence& presence, const RegisterAccesses& accesses,
                         const CsrGraph& graph, Node patience) {
  return GreedyWalk(history, presence, accesses, graph, patience).run();
}

}  // namespace tidemark::checkers::graph
