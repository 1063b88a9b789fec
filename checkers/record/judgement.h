// What a checker says about a History: a verdict, the anomalies behind it, or the order that proves it valid.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {

enum class Relation : std::uint8_t {
  kWw,  // wrote the version before the one that the other wrote
  kWr,  // wrote the version that the other read
  kRw,  // read a version before the one that the other wrote
  kSo,  // before the other in its session
  kRt,  // ended before the other began
};
const char* to_text(Relation relation);  // "ww", ...

/// One edge of a cycle: transaction `from` must stand before `to`, because ...
struct Step {
  std::uint32_t from = 0;  // numbers in History::transactions()
  std::uint32_t to = 0;
  Relation relation = Relation::kSo;
  std::uint32_t key = 0;  // ww, wr, rw
  Value before;           // the version of `from`; nil: the initial one (lists: the empty one)
  Value after;            // the version of `to`
};

struct Anomaly {
  /// Adya's and Elle's names, "-process" when a session edge is needed, "-realtime" when a real-time edge is: "G0",
  /// "G1a", "G1b", "G1c", "G-single", "G-nonadjacent", "G2-item"; "internal", "duplicate-elements",
  /// "incompatible-order", "garbage-read", "dirty-update", "lost-update", "future-read", "long-fork"; of session
  /// guarantees "read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"; "nonlinearizable",
  /// "no-order" (a search was exhausted), "wrong-total", "negative-balance", "impossible-count", "lost-element", ...
  std::string name;
  std::vector<std::uint32_t> transactions;  // the witness: the smallest set that was found, in the order told
  std::vector<Step> cycle;                  // of cycles: step i ends where step i + 1 begins, the last at the first
  std::string fact;                         // of others: one sentence that names transactions, keys and values
};

struct Judgement {
  Validity validity = Validity::kValid;
  std::vector<Anomaly> anomalies;    // invalid: the most basic first; at most `most_anomalies` of the options
  std::string reason;                // unknown: what is missing
  std::vector<std::uint32_t> order;  // valid, where the checker makes one: all transactions that took effect
  std::uint64_t observations = 0;    // transactions judged; 0 of a history that is not empty is reported, not hidden
  std::uint64_t steps = 0;           // of searches
};

/// What a history does not say of sums. For the models of that name; the others pass over it.
struct TotalsOptions {
  std::optional<std::int64_t> bank_total;  // else the one that most reads of all accounts found
  bool negative_balances = false;          // bank: accounts may be overdrawn
  std::vector<std::string> accounts;       // bank: as History::show_key() writes them; empty: all in the history
  std::int64_t counter_start = 0;          // what every counter holds in the beginning
  bool real_time = false;                  // counter, set: what had ended before a read was called must be in it
};

struct JudgeOptions {
  std::uint64_t most_anomalies = 8;
  // Budgets count, they do not measure: the verdict is the same on every machine. Beyond one the verdict is unknown.
  std::uint64_t step_budget = 20'000'000;
  std::uint64_t memory_budget = 2ULL << 30;  // bytes of remembered states of a search
  bool want_order = false;                   // fill Judgement::order
  // A compare-and-set that failed had found another value than it expected. Else a failure says only that nothing was
  // written: a client may report a refusal in the same way.
  bool failed_cas_compared = false;
  TotalsOptions totals;
};

}  // namespace tidemark::checkers
