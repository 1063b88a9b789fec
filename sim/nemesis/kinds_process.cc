// The rows of process, clock and correlated faults.
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim::detail {
namespace {

constexpr FaultShape kInterval = FaultShape::kInterval;
constexpr FaultShape kInstant = FaultShape::kInstant;
constexpr FaultShape kOutage = FaultShape::kOutage;

ParameterInfo survivors() {
  return choice("survivors", {"prefix", "none", "subset", "torn", "all"},
                "which un-synced writes are on the disk afterwards");
}

void add_clock_kinds(std::vector<FaultKindInfo>& rows) {
  const auto sign = [] { return choice("direction", {"forward", "back"}, "which way"); };
  rows.push_back({FaultKind::kC1,
                  "C1",
                  "clock-offset",
                  "The wall clock is ahead or behind by a constant.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("offset", 2'000, 1, 400'000'000, "by how much"), sign()}});
  rows.push_back({FaultKind::kC2,
                  "C2",
                  "clock-drift",
                  "The clock runs too fast or too slowly.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kLease,
                  {ratio("rate", 5'000, 1, 900'000, "gain or loss per second"), sign()}});
  rows.push_back({FaultKind::kC3,
                  "C3",
                  "clock-wave",
                  "The offset of the wall clock swings to and fro.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("amplitude", 1'000, 1, 86'400'000, "largest offset"),
                   duration("period", 5'000, 1, 86'400'000, "length of one swing"),
                   choice("form", {"sine", "triangle"}, "shape of the swing")}});
  rows.push_back({FaultKind::kC4,
                  "C4",
                  "clock-step",
                  "The wall clock jumps; when the fault ends it jumps back.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("step", 60'000, 1, 400'000'000, "by how much"), sign()}});
  rows.push_back({FaultKind::kC5,
                  "C5",
                  "clock-strobe",
                  "The wall clock changes between two offsets every few milliseconds.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("step", 500, 1, 86'400'000, "the second offset; the first is none"),
                   duration("half_period", 5, 1, 60'000, "time with each offset"), sign()}});
  rows.push_back({FaultKind::kC6,
                  "C6",
                  "clock-freeze",
                  "The wall clock stands still, then jumps to the present.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
}

void add_correlated_kinds(std::vector<FaultKindInfo>& rows) {
  const auto spread = [] {
    return duration("spread", 0, 0, 60'000, "the targets fall within this time of each other");
  };
  rows.push_back({FaultKind::kR1,
                  "R1",
                  "region-power",
                  "Every machine of a site or region loses power at one instant and comes back later.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kWholeOutage,
                  {spread(), survivors()}});
  rows.push_back({FaultKind::kR2,
                  "R2",
                  "followers-power",
                  "Several followers lose power together.",
                  kRoleFollower,
                  kOutage,
                  FaultCost::kUnreachable,
                  {spread(), survivors()}});
  rows.push_back({FaultKind::kR3,
                  "R3",
                  "rolling-restart",
                  "The targets are restarted one after another.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kUnreachable,
                  {duration("gap", 2'000, 1, 600'000, "from one kill to the next"),
                   duration("down", 500, 1, 600'000, "time until each is started again")}});
  rows.push_back(
      {FaultKind::kR4,
       "R4",
       "majority-kill",
       "A majority of the followers is killed at once and restarted; all that was durable must still be there.",
       kRoleFollower,
       kOutage,
       FaultCost::kWholeOutage,
       {choice("how", {"power", "kill"}, "loss of power, or of the processes only"), survivors()}});
  rows.push_back({FaultKind::kR5,
                  "R5",
                  "cold-store-cut",
                  "The targets reach each other but not the object store.",
                  kRolesDatabase | kRoleColdStore,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("timeout", 10'000, 1, 600'000, "how long their requests wait")}});
  rows.push_back({FaultKind::kR6,
                  "R6",
                  "primary-lost",
                  "The host of the primary never returns, not even when faults heal.",
                  kRolePrimary,
                  kInstant,
                  FaultCost::kHostForGood,
                  {}});
  rows.push_back(
      {FaultKind::kR7,
       "R7",
       "fail-over-and-back",
       "The host of the primary is lost for long enough to be replaced, then returns with its old disk.",
       kRolePrimary,
       kOutage,
       FaultCost::kNothing,
       {choice("route_back", {"no", "yes"}, "hand the primary back to it when it has returned"), survivors()}});
}

}  // namespace

void add_process_kinds(std::vector<FaultKindInfo>& rows) {
  rows.push_back({FaultKind::kP1,
                  "P1",
                  "kill",
                  "The process ends at once and is started again; its machine lives on, so what it wrote is kept.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kUnreachable,
                  {choice("peers", {"reset", "silent"}, "whether its peers are told or find out by timeout")}});
  rows.push_back({FaultKind::kP2,
                  "P2",
                  "power-loss",
                  "The machine loses power: the process ends and of its un-synced writes only some are on the disk.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kUnreachable,
                  {survivors()}});
  rows.push_back({FaultKind::kP3,
                  "P3",
                  "graceful-stop",
                  "The process is asked to stop, has a bounded time for it, and is started again.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kUnreachable,
                  {duration("grace", 1'000, 0, 60'000, "time it has before it is killed")}});
  rows.push_back(
      {FaultKind::kP4,
       "P4",
       "kill-at-point",
       "The process is killed exactly before or after its n-th I/O or send or at a named point of its code.",
       kRolesProcess,
       kOutage,
       FaultCost::kUnreachable,
       {choice("at", {"io", "send", "point"}, "what is counted, from the start of the fault"),
        count("n", 1, 1, 1'000'000'000, "which one"),
        choice("side", {"before", "after"}, "whether that one still happens"),
        text("point", "", "name of the point of the code"),
        choice("power", {"keep", "lose"}, "lose: its machine loses power as well"), survivors(),
        count("image", 0, 0, 1'000'000'000,
              "power lost: which of the possible disk images is left, counted round and round; 0 = drawn")}});
  rows.push_back(
      {FaultKind::kP5,
       "P5",
       "crash-loop",
       "The process is killed again and again within its recovery.",
       kRolesProcess,
       kInterval,
       FaultCost::kUnreachable,
       {count("times", 3, 1, 1'000, "kills at most"), duration("down", 100, 1, 60'000, "time until each restart"),
        duration("up", 200, 1, 60'000, "most time from a restart to the next kill")}});
  rows.push_back({FaultKind::kP6,
                  "P6",
                  "pause",
                  "Nothing of the process runs; when it goes on, everything that fell due meanwhile happens at once.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kUnreachable,
                  {}});
  rows.push_back({FaultKind::kP7,
                  "P7",
                  "freeze",
                  "As a pause, but the monotonic clock of the process stands still as well, so its timers move.",
                  kRolesProcess,
                  kOutage,
                  FaultCost::kLease,
                  {}});
  rows.push_back({FaultKind::kP8,
                  "P8",
                  "slow-node",
                  "Each event of the process takes time, one after the other.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {duration("cost", 2, 1, 10'000, "time that one event takes")}});
  rows.push_back({FaultKind::kP10,
                  "P10",
                  "restart-elsewhere",
                  "The process moves to another machine, where its disk is empty.",
                  kRolePrimary | kRoleReplica,
                  kInstant,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kP11,
                  "P11",
                  "double-start",
                  "A second life of the process begins although the first one goes on.",
                  kRolePrimary | kRoleReplica,
                  kInterval,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kP14,
                  "P14",
                  "tie-order",
                  "Events of the same instant happen in an order drawn from the seed.",
                  kRoleRun,
                  FaultShape::kRun,
                  FaultCost::kNothing,
                  {}});
  rows.push_back({FaultKind::kP16,
                  "P16",
                  "yields",
                  "A coroutine that could go on goes to the end of the queue again, perhaps several times.",
                  kRolesProcess,
                  kInterval,
                  FaultCost::kNothing,
                  {ratio("chance", 300'000, 1, 900'000, "chance of each extra round")}});
  rows.push_back({FaultKind::kP17,
                  "P17",
                  "zero-progress-guard",
                  "More events at one instant than any correct run has end the run as a defect, with the events that "
                  "repeat.",
                  kRoleRun,
                  FaultShape::kGuard,
                  FaultCost::kNothing,
                  {}});
  add_clock_kinds(rows);
  add_correlated_kinds(rows);
}

}  // namespace tidemark::sim::detail
