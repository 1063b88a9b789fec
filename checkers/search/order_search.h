// OrderSearch: looks for an order of transactions that a serial store could have carried out.
//
// Wing and Gong's search with Lowe's memory, for any partial order: a transaction can come next when all that must
// stand before it is done, and its reads hold. A pair (what is done, state) from which no order was found is
// remembered, as a hash of 128 bits, and never entered twice.
//
// What keeps it short:
//   - A transaction that only reads is taken at once when its reads hold: wherever else it stands in some order, it can
//     be moved here.
//   - A state that somebody must still read, that is gone, and that no change that is left could bring back, ends the
//     branch (Wants). Texts and lists tell by what their readers find what must be appended next.
//   - Of equal changes only the one that ends first is tried.
//   - A blind write of a register that nobody is left to read is hidden right before another blind write.
//   - A branch that does not end is given up after some steps, and the search begins anew with another rule of what to
//     try first: changes that a waiting reader needs, the order of the records, chance (fixed seeds). What was
//     exhausted before is remembered.
//
// Iterative; the budgets count steps and bytes, so that the result is the same on every machine. A step is a
// transaction that is tried, or 16 that are looked at. Memory: about 100 bytes per transaction, plus at most the memory
// budget, of which remembered states take 56 bytes each, and 16 each transaction that is open to be tried somewhere on
// the way. Without any order given, all can come next everywhere: the square of the transactions, in time and memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "checkers/record/judgement.h"
#include "checkers/search/state.h"

namespace tidemark::checkers::search {

struct SearchInput {
  /// Numbers of transactions, all of which take part (Program::takes_part). With real time: by ascending call.
  std::vector<std::uint32_t> transactions;
  /// Places in `transactions`: the first stands before the second.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;
  /// Besides, a transaction that ended before another was called stands before it.
  bool real_time = false;
  /// Goes on where a wanted state is lost, too: slower, for a begin that ends where a reader finds out.
  bool to_the_reader = false;
};

struct SearchResult {
  Validity validity = Validity::kUnknown;
  std::vector<std::uint32_t> order;  // valid: an order of all that took effect; else the longest begin that was found
  std::vector<std::uint32_t> stuck;  // invalid: after that begin, these would have to come next, and cannot
  bool never_written = false;        // invalid: `stuck` reads a state that no change could make
  std::uint64_t steps = 0;
  std::string reason;  // unknown
};

/// What is as large as the program, for many searches of parts of it, one after the other.
struct Workspace {
  explicit Workspace(const Program& program);
  Machine machine;
  std::vector<std::uint32_t> readers_left;   // wanted state -> transactions
  std::vector<std::uint32_t> children_left;  // wanted state -> states that grow from it and must still come about
  std::vector<std::uint32_t> producers_left;
  std::vector<std::uint64_t> needed;  // producer -> the last node where a reader waited for it
  std::uint64_t nodes = 0;
};

/// When there is no order, a second search of a few steps for each transaction looks for the longest begin.
SearchResult search_order(const Program& program, SearchInput input, const JudgeOptions& options, Workspace& workspace);

}  // namespace tidemark::checkers::search
