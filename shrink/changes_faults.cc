// Fewer faults, milder ones, and such as strike when it matters.
#include <algorithm>
#include <set>
#include <string_view>

#include "model/types/points.h"
#include "shrink/changes.h"
#include "shrink/fault_times.h"

namespace tidemark::shrink {
namespace {

using scenarios::Scenario;
using sim::Duration;
using sim::FaultRequest;

constexpr Duration kMillisecond = Duration::milliseconds(1);
/// Of more than these no pair is looked at.
constexpr std::size_t kFewFaults = 8;

/// Both become one: at the places of both, from the beginning of the first to the end of the last.
bool merge(Scenario& scenario, std::size_t into, std::size_t from) {
  FaultRequest& one = scenario.faults.at(into);
  const FaultRequest& other = scenario.faults.at(from);
  if (one.kind != other.kind || !at_time(one) || !at_time(other)) return false;
  const Duration begin = std::min(one.start.after, other.start.after);
  if (lasts(one)) {
    const bool open = one.duration == sim::kUntilHeal || other.duration == sim::kUntilHeal;
    const Duration end =
        open ? Duration{} : std::max(one.start.after + one.duration, other.start.after + other.duration);
    one.duration = open ? sim::kUntilHeal : end - begin;
  }
  one.start.after = begin;
  for (const std::string& target : other.targets)
    if (std::find(one.targets.begin(), one.targets.end(), target) == one.targets.end()) one.targets.push_back(target);
  faults().erase(scenario, from, 1);
  return true;
}

Change merged(std::size_t into, std::size_t from, bool usual) {
  return [into, from, usual](Scenario& s) {
    if (!merge(s, into, from)) return false;
    if (usual) s.faults.at(into).parameters = {};
    return true;
  };
}

/// The process that a fault hits, by name; empty: not one.
std::string victim_of(const FaultRequest& fault) {
  if (fault.targets.size() != 1) return {};
  const std::string& target = fault.targets.front();
  constexpr std::string_view kLeading = "primary@";
  if (target.starts_with(kLeading)) return target.substr(kLeading.size()) + "/primary";
  return target;
}

/// Does a process of this name pass the point? "shop/follower-2" passes "follower.append".
bool passes(std::string_view process, std::string_view point) {
  const std::string_view own = process.substr(process.rfind('/') + 1);
  const std::string_view room = point.substr(0, point.find('.'));
  if (!own.starts_with("primary") && !own.starts_with("standby")) return own.starts_with(room);
  constexpr std::string_view kHosts[] = {"leader", "takeover", "host", "checkpoint"};
  return std::find(std::begin(kHosts), std::end(kHosts), room) != std::end(kHosts);
}

/// `fault` strikes at the point; of the operations only the first stay, and of the other faults those that `keeps`
/// says.
Change struck_at(std::size_t fault, std::string_view point, std::size_t operations,
                 std::function<bool(std::size_t)> keeps) {
  return [fault, point, operations, keeps = std::move(keeps)](Scenario& s) {
    FaultRequest& one = s.faults.at(fault);
    sim::FaultStart start;
    start.on = sim::FaultStart::On::kPoint;
    start.word = point;
    start.subject = victim_of(one);
    one.start = start;
    std::vector<FaultRequest> kept;
    for (std::size_t i = 0; i < s.faults.size(); ++i)
      if (i == fault || keeps(i)) kept.push_back(s.faults[i]);
    const std::size_t before = s.workload.script.size();
    const bool fewer = kept.size() < s.faults.size() || operations < before;
    s.faults = std::move(kept);
    if (operations < before) shrink::operations().erase(s, operations, before - operations);
    return fewer;
  };
}

}  // namespace

std::vector<Change> without_kinds(const Scenario& scenario) {
  std::set<sim::FaultKind> kinds;
  for (const sim::FaultRequest& fault : scenario.faults) kinds.insert(fault.kind);
  std::vector<Change> changes;
  for (const sim::FaultKind kind : kinds)
    changes.push_back([kind](Scenario& s) {
      for (std::size_t i = s.faults.size(); i-- > 0;)
        if (s.faults[i].kind == kind) faults().erase(s, i, 1);
      return true;
    });
  return changes;
}

std::vector<Change> merged_faults(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::size_t count = scenario.faults.size();
  if (count > kFewFaults) return changes;
  for (const bool usual : {false, true})
    for (std::size_t into = 0; into < count; ++into)
      for (std::size_t from = into + 1; from < count; ++from)
        if (scenario.faults[into].kind == scenario.faults[from].kind) changes.push_back(merged(into, from, usual));
  return changes;
}

std::vector<Change> earlier_triggers(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::size_t operations = scenario.workload.script.size();
  for (std::size_t fault = 0; fault < scenario.faults.size(); ++fault) {
    const std::uint64_t number = scenario.faults[fault].start.number;
    for (const std::uint64_t earlier : std::set<std::uint64_t>{1, 2, number / 2, number - 1}) {
      if (earlier == 0 || earlier >= number) continue;
      const auto set = [fault, earlier](Scenario& s) { s.faults.at(fault).start.number = earlier; };
      const std::size_t gone = std::min<std::size_t>(number - earlier, operations);
      for (std::size_t end = operations; end >= gone && gone > 0; end -= gone)
        changes.push_back([set, at = end - gone, gone](Scenario& s) {
          set(s);
          shrink::operations().erase(s, at, gone);
          return true;
        });
      changes.push_back([set](Scenario& s) {
        set(s);
        return true;
      });
    }
  }
  return changes;
}

std::vector<Change> faults_at_points(const Scenario& scenario) {
  std::vector<Change> changes;
  const std::size_t count = scenario.faults.size();
  if (count > kFewFaults) return changes;
  for (const std::size_t operations : {std::size_t{2}, scenario.workload.script.size()})
    for (std::size_t fault = 0; fault < count; ++fault) {
      const FaultRequest& one = scenario.faults[fault];
      const std::string victim = victim_of(one);
      if (!at_time(one) || victim.empty() || info(one.kind).shape != sim::FaultShape::kOutage) continue;
      for (const model::PointInfo& point : model::points()) {
        if (!passes(victim, point.name)) continue;
        changes.push_back(struck_at(fault, point.name, operations, [](std::size_t) { return false; }));
        for (std::size_t other = 0; other < count; ++other)
          if (other != fault)
            changes.push_back(struck_at(fault, point.name, operations, [other](std::size_t i) { return i == other; }));
        if (count > 2) changes.push_back(struck_at(fault, point.name, operations, [](std::size_t) { return true; }));
      }
    }
  return changes;
}

std::vector<Change> milder_faults(const Scenario& scenario) {
  std::vector<Change> changes;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    changes.push_back([i](Scenario& s) {
      const bool any = !s.faults.at(i).parameters.empty();
      s.faults.at(i).parameters = {};
      return any;
    });
    const sim::FaultRequest& fault = scenario.faults[i];
    for (std::size_t p = 0; p < fault.parameters.size(); ++p)
      changes.push_back([i, p](Scenario& s) {
        std::vector<sim::FaultParameter>& own = s.faults.at(i).parameters;
        own.erase(own.begin() + static_cast<std::ptrdiff_t>(p));
        return true;
      });
    if (fault.targets.size() > 1)
      for (std::size_t t = 0; t < fault.targets.size(); ++t)
        changes.push_back([i, t](Scenario& s) {
          std::vector<std::string>& own = s.faults.at(i).targets;
          own.erase(own.begin() + static_cast<std::ptrdiff_t>(t));
          return true;
        });
    if (!lasts(fault)) continue;
    for (const int parts : {8, 2})
      changes.push_back([i, parts](Scenario& s) {
        sim::FaultRequest& one = s.faults.at(i);
        if (one.duration == sim::kUntilHeal || one.duration < kMillisecond * 20) return false;
        one.duration = one.duration / parts / kMillisecond.ns() * kMillisecond.ns();
        return true;
      });
  }
  return changes;
}

}  // namespace tidemark::shrink
