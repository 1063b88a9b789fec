// Comparing two runs of one scenario and seed: where do they differ first?
//
// DigestCheckpoints keeps a bounded sample of the running digest; two samples give the interval that holds the first
// difference. DivergenceFinder then watches a replay of that interval event by event and names the first event.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/scheduler.h"

namespace tidemark::sim {

struct Checkpoint {
  std::uint64_t sequence = 0;
  Instant when;
  Digest128 digest;
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

/// Sink that keeps a checkpoint after every stride-th event. At kMost of them every other one is dropped and the stride
/// doubles, so the kept ones depend on the number of events alone.
class DigestCheckpoints : public EventSink {
 public:
  static constexpr std::size_t kMost = 4'096;
  void on_event(const EventRecord& event) override;
  std::uint64_t stride() const { return stride_; }
  /// In the order of the run, at the multiples of stride().
  const std::vector<Checkpoint>& points() const { return points_; }

 private:
  std::uint64_t stride_ = 1;
  std::vector<Checkpoint> points_;
};

/// The first differing event has a sequence number in (after, up_to].
struct DifferingInterval {
  std::uint64_t after = 0;
  std::uint64_t up_to = 0;
  friend bool operator==(const DifferingInterval&, const DifferingInterval&) = default;
};

/// Compares at the sequence numbers that both lists hold. Nothing when all of these agree; the runs may still differ
/// after the last one.
std::optional<DifferingInterval> first_difference(const std::vector<Checkpoint>& a, const std::vector<Checkpoint>& b);

/// Sink that compares a replay with the recorded events of the first run, and stops the replay at the first event that
/// differs or is surplus. The record may begin in the middle of the run (an interval); events before it pass.
class DivergenceFinder : public EventSink {
 public:
  /// `scheduler` runs the replay; it is stopped at the difference. `name_of` gives the name of a process for the
  /// report.
  DivergenceFinder(std::vector<EventRecord> expected, Scheduler& scheduler,
                   std::function<std::string(std::uint32_t)> name_of = {});
  void on_event(const EventRecord& event) override;
  /// To be called when the replay has ended by itself: events that are missing from it are a difference too.
  void finish();

  bool diverged() const { return diverged_; }
  /// Sequence number of the first difference; 0 if there is none.
  std::uint64_t sequence() const { return sequence_; }
  /// "event 17 differs: recorded timer of primary (process 3) at 0.005000 s ..., replayed ..."; empty if equal.
  const std::string& report() const { return report_; }

 private:
  std::string describe(const EventRecord* event) const;
  void found(std::uint64_t sequence, const EventRecord* expected, const EventRecord* actual);

  std::vector<EventRecord> expected_;
  Scheduler& scheduler_;
  std::function<std::string(std::uint32_t)> name_of_;
  std::size_t next_ = 0;
  bool diverged_ = false;
  std::uint64_t sequence_ = 0;
  std::string report_;
};

}  // namespace tidemark::sim
