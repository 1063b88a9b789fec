// Timer: one pending event. Whoever waits owns the Timer and embeds it; arming never allocates.
#pragma once

#include <cstdint>
#include <string_view>

#include "sim/core/time.h"

namespace tidemark::sim {

class Process;
class Scheduler;

/// What an event is, for the trace and the digest. The numbers are part of every digest: append, never renumber.
enum class EventKind : std::uint16_t {
  kTimer = 1,    // a plain timer of a component
  kResume = 2,   // a coroutine that was waiting is resumed
  kDeliver = 3,  // a message reaches its receiver
  kConnect = 4,  // a connection is established, refused or accepted
  kClose = 5,    // the end of a connection is noticed
  kDisk = 6,     // a disk operation completes
  kObject = 7,   // an object store operation completes
  kProcess = 8,  // a process starts, pauses, resumes, crashes
  kNemesis = 9,  // a fault begins or ends
  kBench = 10,   // events of benchmarks and tests
};

/// "timer", "resume", ...; "unknown" for a number that is no kind.
std::string_view to_text(EventKind kind);

namespace detail {
/// A place in a circular list. The head of a list is a link too, so linking and unlinking need no branches.
struct TimerLink {
  TimerLink* next = this;
  TimerLink* prev = this;

  TimerLink() = default;
  TimerLink(const TimerLink&) = delete;
  TimerLink& operator=(const TimerLink&) = delete;

  bool alone() const { return next == this; }
  void insert_before(TimerLink& position) {
    next = &position;
    prev = position.prev;
    position.prev->next = this;
    position.prev = this;
  }
  /// Leaves its own pointers dangling.
  void remove() {
    next->prev = prev;
    prev->next = next;
  }
};
}  // namespace detail

/// An event that may be pending in one Scheduler. Stays at its address while armed; its destructor disarms it, so an
/// owner that is destroyed (a crashed process, a dropped coroutine frame) can never be called back.
class Timer {
 public:
  using Fire = void (*)(Timer&);

  /// `owner` is the process that the event belongs to: while it is paused the event waits, when it crashes the event
  /// is dropped, and so is an event whose instant comes while the owner is stopped. nullptr for events of the world
  /// itself. `fire` is called once per arming, disarmed already; it may destroy the timer. The owner must outlive the
  /// armed timer.
  Timer(Fire fire, EventKind kind, Process* owner) : fire_(fire), owner_(owner), kind_(kind) {}
  ~Timer() {
    if (armed()) cancel();
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return scheduler_ != nullptr; }
  /// Disarms; the event never fires. No effect when not armed. O(1).
  void cancel();
  /// When it will fire; meaningful only while armed.
  Instant when() const { return Instant::from_ns(when_ns_); }
  EventKind kind() const { return kind_; }
  Process* owner() const { return owner_; }
  /// 64 bits of the event's content that go into the digest (a message's digest, a stream's name, ...).
  std::uint64_t tag() const { return tag_; }

 private:
  friend class Scheduler;
  friend class EventQueue;
  friend class Process;

  static constexpr std::uint16_t kHeld = 0xffff;

  // First member: the lists lead from the link back to the timer. In the list of a bucket or of held events while
  // armed.
  detail::TimerLink link_;
  std::int64_t when_ns_ = 0;
  std::uint64_t tag_ = 0;
  Fire fire_;
  Process* owner_;
  Scheduler* scheduler_ = nullptr;  // set while armed
  EventKind kind_;
  std::uint16_t bucket_ = 0;  // where EventQueue keeps it; kHeld: in the list of its paused owner
  std::uint32_t cause_ = 0;   // see Scheduler::cause()
};

}  // namespace tidemark::sim
