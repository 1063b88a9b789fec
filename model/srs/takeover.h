// Takeover: what a new leader does before it leads. Contract: docs/protocol.md; the rule of counting is Raft's election
// restriction applied from the leader's side.
//
//   kSealing --enough promises, chosen--> kLoading --cold image + tail read--> done
//      ^------- the tail or the image could not be read ------'        any larger epoch: deposed
//
// kSealing: `Seal` to every follower of the appointment; it needs the promise of (followers - quorum + 1) distinct
// members, so that each quorum of an older leader shares one with them. Of a fresh database a blank follower counts as
// an empty member. The chosen log is the one that ends highest by (epoch, sequence).
// kLoading: the gap-free image in cold storage at P, then the entries after P from the chosen follower or from another
// counted one that ends at the same entry.
//
// What goes wrong is tried again, without end: followers that die, answer twice or late, lose their log meanwhile, cold
// storage that fails or shows an old listing. Giving up is the control plane's business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/protocol/control_messages.h"
#include "model/srs/leader_start.h"
#include "model/srs/relay_setup.h"
#include "sim/core/member_timer.h"
#include "sim/core/task.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {

class TakeoverLink;

enum class TakeoverEnd : std::uint8_t {
  kDone,     // take() has what the leader begins with
  kDeposed,  // a follower has promised a larger epoch
};

class Takeover {
 public:
  /// Connects at once. `appoint` is copied from.
  Takeover(const RelaySetup& setup, const Appoint& appoint);
  ~Takeover();
  Takeover(const Takeover&) = delete;
  Takeover& operator=(const Takeover&) = delete;

  /// Once. Cancelled by destroying the task, which must happen before the Takeover is destroyed.
  sim::Task<TakeoverEnd> run();
  /// kSealing or kLoading.
  LeaderPhase phase() const { return phase_; }
  /// After kDone, once.
  LeaderStart take();

  /// Members whose promise is known now.
  std::size_t counted() const;
  std::uint32_t rounds() const { return rounds_; }
  /// Why the last round failed; empty when none did.
  const std::string& problem() const { return problem_; }

 private:
  friend class TakeoverLink;

  void deposed();
  void ask_again();
  std::size_t needed() const;
  bool counts(const TakeoverLink& link) const;
  const TakeoverLink* choose() const;
  sim::Task<bool> load(Bookmark base, Bookmark last);
  bool usable(const ColdImage& cold, const Bookmark& base);
  bool ends_at(const TakeoverLink& link, const Bookmark& last) const;
  sim::Task<void> fetch(std::size_t index, Bookmark last);
  bool accept(const Fetched& answer, const Bookmark& last);
  sim::Task<bool> until_changed(sim::Duration at_most);
  void wake() { changed_.notify_all(); }

  const RelaySetup setup_;
  const std::uint32_t epoch_;
  const bool fresh_;
  LeaderPhase phase_ = LeaderPhase::kSealing;
  bool deposed_ = false;
  std::uint32_t rounds_ = 0;
  std::string problem_;
  LeaderStart start_;
  std::vector<std::unique_ptr<TakeoverLink>> links_;  // by follower index
  sim::WaitQueue changed_;
  sim::MemberTimer<Takeover> timeout_;
};

}  // namespace tidemark::model::srs
