// Named points of the code: places between two acts of the protocol at which a process may be killed exactly (P4 with
// at = "point"), or that start a fault ("point follower.durable of shop/follower-1").
//
// A point costs one branch while nobody waits for one. Passing it draws nothing and changes nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "sim/core/process.h"

namespace tidemark::model {

enum class Point : std::uint8_t {
  kFollowerAppend,
  kFollowerDurable,
  kFollowerCut,
  kFollowerSealed,
  kFollowerJoin,
  kFollowerSwitch,
  kFollowerTrim,
  kFollowerOrphan,
  kLeaderSubmit,
  kLeaderShipped,
  kLeaderConfirm,
  kLeaderFlush,
  kLeaderNewcomer,
  kTakeoverSealed,
  kTakeoverChosen,
  kTakeoverLoaded,
  kHostAppointed,
  kHostInstalled,
  kHostServing,
  kHostRetire,
  kHostRetired,
  kCheckpointBegin,
  kCheckpointCopied,
  kReplicaInstalled,
  kReplicaRegistered,
  kReplicaStore,
  kReplicaPublish,
  kReplicaPublished,
  kColdSegment,
  kColdSegmentStored,
  kColdSnapshot,
  kColdSnapshotStored,
  kColdRemove,
  kControlAppoint,
  kControlRecorded,
  kControlMember,
};

struct PointInfo {
  Point point;
  std::string_view name;  // "follower.durable"
  std::string_view meaning;
};

/// All of them, in the order of the enumeration.
std::span<const PointInfo> points();
std::string_view name_of(Point point);
bool is_point(std::string_view name);

/// The process passes the point. False: it is dead (its program goes when the event that runs has returned): do
/// nothing more where that is easy; what it writes or sends from now on does not happen.
inline bool reach(sim::Process& process, Point point) {
  return process.act(sim::ProcessAct::kPoint, name_of(point));
}

}  // namespace tidemark::model
