// CustomerLedger: what one customer has asked for, and which carts and orders can have come of it.
//
// Requests that change the cart or place an order have numbers and take effect in their order, each once or not at all
// (store_sql.h). So a cart in which the request L was the newest to be served is known, but for requests of unknown
// outcome: what was acknowledged up to L stands as its last acknowledged change left it, unless one of unknown outcome
// between that and L has changed it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/apps/bookstore/shown.h"

namespace tidemark::model::bookstore {

class CustomerLedger {
 public:
  /// add, update, remove, checkout.
  void begun(const ActionBody& request);
  /// `cart`: what the answer shows, where there is one.
  void ended(const ActionBody& request, ActionOutcome outcome, const std::vector<CartLine>& cart);

  /// Empty, or what is wrong with these lines as the whole cart after request `last`: "line 17 (2 of book 3) is
  /// missing".
  std::string cart_problem(const std::vector<CartLine>& lines, std::int64_t last) const;
  /// The same of one book's line.
  std::string line_problem(std::int64_t book, const CartLine* shown, std::int64_t last) const;
  /// Empty, or why no request of this number can have been the newest to be served.
  std::string number_problem(std::int64_t last) const;
  /// Has a checkout of this number been asked for, and not surely failed?
  bool may_have_placed(std::int64_t number) const;
  /// Acknowledged checkouts up to this number.
  std::vector<std::int64_t> placed_up_to(std::int64_t last) const;
  /// Can an order that nobody was told of hold this book?
  bool may_have_bought(std::int64_t book) const;

 private:
  struct Request {
    ActionBody body;
    std::uint32_t open = 0;  // attempts under way
    bool acknowledged = false;
    bool unknown = false;   // of some attempt nobody knows
    bool effective = true;  // acknowledged: an update has found its book
    std::int64_t book() const { return number_of(body, 2); }
    std::int64_t quantity() const { return number_of(body, 3); }
    bool is(std::string_view name) const { return body.name == name; }
    bool puts() const { return is("add") || is("update"); }
    bool touches(std::int64_t other) const { return is("checkout") || book() == other; }
    /// Neither acknowledged nor surely without effect.
    bool possible() const { return !acknowledged && (unknown || open > 0); }
  };
  using Requests = std::map<std::int64_t, Request>;  // by number
  Requests::const_iterator settled(std::int64_t book, std::int64_t last) const;
  static bool is_line_of(const Request& request, std::int64_t number, const CartLine& shown);

  Requests requests_;
  /// Somebody has used a number for two different requests: nothing is known then.
  bool unclear_ = false;
};

}  // namespace tidemark::model::bookstore
