#include "model/apps/bank/bank.h"

#include <algorithm>
#include <utility>

#include "model/apps/bank/bank_truths.h"
#include "sim/core/random.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kBalance = "SELECT balance FROM accounts WHERE id = ?";
constexpr std::string_view kBalances = "SELECT id, balance FROM accounts";
constexpr std::string_view kEntries = "SELECT reference, amount FROM entries WHERE account = ? ORDER BY id";

/// What is done wrong on purpose.
struct Mistakes {
  bool check_then_write = false;
  bool two_writes = false;
  bool statement_in_two_reads = false;
  bool no_reference = false;
};

/// A transfer is accepted where the reference is new and the money is there; what follows it in the batch happens only
/// if what is before it did (changes() is that of the statement before).
std::vector<Statement> transfer_of(const Call& call) {
  const SqlValue reference = call.value(0), from = call.value(1), to = call.value(2), amount = call.value(3);
  return {
      {"INSERT INTO transfers (reference, source, target, amount) SELECT ?1, ?2, ?3, ?4 FROM accounts "
       "WHERE id = ?2 AND balance >= ?4 ON CONFLICT DO NOTHING",
       {reference, from, to, amount}},
      {"UPDATE accounts SET balance = balance - ?1 WHERE id = ?2 AND changes() = 1", {amount, from}},
      {"UPDATE accounts SET balance = balance + ?1 WHERE id = ?2 AND changes() = 1", {amount, to}},
      {"INSERT INTO entries (reference, account, amount) SELECT ?1, account, amount FROM (SELECT ?2 AS account, -?4 "
       "AS amount UNION ALL SELECT ?3, ?4) WHERE changes() = 1",
       {reference, from, to, amount}}};
}

/// The same without a look at the balance.
std::vector<Statement> unchecked_transfer_of(const Call& call) {
  const SqlValue reference = call.value(0), from = call.value(1), to = call.value(2), amount = call.value(3);
  return {{"INSERT INTO transfers (reference, source, target, amount) VALUES (?1, ?2, ?3, ?4)",
           {reference, from, to, amount}},
          {"UPDATE accounts SET balance = balance - ?1 WHERE id = ?2", {amount, from}},
          {"UPDATE accounts SET balance = balance + ?1 WHERE id = ?2", {amount, to}},
          {"INSERT INTO entries (reference, account, amount) VALUES (?1, ?2, -?4), (?1, ?3, ?4)",
           {reference, from, to, amount}}};
}

class Customer final : public User {
 public:
  Customer(ClientPlace place, std::uint32_t accounts, double read_share)
      : place_(place), accounts_(accounts), read_(sim::probability(read_share)) {}

  ActionBody next(sim::Instant, sim::RandomStream& random) override {
    const std::int64_t account = some_account(random);
    if (!random.chance_fixed(read_)) return transfer(account, random);
    switch (random.below(4)) {
      case 0:
        return {"balances", {}};
      case 1:
        return {"balance", {account}};
      default:
        return {"statement", {account}};
    }
  }

 private:
  std::int64_t some_account(sim::RandomStream& random) const {
    return static_cast<std::int64_t>(1 + random.below(accounts_));
  }
  /// Large amounts are frequent enough that many transfers must be refused.
  ActionBody transfer(std::int64_t from, sim::RandomStream& random) {
    const std::int64_t to = (from - 1 + static_cast<std::int64_t>(1 + random.below(accounts_ - 1))) % accounts_ + 1;
    const std::int64_t reference = transfers_++ * place_.clients + place_.number + 1;
    return {"transfer", {reference, from, to, static_cast<std::int64_t>(1 + random.below(kFirstBalance))}};
  }

  const ClientPlace place_;
  const std::int64_t accounts_;
  const std::uint64_t read_;  // fixed-point probability
  std::int64_t transfers_ = 0;
};

class Bank final : public Application {
 public:
  explicit Bank(const WorkloadOptions& options)
      : accounts_(std::max(options.keys, 2U)),
        read_share_(options.read_share),
        mistakes_{makes_mistake(options, "check-then-write"), makes_mistake(options, "two-writes"),
                  makes_mistake(options, "statement-in-two-reads"), makes_mistake(options, "no-reference")} {}

  std::vector<ActionShape> actions() const override {
    return {{"transfer", "iiii", true}, {"balance", "i", false}, {"balances", "", false}, {"statement", "i", false}};
  }

  std::string schema() const override {
    const std::string unique = mistakes_.no_reference ? "" : " UNIQUE";
    return "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL);"
           "CREATE TABLE transfers (id INTEGER PRIMARY KEY, reference INTEGER NOT NULL" +
           unique +
           ","
           " source INTEGER NOT NULL REFERENCES accounts, target INTEGER NOT NULL REFERENCES accounts, amount INTEGER "
           "NOT NULL);"
           "CREATE TABLE entries (id INTEGER PRIMARY KEY, reference INTEGER NOT NULL, account INTEGER NOT NULL,"
           " amount INTEGER NOT NULL);"
           "CREATE INDEX entries_by_account ON entries (account);"
           "INSERT INTO accounts WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < " +
           std::to_string(accounts_) + ") SELECT id, " + std::to_string(kFirstBalance) + " FROM n";
  }

  std::unique_ptr<User> user(ClientPlace place) const override {
    return std::make_unique<Customer>(place, accounts_, read_share_);
  }

  sim::Task<void> handle(Call& call) const override {
    if (call.action() == "transfer") {
      if (mistakes_.check_then_write || mistakes_.two_writes) return careless_transfer(call);
      return transfer(call);
    }
    if (call.action() == "statement") return statement(call);
    return read(call);
  }

  std::vector<Assertion> assertions() const override;
  std::unique_ptr<Truths> truths() const override { return std::make_unique<BankTruths>(accounts_); }

 private:
  sim::Task<void> transfer(Call& call) const;
  sim::Task<void> careless_transfer(Call& call) const;
  sim::Task<void> statement(Call& call) const;
  sim::Task<void> read(Call& call) const;

  const std::uint32_t accounts_;
  const double read_share_;
  const Mistakes mistakes_;
};

sim::Task<void> Bank::transfer(Call& call) const {
  const bool done = co_await call.batch(transfer_of(call));
  if (done && call.changes(0) == 0) call.refuse("not enough money, or the reference is known");
}

/// check-then-write: the balance is looked at in a query of its own, and what it was need not be what it is.
/// two-writes: the money is taken in one transaction and given in another.
sim::Task<void> Bank::careless_transfer(Call& call) const {
  const bool looked = co_await call.run(kBalance, call.value(1));
  if (!looked) co_return;
  if (number_at(call.rows(), 0, 0) < call.integer(3)) {
    call.refuse("not enough money");
    co_return;
  }
  std::vector<Statement> writes = mistakes_.check_then_write ? unchecked_transfer_of(call) : transfer_of(call);
  if (!mistakes_.two_writes) {
    co_await call.batch(std::move(writes));
    co_return;
  }
  std::vector<Statement> giving(writes.begin() + 2, writes.end());
  writes.resize(2);
  const bool taken = co_await call.batch(std::move(writes));
  if (!taken) co_return;
  if (call.changes(0) == 0) {
    call.refuse("not enough money, or the reference is known");
    co_return;
  }
  // changes() does not reach over transactions.
  for (Statement& statement : giving) {
    const std::size_t condition = statement.sql.find(" AND changes() = 1");
    if (condition != std::string::npos) statement.sql.resize(condition);
  }
  co_await call.batch(std::move(giving));
}

sim::Task<void> Bank::statement(Call& call) const {
  if (mistakes_.statement_in_two_reads) {
    const bool balance = co_await call.run(kBalance, call.value(0));
    if (!balance) co_return;
    call.show(call.rows());
    const bool entries = co_await call.run(kEntries, call.value(0));
    if (entries) call.show(call.rows());
    co_return;
  }
  std::vector<Statement> both;
  both.push_back(bound(kBalance, call.value(0)));
  both.push_back(bound(kEntries, call.value(0)));
  const bool read = co_await call.batch(std::move(both));
  if (!read) co_return;
  call.show(call.rows(0));
  call.show(call.rows(1));
}

sim::Task<void> Bank::read(Call& call) const {
  std::vector<Statement> one;
  one.push_back(call.action() == "balance" ? bound(kBalance, call.value(0)) : bound(kBalances));
  const bool done = co_await call.batch(std::move(one));
  if (done) call.show(call.rows());
}

std::vector<Assertion> Bank::assertions() const {
  return {
      {"money-stays",
       "SELECT sum(balance) AS total, " + std::to_string(accounts_ * kFirstBalance) +
           " AS due FROM accounts HAVING total <> due",
       "the accounts hold {total}, not {due}"},
      {"no-overdraft", "SELECT id, balance FROM accounts WHERE balance < 0", "account {id} is overdrawn: {balance}"},
      {"balances-fit-entries",
       "SELECT id, balance, " + std::to_string(kFirstBalance) +
           " + coalesce((SELECT sum(amount) FROM entries WHERE account = accounts.id), 0) AS entries FROM accounts "
           "WHERE balance <> entries",
       "account {id} holds {balance}, and its entries make {entries}"},
      {"transfers-once-in-the-books",
       "SELECT reference, count(*) AS times FROM transfers GROUP BY reference HAVING times > 1",
       "transfer {reference} is in the books {times} times"},
  };
}

}  // namespace

ApplicationInfo bank_application() {
  return {"bank",
          "Accounts, transfers, statements.",
          {{"check-then-write",
            "The balance is checked by a read of its own before the transfer is written: no-overdraft."},
           {"two-writes", "The money is taken in one transaction and given in another: money-stays."},
           {"statement-in-two-reads", "Balance and entries of a statement are two queries: statement-adds-up."},
           {"no-reference", "A transfer that is sent again is not known to be the same: transfers-once-in-the-books."}},
          [](const WorkloadOptions& options) -> std::shared_ptr<const Application> {
            return std::make_shared<Bank>(options);
          }};
}

}  // namespace tidemark::model
