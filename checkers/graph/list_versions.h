// The versions of lists: the longest read of a list is the order of its versions, every other read must be a prefix.
//
// Appends that nobody read come after all others, in an order that is free. So every order that a history leaves open
// is one that no read depends on, and the graph of ww, wr, rw and the order of the sessions is acyclic exactly if the
// history has a serial order (the argument: a topological order of the graph is one). Appends of unknown outcome count
// if anything of their transaction was read.
//
// Cost: linear in events and observed elements. Memory: 9 bytes for each append, 8 for each read, 4 for each event, 4
// for each element of a longest read.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/graph/findings.h"
#include "checkers/graph/versions.h"

namespace tidemark::checkers::graph {

class ListVersions final : public Versions {
 public:
  /// Finds the versions and everything that contradicts by itself. `history` must outlive it.
  ListVersions(const History& history, const std::vector<Family>& families, Presence& presence, Findings& findings);

  void add_edges(const Presence& presence, EdgeList& edges) override;
  bool explain(const Presence& presence, Step& step) const override;

  static constexpr std::uint32_t kUnplaced = UINT32_MAX;
  /// Of a read: how long the list was before the own appends of its transaction. Of an append: its place from 1, or
  /// kUnplaced when nobody read it. kUnplaced for reads that contradict. By number of the event.
  std::uint32_t place(std::uint32_t event) const { return places_[event]; }
  /// The order of a key's versions is not known: its reads contradict each other, or a value was appended twice.
  bool orderless(std::uint32_t key) const { return orderless_[key] != 0; }
  std::uint32_t length(std::uint32_t key) const { return order_starts_[key + 1] - order_starts_[key]; }
  /// 1 <= place <= length(key). kNoNode: unknown.
  std::uint32_t writer(std::uint32_t key, std::uint32_t place) const;
  /// Of each key, the present transactions whose appends nobody read, where there are several: their order is free.
  std::vector<std::vector<Node>> free_orders(const Presence& presence) const;

 private:
  // What was appended and read stands in the events: those of one key are mostly near each other, and memory that is
  // touched for the first time costs more than to look there.
  struct Access {
    std::uint32_t transaction;
    std::uint32_t event;
  };
  using Append = Access;
  using Read = Access;
  Value appended(const Append& append) const { return history_.events()[append.event].value; }
  std::span<const Value> seen(const Read& read) const { return history_.elements(history_.events()[read.event]); }
  void gather(const std::vector<Family>& families);
  void gather_transaction(std::uint32_t number);
  void check_inside(std::uint32_t number, std::uint32_t event);
  void order_key(std::uint32_t key, Presence& presence);
  void index_appends(std::uint32_t key, const Presence& presence);
  std::uint32_t append_of(Value value) const;
  std::size_t slot_of(Value value) const {
    return static_cast<std::uint64_t>(value.code()) * 0x9e3779b97f4a7c15ULL >> shift_;
  }
  bool follow_longest(std::uint32_t key, const Read& longest, Presence& presence);
  void bad_element(const Read& read, std::size_t at, std::uint32_t append, const Presence& presence);
  void place_read(std::uint32_t key, const Read& read, const Read& longest, Presence& presence);
  void incompatible(std::uint32_t key, const Read& read, const Read& longest, Presence& presence);
  void check_intermediate(std::uint32_t key, const Read& read);
  void check_own_order(std::uint32_t key, const Presence& presence);
  void check_future(std::uint32_t key);

  std::span<const Append> appends(std::uint32_t key) const {
    return {appends_.data() + append_starts_[key], appends_.data() + append_starts_[key + 1]};
  }
  std::span<const Read> reads(std::uint32_t key) const {
    return {reads_.data() + read_starts_[key], reads_.data() + read_starts_[key + 1]};
  }
  /// The versions behind the longest read.
  struct Tail {
    Node last = kNoNode;       // wrote the last version: of the read ones, or of what it appended behind them
    bool extended = false;     // `last` appended more, which nobody read, directly behind the last version read
    std::vector<Node> unread;  // others whose appends nobody read
  };
  Tail tail(std::uint32_t key, const Presence& presence) const;
  void check_lost_update(std::uint32_t key, const std::vector<Node>& readers, const std::vector<Node>& unread);
  bool explain_ww(const Presence& presence, Step& step) const;
  bool explain_wr(Step& step) const;
  bool explain_rw(const Presence& presence, Step& step) const;
  const Append* unread_append(std::uint32_t key, std::uint32_t transaction) const;

  const History& history_;
  Findings& findings_;
  std::vector<std::uint8_t> is_list_;
  std::vector<std::uint8_t> orderless_;
  std::vector<std::uint32_t> append_starts_;  // by key, like the two below
  std::vector<std::uint32_t> read_starts_;
  std::vector<std::uint32_t> order_starts_;
  std::vector<Append> appends_;
  std::vector<Read> reads_;
  std::vector<std::uint32_t> order_;   // numbers in appends_
  std::vector<std::uint32_t> places_;  // by event
  std::vector<std::uint8_t> twice_;    // by append: another transaction may have appended the same value
  // While transactions are gathered: of each key, the last event of the current transaction; of each event of it, the
  // one before on the same key.
  struct Current {
    std::uint32_t transaction = UINT32_MAX;
    std::uint32_t event = 0;
    std::uint32_t appends = 0;
  };
  std::vector<Current> current_;
  std::vector<std::uint32_t> previous_;
  // Of the key that is worked on: an open hash table of its appends.
  std::vector<std::uint32_t> slots_;
  unsigned shift_ = 64;
};

}  // namespace tidemark::checkers::graph
