#include "model/types/points.h"

#include <algorithm>

namespace tidemark::model {
namespace {

constexpr PointInfo kPoints[] = {
    {Point::kFollowerAppend, "follower.append", "an entry fits the log and is about to be written"},
    {Point::kFollowerDurable, "follower.durable", "entries are durable, nobody has been told"},
    {Point::kFollowerCut, "follower.cut", "entries that no leader knows are about to be cut off"},
    {Point::kFollowerSealed, "follower.sealed", "a promise is durable, its answer is not sent"},
    {Point::kFollowerJoin, "follower.join", "the follower was told to begin its log anew and has done nothing yet"},
    {Point::kFollowerSwitch, "follower.switch", "the new log and the state file are durable, the old log still counts"},
    {Point::kFollowerTrim, "follower.trim", "the state file says that the log begins later, its bytes are still there"},
    {Point::kFollowerOrphan, "follower.orphan", "the follower is about to upload entries that no leader cares for"},
    {Point::kLeaderSubmit, "leader.submit", "a transaction has its place in the log, no follower has been sent it"},
    {Point::kLeaderShipped, "leader.shipped", "an entry was sent to everybody"},
    {Point::kLeaderConfirm, "leader.confirm", "a quorum holds an entry, the gate is still shut"},
    {Point::kLeaderFlush, "leader.flush", "a confirm is about to go out"},
    {Point::kLeaderNewcomer, "leader.newcomer", "a new follower has caught up and is about to count"},
    {Point::kTakeoverSealed, "takeover.sealed", "enough followers have promised"},
    {Point::kTakeoverChosen, "takeover.chosen", "a log was chosen, nothing is loaded"},
    {Point::kTakeoverLoaded, "takeover.loaded", "image and log are loaded, no follower was sent anything"},
    {Point::kHostAppointed, "host.appointed", "a host was appointed and has done nothing yet"},
    {Point::kHostInstalled, "host.installed", "the files of the new primary are made, its leader is not"},
    {Point::kHostServing, "host.serving", "a takeover is proved, no request was answered yet"},
    {Point::kHostRetire, "host.retire", "the primary was told to retire"},
    {Point::kHostRetired, "host.retired", "the primary has retired, the control plane does not know"},
    {Point::kCheckpointBegin, "checkpoint.begin", "the WAL is durable, a checkpoint is about to move its pages"},
    {Point::kCheckpointCopied, "checkpoint.copied", "a checkpoint has moved pages, the database file is not durable"},
    {Point::kReplicaInstalled, "replica.installed", "a replica has its image, nobody was asked for entries"},
    {Point::kReplicaRegistered, "replica.registered", "a leader has accepted a replica"},
    {Point::kReplicaStore, "replica.store", "an entry is about to be written to a replica's WAL"},
    {Point::kReplicaPublish, "replica.publish", "confirmed entries are about to become visible"},
    {Point::kReplicaPublished, "replica.published", "entries have become visible, waiting reads are not woken"},
    {Point::kColdSegment, "cold.segment", "a segment is about to be uploaded"},
    {Point::kColdSegmentStored, "cold.segment-stored", "a segment is stored, no follower may trim yet"},
    {Point::kColdSnapshot, "cold.snapshot", "a snapshot is about to be uploaded"},
    {Point::kColdSnapshotStored, "cold.snapshot-stored", "a snapshot is stored, what it supersedes is still there"},
    {Point::kColdRemove, "cold.remove", "an object of cold storage is about to be removed"},
    {Point::kControlAppoint, "control.appoint", "a host is chosen, the record of its epoch is not written"},
    {Point::kControlRecorded, "control.recorded", "the record of an epoch is durable, its host does not know"},
    {Point::kControlMember, "control.member", "a change of the followers is durable, the leader does not know"},
};
static_assert(std::size(kPoints) == static_cast<std::size_t>(Point::kControlMember) + 1);

}  // namespace

std::span<const PointInfo> points() {
  return kPoints;
}

std::string_view name_of(Point point) {
  return kPoints[static_cast<std::size_t>(point)].name;
}

bool is_point(std::string_view name) {
  return std::any_of(std::begin(kPoints), std::end(kPoints), [&](const PointInfo& row) { return row.name == name; });
}

}  // namespace tidemark::model
