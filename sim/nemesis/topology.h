// Who there is to hit: the nodes of a run as the nemesis sees them, and the selectors by which a fault names them.
//
// Selectors, as scenario files and plans write them:
//
//   db-a/follower-2                a process by name                     run      the whole run (modes of the engine)
//   primary                        the host that leads when the fault starts (of a drawn database)
//   hosts followers replicas workers clients                             all processes of a role
//   followers:2                    so many of them, drawn (of one database); "replica:any" is "replicas:1"
//   majority minority              3 or 2 of the 5 followers of one database, drawn
//   control cold all               the control plane, the object store, every process
//   region:WEUR site:FRA           every process there (a site with all its data centres)
//   link:A>B link:A-B              messages from A to B, or both ways; A and B are any of the above
//
// Selectors of databases' nodes take "@db-a" at the end: "followers:2@db-a", "primary@db-a". Drawing turns every
// selector into concrete ones: names, "cold", "run", "primary@db-a", "link:name>name". Plans hold these only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/random.h"
#include "sim/nemesis/fault_kinds.h"

namespace tidemark::sim {

struct TopologyNode {
  std::uint32_t process = 0;  // Process::id()
  std::string name;           // Process::name()
  FaultRole role = kRoleClient;
  std::string database;     // of hosts, followers and replicas; else empty
  std::uint32_t index = 0;  // followers: 0 to 4, spares from 5
  std::string site;         // "FRA", "FRA/2"
  std::string region;       // "WEUR"
};

struct Topology {
  std::vector<TopologyNode> nodes;  // in the order of process ids
  bool object_store = true;

  /// nullptr when there is none.
  const TopologyNode* find(std::string_view name) const;
  const TopologyNode* find(std::uint32_t process) const;
  std::vector<std::string> databases() const;  // in order of first appearance
  std::vector<const TopologyNode*> of_role(FaultRole role, std::string_view database = {}) const;
};

/// A concrete selector, taken apart.
struct Target {
  enum class Kind : std::uint8_t { kNode, kPrimary, kColdStore, kRun, kLink };
  Kind kind = Kind::kNode;
  std::string name;  // kNode: the process; kPrimary: the database
  std::string from;  // kLink: concrete selectors of the two ends
  std::string to;
};
/// False when `selector` is not a concrete one of this topology.
bool parse_target(std::string_view selector, const Topology& topology, Target& target);

/// The concrete selectors that `selectors` stand for, for a fault that may hit `roles`, without repetition, in an order
/// that depends on the arguments only. Of groups, processes of other roles are left out; a name of another role is a
/// problem. Empty with a sentence in `problem` when a selector is unknown or stands for nothing. Draws only for
/// selectors that say so.
std::vector<std::string> draw_targets(const std::vector<std::string>& selectors, const Topology& topology,
                                      FaultRoles roles, RandomStream& random, std::string& problem);

/// The role of one concrete target, as far as the plan knows it.
FaultRole role_of(const Target& target, const Topology& topology);

}  // namespace tidemark::sim
