#include "sim/nemesis/swarm_habits.h"

#include <algorithm>

#include "sim/nemesis/draw.h"

namespace tidemark::sim {
namespace {

/// What reads the object store: a replica that boots, a takeover, a restore.
std::vector<SwarmCompanion> readers_of_the_store() {
  return {{FaultKind::kP1, "replicas:1"},  {FaultKind::kP2, "replicas:1"}, {FaultKind::kP10, "replicas:1"},
          {FaultKind::kD23, "replicas:1"}, {FaultKind::kR7, "primary"},    {FaultKind::kM5, "primary"}};
}

/// Kinds whose effect needs somebody who does a certain thing: selectors, each as often as it is written.
std::vector<const char*> favourites(FaultKind kind) {
  switch (kind) {
    // The relay of a serving primary stamps entries with the wall clock; hardly anybody else looks at it.
    case FaultKind::kC1:
    case FaultKind::kC2:
    case FaultKind::kC3:
    case FaultKind::kC4:
    case FaultKind::kC5:
    case FaultKind::kC6:
      return {"primary", "primary",     "primary",    "primary",   "primary",   "primary",
              "hosts:1", "followers:1", "replicas:1", "workers:1", "clients:1", "control"};
    // Uploads come from the leader; from a follower only when it holds an orphan.
    case FaultKind::kS2:
    case FaultKind::kS3:
    case FaultKind::kS9:
      return {"cold", "cold", "cold", "primary", "primary", "hosts:1", "followers:1"};
    // A list that differs from the present needs an upload and somebody else who lists.
    case FaultKind::kS4:
      return {"cold", "cold", "cold", "cold", "replicas:1", "replicas:1", "primary", "followers:1"};
    // Lists and gets come from those who boot.
    case FaultKind::kS1:
    case FaultKind::kS5:
    case FaultKind::kS7:
    case FaultKind::kS8:
    case FaultKind::kR5:
      return {"cold",       "cold",       "cold",       "cold",    "cold",    "replicas:1",
              "replicas:1", "replicas:1", "replicas:1", "primary", "hosts:1", "followers:1"};
    // Those who are at work: a standby host and most spares hardly touch their disks.
    case FaultKind::kD4:
    case FaultKind::kD5:
    case FaultKind::kD6:
    case FaultKind::kD7:
    case FaultKind::kD8:
    case FaultKind::kD9:
    case FaultKind::kD16:
    case FaultKind::kD17:
      return {"primary",  "primary",  "primary",    "hosts:1",   "followers:1",
              "minority", "minority", "replicas:1", "replicas:1"};
    // A follower syncs before it answers, so it is a replica that has something to lose.
    case FaultKind::kD10:
    case FaultKind::kD11:
    case FaultKind::kD12:
    case FaultKind::kD13:
    case FaultKind::kD14:
    // And everybody who must not lose a name syncs the directory at once; a replica that boots need not.
    case FaultKind::kD15:
      return {"primary",    "followers:1", "replicas:1", "replicas:1",
              "replicas:1", "replicas:1",  "replicas:1", "replicas:1"};
    // Nobody connects to a client.
    case FaultKind::kN22:
      return {"primary",  "primary",    "primary",    "followers:1", "followers:1",
              "minority", "replicas:1", "replicas:1", "workers:1"};
    // Routes belong to databases.
    case FaultKind::kN28:
      return {"primary", "primary", "replicas:1", "replicas:1"};
    default:
      return {};
  }
}

FaultRoles role_of_selector(const std::string& selector) {
  if (selector == "cold") return kRoleColdStore;
  if (selector == "control") return kRoleControl;
  if (selector == "primary" || selector == "hosts:1") return kRolePrimary;
  if (selector == "followers:1" || selector == "minority") return kRoleFollower;
  if (selector == "replicas:1") return kRoleReplica;
  return selector == "workers:1" ? kRoleWorker : kRoleClient;
}

}  // namespace

const SwarmHabit& swarm_habit(FaultKind kind) {
  static const SwarmHabit kNone;
  static const SwarmHabit kReads = {3, readers_of_the_store(), 80};
  static const SwarmHabit kOldLists = {8, readers_of_the_store(), 100, true};
  static const SwarmHabit kUploads = {8, {}, 0};
  static const SwarmHabit kSeldom = {2, {}, 0};
  static const SwarmHabit kBootReads = {2, {{FaultKind::kP1, ""}, {FaultKind::kP3, ""}}, 50};
  static const SwarmHabit kBoots = {3, {{FaultKind::kP1, ""}, {FaultKind::kP2, ""}, {FaultKind::kP3, ""}}, 80};
  static const SwarmHabit kConnects = {1, {{FaultKind::kN20, ""}}, 80};
  static const SwarmHabit kLives = {2, {{FaultKind::kN20, ""}}, 80};
  static const SwarmHabit kMoves = {
      2, {{FaultKind::kM3, ""}, {FaultKind::kR7, ""}, {FaultKind::kP10, ""}, {FaultKind::kP1, ""}}, 80};
  switch (kind) {
    case FaultKind::kS1:
    case FaultKind::kS5:
    case FaultKind::kS7:
    case FaultKind::kS8:
    case FaultKind::kR5:
      return kReads;
    case FaultKind::kS4:
      return kOldLists;
    case FaultKind::kN2:
    case FaultKind::kN7:
    case FaultKind::kN9:
    case FaultKind::kD4:
    case FaultKind::kD5:
    case FaultKind::kD6:
    case FaultKind::kD7:
    case FaultKind::kD8:
    case FaultKind::kD9:
    case FaultKind::kD16:
      return kSeldom;
    case FaultKind::kD17:
      return kBootReads;
    case FaultKind::kS2:
    case FaultKind::kS3:
    case FaultKind::kS9:
      return kUploads;
    case FaultKind::kD15:
      return kBoots;
    case FaultKind::kN22:
      return kConnects;
    case FaultKind::kN24:
      return kLives;
    case FaultKind::kN28:
      return kMoves;
    default:
      return kNone;
  }
}

std::vector<std::string> swarm_targets(FaultKind kind, const Topology& topology) {
  const FaultRoles roles = info(kind).roles;
  std::vector<std::string> selectors;
  const auto there = [&](FaultRole role) {
    if ((roles & role) == 0) return false;
    return role == kRoleColdStore ? topology.object_store : !topology.of_role(role).empty();
  };
  const auto any = [&](FaultRole role, std::initializer_list<const char*> texts) {
    if (there(role)) selectors.insert(selectors.end(), texts.begin(), texts.end());
  };
  if ((roles & kRoleRun) != 0) return {"run"};
  switch (kind) {
    case FaultKind::kR1:
      for (const TopologyNode& node : topology.nodes)
        for (const std::string& place : {"region:" + node.region, "site:" + node.site})
          if (std::find(selectors.begin(), selectors.end(), place) == selectors.end()) selectors.push_back(place);
      return selectors;
    case FaultKind::kR2:
      any(kRoleFollower, {"followers:2"});
      return selectors;
    case FaultKind::kR3:
      any(kRoleFollower, {"followers"});
      any(kRoleReplica, {"replicas"});
      return selectors;
    case FaultKind::kR4:
      any(kRoleFollower, {"majority"});
      return selectors;
    case FaultKind::kN12:
      for (const std::string& database : topology.databases())
        if (topology.of_role(kRoleFollower, database).size() >= 5) selectors.push_back("followers@" + database);
      return selectors;
    default:
      break;
  }
  for (const char* selector : favourites(kind))
    if (there(static_cast<FaultRole>(role_of_selector(selector)))) selectors.emplace_back(selector);
  if (!selectors.empty()) return selectors;
  any(kRolePrimary, {"primary", "primary", "hosts:1"});
  any(kRoleFollower, {"followers:1", "followers:1", "minority"});
  any(kRoleReplica, {"replicas:1", "replicas:1"});
  any(kRoleWorker, {"workers:1"});
  any(kRoleClient, {"clients:1"});
  any(kRoleControl, {"control"});
  any(kRoleColdStore, {"cold", "cold"});
  if ((roles & kRoleLink) != 0 && !topology.of_role(kRolePrimary).empty() && !topology.of_role(kRoleFollower).empty())
    selectors.insert(selectors.end(), {"link:primary-followers:1", "link:primary>followers:1"});
  return selectors;
}

}  // namespace tidemark::sim
