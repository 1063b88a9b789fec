#include "story_witness.h"

#include <algorithm>

namespace tidemark {

using model::Bookmark;

bool StoryWitness::somebody_leads() const {
  return std::any_of(reigns.begin(), reigns.end(), [](const Reign& reign) { return !reign.ended; });
}

/// A follower holds the log up to its durable end; within one epoch there is one log.
std::size_t StoryWitness::holders(const Bookmark& bookmark) const {
  const std::vector<std::uint32_t>& set = followers.back();
  return static_cast<std::size_t>(std::count_if(set.begin(), set.end(), [&](std::uint32_t follower) {
    const auto end = durable_.find(follower);
    return end != durable_.end() && end->second.epoch == bookmark.epoch && end->second.sequence >= bookmark.sequence;
  }));
}

std::size_t StoryWitness::most_holders(const Reign& reign) {
  std::size_t most = 0;
  for (const TailEntry& entry : reign.tail) most = std::max(most, entry.holders);
  return most;
}

void StoryWitness::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  if (database == 0) open_[entry->bookmark().epoch].push_back(entry->bookmark());
}

void StoryWitness::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  if (database != 0) return;
  std::vector<Bookmark>& open = open_[bookmark.epoch];
  const auto end = std::find_if(open.begin(), open.end(), [&](const Bookmark& own) { return own > bookmark; });
  // A takeover confirms what it recovered before its leader serves: that belongs to no reign.
  if (!reigns.empty() && reigns.back().epoch == bookmark.epoch) {
    reigns.back().to = std::max(reigns.back().to, bookmark);
    reigns.back().confirmed += static_cast<std::uint64_t>(end - open.begin());
  }
  open.erase(open.begin(), end);
}

void StoryWitness::on_checkpoint(std::uint32_t database, std::uint32_t, bool primary, const Bookmark&) {
  if (database == 0 && primary) ++primary_checkpoints;
}

void StoryWitness::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  if (database == 0) durable_[follower] = bookmark;
}

void StoryWitness::on_follower_cut(std::uint32_t database, std::uint32_t follower, const Bookmark& last) {
  if (database != 0) return;
  ++cuts;
  durable_[follower] = last;
}

void StoryWitness::on_follower_trim(std::uint32_t database, std::uint32_t, const Bookmark&) {
  if (database == 0) ++trims;
}

void StoryWitness::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark&,
                                   const model::PageReader&) {
  if (database == 0) ++boots[replica];
}

void StoryWitness::on_snapshot(std::uint32_t database, const Bookmark&, const model::PageReader&) {
  if (database == 0) ++snapshots;
}

void StoryWitness::on_segment(std::uint32_t database, const Bookmark&, const Bookmark&) {
  if (database != 0) return;
  ++segments;
  if (!reigns.empty() && !somebody_leads()) ++segments_without_leader;
}

void StoryWitness::on_follower_set(std::uint32_t database, std::span<const std::uint32_t> set) {
  if (database != 0) return;
  const std::vector<std::uint32_t> next(set.begin(), set.end());
  if (followers.empty() || followers.back() != next) followers.push_back(next);
}

void StoryWitness::on_promise(std::uint32_t database, std::uint32_t, std::uint32_t) {
  if (database == 0) ++promises;
}

void StoryWitness::on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const Bookmark& at) {
  if (database != 0) return;
  if (!reigns.empty() && reigns.back().ended) {
    without_leader = without_leader + (now_ - gone_);
    longest_without_leader = std::max(longest_without_leader, now_ - gone_);
  }
  for (Reign& reign : reigns) reign.successor_served = reign.successor_served || !reign.ended;
  reigns.push_back({host, epoch, at, at, 0, false, {}, false});
}

void StoryWitness::on_leader_gone(std::uint32_t database, std::uint32_t, std::uint32_t epoch) {
  if (database != 0) return;
  for (Reign& reign : reigns) {
    if (reign.epoch != epoch || reign.ended) continue;
    reign.ended = true;
    if (epoch == reigns.back().epoch) gone_ = now_;
    for (const Bookmark& bookmark : open_[epoch]) reign.tail.push_back({bookmark, holders(bookmark)});
  }
}

void StoryWitness::on_restore(std::uint32_t database, const Bookmark&, const Bookmark&, const Bookmark&) {
  if (database == 0) ++restores;
}

void StoryWitness::on_resumed(std::uint32_t database, std::uint32_t, const Bookmark&) {
  if (database == 0) ++resumptions;
}

void StoryWitness::on_failure(std::uint32_t database, std::uint32_t, bool unknown, const Bookmark&) {
  if (database == 0) ++(unknown ? broken_gates : refusals);
}

void StoryWitness::on_response(const model::ResponseTruth& response) {
  if (response.database == 0) ++(response.node_is_primary ? answers_of_primary : answers_of_replicas);
}

}  // namespace tidemark
