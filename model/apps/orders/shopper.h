// Shopper: one customer of the shop, at its page: looks at the list, places orders, opens the page anew.
#pragma once

#include <cstdint>
#include <string>

#include "model/protocol/user.h"
#include "sim/core/distribution.h"

namespace tidemark::model {

struct ShoppingHabits {
  double read_share = 0.8;
  sim::Duration reset_period;        // mean, of all customers together; 0 = nobody resets
  bool first_unconstrained = false;  // what a page opens with, in place of first-primary
};

class Shopper final : public User {
 public:
  Shopper(ClientPlace place, const ShoppingHabits& habits);
  ActionBody next(sim::Instant now, sim::RandomStream& random) override;
  Opening opening() const override { return opening_; }
  /// Order numbers stay unique.
  void forget() override { has_page_ = false; }

 private:
  bool resets(sim::Instant now, sim::RandomStream& random);

  const std::string customer_;
  const std::uint64_t read_;  // fixed-point probability
  const bool has_resets_;
  const sim::DurationDistribution between_resets_;
  const Opening page_opening_;
  sim::Instant next_reset_;
  bool has_page_ = false;
  Opening opening_ = Opening::kSame;
  std::uint64_t orders_ = 0;
};

}  // namespace tidemark::model
