// SrsLeader: what it knows of each follower, and what it does to bring it to the end of the log.

#include <algorithm>

#include "base/assert.h"
#include "model/srs/leader.h"
#include "model/srs/leader_links.h"
#include "model/srs/leader_newcomer.h"

namespace tidemark::model::srs {
namespace {
std::uint32_t epoch_of_generation(std::uint64_t generation) {
  return static_cast<std::uint32_t>(generation >> 32);
}
}  // namespace

void SrsLeader::on_truth(FollowerLink& link, const FollowerTruth& truth) {
  if (broken_) return;
  if (truth.promise > epoch_) {
    fail();  // somebody else leads
    return;
  }
  const bool positioned = link.phase == FollowerLink::Phase::kStreaming;
  if (positioned && truth.generation < link.generation) return;  // of a log that a Join has ended
  const bool lost = truth.state == FollowerState::kBlank || truth.state == FollowerState::kDamaged;
  if (positioned && truth.generation == link.generation && !lost) {
    progress(link, truth);
  } else if (positioned || link.phase == FollowerLink::Phase::kUnknown || truth.sealed || lost) {
    settle(link, truth);
  }
  if (broken_) return;
  link.note_heard(setup_.env.now(), link.durable == log_.last());
}

/// Where does this log stand, and how is it brought to the end of ours?
void SrsLeader::settle(FollowerLink& link, const FollowerTruth& truth) {
  const bool newcomer = newcomer_ && newcomer_->link.get() == &link;
  switch (truth.state) {
    case FollowerState::kMember:
      // A spare that was a member of an older set: its log says nothing about this one.
      if (newcomer && epoch_of_generation(truth.generation) != epoch_) break;
      link.generation = truth.generation;
      settle_member(link, truth);
      return;
    case FollowerState::kLearner:
      // Its target was set by this leader, so a member it will be; what an older leader began is begun anew.
      if (epoch_of_generation(truth.generation) != epoch_ || !log_.reaches(truth.durable)) break;
      link.generation = truth.generation;
      link.member = false;
      stream_after(link, truth.durable);
      return;
    case FollowerState::kBlank:
    case FollowerState::kDamaged:
      break;
  }
  // It may have held anything that was confirmed until now: it counts again once it holds all of our log.
  join(link, cold_.uploaded(), skips_catch_up() ? cold_.uploaded() : log_.last());
}

/// A member keeps what it holds. It is told to begin anew only when it is proved to hold nothing of our log after the
/// point that the Join names, so that it stays a member: a takeover may need it at any time.
void SrsLeader::settle_member(FollowerLink& link, const FollowerTruth& truth) {
  link.member = true;
  if (log_.reaches(truth.durable)) {
    stream_after(link, truth.durable);
    progress(link, truth);
    return;
  }
  // While it has not promised to obey us an older leader may still append to its log.
  if (truth.promise < epoch_) {
    link.phase = FollowerLink::Phase::kSealing;
    seal(link);
    return;
  }
  if (log_.reaches(truth.base)) {
    stream_after(link, truth.base);  // it skips what it holds and cuts where it differs
  } else if (truth.durable > log_.start() && link.phase != FollowerLink::Phase::kProbing && log_.size() > 0) {
    stream_after(link, log_.start());
    link.phase = FollowerLink::Phase::kProbing;
    seal(link);
  } else {
    join(link, cold_.uploaded(), cold_.uploaded());
  }
}

void SrsLeader::seal(FollowerLink& link) {
  auto* request = new Seal;
  const sim::PayloadRef message(request);
  request->epoch = epoch_;
  link.connection().send(message);
}

void SrsLeader::join(FollowerLink& link, const Bookmark& base, const Bookmark& target) {
  quorum_.forget(link.slot());
  link.member = false;
  link.durable = base;
  link.generation = (std::uint64_t{epoch_} << 32) | ++joins_;
  auto* request = new Join;
  const sim::PayloadRef message(request);
  request->epoch = epoch_;
  request->generation = link.generation;
  request->base = base;
  request->target = target;
  link.connection().send(message);
  stream_after(link, base);
}

/// From now on it gets every new entry; first what it misses, and what it may have missed to hear while it was away.
void SrsLeader::stream_after(FollowerLink& link, const Bookmark& have) {
  link.phase = FollowerLink::Phase::kStreaming;
  if (!log_.reaches(have)) return;  // trimmed too early (bug A26): nothing that it could store
  send_after(link.connection(), have);
  if (have != log_.last()) link.note_sent(setup_.env.now());
  if (!announced_.is_origin()) link.send(confirm_again());
  if (!cold_.uploaded().is_origin()) link.send(trim_message());
}

/// What was sent may have come out of order: the follower stores no gap, and has nothing more to say. One that needs
/// more than is kept for the slow begins anew behind what is in cold storage, of which it holds nothing newer.
void SrsLeader::look_again(FollowerLink& link) {
  // Bug A27: what has left is taken to arrive.
  if (broken_ || setup_.bugs.has(Bug::kA27)) return;
  if (link.phase != FollowerLink::Phase::kStreaming || link.durable == log_.last()) return;
  if (link.durable == link.looked_at) {
    const bool too_late = link.member && link.durable < log_.start() && !setup_.bugs.has(Bug::kA26);
    if (too_late) {
      join(link, cold_.uploaded(), cold_.uploaded());
    } else {
      stream_after(link, link.durable);
    }
  }
  link.expect_more();
}

/// An acknowledgement in the life of the log that we know.
void SrsLeader::progress(FollowerLink& link, const FollowerTruth& truth) {
  // What is not on our log: a tail that it has not cut yet, or an entry that every member acknowledged long ago.
  if (!log_.reaches(truth.durable)) return;
  link.durable = truth.durable;
  if (truth.durable != log_.last()) link.expect_more();
  link.member = truth.state == FollowerState::kMember;
  if (!link.member) return;
  quorum_.note(link.slot(), setup_.bugs.has(Bug::kA5) ? log_.last() : truth.durable);
  if (newcomer_ && newcomer_->link.get() == &link) newcomer_progress(truth);
  count();
}

/// Bug A7: what a takeover recovered is confirmed by counting its holders, without an entry of this epoch.
void SrsLeader::count() {
  const std::optional<Bookmark> reached = quorum_.reached();
  if (reached && (*reached >= proof_ || setup_.bugs.has(Bug::kA7))) confirm_up_to(*reached);
}

/// Forgets what is confirmed, in cold storage for kKeptForBoots, and not needed by a member that is a little behind: a
/// replica lists cold storage, reads what it found, and must still be able to register, also while many small segments
/// are uploaded meanwhile. Beyond tail_bytes the slow are served from cold storage.
void SrsLeader::trim_tail() {
  const sim::Instant now = setup_.env.now();
  for (; !uploads_.empty() && uploads_.front().at + kKeptForBoots <= now; uploads_.pop_front())
    previous_upload_ = uploads_.front().up_to;
  Bookmark needed = std::min(previous_upload_, announced_);
  for (const auto& follower : followers_) {
    if (follower->member) needed = std::min(needed, follower->durable);
  }
  // Bug A26: the highest acknowledgement decides, not the lowest that is still needed.
  log_.drop_up_to(setup_.bugs.has(Bug::kA26) ? announced_ : needed);
  log_.shrink(setup_.options.tail_bytes, std::min(cold_.uploaded(), announced_));
}

std::size_t SrsLeader::members() const {
  return static_cast<std::size_t>(
      std::count_if(followers_.begin(), followers_.end(), [](const auto& follower) { return follower->member; }));
}

std::vector<std::uint32_t> SrsLeader::silent_followers(sim::Duration age) const {
  std::vector<std::uint32_t> silent;
  const sim::Instant now = setup_.env.now();
  for (const auto& follower : followers_) {
    if (follower->silent_for(now) >= age) silent.push_back(follower->slot());
  }
  return silent;
}

}  // namespace tidemark::model::srs
