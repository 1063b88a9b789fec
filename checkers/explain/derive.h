// Why one transaction must stand before another, found once more in the raw history.
//
// An explanation is only worth something if it does not repeat what the checker believes. So each step of a cycle is
// derived here from the events alone, by rules that hold in every serial order:
//   wr  `to` read a value that only `from` wrote
//   rw  `from` read a list or set without a value that `to` put there; a register as it was in the beginning although
//       `to` writes it, or with the value that `to` read before it wrote
//   ww  somebody read the two values in this order, or the first without the second; `to` read what `from` wrote, and
//       wrote; or the version column of a register says so (rw, too)
//   so  the same session, `from` first and acknowledged;  rt  `from` had ended when `to` began
// What follows for registers only by way of others (o is before r, which read x of w: so o, which wrote x, is before w)
// is proved in steps of the same kinds among at most kMostProved transactions.
//
// Assumes what the checkers assume: keys are not cleared between, values are written once.
// Cost: a few passes over the events for each step. Memory: 4 bytes for each pair of transactions that are proved with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::why {

inline constexpr std::size_t kMostProved = 512;

/// "T5": as the history numbers it, and as the facts of anomalies say.
std::string name_of(const History& history, std::uint32_t transaction);

struct Sentence {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::string because;  // "T2 read x = [1 2], and the 2 is T1's"
};

struct Derivation {
  std::vector<Sentence> lemmas;  // what the sentence rests on, each proved by those before it
  Sentence sentence;
  std::vector<std::uint32_t> evidence;  // other transactions that it names
};

/// Orders that may be used besides reads and writes.
struct Orders {
  bool sessions = true;
  bool real_time = false;
};

/// `witness`: where to look first for what the step rests on. None: the step does not follow, or only from more
/// transactions than kMostProved.
std::optional<Derivation> derive(const History& history, const Step& step, const std::vector<std::uint32_t>& witness,
                                 const Orders& orders);

}  // namespace tidemark::checkers::why
