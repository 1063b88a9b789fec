// What the library does as it is published, and what each repair does in its place. Every repair can be switched off by
// itself (the mistakes of the application), or all of them together ("as-published").
#pragma once

#include <cstdint>

#include "model/apps/application.h"
#include "model/protocol/socket.h"

namespace tidemark::model::sync {

struct Semantics {
  bool resync = true;         // a page asks for what it missed whenever its socket has come back or a revision is
                              // missing, not only when it opens
  bool tombstones = true;     // a sync carries the rows that were deleted since, not live rows only
  bool revisions = true;      // "since" is a revision of the channel, not the newest time stamp that the page holds
  bool newest_wins = true;    // a row replaces an older revision of itself only, not whatever is there
  bool keeps_trying = true;   // an action without an answer is sent again until there is one, not reported as failed
  bool action_ids = true;     // the object remembers which actions it has done
  bool ids_survive = true;    // in its database, not in its memory
  bool doubts = true;         // an error of the database is no answer: the action is asked for again
  bool drops_effects = true;  // the effect of an action that was refused goes
};

std::vector<ApplicationMistake> mistakes();
Semantics semantics_of(const WorkloadOptions& options);

/// The two channels of an entity, each a table of this name. An item belongs to one by its number.
inline constexpr std::int64_t kChannels = 2;
std::string_view table_of(std::int64_t channel);
inline std::int64_t channel_of(std::int64_t item) {
  return (item % kChannels + kChannels) % kChannels;
}

/// `text`: its name and values.
boost::intrusive_ptr<SocketFrame> frame_of(std::uint32_t database, ActionBody text, ResultSetRef rows = nullptr);

}  // namespace tidemark::model::sync
