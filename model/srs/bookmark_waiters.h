// BookmarkWaiters: coroutines that wait for a position of the log, in bookmark order.
//
// The rule against lost wake-ups: a ticket is registered first, then the owner checks the position, then the ticket
// waits. Each waits for its own bookmark only, so none holds up another.
#pragma once

#include <boost/intrusive/set.hpp>
#include <utility>

#include "model/types/bookmark.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {

template <typename Result>
class BookmarkWaiters {
 public:
  /// One waiting coroutine; lives in its frame and unregisters itself with it.
  class Ticket : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
   public:
    Ticket(BookmarkWaiters& waiters, const Bookmark& bookmark) : bookmark_(bookmark) { waiters.tickets_.insert(*this); }
    const Bookmark& bookmark() const { return bookmark_; }
    auto wait(sim::Process& process) { return promise_.get(process); }
    /// Ends the wait with `result` from outside (a deadline). False when it had ended before.
    bool end(const Result& result) {
      if (this->is_linked()) this->unlink();
      return promise_.set(result);
    }

   private:
    friend class BookmarkWaiters;
    Bookmark bookmark_;
    sim::Promise<Result> promise_;
  };

  /// Wakes, in bookmark order, the tickets after `from` up to `to`: what a move of the position has just reached.
  void wake(const Bookmark& from, const Bookmark& to, const Result& result) {
    auto next = tickets_.upper_bound(from, Order{});
    while (next != tickets_.end() && next->bookmark_ <= to) next = wake_one(next, result);
  }
  void wake_all(const Result& result) {
    for (auto next = tickets_.begin(); next != tickets_.end();) next = wake_one(next, result);
  }
  bool empty() const { return tickets_.empty(); }

 private:
  struct Order {
    bool operator()(const Ticket& a, const Ticket& b) const { return a.bookmark() < b.bookmark(); }
    bool operator()(const Ticket& a, const Bookmark& b) const { return a.bookmark() < b; }
    bool operator()(const Bookmark& a, const Ticket& b) const { return a < b.bookmark(); }
  };
  using Tickets =
      boost::intrusive::multiset<Ticket, boost::intrusive::compare<Order>, boost::intrusive::constant_time_size<false>>;

  typename Tickets::iterator wake_one(typename Tickets::iterator place, const Result& result) {
    Ticket& ticket = *place;
    auto next = tickets_.erase(place);
    ticket.promise_.set(result);  // arms an event; nothing runs in here
    return next;
  }

  Tickets tickets_;
};

}  // namespace tidemark::model::srs
