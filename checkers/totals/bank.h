// Banks: money moves between accounts and is neither made nor lost.
//
// Guarantee: every transaction that reads all accounts finds the same total. This is weaker than serializability and
// needs no unique values.
//
// Assumes: only transfers change accounts (with another change, unknown unless a contradiction is found); all accounts
// of the bank occur in the history, where the options do not name them; an account that is read as nil holds nothing.
// The total is the one given, else the one that most reads of all accounts found (of equally many, the one found
// first). Reads of some accounts only are passed over, except for negative balances. Reads of transactions that failed
// or are of unknown outcome say nothing, and whether a transfer took effect does not matter. Unknown: no transaction
// reads all accounts. Cost: linear, 16 bytes per account and per distinct total.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::totals {

struct BankOptions {
  std::optional<std::int64_t> total;
  bool negative_balances = false;  // accounts may be overdrawn
  /// The accounts of the bank, as History::show_key() writes them; others are passed over. Empty: all in the history.
  std::vector<std::string> accounts;
};

/// "wrong-total": the transaction, and one that found the total. "negative-balance": the transaction.
Judgement judge_bank(const History& history, const JudgeOptions& options = {}, const BankOptions& bank = {});

}  // namespace tidemark::checkers::totals
