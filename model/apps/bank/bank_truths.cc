#include "model/apps/bank/bank_truths.h"

#include "model/apps/bank/bank.h"

namespace tidemark::model {

// The table of each page of a bank is small: entries of an account are looked through from the start.

std::vector<std::string> BankTruths::names() const {
  return {"balances-add-up", "statement-adds-up", "transfers-are-shown", "transfers-once"};
}

void BankTruths::ended(const EndedAction& action, const Broken& broken) {
  if (action.outcome != ActionOutcome::kOk) return;
  const ActionBody& done = action.action;
  if (done.name == "transfer")
    acknowledged_[action.session][number_of(done, 0)] = {number_of(done, 1), number_of(done, 2), number_of(done, 3)};
  if (done.name == "balances") see_balances(action, broken);
  if (done.name == "statement") see_statement(action, broken);
}

/// Columns id, balance.
void BankTruths::see_balances(const EndedAction& action, const Broken& broken) const {
  const ResultSetRef& shown = action.shown.front();
  std::int64_t total = 0;
  for (std::uint32_t row = 0; row < shown->rows(); ++row) total += number_at(shown, row, 1);
  if (total == accounts_ * kFirstBalance) return;
  broken("balances-add-up", "session " + std::to_string(action.session) + " was shown balances that add up to " +
                                std::to_string(total) + "; " + std::to_string(accounts_) + " accounts hold " +
                                std::to_string(accounts_ * kFirstBalance));
}

/// The balance; then reference and amount of each entry.
void BankTruths::see_statement(const EndedAction& action, const Broken& broken) {
  const std::int64_t account = number_of(action.action, 0);
  const std::string whose = "the statement of account " + std::to_string(account) + " that session " +
                            std::to_string(action.session) + " was shown";
  const std::int64_t balance = number_at(action.shown.front(), 0, 0);
  const ResultSetRef& entries = action.shown.back();
  std::int64_t total = kFirstBalance;
  std::set<std::int64_t> references;
  for (std::uint32_t row = 0; row < entries->rows(); ++row) {
    const std::int64_t reference = number_at(entries, row, 0);
    total += number_at(entries, row, 1);
    if (!references.insert(reference).second)
      broken("transfers-once", "transfer " + std::to_string(reference) + " stands twice in " + whose);
  }
  if (total != balance)
    broken("statement-adds-up",
           whose + " has entries that make " + std::to_string(total) + ", and a balance of " + std::to_string(balance));
  for (const auto& [reference, transfer] : acknowledged_[action.session]) {
    if ((transfer.from != account && transfer.to != account) || references.contains(reference)) continue;
    broken("transfers-are-shown", "transfer " + std::to_string(reference) + " (" + std::to_string(transfer.amount) +
                                      " from account " + std::to_string(transfer.from) + " to " +
                                      std::to_string(transfer.to) + ") was acknowledged to session " +
                                      std::to_string(action.session) + " and is missing from " + whose);
  }
}

}  // namespace tidemark::model
