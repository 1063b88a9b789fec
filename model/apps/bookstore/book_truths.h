// What the users of the bookstore rely on, judged by what they were shown.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "model/apps/bookstore/customer_ledger.h"
#include "model/apps/bookstore/search_truth.h"

namespace tidemark::model::bookstore {

class BookTruths final : public Truths {
 public:
  explicit BookTruths(std::int64_t customers) : customers_(customers) {}
  std::vector<std::string> names() const override;
  void begun(const BegunAction& begun) override;
  void ended(const EndedAction& action, const Broken& broken) override;

 private:
  struct KnownOrder {
    std::int64_t customer = 0;
    ShownOrder order;
  };
  void end_request(const EndedAction& action, const Broken& broken);
  void see_state(const EndedAction& action, const Broken& broken);
  void see_cart(const EndedAction& action, const Broken& broken);
  void see_orders(const EndedAction& action, const ResultSetRef& rows, const Broken& broken);
  void see_order(const EndedAction& action, const ShownOrder& order, const Broken& broken);
  void see_best_sellers(const EndedAction& action, const Broken& broken);
  void see_events(const EndedAction& action, const Broken& broken);
  void see_recommendations(const EndedAction& action, const Broken& broken);
  std::map<std::int64_t, std::int64_t> sold_up_to(std::int64_t position) const;
  bool knows_all_up_to(std::int64_t position) const;
  bool are_friends(std::int64_t one, std::int64_t other) const;
  bool may_have_bought(std::int64_t customer, std::int64_t book) const;

  const std::int64_t customers_;
  std::map<std::int64_t, CustomerLedger> ledgers_;  // by customer
  std::map<std::int64_t, KnownOrder> orders_;       // that were shown, by id
  std::map<std::int64_t, std::int64_t> log_;        // their ids by place
  /// The newest request that a session was shown, by session and customer.
  std::map<std::pair<std::uint32_t, std::int64_t>, std::int64_t> newest_;
  std::set<std::pair<std::int64_t, std::int64_t>> befriended_;  // somebody has asked for it
  std::set<std::pair<std::int64_t, std::int64_t>> bought_;      // customer and book, of orders that were shown
  SearchTruth search_;
};

}  // namespace tidemark::model::bookstore
