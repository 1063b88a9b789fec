#include "model/apps/orders/shopper.h"

#include <algorithm>

namespace tidemark::model {
namespace {

constexpr std::uint64_t kActionsOfPage = 8;  // mean
constexpr std::uint64_t kStrayOpenings = 6;  // one page in so many is opened at a place that is not there
constexpr std::uint64_t kStrayActions = 40;  // one action in so many
constexpr std::uint64_t kLargestQuantity = 100;

sim::DurationDistribution resets_of_one(sim::Duration period, std::uint32_t clients) {
  if (period.ns() == 0) return sim::DurationDistribution::constant({});
  return sim::DurationDistribution::exponential(period * std::max(clients, 1U));
}

}  // namespace

Shopper::Shopper(ClientPlace place, const ShoppingHabits& habits)
    : customer_("c" + std::to_string(place.number)),
      read_(sim::probability(habits.read_share)),
      has_resets_(habits.reset_period.ns() > 0),
      between_resets_(resets_of_one(habits.reset_period, place.clients)),
      page_opening_(habits.first_unconstrained ? Opening::kNew : Opening::kFirstPrimary) {}

ActionBody Shopper::next(sim::Instant now, sim::RandomStream& random) {
  const bool reopens = random.below(kActionsOfPage) == 0;
  opening_ = has_page_ && !reopens ? Opening::kSame : page_opening_;
  has_page_ = true;
  const bool stray = random.below(opening_ == Opening::kSame ? kStrayActions : kStrayOpenings) == 0;
  if (stray) return {"other", {std::string("/favicon.ico")}};
  if (resets(now, random)) return {"reset", {}};
  if (random.chance_fixed(read_)) return {"list", {}};
  const auto quantity = static_cast<std::int64_t>(1 + random.below(kLargestQuantity));
  return {"order", {customer_, "o" + std::to_string(++orders_), quantity}};
}

bool Shopper::resets(sim::Instant now, sim::RandomStream& random) {
  if (!has_resets_) return false;
  const bool first = next_reset_ == sim::Instant();
  if (!first && now < next_reset_) return false;
  next_reset_ = now + between_resets_.sample(random);
  return !first;
}

}  // namespace tidemark::model
