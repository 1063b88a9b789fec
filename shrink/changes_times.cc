// When things happen, and how plain the operations are.
#include <algorithm>
#include <set>

#include "shrink/changes.h"
#include "shrink/fault_times.h"

namespace tidemark::shrink {
namespace {

using model::ScriptedOperation;
using scenarios::Scenario;
using sim::Duration;
using Session = ScriptedOperation::Session;

constexpr Duration kMillisecond = Duration::milliseconds(1);
/// Of more than these no single one is looked at: it would take long and help little.
constexpr std::size_t kFewOperations = 30;

Duration on_grid(Duration time, Duration grid) {
  return time / grid.ns() * grid.ns();
}

/// Clients stop when the healed phase is over, if there is one.
void drop_late(Scenario& scenario) {
  const Duration healed = scenario.has_faults() ? scenario.fault_options.healed_load : Duration();
  const Duration end = scenario.duration + healed;
  std::erase_if(scenario.workload.script, [end](const ScriptedOperation& one) { return one.at > end; });
}

/// The load ends here, and what would begin later does not begin.
void end_at(Scenario& scenario, Duration end) {
  scenario.duration = end;
  std::erase_if(scenario.faults, [end](const sim::FaultRequest& one) { return at_time(one) && one.start.after > end; });
  drop_late(scenario);
  if (scenario.cluster.late_boot >= end) scenario.cluster.late_boot = {};
}

/// Everything from `from` on happens `by` earlier.
void pull(Scenario& scenario, Duration from, Duration by) {
  for (ScriptedOperation& one : scenario.workload.script)
    if (one.at >= from) one.at = one.at - by;
  for (sim::FaultRequest& one : scenario.faults)
    if (at_time(one) && one.start.after >= from) one.start.after = one.start.after - by;
  scenario.duration = scenario.duration - by;
  if (scenario.cluster.late_boot >= from) scenario.cluster.late_boot = scenario.cluster.late_boot - by;
}

/// Instants at which something begins.
std::vector<Duration> instants(const Scenario& scenario) {
  std::set<Duration> times;
  for (const ScriptedOperation& one : scenario.workload.script) times.insert(one.at);
  for (const sim::FaultRequest& one : scenario.faults)
    if (at_time(one)) times.insert(one.start.after);
  return {times.begin(), times.end()};
}

Change rounded(Duration grid) {
  return [grid](Scenario& s) {
    const auto round = [grid](Duration& time) {
      const Duration before = time;
      time = on_grid(time, grid);
      return time != before;
    };
    bool any = false;
    for (ScriptedOperation& one : s.workload.script) any = round(one.at) || any;
    for (sim::FaultRequest& one : s.faults) {
      if (at_time(one)) any = round(one.start.after) || any;
      if (lasts(one) && one.duration != sim::kUntilHeal && one.duration >= grid) any = round(one.duration) || any;
    }
    // The end is for shorter_runs(), which would undo a later one.
    const Duration end = on_grid(s.duration + kMillisecond - Duration::nanoseconds(1), kMillisecond);
    any = any || end != s.duration;
    s.duration = end;
    return any;
  };
}

template <typename Edit>
void each_operation(const Scenario& scenario, std::vector<Change>& changes, Edit edit) {
  const std::size_t count = scenario.workload.script.size();
  changes.push_back([edit](Scenario& s) {
    bool any = false;
    for (ScriptedOperation& one : s.workload.script) any = edit(one) || any;
    return any;
  });
  if (count > kFewOperations) return;
  for (std::size_t i = 0; i < count; ++i)
    changes.push_back([edit, i](Scenario& s) { return edit(s.workload.script.at(i)); });
}

}  // namespace

std::vector<Change> shorter_runs(const Scenario& scenario) {
  std::vector<Change> changes;
  std::set<Duration> ends;
  for (const int sixteenths : {1, 2, 4, 6, 8, 10, 12, 14, 15}) {
    Duration end = scenario.duration * sixteenths / 16;
    end = on_grid(end + kMillisecond * 9, kMillisecond * 10);
    if (end < scenario.duration && end > Duration{}) ends.insert(end);
  }
  for (const Duration end : ends)
    changes.push_back([end](Scenario& s) {
      end_at(s, end);
      return true;
    });
  changes.push_back([](Scenario& s) {
    const bool any = s.fault_options.healed_load != Duration{};
    s.fault_options.healed_load = {};
    drop_late(s);
    return any && s.has_faults();
  });
  return changes;
}

std::vector<Change> operations_near_faults(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::size_t count = scenario.workload.script.size();
  if (std::none_of(scenario.faults.begin(), scenario.faults.end(), at_time)) return changes;
  for (const std::int64_t window : {10, 30, 100, 300, 1000})
    for (const std::size_t last : {1U, 3U, 8U, 20U}) {
      if (last >= count) continue;
      changes.push_back([window = kMillisecond * window, last](Scenario& s) {
        std::vector<ScriptedOperation>& script = s.workload.script;
        const std::size_t before = script.size();
        if (last >= before) return false;
        const Duration tail = script[before - last].at;
        std::erase_if(script, [&](const ScriptedOperation& one) {
          return one.at < tail && std::none_of(s.faults.begin(), s.faults.end(), [&](const sim::FaultRequest& fault) {
                   return at_time(fault) && one.at <= fault.start.after && one.at + window >= fault.start.after;
                 });
        });
        return script.size() < before;
      });
    }
  return changes;
}

std::vector<Change> merged_clients(const Scenario& scenario) {
  std::vector<Change> changes;
  for (std::uint32_t from = scenario.workload.clients; from-- > 1;)
    for (std::uint32_t to = 0; to < from && to < 4; ++to)
      changes.push_back([from, to](Scenario& s) {
        if (s.workload.script.empty()) return false;
        for (ScriptedOperation& one : s.workload.script)
          if (one.client == from) one.client = to;
        clients().erase(s, from, 1);
        return true;
      });
  return changes;
}

std::vector<Change> plainer_operations(const Scenario& scenario) {
  std::vector<Change> changes;
  each_operation(scenario, changes, [](ScriptedOperation& one) {
    const bool any = one.session != Session::kSame || !one.via.empty();
    one.session = Session::kSame;
    one.via.clear();
    return any;
  });
  each_operation(scenario, changes, [](ScriptedOperation& one) {
    const bool any = !one.via.empty();
    one.via.clear();
    return any;
  });
  each_operation(scenario, changes, [](ScriptedOperation& one) {
    const bool any = one.session != Session::kSame;
    one.session = Session::kSame;
    return any;
  });
  each_operation(scenario, changes, [](ScriptedOperation& one) {
    const bool any = one.together;
    one.together = false;
    return any;
  });
  return changes;
}

std::vector<Change> closer_times(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::vector<Duration> times = instants(scenario);
  if (times.size() > 2 * kFewOperations) return changes;
  Duration before;
  for (const Duration time : times) {
    for (const std::int64_t left : {0, 10, 100, 500}) {
      const Duration by = time - before - kMillisecond * left;
      if (by < kMillisecond * std::max<std::int64_t>(left, 1)) continue;
      changes.push_back([time, by](Scenario& s) {
        pull(s, time, by);
        return s.duration > Duration{};
      });
    }
    before = time;
  }
  return changes;
}

std::vector<Change> rounder_times(const Scenario& scenario) {
  std::vector<Change> changes;
  for (const std::int64_t grid : {1000, 100, 10, 1}) changes.push_back(rounded(kMillisecond * grid));
  for (const std::int64_t milliseconds : {100, 10, 1})
    each_operation(scenario, changes, [grid = kMillisecond * milliseconds](ScriptedOperation& one) {
      const Duration before = one.at;
      one.at = on_grid(one.at, grid);
      return one.at != before;
    });
  return changes;
}

}  // namespace tidemark::shrink
