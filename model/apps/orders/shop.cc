#include "model/apps/orders/shop.h"

#include <utility>

#include "model/apps/orders/order_truths.h"
#include "model/apps/orders/shopper.h"
#include "model/apps/orders_sql.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kPlainInsert = "INSERT INTO Orders (customerId, orderId, quantity) VALUES (?, ?, ?)";
constexpr std::string_view kCreateWithoutKey =
    "CREATE TABLE IF NOT EXISTS Orders (customerId TEXT NOT NULL, orderId TEXT NOT NULL, quantity INTEGER NOT NULL)";
constexpr std::string_view kDrop = "DROP TABLE IF EXISTS Orders";

/// What is done wrong on purpose.
struct Mistakes {
  bool error_drops_bookmark = false;
  bool unthreaded_route = false;
  bool first_unconstrained = false;
  bool null_bookmark = false;
  bool other_database = false;
  bool no_conflict_clause = false;
  bool no_key = false;
  bool two_unit_reset = false;
};

/// Of the database that the shop had before it moved: of the right form, and by string order before everything in the
/// new log, whose first epoch is 1.
SessionToken bookmark_of_the_old_shop() {
  return SessionToken::of({0, 733, 19'000, {0x5b1de3fa90c27a44, 0x8e21f06cb7d359f2}});
}

class Shop final : public Application {
 public:
  explicit Shop(const WorkloadOptions& options)
      : habits_{options.read_share, options.reset_period, makes_mistake(options, "first-unconstrained")},
        mistakes_{makes_mistake(options, "error-drops-bookmark"),
                  makes_mistake(options, "unthreaded-route"),
                  makes_mistake(options, "first-unconstrained"),
                  makes_mistake(options, "null-bookmark"),
                  makes_mistake(options, "other-database"),
                  makes_mistake(options, "no-conflict-clause"),
                  makes_mistake(options, "no-key"),
                  makes_mistake(options, "two-unit-reset")} {}

  std::vector<ActionShape> actions() const override {
    // A reset is not repeatable: one that arrives late drops the orders that came after its repetition.
    return {{"list", "", false, HttpMethod::kGet, HttpRoute::kOrders, true},
            {"order", "tti", true, HttpMethod::kPost, HttpRoute::kOrders, true},
            {"reset", "", true, HttpMethod::kPost, HttpRoute::kReset, false},
            {"other", "t", false, HttpMethod::kGet, HttpRoute::kUnknown, true}};
  }
  std::string schema() const override { return ""; }
  std::unique_ptr<User> user(ClientPlace place) const override { return std::make_unique<Shopper>(place, habits_); }
  SessionToken opens_with(const ActionBody& action, const SessionToken& header) const override;
  sim::Task<void> handle(Call& call) const override;
  std::unique_ptr<Truths> truths() const override {
    return std::make_unique<OrderTruths>(habits_.first_unconstrained ? SessionToken() : SessionToken::first_primary());
  }

 private:
  sim::Task<void> serve_with_table(Call& call) const;
  sim::Task<void> serve(Call& call) const;
  sim::Task<void> reset(Call& call) const;
  bool unthreaded(std::string_view action) const { return mistakes_.unthreaded_route && action == "list"; }

  const ShoppingHabits habits_;
  const Mistakes mistakes_;
};

SessionToken Shop::opens_with(const ActionBody& action, const SessionToken& header) const {
  if (unthreaded(action.name)) return {};
  const bool holds_one =
      header.kind() == SessionToken::Kind::kBookmark || header.kind() == SessionToken::Kind::kForeign;
  if (mistakes_.other_database && !holds_one) return bookmark_of_the_old_shop();
  return header;
}

/// Every answer hands the bookmark on, an error as well: what was written before it must be seen after it.
sim::Task<void> Shop::handle(Call& call) const {
  co_await serve_with_table(call);
  SessionToken bookmark = call.bookmark();
  // String(null): the header's value of a session that has asked nothing yet.
  if (mistakes_.null_bookmark && bookmark.kind() == SessionToken::Kind::kNone) bookmark = SessionToken::parse("null");
  const bool dropped = (mistakes_.error_drops_bookmark && call.failed()) || unthreaded(call.action());
  call.hand_on(dropped ? SessionToken() : bookmark);
}

sim::Task<void> Shop::serve_with_table(Call& call) const {
  co_await serve(call);
  if (call.error().find(orders_sql::kNoTable) == std::string_view::npos) co_return;
  const std::string_view create = mistakes_.no_key ? kCreateWithoutKey : orders_sql::kCreate;
  const bool made = co_await call.run(create);
  if (!made) co_return;
  if (call.made_entry()) call.note(kTableMade);  // else this copy is older than the table
  co_await serve(call);
}

sim::Task<void> Shop::serve(Call& call) const {
  if (call.action() == "other") {
    call.not_found();
    co_return;
  }
  if (call.action() == "reset") {
    co_await reset(call);
    co_return;
  }
  if (call.action() == "order") {
    const bool plain = mistakes_.no_conflict_clause || mistakes_.no_key;
    const std::string_view insert = plain ? kPlainInsert : orders_sql::kInsert;
    const bool placed = co_await call.run(insert, call.value(0), call.value(1), call.value(2));
    if (!placed) co_return;
    call.note(kOrderPlaced);
  }
  const bool listed = co_await call.run(orders_sql::kSelectAll);
  if (listed) call.show(call.rows());
}

sim::Task<void> Shop::reset(Call& call) const {
  if (!mistakes_.two_unit_reset && !mistakes_.no_key) {
    co_await call.run(orders_sql::kReset);
    co_return;
  }
  const std::string_view create = mistakes_.no_key ? kCreateWithoutKey : orders_sql::kCreate;
  if (!mistakes_.two_unit_reset) {
    std::vector<Statement> both;
    both.push_back(bound(kDrop));
    both.push_back(bound(create));
    co_await call.batch(std::move(both));
    co_return;
  }
  const bool dropped = co_await call.run(kDrop);
  if (!dropped) co_return;
  co_await call.run(create);
}

}  // namespace

ApplicationInfo orders_application() {
  return {"orders",
          "The shop of the Sessions API's starter template.",
          {{"error-drops-bookmark", "An error answer carries no bookmark, as in the template: orders-are-listed."},
           {"unthreaded-route", "GET /api/orders neither reads nor hands on the bookmark: orders-are-listed."},
           {"first-unconstrained", "A page opens with first-unconstrained: pages-open-up-to-date."},
           {"null-bookmark", "A header without a bookmark says \"null\": bookmarks-are-accepted."},
           {"other-database", "Sessions begin with a bookmark of another database: pages-open-up-to-date."},
           {"no-conflict-clause", "An order that is sent again is refused as known: retried-orders-succeed."},
           {"no-key", "An order that is sent again is entered again: orders-once."},
           {"two-unit-reset", "The table is dropped in one transaction and made in another: table-stays."}},
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<Shop>(options);
          }};
}

}  // namespace tidemark::model
