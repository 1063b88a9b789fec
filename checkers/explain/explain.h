// An anomaly in words that can be checked by hand: the guarantee, who took part, why one stands before the other.
//
//   Every client sees one order of all transactions, ... but this history breaks it (G-single).
//   Let:
//     T1 = line 12, session 3, 1.204 s to 1.310 s: append 3 to x; read y = []
//     ...
//   Then:
//     1. T1 < T2, because T2 read x = [1 2], and the 2 is T1's
//     ...
//   However, T1 < T2 < T3 < T1: a contradiction!
//
// Transactions are named as the facts of anomalies name them. Each sentence is derived once more from the raw history
// (derive.h); a step that contradicts it is a defect of a checker and fails an assertion.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/explain/derive.h"

namespace tidemark::checkers {

/// The same in parts, for pictures and pages.
struct Explanation {
  struct Part {
    std::uint32_t transaction = 0;
    std::string name;    // "T1"
    std::string where;   // "line 12, session 3, 1.204 s to 1.310 s"
    std::string events;  // "append 3 to x; read y = []"
  };
  std::string anomaly;
  std::string guarantee;    // as given
  std::vector<Part> parts;  // the witness and whatever the steps name besides, in the order of the history
  std::vector<Step>
      shortcut;  // the cycle that is told: where three of the same key stand in line, without the middle one
  std::vector<why::Sentence> steps;   // each follows from the history and the steps before it
  std::string cycle;                  // "T1 < T2 < T1"; empty: none
  std::string fact;                   // one sentence, where the checker has one; without a full stop
  std::vector<std::string> sessions;  // of the parts
  std::vector<std::string> notes;     // what took effect although its outcome is unknown; steps that are not proved
};

/// `guarantee`: in plain words, what a client may rely on ("every read ... "). `orders`: what the model lets follow
/// from sessions and real time, besides what the cycle itself uses. Pure and deterministic. Cost: a few passes over the
/// history for each step.
Explanation explain_parts(const History& history, std::string_view guarantee, const Anomaly& anomaly,
                          const why::Orders& orders = {});
std::string explain(const History& history, std::string_view guarantee, const Anomaly& anomaly,
                    const why::Orders& orders = {});
std::string to_text(const Explanation& explanation);

/// "1.204 s", to the millisecond, of a time in ns.
std::string show_seconds(std::int64_t ns);

}  // namespace tidemark::checkers
