// The minimal sub-history: as few transactions and events as possible that still fail, with the same class of anomaly.
//
// Delta debugging: from the witness if that fails alone, else from what touches its keys, else from the whole; first
// whole transactions go, then events. Everything that is left out is left out in a way that keeps a valid history valid
// (cut.h), so that what fails in the end failed in the beginning. One event less, and it does not fail in this way.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "checkers/explain/derive.h"
#include "checkers/record/judgement.h"

namespace tidemark::checkers {

/// A checker with its model and options.
using Judge = std::function<Judgement(const History&)>;

struct MinimalOptions {
  // Budgets count: the result is the same on every machine. Beyond one, the smallest found so far is the result.
  std::uint64_t most_judgements = 5'000;
  std::uint64_t event_budget = 50'000'000;  // events of all histories that are judged
  why::Orders orders;                       // of the model
};

struct Minimal {
  History history;                      // lines, indices and times are those of the original
  std::vector<std::uint32_t> original;  // by transaction: its number in the original
  Anomaly anomaly;                      // of `history`
  std::uint64_t judgements = 0;
  bool complete = false;  // nothing more can be left out; false: a budget ended the search
};

/// `anomaly`: of judge(history). The result fails with an anomaly of the same name, as the first one where it is the
/// first one here. `history` itself when `judge` does not find such an anomaly in it.
Minimal minimal_history(const History& history, const Anomaly& anomaly, const Judge& judge,
                        const MinimalOptions& options = {});

}  // namespace tidemark::checkers
