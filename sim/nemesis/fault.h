// Fault: one instance. FaultPlan: what is going to happen in a run, completely: a plan replays without the generators
// that drew it (sim/nemesis/draw.h).
//
// Plain values. The text form (FaultFields) is what plan.json and scenario files hold; reading what was written gives
// an equal fault. Everything that a person can write wrongly is an error with a sentence, never an assertion.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "sim/core/time.h"
#include "sim/nemesis/fault_kinds.h"
#include "sim/nemesis/topology.h"

namespace tidemark::sim {

/// The duration of a fault that lasts until heal_all().
inline constexpr Duration kUntilHeal = Duration::max();

/// When an instance begins. Text forms, each but the first with an optional " + 20 ms" (a delay after the trigger):
///   1.5 s                          so long after the start of the fault phase
///   bookmark 100 of db-a           the 100th bookmark of the run is confirmed
///   epoch 2 of db-a                a leader begins to serve in this epoch, or a later one
///   takeover sealing of db-a       a host enters this phase of a takeover (FaultWorld names the phases)
///   checkpoint 3 of db-a           the 3rd checkpoint; likewise snapshot, trim
///   io 17 of db-a/follower-2       the 17th I/O of the process since the start of the fault phase; likewise send
///   point NAME of db-a/primary     the process passes a named point of the code
struct FaultStart {
  enum class On : std::uint8_t {
    kTime,
    kBookmark,
    kEpoch,
    kTakeover,
    kCheckpoint,
    kSnapshot,
    kTrim,
    kIo,
    kSend,
    kPoint,
  };
  On on = On::kTime;
  Duration after;            // kTime: the time; else the delay
  std::uint64_t number = 1;  // at least 1
  std::string word;          // kTakeover, kPoint
  std::string subject;       // database or node

  friend bool operator==(const FaultStart&, const FaultStart&) = default;
};

struct FaultParameter {
  std::string name;
  std::int64_t number = 0;  // nanoseconds, parts per million, or a count
  std::string word;         // of choices and texts
  friend bool operator==(const FaultParameter&, const FaultParameter&) = default;
};

struct Fault {
  std::uint64_t id = 0;  // at least 1, unique in a plan; names the random stream "fault/<id>"
  FaultKind kind = FaultKind::kN1;
  std::vector<std::string> targets;  // concrete selectors
  FaultStart start;
  Duration duration;                       // zero for what happens once
  std::vector<FaultParameter> parameters;  // all of the kind, in the order of its row

  /// Asserts that the kind has such a parameter.
  std::int64_t number(std::string_view name) const;
  Duration span(std::string_view name) const { return Duration::nanoseconds(number(name)); }
  const std::string& word(std::string_view name) const;
  bool has_parameter(std::string_view name) const { return info(kind).parameter(name) != nullptr; }
  void set(std::string_view name, std::int64_t number);
  void set(std::string_view name, std::string word);
  /// "fault 3 (N4 loss)".
  std::string title() const;

  friend bool operator==(const Fault&, const Fault&) = default;
};

struct FaultPlan {
  std::vector<Fault> faults;  // in the order of their beginnings
  bool beyond_budget = false;
  Duration phase;  // length of the fault phase; what still lasts then is healed

  friend bool operator==(const FaultPlan&, const FaultPlan&) = default;
};

/// A fault of this kind with the defaults of its row; an interval or outage lasts 1 s.
Fault make_fault(FaultKind kind);
/// A sentence about the first thing that is wrong with it in this topology (unknown target, wrong role, value out of
/// range, negative time, unknown subject of a trigger); empty when all is well.
std::string problem_of(const Fault& fault, const Topology& topology);
/// As above for all, and ids that are not unique. The budget is checked elsewhere.
std::string problem_of(const FaultPlan& plan, const Topology& topology);
/// Of the text form: equal plans have equal digests. For the header of a run.
Digest128 digest_of(const FaultPlan& plan);

// --- Text ---

struct FaultFields {
  std::string id;
  std::string kind;  // "N4"
  std::vector<std::string> targets;
  std::string start;
  std::string duration;                                         // "1.5 s", "until heal", "" for what happens once
  std::vector<std::pair<std::string, std::string>> parameters;  // in the order of the row
};
FaultFields to_fields(const Fault& fault);
/// Missing parameters get their defaults. Nothing with a sentence in `problem`.
std::optional<Fault> from_fields(const FaultFields& fields, std::string& problem);

std::string to_text(const FaultStart& start);
bool parse_start(std::string_view text, FaultStart& start, std::string& problem);
/// "20 ms", "2 %", "7", "bit-flip": the canonical text, which parse_parameter reads back to an equal value.
std::string to_text(const ParameterInfo& row, const FaultParameter& value);
bool parse_parameter(const ParameterInfo& row, std::string_view text, FaultParameter& value, std::string& problem);
/// A sentence when the value is outside the row's range or choices.
std::string range_problem(const ParameterInfo& row, const FaultParameter& value);
/// Digits with at most one decimal point, an optional blank, and ns us ms s min h d; exact.
bool parse_duration(std::string_view text, Duration& duration);
/// Likewise with %: parts per million; exact.
bool parse_ratio(std::string_view text, std::int64_t& parts_per_million);

}  // namespace tidemark::sim
