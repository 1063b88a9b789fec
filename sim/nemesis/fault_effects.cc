// What counts as an effect of each kind, and an example of each: for docs/faults.md.
#include "sim/nemesis/fault.h"

namespace tidemark::sim {
namespace {

std::string_view network_effect(FaultKind kind) {
  switch (kind) {
    case FaultKind::kN6:
    case FaultKind::kN19:
    case FaultKind::kN24:
      return "copies that arrived";
    case FaultKind::kN9:
    case FaultKind::kN20:
    case FaultKind::kN21:
      return "connections that broke";
    case FaultKind::kN10:
    case FaultKind::kN11:
    case FaultKind::kN12:
    case FaultKind::kN25:
    case FaultKind::kN27:
    case FaultKind::kN29:
      return "messages and attempts to connect that did not pass";
    case FaultKind::kN13:
    case FaultKind::kN18:
      return "messages that were kept, counted when they are let go";
    case FaultKind::kN22:
      return "attempts to connect that were delayed, refused or not answered";
    case FaultKind::kN28:
      return "routes that were made stale";
    default:
      return "messages that came later, in another order, or not at all";
  }
}

std::string_view disk_effect(FaultKind kind) {
  switch (kind) {
    case FaultKind::kD10:
    case FaultKind::kD11:
    case FaultKind::kD12:
    case FaultKind::kD13:
    case FaultKind::kD14:
      return "writes that the power loss took or changed";
    case FaultKind::kD15:
      return "changes of names that the power loss took";
    case FaultKind::kD18:
      return "sectors that changed";
    case FaultKind::kD23:
    case FaultKind::kD25:
      return "files that were lost";
    case FaultKind::kD24:
      return "disks that went back";
    case FaultKind::kD26:
      return "indexes that were lost";
    default:
      return "operations of the disk that were delayed, failed or changed";
  }
}

std::string_view process_effect(FaultKind kind) {
  switch (kind) {
    case FaultKind::kP2:
      return "processes that ended, and writes that the power loss took";
    case FaultKind::kP6:
    case FaultKind::kP7:
      return "processes that stood still";
    case FaultKind::kP8:
      return "events that came later";
    case FaultKind::kP10:
      return "processes that moved";
    case FaultKind::kP11:
      return "second lives that began";
    case FaultKind::kP14:
      return "1 when ties are permuted in this run";
    case FaultKind::kP16:
      return "coroutines that went to the end of the queue";
    case FaultKind::kP17:
      return "none: it is never injected";
    default:
      return "processes that ended";
  }
}

std::string_view operation_effect(FaultKind kind) {
  switch (kind) {
    case FaultKind::kM1:
    case FaultKind::kM2:
    case FaultKind::kM3:
    case FaultKind::kM5:
    case FaultKind::kM6:
    case FaultKind::kM7:
      return "operations that were begun";
    case FaultKind::kS6:
      return "objects of the neighbour";
    default:
      return "requests to the object store that were delayed, failed or changed";
  }
}

/// A target of the example's cluster that the kind may hit, within the budget.
std::string example_target(const FaultKindInfo& row) {
  const bool dangerous = row.cost == FaultCost::kUndetectable || row.cost == FaultCost::kLies ||
                         row.cost == FaultCost::kLease || row.kind == FaultKind::kN29 || row.kind == FaultKind::kM2;
  if (dangerous && (row.roles & kRoleReplica) != 0) return "replicas:1";
  switch (row.kind) {
    case FaultKind::kN12:
      return "followers:4";
    case FaultKind::kR1:
      return "site:IAD";
    case FaultKind::kR2:
      return "followers:2";
    case FaultKind::kR4:
      return "majority";
    case FaultKind::kN3:
    case FaultKind::kN15:
      return "link:shop/primary-shop/replica-LHR";
    default:
      break;
  }
  if ((row.roles & kRoleColdStore) != 0) return "cold";
  if ((row.roles & kRoleFollower) != 0) return "shop/follower-1";
  if ((row.roles & kRolePrimary) != 0) return "primary";
  return "clients:1";
}

}  // namespace

std::string_view effect_text(const FaultKindInfo& row) {
  switch (row.id.front()) {
    case 'N':
      return network_effect(row.kind);
    case 'D':
      return disk_effect(row.kind);
    case 'P':
      return process_effect(row.kind);
    case 'C':
      return "readings of the clock that differ";
    case 'R':
      return row.kind == FaultKind::kR5 ? operation_effect(row.kind) : "processes that ended";
    case 'S':
    case 'M':
      return operation_effect(row.kind);
    case 'X':
      return "requests, answers and sessions that it changed";
    default:
      return row.kind == FaultKind::kB2 ? "knobs that are not at their default" : "passes of marked places that fired";
  }
}

std::string fault_example(const FaultKindInfo& row) {
  std::string text = "[[fault]]\nkind = \"" + row.name + "\"\n";
  const bool mode = row.shape == FaultShape::kRun;
  if (row.roles != kRoleRun) text += "target = \"" + example_target(row) + "\"\n";
  if (!mode) text += "when = \"2 s\"\n";
  if (row.shape == FaultShape::kInterval || row.shape == FaultShape::kOutage) text += "for = \"1 s\"\n";
  for (const ParameterInfo& parameter : row.parameters) {
    const std::string value = to_text(parameter, {parameter.name, parameter.fallback, parameter.word});
    if (value.empty()) continue;
    text += parameter.name + " = " + (parameter.type == ParameterType::kCount ? value : "\"" + value + "\"") + "\n";
  }
  return text;
}

}  // namespace tidemark::sim
