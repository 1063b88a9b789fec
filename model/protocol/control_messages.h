// The messages between the control plane, the hosts that can run a primary, and whoever administers a database.
//
//   control -> host     Appoint         lead in this epoch with these followers
//   host    -> control  LeaderReport    every report_period while appointed; renews the read lease
//   control -> host     Grant           answers one report: the lease runs from the *sending* of that report
//   control -> leader   Reconfigure     put another process in the place of a follower
//   leader  -> control  Reconfigured    the newcomer is complete: record it (joint quorum until the answer)
//   control -> leader   ReconfiguredAck recorded durably
//   control -> leader   Retire          planned hand-over: drain, then report kRetired
//   host    -> control  Wake            somebody asks for a database that sleeps
//   anybody -> leader   RestoreRequest  Time Travel; answered by RestoreResponse on the same connection
//
// Names and behaviour are ours; the sources give none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/protocol/messages.h"

namespace tidemark::model {

/// What a host does for a database; the order is that of a takeover.
enum class LeaderPhase : std::uint8_t {
  kIdle,       // not appointed
  kSealing,    // collecting promises of followers
  kLoading,    // reading cold storage and the chosen follower's tail
  kCopying,    // bringing followers to the chosen log, confirming through an entry of the new epoch
  kServing,    // requests are answered
  kRestoring,  // Time Travel
  kRetiring,   // planned hand-over: nothing new is accepted, the rest is being confirmed
  kRetired,    // everything was confirmed and nothing will be written any more
  kBroken,     // deposed, or its disk failed: it will never confirm again
};
std::string_view to_text(LeaderPhase phase);

struct Appoint final : sim::Payload {
  Appoint() : Payload(static_cast<std::uint16_t>(MessageType::kAppoint)) {}
  std::uint32_t wire_bytes() const override { return 120; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  /// No leader of the database has ever reported kServing: a quorum of blank followers means an empty log.
  bool fresh = false;
  std::uint32_t version = 0;             // of the follower set
  std::vector<std::uint32_t> followers;  // Process::id() by follower index
};

struct LeaderReport final : sim::Payload {
  LeaderReport() : Payload(static_cast<std::uint16_t>(MessageType::kLeaderReport)) {}
  std::uint32_t wire_bytes() const override { return 120; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  std::uint64_t number = 0;  // 1, 2, 3, ... of this appointment
  LeaderPhase phase = LeaderPhase::kIdle;
  Bookmark confirmed;
  bool lease_lost = false;  // it may not answer reads: grants do not arrive
  /// Followers that have not been heard of for so long that they should be replaced (indices).
  std::vector<std::uint32_t> silent_followers;
  bool idle = false;  // no request for evict_after: it may be put to sleep
};

struct Grant final : sim::Payload {
  Grant() : Payload(static_cast<std::uint16_t>(MessageType::kGrant)) {}
  std::uint32_t wire_bytes() const override { return 56; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  std::uint64_t number = 0;  // of the report
  bool refused = false;      // another epoch has been appointed
};

struct Reconfigure final : sim::Payload {
  Reconfigure() : Payload(static_cast<std::uint16_t>(MessageType::kReconfigure)) {}
  std::uint32_t wire_bytes() const override { return 64; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  std::uint32_t version = 0;  // of the set that the change will make
  std::uint32_t index = 0;    // whose place
  std::uint32_t process = 0;  // the newcomer
};

struct Reconfigured final : sim::Payload {
  Reconfigured() : Payload(static_cast<std::uint16_t>(MessageType::kReconfigured)) {}
  std::uint32_t wire_bytes() const override { return 64; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  std::uint32_t version = 0;
  std::uint32_t index = 0;
  std::uint32_t process = 0;
};

struct ReconfiguredAck final : sim::Payload {
  ReconfiguredAck() : Payload(static_cast<std::uint16_t>(MessageType::kReconfiguredAck)) {}
  std::uint32_t wire_bytes() const override { return 56; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
  std::uint32_t version = 0;  // now recorded
};

struct Retire final : sim::Payload {
  Retire() : Payload(static_cast<std::uint16_t>(MessageType::kRetire)) {}
  std::uint32_t wire_bytes() const override { return 48; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
  std::uint32_t epoch = 0;
};

struct Wake final : sim::Payload {
  Wake() : Payload(static_cast<std::uint16_t>(MessageType::kWake)) {}
  std::uint32_t wire_bytes() const override { return 48; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint32_t database = 0;
};

/// Restore in place. With a bookmark: to exactly that state. Without: to the newest state whose entry was committed at
/// or before `time` (the leader's wall clock, as recorded with each entry).
struct RestoreRequest final : sim::Payload {
  RestoreRequest() : Payload(static_cast<std::uint16_t>(MessageType::kRestoreRequest)) {}
  std::uint32_t wire_bytes() const override { return 120; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint64_t id = 0;
  std::uint32_t database = 0;
  bool by_time = false;
  Bookmark bookmark;
  sim::Instant time;
  bool only_ask = false;  // resolve the bookmark for `time`, change nothing
};

struct RestoreResponse final : sim::Payload {
  RestoreResponse() : Payload(static_cast<std::uint16_t>(MessageType::kRestoreResponse)) {}
  std::uint32_t wire_bytes() const override { return 240; }
  std::uint64_t digest() const override;
  std::string describe() const override;
  std::uint64_t id = 0;
  bool success = false;
  bool outcome_unknown = false;
  std::string error;
  Bookmark target;    // the state that was restored
  Bookmark undo;      // restoring this brings back the state before
  Bookmark restored;  // the new entry that holds the restored state
};

}  // namespace tidemark::model
