#include "model/apps/bookstore/store_sql.h"

#include <algorithm>
#include <span>
#include <utility>

#include "model/apps/bookstore/words.h"

namespace tidemark::model::bookstore {
namespace {

constexpr std::string_view kState = "SELECT last FROM customers WHERE id = ?";
constexpr std::string_view kCart =
    "SELECT c.line, c.book, c.quantity, b.name, b.price FROM carts c JOIN books b ON b.id = c.book WHERE c.customer = "
    "?";
constexpr std::string_view kOrderLines =
    "SELECT o.id AS \"order\", o.key, l.seq, i.line, i.book, i.quantity, i.price FROM orders o JOIN order_log l ON "
    "l.order_id = o.id JOIN order_items i ON i.order_id = o.id WHERE ";
constexpr std::string_view kBook = "SELECT b.id, b.name, b.author, b.category, b.price, b.rating FROM ";
constexpr std::string_view kGate = "UPDATE customers SET last = ?2 WHERE id = ?1 AND last < ?2";
/// late-requests: whatever was served since.
constexpr std::string_view kNoGate = "UPDATE customers SET last = max(last, ?2) WHERE id = ?1";
constexpr std::string_view kFriends =
    "(SELECT friend FROM friends WHERE customer = ?1 UNION SELECT customer FROM friends WHERE friend = ?1)";

std::string text_of(std::string_view first, std::string_view second) {
  return std::string(first) + std::string(second);
}

/// `["Amber","Broken"]`, to be indexed by SQL.
std::string json_of(std::span<const std::string_view> words) {
  std::string json;
  for (const std::string_view word : words) json += (json.empty() ? "\"" : ",\"") + std::string(word) + "\"";
  return "'[" + json + "]'";
}

/// One of the words, by a number that SQL computes.
std::string word_by(std::span<const std::string_view> words, const std::string& number) {
  return "json_extract(" + json_of(words) + ", '$[' || ((" + number + ") % " + std::to_string(words.size()) +
         ") || ']')";
}

std::string rows_up_to(std::int64_t last) {
  return " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + std::to_string(last) + ")";
}

/// A column for words of ASCII letters and digits, with one blank in between: as the index has them.
std::string words_column(const std::string& name) {
  return name + " TEXT NOT NULL CHECK (length(" + name + ") > 0 AND " + name +
         " NOT GLOB '*[^A-Za-z0-9 ]*' AND instr(" + name + ", '  ') = 0 AND trim(" + name + ") = " + name + ")";
}

std::string tables(const Mistakes& mistakes) {
  const std::string unique = mistakes.no_order_key ? "" : " UNIQUE";
  return "CREATE TABLE customers (id INTEGER PRIMARY KEY, last INTEGER NOT NULL);"
         "CREATE TABLE books (id INTEGER PRIMARY KEY, " +
         words_column("category") + ", " + words_column("name") + ", " + words_column("author") +
         ", price INTEGER NOT NULL, rating INTEGER NOT NULL);"
         "CREATE INDEX books_by_category ON books (category);"
         "CREATE TABLE carts (customer INTEGER NOT NULL REFERENCES customers, book INTEGER NOT NULL REFERENCES books,"
         " quantity INTEGER NOT NULL, line INTEGER NOT NULL, PRIMARY KEY (customer, book)) WITHOUT ROWID;"
         "CREATE TABLE orders (id INTEGER PRIMARY KEY, key INTEGER NOT NULL" +
         unique +
         ", customer INTEGER NOT NULL REFERENCES customers, placed_at TEXT NOT NULL);"
         "CREATE INDEX orders_by_customer ON orders (customer);"
         "CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders, line INTEGER NOT NULL,"
         " book INTEGER NOT NULL REFERENCES books, quantity INTEGER NOT NULL, price INTEGER NOT NULL,"
         " PRIMARY KEY (order_id, book)) WITHOUT ROWID;"
         "CREATE INDEX order_items_by_line ON order_items (line);"
         "CREATE TABLE order_log (seq INTEGER PRIMARY KEY, order_id INTEGER NOT NULL UNIQUE REFERENCES orders);"
         "CREATE TABLE friends (customer INTEGER NOT NULL REFERENCES customers, friend INTEGER NOT NULL REFERENCES "
         "customers, PRIMARY KEY (customer, friend)) WITHOUT ROWID;"
         "CREATE INDEX friends_by_friend ON friends (friend);"
         "CREATE TABLE purchased (customer INTEGER NOT NULL REFERENCES customers, book INTEGER NOT NULL REFERENCES "
         "books, PRIMARY KEY (customer, book)) WITHOUT ROWID;"
         "CREATE TABLE bestsellers (book INTEGER PRIMARY KEY REFERENCES books, quantity INTEGER NOT NULL);"
         "CREATE TABLE streams (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;"
         "INSERT INTO streams VALUES ('bestsellers', 0);";
}

/// An index over the table's own rows ("external content"): triggers keep it in step, or else the application has to.
std::string search_index(const Mistakes& mistakes) {
  std::string sql =
      "CREATE VIRTUAL TABLE book_search USING fts5(name, author, category, content = 'books', content_rowid = 'id');"
      "CREATE VIRTUAL TABLE book_terms USING fts5vocab(book_search, instance);";
  if (mistakes.index_apart) return sql;
  sql +=
      "CREATE TRIGGER book_in AFTER INSERT ON books BEGIN INSERT INTO book_search (rowid, name, author, category) "
      "VALUES (new.id, new.name, new.author, new.category); END;"
      "CREATE TRIGGER book_changed AFTER UPDATE OF name, author, category ON books BEGIN "
      "INSERT INTO book_search (book_search, rowid, name, author, category) "
      "VALUES ('delete', old.id, old.name, old.author, old.category);"
      "INSERT INTO book_search (rowid, name, author, category) VALUES (new.id, new.name, new.author, new.category); "
      "END;";
  return sql;
}

std::string first_rows(std::int64_t books, std::int64_t customers, const Mistakes& mistakes) {
  const std::string last = std::to_string(customers);
  std::string sql = "INSERT INTO customers" + rows_up_to(customers) + " SELECT i, 0 FROM n;";
  // Everybody and the next one, and the third from there, in a ring.
  sql += "INSERT OR IGNORE INTO friends" + rows_up_to(customers) + " SELECT i, 1 + i % " + last +
         " FROM n WHERE i <> 1 + i % " + last + " UNION SELECT i, 1 + (i + 2) % " + last +
         " FROM n WHERE i <> 1 + (i + 2) % " + last + ";";
  sql += "INSERT INTO books" + rows_up_to(books) + " SELECT i, " + word_by(kCategories, "i") + ", " +
         word_by(kFirstWords, "i") + " || ' ' || " + word_by(kSecondWords, "i / 8 + i") + ", " +
         word_by(kFirstNames, "i") + " || ' ' || " + word_by(kLastNames, "i / 6") +
         ", 500 + (i * 37) % 2000, 1 + i % 5 FROM n;";
  if (mistakes.index_apart) sql += "INSERT INTO book_search (book_search) VALUES ('rebuild');";
  return sql;
}

std::string every_word(std::string_view column) {
  return "SELECT j.value, b.id, '" + std::string(column) +
         "', j.key FROM books b, json_each('[\"' || replace(lower(b." + std::string(column) +
         "), ' ', '\",\"') || '\"]') j";
}

/// Place by place: which word of which column of which book. What the index holds is read, not checked by a write.
std::string index_differs() {
  const std::string only_due = "(SELECT * FROM due EXCEPT SELECT * FROM kept)";
  const std::string only_kept = "(SELECT * FROM kept EXCEPT SELECT * FROM due)";
  return "WITH due(term, doc, col, offset) AS (" + every_word("name") + " UNION ALL " + every_word("author") +
         " UNION ALL " + every_word("category") +
         "), kept AS (SELECT term, doc, col, offset FROM book_terms) "
         "SELECT doc AS book, term, col AS place, 0 AS indexed, 1 AS written FROM " +
         only_due + " UNION ALL SELECT doc, term, col, 1, 0 FROM " + only_kept;
}

std::vector<Statement> state_and(std::int64_t customer, Statement rest) {
  std::vector<Statement> both;
  both.push_back(bound(kState, customer));
  both.push_back(std::move(rest));
  return both;
}

std::vector<Statement> single(Statement statement) {
  std::vector<Statement> all;
  all.push_back(std::move(statement));
  return all;
}

std::vector<Statement> best_sellers() {
  std::vector<Statement> both =
      single(bound("SELECT position, (SELECT coalesce(max(seq), 0) FROM order_log) AS head FROM streams WHERE name = "
                   "'bestsellers'"));
  both.push_back(
      bound("SELECT s.book, s.quantity, b.name FROM bestsellers s JOIN books b ON b.id = s.book ORDER BY s.quantity "
            "DESC, s.book LIMIT ?",
            kListLength));
  return both;
}

std::vector<Statement> next_events() {
  std::vector<Statement> both = single(read_position());
  both.push_back(
      bound("SELECT l.seq, i.book, i.quantity FROM streams s JOIN order_log l ON l.seq > s.position AND l.seq <= "
            "s.position + ? JOIN order_items i ON i.order_id = l.order_id WHERE s.name = 'bestsellers' ORDER BY l.seq, "
            "i.book",
            kOrdersAtATime));
  return both;
}

Statement sales_if(std::string_view condition, std::string sales) {
  return bound(
      "INSERT INTO bestsellers (book, quantity) SELECT json_extract(value, '$[0]'), json_extract(value, "
      "'$[1]') FROM json_each(?) WHERE " +
          std::string(condition) + " ON CONFLICT (book) DO UPDATE SET quantity = quantity + excluded.quantity",
      std::move(sales));
}

/// Each book with one of those who bought it.
std::vector<Statement> recommendations(std::int64_t customer, const Mistakes& mistakes) {
  const std::string from = mistakes.strangers_recommend
                               ? "(SELECT customer AS friend FROM purchased WHERE customer <> ?1)"
                               : std::string(kFriends);
  return single(bound("SELECT b.id AS book, b.name, min(f.friend) AS friend FROM " + from +
                          " f JOIN purchased p ON p.customer = f.friend JOIN books b ON b.id = p.book GROUP BY b.id "
                          "ORDER BY b.id LIMIT ?2",
                      customer, kListLength));
}

std::vector<Statement> book_reads(const ActionBody& action) {
  if (action.name == "books") return single(bound(text_of(kBook, "books b ORDER BY b.id LIMIT ?"), kListLength));
  const SqlValue asked = action.values.empty() ? SqlValue() : action.values.front();
  if (action.name == "category")
    return single(bound(text_of(kBook, "books b WHERE b.category = ? ORDER BY b.id LIMIT ?"), asked, kListLength));
  if (action.name == "book") return single(bound(text_of(kBook, "books b WHERE b.id = ?"), asked));
  if (action.name != "search") return {};
  // The text as one phrase, whatever it holds.
  return single(bound(text_of(kBook,
                              "book_search s JOIN books b ON b.id = s.rowid WHERE s.book_search MATCH '\"' || "
                              "replace(?1, '\"', '\"\"') || '\"' ORDER BY bm25(book_search), s.rowid LIMIT ?2"),
                      asked, kListLength));
}

}  // namespace

Mistakes mistakes_of(const WorkloadOptions& options) {
  Mistakes mistakes;
  mistakes.checkout_in_two = makes_mistake(options, "checkout-in-two");
  mistakes.edges_apart = makes_mistake(options, "edges-apart");
  mistakes.no_order_key = makes_mistake(options, "no-order-key");
  mistakes.late_requests = makes_mistake(options, "late-requests");
  mistakes.position_apart = makes_mistake(options, "position-apart");
  mistakes.unfenced_count = makes_mistake(options, "unfenced-count");
  mistakes.index_apart = makes_mistake(options, "index-apart");
  mistakes.strangers_recommend = makes_mistake(options, "strangers-recommend");
  return mistakes;
}

std::vector<ApplicationMistake> known_mistakes() {
  return {
      {"checkout-in-two",
       "The order is placed in one transaction and the cart emptied in another: lines-in-one-place."},
      {"edges-apart", "What was purchased is added to the graph after the checkout: purchases-fit-orders."},
      {"no-order-key", "The order is made of a cart that was read before, and its request has no key: orders-once."},
      {"late-requests", "A request for the cart takes effect however late it comes: cart-as-put."},
      {"position-apart",
       "Sales are counted in one transaction and the position stored in another: best-sellers-add-up."},
      {"unfenced-count", "The position is stored without a look at what it was: best-sellers-add-up."},
      {"index-apart", "The search index is brought up to date after the table: search-fits-books."},
      {"strangers-recommend", "Recommendations leave out that it must be a friend: recommended-by-friends."},
  };
}

std::string schema(const WorkloadOptions& options, const Mistakes& mistakes) {
  return tables(mistakes) + search_index(mistakes) +
         first_rows(std::max(options.keys, 1U), std::max(options.clients, 1U), mistakes);
}

std::vector<Assertion> assertions() {
  return {
      {"lines-in-one-place",
       "SELECT c.customer, c.line, c.book, i.order_id FROM carts c JOIN order_items i ON i.line = c.line",
       "line {line} (book {book}) is in the cart of customer {customer} and in order {order_id}"},
      {"lines-ordered-once", "SELECT line, book, count(*) AS orders FROM order_items GROUP BY line HAVING orders > 1",
       "line {line} (book {book}) is in {orders} orders"},
      {"orders-once", "SELECT customer, key, count(*) AS orders FROM orders GROUP BY key HAVING orders > 1",
       "checkout {key} of customer {customer} has placed {orders} orders"},
      {"orders-are-logged",
       "SELECT id, (SELECT count(*) FROM order_items WHERE order_id = orders.id) AS lines, (SELECT count(*) FROM "
       "order_log WHERE order_id = orders.id) AS entries FROM orders WHERE lines = 0 OR entries <> 1",
       "order {id} has {lines} lines, and {entries} entries of the log"},
      {"best-sellers-add-up",
       "WITH due AS (SELECT i.book, sum(i.quantity) AS ordered FROM streams s JOIN order_log l ON l.seq <= s.position "
       "JOIN order_items i ON i.order_id = l.order_id WHERE s.name = 'bestsellers' GROUP BY i.book) "
       "SELECT b.id AS book, coalesce(k.quantity, 0) AS counted, coalesce(d.ordered, 0) AS sold, (SELECT position FROM "
       "streams) AS position FROM books b LEFT JOIN bestsellers k ON k.book = b.id LEFT JOIN due d ON d.book = b.id "
       "WHERE counted <> sold",
       "{counted} sales of book {book} are counted, and the orders up to position {position} have {sold}"},
      {"purchases-fit-orders",
       "WITH bought AS (SELECT DISTINCT o.customer, i.book FROM orders o JOIN order_items i ON i.order_id = o.id) "
       "SELECT customer, book, 1 AS ordered, 0 AS edges FROM (SELECT * FROM bought EXCEPT SELECT customer, book FROM "
       "purchased) UNION ALL SELECT customer, book, 0, 1 FROM (SELECT customer, book FROM purchased EXCEPT SELECT "
       "* FROM bought)",
       "customer {customer}, book {book}: {ordered} among the orders, {edges} among the edges"},
      {"search-fits-books", index_differs(),
       "{term} in the {place} of book {book} is {indexed} times in the index, and {written} times in the table"},
  };
}

bool friends_at_first(std::int64_t one, std::int64_t other, std::int64_t customers) {
  if (one == other || customers <= 0) return false;
  const auto leads = [customers](std::int64_t from, std::int64_t to) {
    return to == 1 + from % customers || to == 1 + (from + 2) % customers;
  };
  const bool known = one >= 1 && one <= customers && other >= 1 && other <= customers;
  return known && (leads(one, other) || leads(other, one));
}

std::vector<Statement> reads_of(const ActionBody& action, const Mistakes& mistakes) {
  const std::int64_t first = number_of(action, 0);
  if (action.name == "cart") return state_and(first, bound(text_of(kCart, " ORDER BY c.book"), first));
  if (action.name == "item")
    return state_and(first, bound(text_of(kCart, " AND c.book = ?"), first, number_of(action, 1)));
  if (action.name == "orders")
    return state_and(first, bound(text_of(kOrderLines, "o.customer = ? ORDER BY o.id, i.book"), first));
  if (action.name == "bestsellers") return best_sellers();
  if (action.name == "events") return next_events();
  if (action.name == "recommendations") return recommendations(first, mistakes);
  if (action.name == "friends_who_bought")
    return single(bound("SELECT f.friend FROM " + std::string(kFriends) +
                            " f JOIN purchased p ON p.customer = f.friend WHERE p.book = ?2 ORDER BY f.friend LIMIT ?3",
                        first, number_of(action, 1), kListLength));
  return book_reads(action);
}

std::vector<Statement> cart_change(const ActionBody& action, const Mistakes& mistakes) {
  const std::string_view gate = mistakes.late_requests ? kNoGate : kGate;
  const std::int64_t customer = number_of(action, 0), number = number_of(action, 1), book = number_of(action, 2);
  std::vector<Statement> all;
  if (action.name == "add") {
    all.push_back(bound(text_of(gate, " AND EXISTS (SELECT 1 FROM books WHERE id = ?3)"), customer, number, book));
    all.push_back(
        bound("INSERT INTO carts (customer, book, quantity, line) SELECT ?1, ?2, ?3, ?4 WHERE changes() = 1 "
              "ON CONFLICT (customer, book) DO UPDATE SET quantity = excluded.quantity, line = excluded.line",
              customer, book, number_of(action, 3), number));
  } else if (action.name == "update") {
    all.push_back(bound(gate, customer, number));
    all.push_back(bound("UPDATE carts SET quantity = ?3, line = ?4 WHERE customer = ?1 AND book = ?2 AND changes() = 1",
                        customer, book, number_of(action, 3), number));
  } else {
    all.push_back(bound(gate, customer, number));
    all.push_back(bound("DELETE FROM carts WHERE customer = ? AND book = ? AND changes() = 1", customer, book));
  }
  for (Statement& statement : cart_after(customer)) all.push_back(std::move(statement));
  return all;
}

std::vector<Statement> cart_after(std::int64_t customer) {
  return state_and(customer, bound(text_of(kCart, " ORDER BY c.book"), customer));
}

std::vector<Statement> order_of_cart(std::int64_t customer, std::int64_t number, const Mistakes& mistakes) {
  std::vector<Statement> all;
  all.push_back(bound(text_of(kGate, " AND EXISTS (SELECT 1 FROM carts WHERE customer = ?1)"), customer, number));
  all.push_back(
      bound("INSERT INTO orders (key, customer, placed_at) SELECT ?1, ?2, CURRENT_TIMESTAMP WHERE changes() = 1",
            number, customer));
  all.push_back(
      bound("INSERT INTO order_items (order_id, line, book, quantity, price) SELECT o.id, c.line, c.book, c.quantity, "
            "b.price FROM orders o JOIN carts c ON c.customer = o.customer JOIN books b ON b.id = c.book WHERE o.key = "
            "? AND changes() = 1",
            number));
  all.push_back(
      bound("INSERT INTO order_log (order_id) SELECT id FROM orders WHERE key = ? AND changes() > 0", number));
  if (!mistakes.checkout_in_two)
    all.push_back(bound("DELETE FROM carts WHERE customer = ? AND changes() = 1", customer));
  if (!mistakes.edges_apart) all.push_back(purchased_edges(customer, number));
  return all;
}

std::vector<Statement> order_of_lines(std::int64_t customer, std::int64_t number, std::string lines) {
  std::vector<Statement> all;
  all.push_back(bound("UPDATE customers SET last = max(last, ?2) WHERE id = ?1", customer, number));
  all.push_back(
      bound("INSERT INTO orders (key, customer, placed_at) VALUES (?, ?, CURRENT_TIMESTAMP)", number, customer));
  all.push_back(bound(
      "INSERT INTO order_items (order_id, line, book, quantity, price) SELECT (SELECT max(id) FROM orders), "
      "json_extract(j.value, '$[0]'), b.id, json_extract(j.value, '$[2]'), b.price FROM json_each(?) j JOIN books "
      "b ON b.id = json_extract(j.value, '$[1]')",
      std::move(lines)));
  all.push_back(bound("INSERT INTO order_log (order_id) SELECT max(id) FROM orders"));
  all.push_back(empty_cart(customer));
  all.push_back(purchased_edges(customer, number));
  return all;
}

Statement empty_cart(std::int64_t customer) {
  return bound("DELETE FROM carts WHERE customer = ?", customer);
}

Statement purchased_edges(std::int64_t customer, std::int64_t number) {
  return bound(
      "INSERT OR IGNORE INTO purchased SELECT ?1, i.book FROM orders o JOIN order_items i ON i.order_id = o.id WHERE "
      "o.key = ?2",
      customer, number);
}

Statement placed_order(std::int64_t number) {
  return bound(text_of(kOrderLines, "o.key = ? ORDER BY o.id, i.book"), number);
}

std::vector<Statement> count_sales(std::int64_t from, std::int64_t to, std::string sales, const Mistakes& mistakes) {
  std::vector<Statement> all;
  if (mistakes.unfenced_count) {
    all.push_back(bound("UPDATE streams SET position = ? WHERE name = 'bestsellers'", to));
  } else {
    all.push_back(move_position(from, to));
  }
  all.push_back(sales_if("changes() = 1", std::move(sales)));
  all.push_back(read_position());
  return all;
}

Statement add_sales(std::string sales) {
  return sales_if("true", std::move(sales));
}

Statement move_position(std::int64_t from, std::int64_t to) {
  return bound("UPDATE streams SET position = ?2 WHERE name = 'bestsellers' AND position = ?1", from, to);
}

Statement read_position() {
  return bound("SELECT position FROM streams WHERE name = 'bestsellers'");
}

}  // namespace tidemark::model::bookstore
