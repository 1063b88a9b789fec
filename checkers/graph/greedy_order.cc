#include "checkers/graph/greedy_order.h"

#include <functional>
#include <queue>

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
        readers_left_(accesses.readers()),
        current_(accesses.first_versions()),
        waiting_for_(history.keys()),
        patience_(patience) {}

  GreedyOrder run() {
    waits_.assign(graph_.nodes(), 0);
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
  using Access = RegisterAccesses::Access;

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
    for (const Access& access : accesses_.of(node)) {
      if (!access.write) continue;
      std::uint32_t left = readers_left_[current_[access.key]];
      for (const Access& own : accesses_.of(node)) {
        if (!own.write && own.key == access.key && own.version == current_[access.key]) --left;
      }
      if (left == 0) continue;
      waiting_for_[access.key].push_back(node);
      waiting_.push(node);
      waits_[node] = 1;
      return true;
    }
    return false;
  }

  void take(Node node) {
    for (const Access& access : accesses_.of(node)) {
      if (!access.write && --readers_left_[access.version] <= 1) wake(access.key);
    }
    for (const Access& access : accesses_.of(node)) {
      if (!access.write) continue;
      current_[access.key] = access.version;
      wake(access.key);
    }
  }

  // One that waits may be the last reader itself, so they look again when at most one is left.
  void wake(std::uint32_t key) {
    for (const Node node : waiting_for_[key]) {
      if (waits_[node] == 0) continue;
      waits_[node] = 0;
      make_ready(node);
    }
    waiting_for_[key].clear();
  }

  const History& history_;
  const Presence& presence_;
  const RegisterAccesses& accesses_;
  const CsrGraph& graph_;
  std::vector<std::uint32_t> readers_left_;
  std::vector<std::uint32_t> current_;                                    // the version that each key holds
  std::vector<std::vector<Node>> waiting_for_;                            // by key: that a version of it is read
  std::priority_queue<Node, std::vector<Node>, std::greater<>> waiting_;  // with some that wait no more
  std::vector<std::uint8_t> waits_;
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
