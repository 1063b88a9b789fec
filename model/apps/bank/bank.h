// Bank: accounts, transfers between them, statements (docs/apps/bank.md).
//
//   transfer(reference, from, to, amount)   one batch; refused where the money is not there or the reference is known
//   balance(account)                        one read
//   balances()                              all accounts, one read
//   statement(account)                      the balance and every entry of the account, one batch
//
// Each account begins with kFirstBalance; no money comes or goes. `workload.keys` accounts (at least two).
#pragma once

#include <cstdint>

#include "model/apps/application.h"

namespace tidemark::model {

inline constexpr std::int64_t kFirstBalance = 100;

ApplicationInfo bank_application();

}  // namespace tidemark::model
