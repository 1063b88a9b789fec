// The closed list of fault kinds: what each means, whom it may hit, what its parameters are, and what it costs the
// budget of simultaneous failures (sim/nemesis/budget.h). docs/faults.md, the scenario loader and the nemesis read this
// one table; a fault that is not in it cannot be written.
//
// Ids and meanings follow the project's fault study: N network, D disk, P process, C clock, R correlated, S object
// store, M membership and operations, X clients, B buggify. Not in the list: N8 N14 N16 N17 N26, D19 D20 D22 D27 D28,
// P9 P12 P13 P15, C7-C9, S10 S11, M4 M8, X8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::sim {

/// Stored in plans by id text ("N4"), never by number.
enum class FaultKind : std::uint8_t {
  kN1,
  kN2,
  kN3,
  kN4,
  kN5,
  kN6,
  kN7,
  kN9,
  kN10,
  kN11,
  kN12,
  kN13,
  kN15,
  kN18,
  kN19,
  kN20,
  kN21,
  kN22,
  kN23,
  kN24,
  kN25,
  kN27,
  kN28,
  kN29,
  kD1,
  kD2,
  kD3,
  kD4,
  kD5,
  kD6,
  kD7,
  kD8,
  kD9,
  kD10,
  kD11,
  kD12,
  kD13,
  kD14,
  kD15,
  kD16,
  kD17,
  kD18,
  kD21,
  kD23,
  kD24,
  kD25,
  kD26,
  kD29,
  kP1,
  kP2,
  kP3,
  kP4,
  kP5,
  kP6,
  kP7,
  kP8,
  kP10,
  kP11,
  kP14,
  kP16,
  kP17,
  kC1,
  kC2,
  kC3,
  kC4,
  kC5,
  kC6,
  kR1,
  kR2,
  kR3,
  kR4,
  kR5,
  kR6,
  kR7,
  kS1,
  kS2,
  kS3,
  kS4,
  kS5,
  kS6,
  kS7,
  kS8,
  kS9,
  kM1,
  kM2,
  kM3,
  kM5,
  kM6,
  kM7,
  kX1,
  kX2,
  kX3,
  kX4,
  kX5,
  kX6,
  kX7,
  kX9,
  kB1,
  kB2,
  kB3,
  kB4,
  kB5,
  kB6,
};

/// What a target of a fault can be; a set of them is an or of these bits.
enum FaultRole : std::uint16_t {
  kRolePrimary = 1,     // a host that can run the primary, whether it leads now or not
  kRoleFollower = 2,    // a durability follower, spares included
  kRoleReplica = 4,     // a read replica
  kRoleWorker = 8,      // a worker (application, router, session)
  kRoleClient = 16,     // a client; sessions live here
  kRoleControl = 32,    // the control plane
  kRoleColdStore = 64,  // the object store
  kRoleLink = 128,      // an ordered pair of processes: "link:a>b"
  kRoleRun = 256,       // the whole run: a mode of the engine, not of a node
};
using FaultRoles = std::uint16_t;
inline constexpr FaultRoles kRolesDatabase = kRolePrimary | kRoleFollower | kRoleReplica;
inline constexpr FaultRoles kRolesProcess = kRolesDatabase | kRoleWorker | kRoleClient | kRoleControl;
/// "primary, follower, replica".
std::string roles_text(FaultRoles roles);

enum class ParameterType : std::uint8_t {
  kDuration,  // nanoseconds
  kRatio,     // parts per million
  kCount,     // an integer without unit
  kChoice,    // one word of a list
  kText,      // free text (a name)
};

/// One parameter of a kind. `fallback` (and `word` for choices and texts) is the default; numbers lie in [low, high].
struct ParameterInfo {
  std::string name;
  ParameterType type = ParameterType::kCount;
  std::int64_t fallback = 0;
  std::int64_t low = 0;
  std::int64_t high = 0;
  std::string word;
  std::vector<std::string> choices;
  std::string doc;
};

/// How an instance goes through time.
enum class FaultShape : std::uint8_t {
  kInstant,   // happens once; its duration is zero
  kInterval,  // is in force for its duration
  kOutage,    // takes something down at the start; its end brings it back (restart, resume)
  kRun,       // a mode of the whole run, decided before it starts; the instance only reports it
  kGuard,     // not a fault and not injectable: the engine's own protection
};

/// What an instance costs the budget, and so who keeps recovery possible.
enum class FaultCost : std::uint8_t {
  kNothing,       // delay, reordering across connections, refusals: the protocol needs no spare
  kUnreachable,   // a follower among the targets cannot ack while it lasts
  kSplit,         // a partition: the smaller side of the followers of a database cannot ack while it lasts
  kLastTwo,       // the last two targets cannot ack while it lasts
  kWholeOutage,   // any number of followers down at once; what they synced survives, so nothing confirmed is at stake
  kDestroys,      // a follower's content is gone or bad and it can tell: it must be repaired from its peers
  kUndetectable,  // a follower forgets what it acked and cannot tell
  kLies,          // undetectable loss as soon as power fails
  kLease,         // breaks the bounded drift that the leader's read lease relies on
  kRelay,         // legal on relay links only: primary, followers, replicas
  kHostForGood,   // a host that can run the primary never returns
  kTransfer,      // what the object store holds stays good: only the transfer is harmed
};

struct FaultKindInfo {
  FaultKind kind = FaultKind::kN1;
  std::string id;       // "N4"
  std::string name;     // "loss"
  std::string meaning;  // one sentence
  FaultRoles roles = 0;
  FaultShape shape = FaultShape::kInterval;
  FaultCost cost = FaultCost::kNothing;
  std::vector<ParameterInfo> parameters;

  bool injectable() const { return shape != FaultShape::kGuard; }
  /// nullptr when there is none of this name.
  const ParameterInfo* parameter(std::string_view name) const;
};

/// All kinds, in the order of the enumeration. Made once; never changes.
const std::vector<FaultKindInfo>& fault_kinds();
const FaultKindInfo& info(FaultKind kind);
/// By id or name, letters in any case: "N4", "loss". nullptr for anything else.
const FaultKindInfo* find_fault_kind(std::string_view id_or_name);

/// The sentences of the documentation and of messages.
std::string_view cost_text(FaultCost cost);
std::string_view shape_text(FaultShape shape);

/// What FaultReport::effects counts: "messages that ...".
std::string_view effect_text(const FaultKindInfo& row);
/// A [[fault]] table with every parameter at its default, for a scenario with a database "shop" at IAD that has a
/// replica at LHR; within the budget.
std::string fault_example(const FaultKindInfo& row);
/// The part of docs/faults.md that is made from the rows.
std::string fault_kinds_markdown();

namespace detail {
// The rows, one function per file.
void add_network_kinds(std::vector<FaultKindInfo>& rows);
void add_disk_kinds(std::vector<FaultKindInfo>& rows);
void add_process_kinds(std::vector<FaultKindInfo>& rows);
void add_operation_kinds(std::vector<FaultKindInfo>& rows);

ParameterInfo duration(std::string name, std::int64_t fallback_ms, std::int64_t low_ms, std::int64_t high_ms,
                       std::string doc);
/// Parts per million.
ParameterInfo ratio(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high, std::string doc);
ParameterInfo count(std::string name, std::int64_t fallback, std::int64_t low, std::int64_t high, std::string doc);
ParameterInfo choice(std::string name, std::vector<std::string> choices, std::string doc);  // default: the first
ParameterInfo text(std::string name, std::string fallback, std::string doc);
}  // namespace detail

}  // namespace tidemark::sim
