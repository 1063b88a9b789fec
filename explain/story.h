// Story: what led to a violation: its causal past, in numbered lines.
//
// The causal past of an event: the event that scheduled it, the event before it in the same process, and the causal
// past of both. What is not in it cannot have had an influence, with one exception: something that did not happen (a
// message that a dead host did not send). So faults that struck what is in the past belong to it too.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/history/verdict.h"
#include "explain/narrator.h"

namespace tidemark::explain {

/// A broken invariant, and where in the run.
struct Violation {
  checkers::Verdict verdict;
  std::uint64_t event = 0;
  sim::Instant when;
  bool at_end = false;  // it shows when the run is over; `event` is the last one
  int database = -1;    // -1: not known
};

/// When it was broken: what the checker says, else the end of the operation that its witness begins with.
std::optional<sim::Instant> instant_of(const checkers::Verdict& verdict);
/// The earliest broken invariant: of what was not expected, if there is any such. Nothing: all are valid.
std::optional<checkers::Verdict> earliest(const std::vector<checkers::Verdict>& verdicts,
                                          const std::vector<std::string>& expect);
/// Its place in a run that was watched at least up to instant_of().
Violation locate(const Narrator& narrator, const checkers::Verdict& verdict);

struct StoryLine {
  std::uint32_t number = 0;   // from 1
  std::uint32_t because = 0;  // the line that scheduled it, over events that are not told; 0: none is told
  std::uint64_t event = 0;
  sim::Instant when;
  std::string node;  // several: where a message that went to all arrived
  std::string text;
  bool fault = false;
};

struct Story {
  std::vector<StoryLine> lines;      // in the order of the run; the last one is of the violation
  std::uint64_t past_events = 0;     // events of the causal past
  std::uint64_t all_events = 0;      // events of the run until the violation
  std::uint64_t lines_of_past = 0;   // lines that the causal past has
  std::vector<std::string> clients;  // "session 7 (client-2)": whose requests are concerned
};

struct StoryOptions {
  std::size_t most = 40;  // lines: those that matter most
  bool full = false;      // every one of the database
  /// Faults of which it is known that the violation needed them, or would be the same without them.
  std::set<std::uint64_t> needed;
  std::set<std::uint64_t> irrelevant;
};
Story tell(const Narrator& narrator, const Violation& violation, const StoryOptions& options);

/// For each event of the run, whether it is in the causal past of this one (which is). Of event n at [n - 1].
std::vector<bool> causal_past(const std::vector<Narrator::Event>& events, std::uint64_t event);

/// What the invariant or guarantee promises, in plain words; empty for a name that is not known.
std::string_view guarantee_of(std::string_view check);

}  // namespace tidemark::explain
