// A world with one follower that is a member, and its leader.
#pragma once

#include <vector>

#include "follower_world.h"

namespace tidemark::model::srs::test {

/// A follower that is a member of generation 1 from the origin, and the leader of epoch 1.
struct MemberWorld : FollowerWorld {
  explicit MemberWorld(const BugSet& chosen = {}, const RelayOptions& relay = {}, std::uint64_t seed = 1)
      : FollowerWorld(chosen, relay, seed), leader(greeted()) {
    leader.join(1, 1, {}, {});
    run(20_ms);
  }
  /// `count` entries after the newest, acknowledged.
  void write(int count, std::uint32_t epoch = 1) {
    const Bookmark previous = entries.empty() ? Bookmark{} : entries.back()->bookmark();
    for (const EntryRef& entry : maker.run(previous, epoch, count)) {
      entries.push_back(entry);
      leader.append(epoch, {entry});
    }
    run(20_ms);
  }
  const Bookmark& at(std::size_t index) const { return entries[index]->bookmark(); }
  Peer& leader;
  std::vector<EntryRef> entries;
};

}  // namespace tidemark::model::srs::test
