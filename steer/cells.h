// Cells: the states of the protocol that a run can reach, as far as steering tells them apart.
//
// A cell is role x phase x step x fault: who did something, what the protocol was doing just then, what was done, and
// one kind of fault that was in force ("none" when there was none). A run that reaches a cell often enough has reached
// more than a run that came by once: a feature is a cell with its bucket of counts.
//
// Cells have names, so nothing is lost to hashing: a map of the campaign can be read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/timer.h"
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::steer {

enum class Role : std::uint8_t { kHost, kFollower, kReplica, kWorker, kClient, kControl };
inline constexpr std::uint8_t kRoles = 6;

/// Of hosts and the control plane: their own phase; of followers and replicas that run: the phase of the leader.
/// Values from kHost0, kBeside0 and kControl0 on: plus the number of a LeaderPhase or a DatabaseState.
enum class Phase : std::uint8_t {
  kDown = 0,
  kPaused = 1,
  kRunning = 2,
  kBooting = 3,
  kHost0 = 8,
  kBeside0 = 24,
  kControl0 = 40
};
inline constexpr std::uint8_t kPhases = 48;

/// What was done: an event of the engine (the number of its EventKind), a step of the protocol, or, from kFrom0 on, the
/// phase that was left.
enum class Step : std::uint8_t {
  kCommit = 16,
  kConfirm,
  kCheckpoint,
  kAck,
  kTrim,
  kBoot,
  kPublish,
  kSnapshot,
  kSegment,
  kColdRemoved,
  kFollowerSet,
  kPromise,
  kCut,
  kRewind,
  kLead,
  kLeaderGone,
  kRestore,
  kTimeFound,
  kRejoin,
  kRefusal,
  kUnknownOutcome,
  kAnswer,
  kStrike,  // the fault of the cell begins
  kFrom0 = 64,
};

/// 24 bits: role (4), phase (6), step (7), fault (7: 0 = none, else the number of the FaultKind + 1).
using Cell = std::uint32_t;
constexpr Cell make_cell(Role role, std::uint8_t phase, std::uint8_t step, std::uint8_t fault) {
  return static_cast<Cell>(role) << 20 | static_cast<Cell>(phase) << 14 | static_cast<Cell>(step) << 7 | fault;
}
constexpr std::uint8_t fault_of(Cell cell) {
  return cell & 127;
}
constexpr Cell without_fault(Cell cell) {
  return cell & ~Cell{127};
}
constexpr std::uint8_t number_of(sim::FaultKind kind) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) + 1);
}

/// "follower | leader sealing | promise | N4 loss". For any 24 bits; what means nothing is "?".
std::string cell_name(Cell cell);
/// The four words of a name.
struct CellWords {
  std::string role, phase, step, fault;
};
CellWords cell_words(Cell cell);

/// A cell with a bucket of counts: cell * 8 + bucket.
using Feature = std::uint32_t;
/// 0: once, 1: 2 to 7, 2: 8 to 63, 3: more.
std::uint8_t bucket_of(std::uint64_t count);
constexpr Feature make_feature(Cell cell, std::uint8_t bucket) {
  return cell << 3 | bucket;
}
constexpr Cell cell_of(Feature feature) {
  return feature >> 3;
}

/// How often each cell was reached in one run: a table of fixed size, by exact cell.
class CellMap {
 public:
  static constexpr std::size_t kSlots = 1U << 15;
  CellMap() : slots_(kSlots) {}

  void count(Cell cell) {
    std::size_t at = (cell * 0x9e3779b1U) >> 17;
    while (slots_[at].key != cell + 1) {
      if (slots_[at].key == 0) {
        if (used_ + 1 >= kSlots) {
          ++dropped_;
          return;
        }
        slots_[at].key = cell + 1;
        ++used_;
        break;
      }
      at = (at + 1) % kSlots;
    }
    if (slots_[at].count != UINT32_MAX) ++slots_[at].count;
  }
  std::size_t cells() const { return used_; }
  /// Counts that found no room.
  std::uint64_t dropped() const { return dropped_; }
  /// For a cell and every smaller bucket of it. Ascending.
  std::vector<Feature> features() const;

 private:
  struct Slot {
    Cell key = 0;  // cell + 1; 0: free
    std::uint32_t count = 0;
  };
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
  std::uint64_t dropped_ = 0;
};

/// As printable text: the differences, in digits of five bits. Ascending features only.
std::string pack_features(const std::vector<Feature>& features);
/// False when `text` was not made by pack_features().
bool unpack_features(std::string_view text, std::vector<Feature>& features);

}  // namespace tidemark::steer
