// Quorum: how far the log is durable on enough followers.
//
// Each follower has one place: the newest bookmark it has said to be durable. An entry is confirmed when it is at or
// before the places of `quorum` distinct followers, and so is all before it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/assert.h"
#include "model/types/bookmark.h"
#include "model/types/bugs.h"

namespace tidemark::model::srs {

class Quorum {
 public:
  Quorum(std::uint32_t followers, std::uint32_t quorum, const Bookmark& start, const BugSet& bugs)
      : places_(followers, start), quorum_(bugs.has(Bug::kA2) ? quorum - 1 : quorum), bugs_(bugs) {
    TIDEMARK_ASSERT(quorum >= 2 && quorum <= followers);
  }

  /// `follower` holds everything up to `bookmark` durably. Places never go back.
  void note(std::uint32_t follower, const Bookmark& bookmark) {
    TIDEMARK_ASSERT(follower < places_.size());
    // Bug A4 gives every acknowledgement a place of its own, whoever sent it.
    const std::size_t place = bugs_.has(Bug::kA4) ? noted_ % places_.size() : follower;
    ++noted_;
    places_[place] = std::max(places_[place], bookmark);
  }

  /// The newest bookmark that is durable on enough followers.
  Bookmark reached() {
    sorted_ = places_;
    const auto nth = sorted_.begin() + (quorum_ - 1);
    std::nth_element(sorted_.begin(), nth, sorted_.end(), std::greater<>());
    return *nth;
  }

  const Bookmark& place(std::uint32_t follower) const { return places_[follower]; }

 private:
  std::vector<Bookmark> places_;
  const std::uint32_t quorum_;
  const BugSet& bugs_;
  std::uint64_t noted_ = 0;
  std::vector<Bookmark> sorted_;  // scratch of reached()
};

}  // namespace tidemark::model::srs
