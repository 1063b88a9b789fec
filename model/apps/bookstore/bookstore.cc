#include "model/apps/bookstore/bookstore.h"

#include <iterator>
#include <utility>

#include "model/apps/bookstore/book_truths.h"
#include "model/apps/bookstore/shown.h"
#include "model/apps/bookstore/store_sql.h"
#include "model/apps/bookstore/users.h"

namespace tidemark::model {
namespace bookstore {
namespace {

/// index-apart: until the index follows the table.
constexpr sim::Duration kUntilIndexed = sim::Duration::milliseconds(300);

void append(std::vector<Statement>& all, std::vector<Statement> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// The last results of a batch, in their order.
void show_last(Call& call, std::size_t statements, std::size_t shown) {
  for (std::size_t i = statements - shown; i < statements; ++i) call.show(call.rows(i));
}

std::string text_value(const Call& call, std::size_t index) {
  const auto* text = std::get_if<std::string>(&call.value(index));
  return text == nullptr ? "" : *text;
}

class Store final : public Application {
 public:
  explicit Store(const WorkloadOptions& options) : options_(options), mistakes_(mistakes_of(options)) {}

  std::vector<ActionShape> actions() const override {
    const auto read = [](const char* name, const char* values) {
      return ActionShape{name, values, false, HttpMethod::kGet, HttpRoute::kAction};
    };
    // What is written can be written again: numbers and keys see to it.
    const auto write = [](const char* name, const char* values) {
      return ActionShape{name, values, true, HttpMethod::kPost, HttpRoute::kAction, true};
    };
    return {read("books", ""),       read("category", "t"),        read("book", "i"),
            read("cart", "i"),       read("item", "ii"),           read("orders", "i"),
            read("bestsellers", ""), read("recommendations", "i"), read("friends_who_bought", "ii"),
            read("search", "t"),     read("events", ""),           write("add", "iiii"),
            write("update", "iiii"), write("remove", "iii"),       write("checkout", "ii"),
            write("befriend", "ii"), write("publish", "ittti"),    write("retitle", "it"),
            write("count", "iit")};
  }
  std::string schema() const override { return bookstore::schema(options_, mistakes_); }
  std::unique_ptr<User> user(ClientPlace place) const override { return user_of(place, options_); }
  std::vector<Assertion> assertions() const override { return bookstore::assertions(); }
  std::unique_ptr<Truths> truths() const override { return std::make_unique<BookTruths>(options_.clients); }

  sim::Task<void> handle(Call& call) const override {
    const std::string& action = call.action();
    if (action == "checkout") {
      if (mistakes_.no_order_key) return checkout_of_what_was_read(call);
      return checkout(call);
    }
    if (is_numbered(action)) return change_cart(call);
    if (action == "count") return count(call);
    if (action == "befriend") return befriend(call);
    if (action == "publish") return publish(call);
    if (action == "retitle") return retitle(call);
    return read(call);
  }

 private:
  sim::Task<void> read(Call& call) const;
  sim::Task<void> change_cart(Call& call) const;
  sim::Task<void> checkout(Call& call) const;
  sim::Task<void> checkout_of_what_was_read(Call& call) const;
  sim::Task<void> count(Call& call) const;
  sim::Task<void> befriend(Call& call) const;
  sim::Task<void> publish(Call& call) const;
  sim::Task<void> retitle(Call& call) const;

  const WorkloadOptions options_;
  const Mistakes mistakes_;
};

sim::Task<void> Store::read(Call& call) const {
  std::vector<Statement> statements = reads_of(call.asked(), mistakes_);
  if (statements.empty()) {
    call.not_found();
    co_return;
  }
  const std::size_t size = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (done) show_last(call, size, size);
}

/// Shows the state and the cart.
sim::Task<void> Store::change_cart(Call& call) const {
  std::vector<Statement> statements = cart_change(call.asked(), mistakes_);
  const std::size_t size = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (!done) co_return;
  const std::int64_t number = call.integer(1);
  if (number <= 0 || number_at(call.rows(size - 2), 0, 0) != number) {
    call.refuse("there is no such book or customer, or a later request was served");
    co_return;
  }
  show_last(call, size, 2);
}

/// Shows the state, the cart and the order.
sim::Task<void> Store::checkout(Call& call) const {
  const std::int64_t customer = call.integer(0), number = call.integer(1);
  std::vector<Statement> statements = order_of_cart(customer, number, mistakes_);
  const bool apart = mistakes_.checkout_in_two || mistakes_.edges_apart;
  if (apart) {
    const bool placed = co_await call.batch(std::move(statements));
    if (!placed) co_return;
    statements.clear();
    if (mistakes_.checkout_in_two) statements.push_back(empty_cart(customer));
    if (mistakes_.edges_apart) statements.push_back(purchased_edges(customer, number));
  }
  append(statements, cart_after(customer));
  statements.push_back(placed_order(number));
  const std::size_t size = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (!done) co_return;
  if (row_count(call.rows(size - 1)) == 0) {
    call.refuse("the cart is empty, or a later request was served");
    co_return;
  }
  show_last(call, size, 3);
}

/// no-order-key: what the page shows is ordered, and nothing says that it was ordered already.
sim::Task<void> Store::checkout_of_what_was_read(Call& call) const {
  const std::int64_t customer = call.integer(0), number = call.integer(1);
  std::vector<Statement> cart = cart_after(customer);
  const bool looked = co_await call.batch(std::move(cart));
  if (!looked) co_return;
  std::string lines;
  for (const CartLine& line : cart_lines(call.rows(1)))
    lines += (lines.empty() ? "[[" : ",[") + std::to_string(line.line) + "," + std::to_string(line.book) + "," +
             std::to_string(line.quantity) + "]";
  if (lines.empty()) {
    call.refuse("the cart is empty");
    co_return;
  }
  std::vector<Statement> statements = order_of_lines(customer, number, lines + "]");
  append(statements, cart_after(customer));
  statements.push_back(placed_order(number));
  const std::size_t size = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (done) show_last(call, size, 3);
}

/// Shows the position after it, which is `to` unless somebody else has moved it.
sim::Task<void> Store::count(Call& call) const {
  const std::int64_t from = call.integer(0), to = call.integer(1);
  std::vector<Statement> statements;
  if (mistakes_.position_apart) {
    statements.push_back(add_sales(text_value(call, 2)));
    const bool counted = co_await call.batch(std::move(statements));
    if (!counted) co_return;
    statements.clear();
    statements.push_back(move_position(from, to));
    statements.push_back(read_position());
  } else {
    statements = count_sales(from, to, text_value(call, 2), mistakes_);
  }
  const std::size_t size = statements.size();
  const bool done = co_await call.batch(std::move(statements));
  if (done) show_last(call, size, 1);
}

sim::Task<void> Store::befriend(Call& call) const {
  co_await call.run("INSERT INTO friends (customer, friend) SELECT ?1, ?2 WHERE ?1 <> ?2 ON CONFLICT DO NOTHING",
                    call.integer(0), call.integer(1));
}

sim::Task<void> Store::publish(Call& call) const {
  const std::int64_t book = call.integer(0);
  const std::string title = text_value(call, 2);
  std::vector<Statement> statements;
  statements.push_back(
      bound("INSERT INTO books (id, category, name, author, price, rating) VALUES (?, ?, ?, ?, ?, 3) ON CONFLICT DO "
            "NOTHING",
            book, text_value(call, 1), title, text_value(call, 3), call.integer(4)));
  statements.push_back(bound("SELECT name FROM books WHERE id = ?", book));
  const bool done = co_await call.batch(std::move(statements));
  if (!done) co_return;
  const bool added = call.changes(0) == 1;
  if (text_at(call.rows(1), 0, 0) != title) {
    call.refuse("another book has this number");
    co_return;
  }
  if (!mistakes_.index_apart || !added) co_return;
  co_await call.pause(kUntilIndexed);
  co_await call.run(
      "INSERT INTO book_search (rowid, name, author, category) SELECT id, name, author, category FROM books WHERE id = "
      "?",
      book);
}

sim::Task<void> Store::retitle(Call& call) const {
  const std::int64_t book = call.integer(0);
  const std::string title = text_value(call, 1);
  std::vector<Statement> statements;
  statements.push_back(bound("SELECT name, author, category FROM books WHERE id = ?", book));
  statements.push_back(bound("UPDATE books SET name = ?2 WHERE id = ?1", book, title));
  const bool done = co_await call.batch(std::move(statements));
  if (!done) co_return;
  const ResultSetRef before = call.rows(0);
  if (row_count(before) == 0) {
    call.refuse("there is no such book");
    co_return;
  }
  if (!mistakes_.index_apart) co_return;
  co_await call.pause(kUntilIndexed);
  const std::string author = text_at(before, 0, 1), category = text_at(before, 0, 2);
  std::vector<Statement> index;
  index.push_back(
      bound("INSERT INTO book_search (book_search, rowid, name, author, category) VALUES ('delete', ?, ?, ?, ?)", book,
            text_at(before, 0, 0), author, category));
  index.push_back(bound("INSERT INTO book_search (rowid, name, author, category) VALUES (?, ?, ?, ?)", book, title,
                        author, category));
  co_await call.batch(std::move(index));
}

}  // namespace
}  // namespace bookstore

bool is_of_the_shop(std::uint32_t client) {
  return client == bookstore::kStreamWorker || client == bookstore::kStaff;
}

ApplicationInfo bookstore_application() {
  return {kBookstore, "Catalogue, cart, orders, best sellers, recommendations, search.", bookstore::known_mistakes(),
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<bookstore::Store>(options);
          }};
}

}  // namespace tidemark::model
