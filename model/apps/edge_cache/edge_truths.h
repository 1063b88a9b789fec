// What the visitors of edge-cache rely on, judged by what they were shown, wherever it came from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/apps/application.h"
#include "model/apps/edge_cache/edge_changes.h"

namespace tidemark::model {

inline constexpr std::string_view kOwnChangesShown = "own-changes-shown";
inline constexpr std::string_view kNeverShownOlder = "never-shown-older";
inline constexpr std::string_view kShowsOneState = "shows-one-state";

class EdgeTruths final : public Truths {
 public:
  std::vector<std::string> names() const override;
  void ended(const EndedAction& action, const Broken& broken) override;

 private:
  /// What a session has a right to.
  struct Mark {
    std::int64_t revision = 0;     // of the newest state that it has seen or written
    std::set<std::int64_t> wrote;  // revisions of its own
  };
  void judge(const EndedAction& action, const ShownPage& shown, const Mark& mark, const Broken& broken) const;
  void judge_state(const EndedAction& action, const ShownPage& shown, const Broken& broken) const;

  EdgeChanges changes_;
  std::map<std::uint32_t, Mark> marks_;  // by session
};

/// What an edge cache did in a run, told of every action that has ended, in their order.
class EdgeAccount {
 public:
  struct Read {
    bool hit = false;
    /// Time since the first change that it does not show was acknowledged; a read that misses nothing which was
    /// acknowledged before it was asked for has none.
    std::optional<sim::Duration> stale;
    std::uint32_t broken = 0;  // truths that this answer breaks
  };
  /// Nothing: it was no read, or had no answer.
  std::optional<Read> ended(const EndedAction& action);

 private:
  EdgeChanges changes_;
  EdgeTruths truths_;
};

}  // namespace tidemark::model
