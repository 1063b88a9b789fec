// The oracle: what consistency models mean, by brute force over all interleavings. For histories of a handful of
// transactions. Shares no code with the checkers.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::oracle {

/// A store that carries out one event after the other, in plain containers.
struct Store {
  struct Item {
    Value value;              // registers
    std::string text;         // registers that somebody appends to
    std::vector<Value> list;  // lists
    std::set<Value> members;  // sets
    std::int64_t count = 0;   // counters
    friend bool operator==(const Item&, const Item&) = default;
  };
  std::map<std::uint32_t, Item> items;
  friend bool operator==(const Store&, const Store&) = default;
};

enum class Constraint : std::uint8_t { kNone, kSession, kRealTime };

struct Rules {
  Constraint constraint = Constraint::kSession;
  bool failed_cas_compared = false;
};

/// By their session: `b` was recorded later, and begun when `a` had ended, where the history tells.
bool session_before(const History& history, std::size_t a, std::size_t b);

/// Carries out the transaction; false: a read that is known does not hold (the store is then spoilt).
bool carry_out(const History& history, std::uint32_t txn, const Rules& rules, Store& store);

/// An order of every transaction that is ok and of some of unknown outcome; nullopt: there is none.
std::optional<std::vector<std::uint32_t>> find_order(const History& history, const Rules& rules);

/// Whether `order` is one: each once, constraint kept, reads right.
bool is_order(const History& history, const Rules& rules, const std::vector<std::uint32_t>& order);

/// For messages: a line for each transaction.
std::string show(const History& history);

}  // namespace tidemark::checkers::oracle
