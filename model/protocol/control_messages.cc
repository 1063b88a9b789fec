#include "model/protocol/control_messages.h"

#include "base/digest.h"

namespace tidemark::model {
namespace {

Digest128 start(MessageType type, std::uint32_t database, std::uint32_t epoch) {
  return mix(mix({}, static_cast<std::uint64_t>(type)), std::uint64_t{database} << 32 | epoch);
}

Digest128 fold(Digest128 digest, const Bookmark& bookmark) {
  return mix(mix(mix(digest, std::uint64_t{bookmark.epoch} << 32 | bookmark.sequence), bookmark.digest.high),
             bookmark.digest.low);
}

std::string head(const char* what, std::uint32_t database, std::uint32_t epoch) {
  return std::string(what) + " database " + std::to_string(database) + " epoch " + std::to_string(epoch);
}

}  // namespace

std::string_view to_text(LeaderPhase phase) {
  switch (phase) {
    case LeaderPhase::kIdle:
      return "idle";
    case LeaderPhase::kSealing:
      return "sealing";
    case LeaderPhase::kLoading:
      return "loading";
    case LeaderPhase::kCopying:
      return "copying";
    case LeaderPhase::kServing:
      return "serving";
    case LeaderPhase::kRestoring:
      return "restoring";
    case LeaderPhase::kRetiring:
      return "retiring";
    case LeaderPhase::kRetired:
      return "retired";
    case LeaderPhase::kBroken:
      return "broken";
  }
  return "";
}

std::uint64_t Appoint::digest() const {
  Digest128 digest = mix(start(MessageType::kAppoint, database, epoch), version);
  for (const std::uint32_t follower : followers) digest = mix(digest, follower);
  return digest.low;
}
std::string Appoint::describe() const {
  return head("Appoint", database, epoch);
}

std::uint64_t LeaderReport::digest() const {
  const Digest128 digest = mix(start(MessageType::kLeaderReport, database, epoch), number);
  return fold(mix(digest, static_cast<std::uint64_t>(phase)), confirmed).low;
}
std::string LeaderReport::describe() const {
  return head("LeaderReport", database, epoch) + " " + std::string(to_text(phase)) + " " + confirmed.text();
}

std::uint64_t Grant::digest() const {
  return mix(mix(start(MessageType::kGrant, database, epoch), number), refused ? 1 : 0).low;
}
std::string Grant::describe() const {
  return head("Grant", database, epoch) + (refused ? ", refused" : "");
}

std::uint64_t Reconfigure::digest() const {
  return mix(mix(start(MessageType::kReconfigure, database, epoch), version), std::uint64_t{index} << 32 | process).low;
}
std::string Reconfigure::describe() const {
  return head("Reconfigure", database, epoch) + " follower " + std::to_string(index);
}

std::uint64_t Reconfigured::digest() const {
  return mix(mix(start(MessageType::kReconfigured, database, epoch), version), std::uint64_t{index} << 32 | process)
      .low;
}
std::string Reconfigured::describe() const {
  return head("Reconfigured", database, epoch) + " follower " + std::to_string(index);
}

std::uint64_t ReconfiguredAck::digest() const {
  return mix(start(MessageType::kReconfiguredAck, database, epoch), version).low;
}
std::string ReconfiguredAck::describe() const {
  return head("ReconfiguredAck", database, epoch) + " version " + std::to_string(version);
}

std::uint64_t Retire::digest() const {
  return start(MessageType::kRetire, database, epoch).low;
}
std::string Retire::describe() const {
  return head("Retire", database, epoch);
}

std::uint64_t Wake::digest() const {
  return start(MessageType::kWake, database, 0).low;
}
std::string Wake::describe() const {
  return "Wake database " + std::to_string(database);
}

std::uint64_t RestoreRequest::digest() const {
  const Digest128 digest = mix(start(MessageType::kRestoreRequest, database, by_time ? 1 : 0), id);
  return fold(mix(digest, static_cast<std::uint64_t>(time.ns())), bookmark).low;
}
std::string RestoreRequest::describe() const {
  return "RestoreRequest " + (by_time ? "time " + std::to_string(time.ns()) : bookmark.text());
}

std::uint64_t RestoreResponse::digest() const {
  return fold(fold(mix(start(MessageType::kRestoreResponse, success ? 1 : 0, 0), id), restored), target).low;
}
std::string RestoreResponse::describe() const {
  return success ? "RestoreResponse " + target.text() + " as " + restored.text() : "RestoreResponse " + error;
}

}  // namespace tidemark::model
