// Two runs that should be the same, event by event: which event is the first that differs, what led to it, and which
// random streams drew differently.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/random.h"
#include "sim/core/scheduler.h"

namespace tidemark::sim {

/// Sink that keeps every event: 64 bytes each.
class EventLog : public EventSink {
 public:
  void on_event(const EventRecord& event) override { events_.push_back(event); }
  /// Of event n at [n - 1].
  const std::vector<EventRecord>& events() const { return events_; }

 private:
  std::vector<EventRecord> events_;
};

/// Do two records tell of the same event? Causes may differ: they are no part of a run.
bool same_event(const EventRecord& a, const EventRecord& b);

/// The name of a process for people, by Process::id().
using NameOf = std::function<std::string(std::uint32_t)>;

/// "timer of shop/primary (process 3) at 0.005000 s (5000000 ns), tag 1".
std::string describe(const EventRecord& event, const NameOf& name_of);
/// Two lines: the event that scheduled `event`, and the one before it in the same process; `before` holds every event
/// up to it (events of equal runs are equal, so those of either do).
std::string describe_parents(const EventRecord& event, const std::vector<EventRecord>& before, const NameOf& name_of);

struct StreamDifference {
  std::string name;
  std::uint64_t first = 0;  // draws in the first run
  std::uint64_t second = 0;
};
/// Streams whose numbers of draws differ; both sorted by name. A stream that one does not have was drawn from 0 times.
std::vector<StreamDifference> different_draws(const std::vector<StreamRegistry::Draws>& first,
                                              const std::vector<StreamRegistry::Draws>& second);
/// "stream net/a->b/jitter: 12 draws, 13 now"; at most `most` lines, and how many are left out.
std::string describe(const std::vector<StreamDifference>& differences, std::size_t most);

/// The first event that differs, with its parents in both runs, which are called so; empty when all are equal.
std::string first_different_event(const std::vector<EventRecord>& first, const std::vector<EventRecord>& second,
                                  const NameOf& name_of, const std::string& first_name = "stored  ",
                                  const std::string& second_name = "replayed");

}  // namespace tidemark::sim
