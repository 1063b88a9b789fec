// NodeClock: the wall clock of one machine: the true instant plus what clock faults add to it.
//
// With no fault a reading is the scheduler's instant. A reading never draws and never schedules: it is a function of
// the true instant and of the faults that are active. Integers only. The offsets of all active faults add up; while a
// freeze is active every offset is taken at the instant at which the clock stopped. A reading may go back, and before
// the start of the run (a negative Instant): that is what the faults are for.
//
// Only what a real program would take from its wall clock goes through here (lease ends, bookmark days, SQLite's
// CURRENT_TIMESTAMP). Timers are monotonic and stay with the scheduler.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "sim/core/scheduler.h"
#include "sim/core/time.h"

namespace tidemark::sim {

/// C1, C4. The clock is `offset` ahead (or behind) while active. A step forward or back is this, injected at its
/// instant.
struct ClockOffset {
  Duration offset{};
};
/// C2. From the instant of injection the clock gains `ppm` microseconds a second (negative: loses). |ppm| < 1,000,000.
struct ClockDrift {
  std::int64_t ppm = 0;
};
/// C3. Offset between -amplitude and +amplitude; starts at 0 going up at the instant of injection. `period` > 0.
struct ClockWave {
  enum class Form : std::uint8_t { kTriangle, kSine };
  Duration amplitude{};
  Duration period{};
  Form form = Form::kSine;
};
/// C5. `first` for `half_period` (> 0), then `second` for as long, and so on.
struct ClockStrobe {
  Duration first{};
  Duration second{};
  Duration half_period{};
};
/// C6. The clock stands still from the instant of injection; when the fault ends it jumps to where it would be.
struct ClockFreeze {};

using ClockFault = std::variant<ClockOffset, ClockDrift, ClockWave, ClockStrobe, ClockFreeze>;
/// Counts from 1 per clock.
using ClockFaultId = std::uint64_t;

class NodeClock {
 public:
  /// The scheduler must outlive the clock.
  explicit NodeClock(const Scheduler& scheduler) : scheduler_(scheduler) {}
  NodeClock(const NodeClock&) = delete;
  NodeClock& operator=(const NodeClock&) = delete;

  /// The reading of the machine's program: counts as an effect of every active fault when it differs from the truth.
  Instant now() const {
    if (active_.empty()) [[likely]]
      return scheduler_.now();
    return read();
  }
  /// Reading minus truth at this instant, for observers: counts nothing.
  Duration offset() const;

  /// Begins now.
  ClockFaultId inject(ClockFault fault);
  /// Its part of the offset is gone at once (the clock was corrected). No effect when it has ended already.
  void end(ClockFaultId id);
  void end_all() { active_.clear(); }
  bool active(ClockFaultId id) const;
  /// Readings that differed from the truth because of this fault (also after its end); 0 for an unknown id.
  std::uint64_t effects(ClockFaultId id) const;

 private:
  struct Active {
    ClockFaultId id;
    Instant since;
    ClockFault fault;
  };
  Instant read() const;
  /// Where the clock takes its instant from: now, or where the first freeze began.
  Instant source() const;

  const Scheduler& scheduler_;
  std::vector<Active> active_;                  // in order of injection
  mutable std::vector<std::uint64_t> effects_;  // of fault id at [id - 1]
};

}  // namespace tidemark::sim
