#include "checkers/graph/greedy_order.h"

#include <functional>
#include <queue>

namespace tidemark::checkers::graph {
namespace {

class GreedyWalk {
 public:
  GreedyWalk(const History& history, const Presence& presence, const RegisterVersions& registers, const CsrGraph& graph,
             Node patience)
      : history_(history), presence_(presence), registers_(registers), graph_(graph), patience_(patience) {}

  GreedyOrder run() {
    number_versions();
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
  struct Access {
    std::uint32_t key;
    std::uint32_t version;  // number in readers_left_
    bool write;
  };

  /// A version is a group of reads with one key and writer, or a write that nobody read (number 0).
  void number_versions() {
    accesses_.resize(graph_.transactions());
    readers_left_.assign(1, 0);
    current_.assign(history_.keys(), 0);
    waiting_for_.resize(history_.keys());
    const std::span<const RegisterRead> reads = registers_.reads();
    std::size_t next = 0;
    for (std::uint32_t key = 0; key < history_.keys(); ++key) {
      for (const Node writer : registers_.writers(key)) accesses_[writer].push_back({key, 0, true});
      for (; next < reads.size() && reads[next].key == key; ++next) {
        const RegisterRead& read = reads[next];
        const bool fresh = next == 0 || reads[next - 1].key != key || reads[next - 1].writer != read.writer;
        if (fresh) begin_version(read);
        const auto version = static_cast<std::uint32_t>(readers_left_.size() - 1);
        ++readers_left_[version];
        accesses_[read.reader].push_back({key, version, false});
      }
    }
  }

  void begin_version(const RegisterRead& read) {
    const auto version = static_cast<std::uint32_t>(readers_left_.size());
    readers_left_.push_back(0);
    if (read.writer == kNoNode) {
      current_[read.key] = version;
      return;
    }
    for (Access& access : accesses_[read.writer]) {
      if (access.write && access.key == read.key) access.version = version;
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
    for (const Access& access : accesses_[node]) {
      if (!access.write) continue;
      std::uint32_t left = readers_left_[current_[access.key]];
      for (const Access& own : accesses_[node]) {
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
    for (const Access& access : accesses_[node]) {
      if (!access.write && --readers_left_[access.version] <= 1) wake(access.key);
    }
    for (const Access& access : accesses_[node]) {
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
  const RegisterVersions& registers_;
  const CsrGraph& graph_;
  std::vector<std::vector<Access>> accesses_;
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

GreedyOrder greedy_order(const History& history, const Presence& presence, const RegisterVersions& registers,
                         const CsrGraph& graph, Node patience) {
  return GreedyWalk(history, presence, registers, graph, patience).run();
}

}  // namespace tidemark::checkers::graph
