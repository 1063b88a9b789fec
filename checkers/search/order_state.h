// The position of an OrderSearch: what is done, what can come next, what is still wanted; with undo. Private to
// checkers/search.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "checkers/search/order_search.h"
#include "checkers/search/state.h"

namespace tidemark::checkers::search {

class OrderState {
 public:
  /// The workspace is as new again when this ends.
  OrderState(const Program& program, const SearchInput& input, Workspace& workspace);
  ~OrderState();
  OrderState(const OrderState&) = delete;
  OrderState& operator=(const OrderState&) = delete;

  std::uint32_t size() const { return static_cast<std::uint32_t>(input_.transactions.size()); }
  std::uint32_t txn(std::uint32_t item) const { return input_.transactions[item]; }
  std::span<const Action> actions(std::uint32_t item) const { return program_.actions(txn(item)); }
  bool optional(std::uint32_t item) const { return program_.optional(txn(item)); }
  bool only_reads(std::uint32_t item) const { return program_.only_reads(txn(item)); }
  std::uint32_t ret(std::uint32_t item) const { return ret_[item]; }

  // The items whose predecessors are done form a list; with real time, it ends where limit() says.
  std::uint32_t head() const { return next_[size()]; }
  std::uint32_t next(std::uint32_t item) const { return next_[item]; }
  std::uint32_t before(std::uint32_t item) const { return previous_[item]; }
  /// Items from here on are called after something ended that is not done. size() = none.
  bool beyond(std::uint32_t item) const { return item == size() || (input_.real_time && call_[item] > by_ret_limit()); }
  bool complete() const { return required_left_ == 0; }
  /// Of what is done and the state.
  Digest128 fingerprint() const;

  /// The next in order. False: its reads do not hold, or it makes a wanted state impossible; nothing has changed.
  bool advance(std::uint32_t item);
  /// Takes an item that only reads and whose reads hold.
  void take_read(std::uint32_t item);
  const Machine& machine() const { return machine_; }
  const std::vector<std::uint32_t>& trail() const { return trail_; }
  struct Mark {
    std::size_t trail = 0;
    std::size_t machine = 0;
  };
  Mark mark() const { return {trail_.size(), machine_.mark()}; }
  void go_back(const Mark& mark);

  /// A state that is wanted from the beginning and cannot come about: an item that reads it; kNone: none.
  std::uint32_t reader_of_the_impossible() const;
  /// A state must come about that this change could make.
  bool is_needed(const Action& change) const;
  /// And that state grows from the one that the key is in.
  bool is_next(const Action& change) const;
  /// Writes a register blindly and nothing else, and nobody who is left looks for what it writes. It can stand right
  /// before any other blind write of the register, and one of unknown outcome can be left out.
  bool is_idle(std::uint32_t item) const;
  std::span<const std::uint32_t> producers(std::uint32_t wanted) const;

 private:
  void link_all();
  void count(std::uint32_t item, std::int32_t by);
  void count_reader(std::uint32_t wanted, std::int32_t by);
  /// It must come about, or stay: for its own readers or for what grows from it.
  bool due(std::uint32_t wanted) const { return readers_left_[wanted] != 0 || children_left_[wanted] != 0; }
  /// Of the last `steps` states that `state` grew through, itself included, the one whose parent is `parent`, or kNone.
  std::uint32_t child_on_the_way(std::uint32_t state, std::uint32_t parent, std::size_t steps) const;
  bool passed_through(std::uint32_t state, std::uint32_t wanted, std::size_t steps) const;
  bool producible(std::uint32_t wanted) const;
  void mark_done(std::uint32_t item);
  void mark_open(std::uint32_t item);
  bool lost(std::uint32_t wanted) const;
  bool lost_behind(std::uint32_t wanted, std::size_t steps) const;
  bool loses_something(std::uint32_t item) const;
  std::uint32_t by_ret_limit() const { return limit_ == by_ret_.size() ? kNever : ret_[by_ret_[limit_]]; }

  const Program& program_;
  const SearchInput& input_;
  Machine& machine_;
  std::vector<std::uint32_t>& readers_left_;
  std::vector<std::uint32_t>& children_left_;
  std::vector<std::uint32_t>& producers_left_;
  std::vector<std::uint32_t> trail_;  // items in order
  std::vector<std::uint8_t> done_;
  std::uint32_t required_left_ = 0;
  Digest128 done_hash_;

  // the list of what can come next; place size() is its anchor
  std::vector<std::uint32_t> next_;
  std::vector<std::uint32_t> previous_;
  std::vector<std::uint32_t> open_predecessors_;
  std::vector<std::uint32_t> successors_first_;
  std::vector<std::uint32_t> successors_;

  // real time
  std::vector<std::uint32_t> call_;
  std::vector<std::uint32_t> ret_;
  std::vector<std::uint32_t> by_ret_;  // items that must be done, by ascending end
  std::vector<std::uint32_t> rank_;    // item -> its place in by_ret_
  std::size_t limit_ = 0;              // the first place of by_ret_ that is not done

  std::vector<std::uint32_t> left_behind_;  // wanted states that keys were in before the item
};

}  // namespace tidemark::checkers::search
