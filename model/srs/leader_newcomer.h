// The follower that is to take another one's place. Private to the leader.
//
//   kLearning --acknowledges as a member--> kJoint --holds all that was confirmed before kJoint--> kComplete
//   kComplete --recorded by the control plane--> it is the follower of that index
//
// From kJoint on an entry is confirmed only with a quorum in the old and in the new set. So whichever of the two sets
// the control plane's record names when this leader dies, a takeover finds every confirmed entry in it.
#pragma once

#include <memory>

#include "model/protocol/control_messages.h"
#include "model/srs/leader.h"
#include "model/srs/leader_links.h"

namespace tidemark::model::srs {

struct SrsLeader::Newcomer {
  enum class Phase : std::uint8_t { kLearning, kJoint, kComplete };

  Newcomer(SrsLeader& leader, sim::Process& host, std::uint32_t slot, const Reconfigure& order)
      : link(std::make_unique<FollowerLink>(leader, host, slot, order.process)),
        version(order.version),
        index(order.index) {}

  std::unique_ptr<FollowerLink> link;
  const std::uint32_t version;
  const std::uint32_t index;  // whose place
  Phase phase = Phase::kLearning;
  Bookmark confirmed_before;  // when kJoint began
};

}  // namespace tidemark::model::srs
