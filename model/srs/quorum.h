// Quorum: how far the log is durable on enough followers.
//
// Each follower has a slot with one place: the newest bookmark that it has said, as a member, to be durable. A learner,
// a damaged or a silent follower has no place. An entry is confirmed when it is at or before the places of `quorum`
// distinct followers, and so is all before it. While a follower is being replaced there are two sets, the one with the
// old and the one with the new process in that slot, and both must agree (joint quorum).
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "model/types/bookmark.h"
#include "model/types/bugs.h"

namespace tidemark::model::srs {

class Quorum {
 public:
  Quorum(std::uint32_t followers, std::uint32_t quorum, const BugSet& bugs)
      : places_(followers), quorum_(bugs.has(Bug::kA2) ? quorum - 1 : quorum), bugs_(bugs) {
    TIDEMARK_ASSERT(quorum >= 2 && quorum <= followers);
  }

  /// The slot of the newcomer of a replacement.
  std::uint32_t newcomer_slot() const { return static_cast<std::uint32_t>(places_.size()); }

  /// The member in `slot` holds everything up to `bookmark` durably. Places never go back.
  void note(std::uint32_t slot, const Bookmark& bookmark) {
    if (slot == newcomer_slot()) {
      newcomer_ = newcomer_ ? std::max(*newcomer_, bookmark) : bookmark;
      return;
    }
    TIDEMARK_ASSERT(slot < places_.size());
    // Bug A4 gives every acknowledgement a place of its own, whoever sent it.
    const std::size_t chosen = bugs_.has(Bug::kA4) ? noted_ % places_.size() : slot;
    ++noted_;
    places_[chosen] = places_[chosen] ? std::max(*places_[chosen], bookmark) : bookmark;
  }
  /// The follower in `slot` lost its log or begins it anew: it counts for nothing until it is noted again.
  void forget(std::uint32_t slot) {
    if (slot == newcomer_slot()) {
      newcomer_.reset();
    } else {
      places_[slot].reset();
    }
  }

  /// From now on both sets must agree: `replaced` and, in its place, the newcomer.
  void begin_joint(std::uint32_t replaced) { joint_ = replaced; }
  /// From now on the newcomer has the slot alone.
  void finish_joint(std::uint32_t replaced) {
    places_[replaced] = newcomer_;
    end_joint();
  }
  void end_joint() {
    joint_.reset();
    newcomer_.reset();
  }
  bool joint() const { return joint_.has_value(); }

  /// The newest bookmark that is durable on enough followers; none when too few of them are members.
  std::optional<Bookmark> reached() {
    const std::optional<Bookmark> alone = reached_by(places_);
    if (!joint_ || !alone) return alone;
    others_ = places_;
    others_[*joint_] = newcomer_;
    const std::optional<Bookmark> with_newcomer = reached_by(others_);
    return with_newcomer ? std::min(*alone, *with_newcomer) : with_newcomer;
  }

  const std::optional<Bookmark>& place(std::uint32_t slot) const {
    return slot == newcomer_slot() ? newcomer_ : places_[slot];
  }

 private:
  using Places = std::vector<std::optional<Bookmark>>;

  std::optional<Bookmark> reached_by(const Places& places) {
    sorted_.clear();
    for (const auto& place : places) {
      if (place) sorted_.push_back(*place);
    }
    if (sorted_.size() < quorum_) return std::nullopt;
    const auto nth = sorted_.begin() + (quorum_ - 1);
    std::nth_element(sorted_.begin(), nth, sorted_.end(), std::greater<>());
    return *nth;
  }

  Places places_;
  std::optional<Bookmark> newcomer_;
  std::optional<std::uint32_t> joint_;  // the slot that has two processes
  const std::uint32_t quorum_;
  const BugSet& bugs_;
  std::uint64_t noted_ = 0;
  Places others_;                 // scratch of reached()
  std::vector<Bookmark> sorted_;  // scratch of reached_by()
};

}  // namespace tidemark::model::srs
