#include "model/apps/bookstore/users.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/apps/bookstore/shown.h"
#include "model/apps/bookstore/words.h"
#include "model/types/zipf.h"

namespace tidemark::model::bookstore {
namespace {

template <typename Words>
std::string one_of(const Words& words, sim::RandomStream& random) {
  return std::string(words[random.below(words.size())]);
}

/// Drawn in this order: that of the operands of + is the compiler's to choose.
template <typename First, typename Second>
std::string two_of(const First& first, const Second& second, sim::RandomStream& random) {
  std::string text = one_of(first, random) + " ";
  text += one_of(second, random);
  return text;
}

class Customer final : public User {
 public:
  Customer(ClientPlace place, const WorkloadOptions& options)
      : place_(place),
        self_(place.number + 1),
        books_(std::max(options.keys, 1U), options.zipf_exponent),
        read_(sim::probability(options.read_share)) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (!look_at_.name.empty()) return std::exchange(look_at_, {});
    if (random.chance_fixed(read_)) return look_around(random);
    const std::uint64_t what = random.below(16);
    if (what == 0) return {"befriend", {self_, some_customer(random)}};
    ActionBody change = what < 12 || cart_.empty() ? change_cart(random) : ActionBody{"checkout", {self_, number()}};
    // Many look at what came of it.
    if (random.below(2) == 0) look_at_ = {change.name == "checkout" ? "orders" : "cart", {self_}};
    return change;
  }
  /// Its page shows the cart as it was told last.
  void answered(const ActionBody& action, const HttpResponse* response) override {
    const bool shows_cart = action.name == "cart" || is_numbered(action.name);
    if (!shows_cart || response == nullptr || response->status != 200) return;
    cart_.clear();
    for (const CartLine& line : cart_lines(result(response->results, 1))) cart_.push_back(line.book);
  }
  void forget() override {
    look_at_ = {};
    cart_.clear();
  }

 private:
  std::int64_t number() { return requests_++ * place_.clients + place_.number + 1; }
  std::int64_t some_book(sim::RandomStream& random) { return books_.sample(random) + 1; }
  std::int64_t some_customer(sim::RandomStream& random) const {
    return static_cast<std::int64_t>(1 + random.below(place_.clients));
  }
  std::int64_t book_in_cart(sim::RandomStream& random) const { return cart_[random.below(cart_.size())]; }

  ActionBody change_cart(sim::RandomStream& random) {
    const std::uint64_t what = random.below(8);
    const auto quantity = static_cast<std::int64_t>(1 + random.below(5));
    if (what == 0 && !cart_.empty()) return {"remove", {self_, number(), book_in_cart(random)}};
    if (what == 1 && !cart_.empty()) return {"update", {self_, number(), book_in_cart(random), quantity}};
    return {"add", {self_, number(), some_book(random), quantity}};
  }

  ActionBody look_around(sim::RandomStream& random) {
    switch (random.below(20)) {
      case 0:
        return {"books", {}};
      case 1:
      case 2:
        return {"category", {one_of(kCategories, random)}};
      case 3:
      case 4:
      case 5:
        return {"book", {some_book(random)}};
      case 6:
      case 7:
        return {"cart", {self_}};
      case 8:
        return {"item", {self_, some_book(random)}};
      case 9:
      case 10:
        return {"orders", {self_}};
      case 11:
      case 12:
        return {"bestsellers", {}};
      case 13:
      case 14:
        return {"recommendations", {self_}};
      case 15:
        return {"friends_who_bought", {self_, some_book(random)}};
      default:
        return {"search", {phrase(random)}};
    }
  }
  std::string phrase(sim::RandomStream& random) const {
    switch (random.below(4)) {
      case 0:
        return one_of(kFirstWords, random);
      case 1:
        return two_of(kFirstWords, kSecondWords, random);
      case 2:
        return two_of(kFirstNames, kLastNames, random);
      default:
        return one_of(kCategories, random);
    }
  }

  const ClientPlace place_;
  const std::int64_t self_;
  const Zipf books_;
  const std::uint64_t read_;        // fixed-point probability
  std::int64_t requests_ = 0;       // of all its lives
  std::vector<std::int64_t> cart_;  // books
  ActionBody look_at_;              // without a name: nothing
};

/// Gives books new titles, publishes some, and looks whether they are found.
class Staff final : public User {
 public:
  Staff(ClientPlace place, const WorkloadOptions& options) : place_(place), books_(std::max(options.keys, 1U)) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    if (!title_.empty() && random.below(2) == 0) return {"search", {std::exchange(title_, {})}};
    if (random.below(3) == 0) return {"category", {one_of(kCategories, random)}};
    const std::int64_t number = titles_++ * place_.clients + place_.number + 1;
    title_ = two_of(kFirstWords, kSecondWords, random) + " " + std::to_string(number);
    if (random.below(4) != 0) return {"retitle", {static_cast<std::int64_t>(1 + random.below(books_)), title_}};
    return {"publish",
            {books_ + number, one_of(kCategories, random), title_, two_of(kFirstNames, kLastNames, random),
             static_cast<std::int64_t>(500 + random.below(2'000))}};
  }
  void forget() override { title_.clear(); }

 private:
  const ClientPlace place_;
  const std::int64_t books_;
  std::int64_t titles_ = 0;  // of all its lives
  std::string title_;        // not looked for yet
};

/// Of some orders, between two positions of the log.
struct Sales {
  std::int64_t from = 0, to = 0;                    // positions
  std::map<std::int64_t, std::int64_t> quantities;  // by book
  std::string text() const {
    std::string json;
    for (const auto& [book, quantity] : quantities)
      json += (json.empty() ? "[[" : ",[") + std::to_string(book) + "," + std::to_string(quantity) + "]";
    return json + "]";
  }
};

class StreamWorker final : public User {
 public:
  ActionBody next(sim::Instant, sim::RandomStream&) override {
    if (!sales_) return {"events", {}};
    return {"count", {sales_->from, sales_->to, sales_->text()}};
  }
  /// What became of sales that were sent is asked of the database.
  void answered(const ActionBody& action, const HttpResponse* response) override {
    sales_.reset();
    if (action.name != "events" || response == nullptr || response->status != 200) return;
    const std::vector<Event> events = shown_events(result(response->results, 1));
    if (events.empty()) return;
    sales_.emplace();
    sales_->from = number_at(result(response->results, 0), 0, 0);
    sales_->to = events.back().seq;
    for (const Event& event : events) sales_->quantities[event.book] += event.quantity;
  }
  void forget() override { sales_.reset(); }

 private:
  std::optional<Sales> sales_;  // counted in memory, not stored yet
};

}  // namespace

std::unique_ptr<User> user_of(ClientPlace place, const WorkloadOptions& options) {
  if (place.number == kStreamWorker) return std::make_unique<StreamWorker>();
  if (place.number == kStaff) return std::make_unique<Staff>(place, options);
  return std::make_unique<Customer>(place, options);
}

}  // namespace tidemark::model::bookstore
