#include "model/apps/northwind/staff.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "model/apps/application.h"
#include "model/apps/northwind/dump.h"
#include "model/apps/northwind/tables.h"
#include "sim/core/random.h"

namespace tidemark::model::northwind {
namespace {

constexpr std::array<std::string_view, 5> kLists = {"Customer", "Employee", "Order", "Product", "Supplier"};
constexpr std::array<std::string_view, 6> kWords = {"an", "er", "Tea", "port", "or", "Sales"};
constexpr std::int64_t kFirstOwnOrder = 20'000;
constexpr std::size_t kKeptOrders = 8;

class Staff : public User {
 public:
  Staff(ClientPlace place, const WorkloadOptions& options)
      : place_(place), read_(sim::probability(options.read_share)) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (!random.chance_fixed(read_)) return write(random);
    switch (random.below(8)) {
      case 0: {
        const bool products = random.below(2) == 0;
        return {"search", {std::string(products ? "Product" : "Customer"), some_word(random)}};
      }
      case 1:
        return {"employee", {1 + number_below(random, 9)}};
      case 2:
        return {"customer", {customer_id(number_below(random, 91))}};
      case 3:
        return {"product", {1 + number_below(random, 77)}};
      case 4:
        return {"order", {some_order(random)}};
      default:
        return list(random);
    }
  }
  void answered(const ActionBody& action, const HttpResponse* response) override {
    if (response == nullptr || response->status != 200) return;
    if (action.name == "list" && !response->results.empty())
      rows_[std::get<std::string>(action.values.front())] = number_at(response->results.front(), 0, 0);
    if (action.name == "place") {
      placed_.push_back(number_of(action, 0));
      if (placed_.size() > kKeptOrders) placed_.pop_front();
    }
  }
  void forget() override {
    rows_.clear();
    placed_.clear();
  }

 protected:
  static std::int64_t number_below(sim::RandomStream& random, std::uint64_t n) {
    return static_cast<std::int64_t>(random.below(n));
  }

 private:
  static std::string some_word(sim::RandomStream& random) { return std::string(kWords[random.below(kWords.size())]); }

  /// Half of the time the last page that the one before has shown there to be: where the newest rows are.
  ActionBody list(sim::RandomStream& random) {
    const std::uint64_t which = random.below(2 * kLists.size());
    const std::string table(which < kLists.size() ? kLists[which] : kLists[2]);
    const std::int64_t last = std::max<std::int64_t>(rows_[table] - 1, 0) / kPageRows;
    const bool to_the_last = random.below(2) == 0;
    return {"list", {table, to_the_last ? last : number_below(random, static_cast<std::uint64_t>(last) + 1)}};
  }
  std::int64_t some_order(sim::RandomStream& random) {
    if (!placed_.empty() && random.below(2) == 0) return placed_[random.below(placed_.size())];
    return kFirstOrder + number_below(random, static_cast<std::uint64_t>(kLastOrder - kFirstOrder + 1));
  }
  ActionBody write(sim::RandomStream& random) {
    if (!placed_.empty() && random.below(4) == 0) {
      const std::size_t which = random.below(placed_.size());
      const std::int64_t order = placed_[which];
      placed_.erase(placed_.begin() + static_cast<std::ptrdiff_t>(which));
      return {"cancel", {order}};
    }
    const std::int64_t order = kFirstOwnOrder + orders_++ * place_.clients + place_.number;
    const std::string customer = customer_id(number_below(random, 91));
    const std::int64_t employee = 1 + number_below(random, 9);
    const std::int64_t first = 1 + number_below(random, 77);
    const std::int64_t second = 1 + (first + number_below(random, 76)) % 77;
    return {"place", {order, customer, employee, first, second, 1 + number_below(random, 20)}};
  }

  const ClientPlace place_;
  const std::uint64_t read_;                  // fixed-point probability
  std::int64_t orders_ = 0;                   // stays, so that no number is used twice
  std::map<std::string, std::int64_t> rows_;  // by table, as last shown
  std::deque<std::int64_t> placed_;
};

/// What it is about to do, after the slip: back, forward to the slip again, and back.
class Administrator final : public Staff {
 public:
  Administrator(ClientPlace place, const WorkloadOptions& options)
      : Staff(place, options), references_(!makes_mistake(options, "no-references")) {}

  ActionBody next(sim::Instant now, sim::RandomStream& random) override {
    switch (plan_) {
      case Plan::kSlip:
        plan_ = Plan::kBack;
        return {"slip", {}};
      case Plan::kBack:
        plan_ = Plan::kNone;
        back_again_ = random.below(3) == 0;
        return {"restore", {good_, noted_ms_}};
      case Plan::kUndo:
        plan_ = Plan::kBack;
        return {"restore", {undo_, noted_ms_}};
      case Plan::kNone:
        break;
    }
    const std::uint64_t what = random.below(20);
    if (what == 0) return {"import", {++editions_, std::int64_t{0}}};
    // A dump that cannot be imported has a number below zero.
    if (what == 1) return {"import", {-++editions_, flaw(random)}};
    if (what < 5) return {"export", {}};
    if (what < 7) {
      // As a note says it: to the second.
      noted_ms_ = now.ns() / 1'000'000'000 * 1'000;
      return {"remember", {}};
    }
    return Staff::next(now, random);
  }

  void answered(const ActionBody& action, const HttpResponse* response) override {
    Staff::answered(action, response);
    const bool done = response != nullptr && response->status == 200;
    if (action.name == "remember" && done && response->bookmark.kind() == SessionToken::Kind::kBookmark) {
      good_ = response->bookmark.text();
      plan_ = Plan::kSlip;
    }
    if (action.name != "restore") return;
    if (done) {
      tries_ = 0;
      undo_ = std::string(response->results.front()->row(0)[1].text());
      if (std::exchange(back_again_, false)) plan_ = Plan::kUndo;
    } else if (++tries_ < kMostTries) {
      plan_ = Plan::kBack;
    } else {
      tries_ = 0;
    }
  }
  void forget() override {
    Staff::forget();
    plan_ = Plan::kNone;
  }

 private:
  static constexpr int kMostTries = 4;
  enum class Plan : std::uint8_t { kNone, kSlip, kBack, kUndo };

  /// Without references nothing would refuse a dump with one that dangles.
  std::int64_t flaw(sim::RandomStream& random) const {
    const std::int64_t some = 1 + number_below(random, kFlaws - 1);
    const bool refused = references_ || some != static_cast<std::int64_t>(Flaw::kDangling);
    return refused ? some : static_cast<std::int64_t>(Flaw::kBadStatement);
  }

  const bool references_;
  Plan plan_ = Plan::kNone;
  std::string good_;           // bookmark from before the slip
  std::int64_t noted_ms_ = 0;  // when that was, by the clock on the wall
  std::string undo_;           // of the last restore
  bool back_again_ = false;
  int tries_ = 0;
  std::int64_t editions_ = 0;
};

}  // namespace

std::unique_ptr<User> make_user(ClientPlace place, const WorkloadOptions& options) {
  if (place.number == 0) return std::make_unique<Administrator>(place, options);
  return std::make_unique<Staff>(place, options);
}

}  // namespace tidemark::model::northwind
