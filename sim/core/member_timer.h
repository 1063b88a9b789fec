// MemberTimer: a timer that calls a member function of its owner. The owner embeds it, so it dies with the owner.
#pragma once

#include "sim/core/process.h"
#include "sim/core/scheduler.h"

namespace tidemark::sim {

template <typename Owner>
class MemberTimer final : public Timer {
 public:
  using Action = void (Owner::*)();
  MemberTimer(Owner& owner, Action action, Process& process)
      : Timer(&MemberTimer::due, EventKind::kTimer, &process), owner_(owner), action_(action) {}

 private:
  static void due(Timer& timer) {
    auto& self = static_cast<MemberTimer&>(timer);
    (self.owner_.*self.action_)();
  }
  Owner& owner_;
  const Action action_;
};

}  // namespace tidemark::sim
