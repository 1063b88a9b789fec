#include "checkers/totals/bank.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>

#include "checkers/totals/tell.h"

namespace tidemark::checkers::totals {
namespace {

struct Total {
  std::uint64_t reads = 0;
  std::uint32_t first = 0;  // the transaction that found it first
};

struct FullRead {
  std::uint32_t txn = 0;
  std::int64_t total = 0;
};

class Bank {
 public:
  Bank(const History& history, const JudgeOptions& options, const BankOptions& bank)
      : history_(history), bank_(bank), findings_(options) {}

  Judgement judge() {
    doubt_other_kinds(history_, bit(EventKind::kTransfer) | bit(EventKind::kReadBalance), findings_);
    count_accounts();
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) look_at(txn);
    compare();
    if (reads_.empty() && !history_.transactions().empty()) findings_.doubt("no transaction reads all accounts");
    return findings_.judgement(reads_.size());
  }

 private:
  void count_accounts() {
    std::vector<bool> account(history_.keys(), false);
    for (const Event& event : history_.events()) {
      if (event.kind == EventKind::kReadBalance || event.kind == EventKind::kTransfer) account[event.key] = true;
      if (event.kind == EventKind::kTransfer) account[event.other] = true;
    }
    accounts_ = static_cast<std::uint32_t>(std::count(account.begin(), account.end(), true));
    is_account_.assign(history_.keys(), true);
    if (!bank_.accounts.empty()) name_accounts();
    read_by_.assign(history_.keys(), UINT32_MAX);
  }

  /// An account that the history does not know is one that nobody reads.
  void name_accounts() {
    std::vector<std::string> names = bank_.accounts;
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    accounts_ = static_cast<std::uint32_t>(names.size());
    for (std::uint32_t key = 0; key < history_.keys(); ++key)
      is_account_[key] = std::binary_search(names.begin(), names.end(), history_.show_key(key));
  }

  // One state is read by a transaction that reads each account once and changes nothing before it has read.
  void look_at(std::uint32_t txn) {
    const Txn& of = history_.transactions()[txn];
    if (of.outcome != Outcome::kOk) return;
    std::int64_t total = 0;
    std::uint32_t read = 0;
    bool changed = false;
    bool plain = true;
    for (const Event& event : history_.events(of)) {
      changed = changed || event.kind != EventKind::kReadBalance;
      if (event.kind != EventKind::kReadBalance || !event.known || !is_account_[event.key]) continue;
      if (event.value.is_text()) {
        findings_.doubt(fmt::format("\"{}\": the number does not fit", history_.show(event)));
        plain = false;
        continue;
      }
      const std::int64_t balance = event.value.is_nil() ? 0 : event.value.number();
      if (balance < 0 && !bank_.negative_balances) overdrawn(txn, event);
      plain = plain && !changed && read_by_[event.key] != txn;
      read_by_[event.key] = txn;
      // Modulo 2^64, as every sum of them: two totals that differ by less than that are told apart.
      total = static_cast<std::int64_t>(static_cast<std::uint64_t>(total) + static_cast<std::uint64_t>(balance));
      ++read;
    }
    if (!plain || read != accounts_ || accounts_ == 0) return;
    reads_.push_back({txn, total});
    Total& entry = totals_.try_emplace(total, Total{0, txn}).first->second;
    ++entry.reads;
  }

  void overdrawn(std::uint32_t txn, const Event& event) {
    findings_.add("negative-balance", {txn}, fmt::format("{}: {}", called(history_, txn), history_.show(event)));
  }

  void compare() {
    if (reads_.empty()) return;
    std::int64_t expected = bank_.total.value_or(reads_[0].total);
    if (!bank_.total) {
      for (const FullRead& read : reads_) {  // in the order of the history: the first of equals wins
        if (totals_.at(read.total).reads > totals_.at(expected).reads) expected = read.total;
      }
    }
    for (const FullRead& read : reads_) {
      if (read.total != expected) report(read, expected);
    }
  }

  void report(const FullRead& read, std::int64_t expected) {
    const auto right = totals_.find(expected);
    if (right == totals_.end()) {
      findings_.add("wrong-total", {read.txn},
                    fmt::format("{} found a total of {}, not {}", called(history_, read.txn), read.total, expected));
      return;
    }
    findings_.add("wrong-total", {read.txn, right->second.first},
                  fmt::format("{} found a total of {}; {} found {}, as did {} of the {} reads of all accounts",
                              called(history_, read.txn), read.total, called(history_, right->second.first), expected,
                              right->second.reads, reads_.size()));
  }

  const History& history_;
  const BankOptions& bank_;
  Findings findings_;
  std::uint32_t accounts_ = 0;
  std::vector<bool> is_account_;
  std::vector<std::uint32_t> read_by_;  // account -> the last transaction that read it
  std::vector<FullRead> reads_;
  boost::unordered_flat_map<std::int64_t, Total> totals_;  // looked up, never walked
};

}  // namespace

Judgement judge_bank(const History& history, const JudgeOptions& options, const BankOptions& bank) {
  return Bank(history, options, bank).judge();
}

}  // namespace tidemark::checkers::totals
