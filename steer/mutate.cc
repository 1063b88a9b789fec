#include "steer/mutate.h"

#include <algorithm>
#include <optional>

#include "scenarios/fault_spec.h"

namespace tidemark::steer {
namespace {

using sim::Duration;
using sim::Fault;
using sim::FaultPlan;
using sim::FaultShape;
using sim::FaultStart;
using sim::RandomStream;

constexpr Duration kGrid = Duration::milliseconds(1);
constexpr int kTries = 5;  // per change that does not fit

Duration on_grid(Duration duration) {
  return std::max(kGrid, duration / kGrid.ns() * kGrid.ns());
}
bool lasts(const Fault& fault) {
  const FaultShape shape = info(fault.kind).shape;
  return (shape == FaultShape::kInterval || shape == FaultShape::kOutage) && fault.duration != sim::kUntilHeal;
}
bool is_mode(const Fault& fault) {
  return info(fault.kind).shape == FaultShape::kRun;
}
bool at_time(const Fault& fault) {
  return fault.start.on == FaultStart::On::kTime;
}

class Mutator {
 public:
  Mutator(const FaultPlan& plan, const Material& material, RandomStream& random)
      : material_(material), random_(random), plan_(plan) {
    for (const Fault& fault : plan_.faults) next_id_ = std::max(next_id_, fault.id + 1);
  }

  Mutated run() {
    for (unsigned tries = 0; plan_.faults.size() < material_.grow_to && tries < 2 * kMostFaults; ++tries) {
      const std::uint64_t draw = random_.below(10);
      if (draw < 6) {
        add();
      } else if (draw < 9) {
        splice();
      } else {
        copy();
      }
    }
    unsigned changes = material_.least;
    while (changes < 6 && random_.chance(1, 2)) ++changes;
    // What has no room or nothing to work on is tried again in another way, but not for ever.
    for (unsigned tries = 0; changes > 0 && tries < 30; ++tries)
      if (change()) --changes;
    std::stable_sort(plan_.faults.begin(), plan_.faults.end(),
                     [](const Fault& a, const Fault& b) { return begin_of(a) < begin_of(b); });
    return {std::move(plan_), std::move(how_)};
  }

 private:
  static Duration begin_of(const Fault& fault) { return at_time(fault) ? fault.start.after : Duration::max(); }

  bool change() {
    const std::uint64_t draw = random_.below(100);
    // Where the marks mean instants, most of what is tried is to strike there.
    if (material_.same_seed && !material_.marks.empty() && random_.chance(1, 2)) return draw < 65 ? add() : aim();
    if (draw < 26) return add();
    if (draw < 46) return aim();
    if (draw < 58) return splice();
    if (draw < 66) return drop();
    if (draw < 74) return move();
    if (draw < 82) return stretch();
    if (draw < 88) return copy();
    return redraw();
  }

  // --- The changes. Each returns false when it could not be done; the plan is then as it was. ---

  bool add() {
    std::vector<Fault> faults = material_.ground.draw_fault(random_);
    if (faults.empty()) return false;
    const Mark* const mark = material_.same_seed || random_.chance(2, 3) ? draw_mark() : nullptr;
    if (mark != nullptr) aim_at(faults.front(), *mark);
    const std::string what = info(faults.front().kind).id + (mark == nullptr ? "" : " at a mark");
    return put(std::move(faults), "add " + what);
  }

  bool aim() {
    Fault* const fault = pick();
    const Mark* const mark = draw_mark();
    if (fault == nullptr || mark == nullptr) return false;
    Fault aimed = *fault;
    aim_at(aimed, *mark);
    return replace(*fault, std::move(aimed), "aim");
  }

  bool splice() {
    if (material_.donor == nullptr || material_.donor->faults.empty()) return false;
    const std::vector<Fault>& theirs = material_.donor->faults;
    const std::size_t first = random_.below(theirs.size());
    const std::size_t count = 1 + random_.below(std::min<std::size_t>(theirs.size() - first, 3));
    std::vector<Fault> faults;
    for (std::size_t i = first; i < first + count; ++i)
      if (!is_mode(theirs[i])) faults.push_back(theirs[i]);
    for (Fault& fault : faults)
      if (!problem_of(fault, material_.ground.topology()).empty() && !translate(fault)) return false;
    if (faults.empty()) return false;
    return put(std::move(faults), "splice");
  }

  bool drop() {
    Fault* const fault = pick();
    if (fault == nullptr || plan_.faults.size() < 2) return false;
    note("drop " + std::to_string(fault->id));
    plan_.faults.erase(plan_.faults.begin() + (fault - plan_.faults.data()));
    return true;
  }

  bool move() {
    Fault* const fault = pick();
    if (fault == nullptr) return false;
    Fault moved = *fault;
    if (random_.chance(1, 6)) {
      // Where everything has only just begun.
      moved.start = {};
      moved.start.after = kGrid * static_cast<std::int64_t>(random_.below(300));
      return replace(*fault, std::move(moved), "hurry");
    }
    // By a little or by much: 1 ms to 8 s.
    const Duration by = kGrid * static_cast<std::int64_t>(1 + random_.below(std::uint64_t{1} << random_.below(14)));
    moved.start.after = random_.chance(1, 2) ? moved.start.after + by : std::max(Duration{}, moved.start.after - by);
    return replace(*fault, std::move(moved), "move");
  }

  bool stretch() {
    Fault* const fault = pick();
    if (fault == nullptr || !lasts(*fault)) return false;
    Fault other = *fault;
    const std::int64_t factor = 1 + static_cast<std::int64_t>(random_.below(4));
    other.duration =
        random_.chance(1, 2) ? on_grid(other.duration * (1 + factor)) : on_grid(other.duration / (1 + factor));
    return replace(*fault, std::move(other), "stretch");
  }

  bool copy() {
    const Fault* const fault = pick();
    if (fault == nullptr) return false;
    Fault again = *fault;
    const Mark* const mark = draw_mark();
    if (mark != nullptr) {
      aim_at(again, *mark);
    } else {
      again.start = {};
      again.start.after = any_time();
    }
    return put({std::move(again)}, "copy " + std::to_string(fault->id));
  }

  /// Targets, parameters, or both; perhaps a trigger instead of a time.
  bool redraw() {
    Fault* const fault = pick();
    if (fault == nullptr) return false;
    std::optional<Fault> drawn = material_.ground.redraw(*fault, random_);
    if (!drawn) return false;
    Fault other = *fault;
    const std::uint64_t what = random_.below(4);
    if (what != 0) other.targets = drawn->targets;
    if (what != 1) other.parameters = drawn->parameters;
    if (what == 3 && !at_time(*drawn)) other.start = drawn->start;
    return replace(*fault, std::move(other), "redraw");
  }

  // --- What they are made of ---

  void note(const std::string& text) { how_ += (how_.empty() ? "" : "; ") + text; }

  Duration any_time() {
    const auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(1, plan_.phase.ns() * 9 / 10 / kGrid.ns()));
    return kGrid * static_cast<std::int64_t>(random_.below(steps));
  }

  /// nullptr: there is none that may be changed.
  Fault* pick() {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < plan_.faults.size(); ++i)
      if (!is_mode(plan_.faults[i])) places.push_back(i);
    return places.empty() ? nullptr : &plan_.faults[places[random_.below(places.size())]];
  }

  const Mark* draw_mark() {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < material_.marks.size(); ++i)
      if (material_.marks[i].at < plan_.phase) sum += material_.weights[i];
    if (sum == 0) return nullptr;
    std::uint64_t at = random_.below(sum);
    for (std::size_t i = 0; i < material_.marks.size(); ++i) {
      if (material_.marks[i].at >= plan_.phase) continue;
      if (at < material_.weights[i]) return &material_.marks[i];
      at -= material_.weights[i];
    }
    return nullptr;
  }

  /// Waits for what happened at the mark. False: no trigger means that.
  bool wait_for(Fault& fault, const Mark& mark) {
    using On = FaultStart::On;
    const CellWords words = cell_words(mark.cell);
    const auto step = static_cast<std::uint8_t>(mark.cell >> 7 & 127);
    const std::vector<std::string> databases = material_.ground.topology().databases();
    const std::vector<std::string>& phases = scenarios::takeover_phases();
    if (databases.empty()) return false;
    FaultStart start;
    start.number = 1 + random_.below(3);
    if (step == static_cast<std::uint8_t>(Step::kLead)) {
      start.on = On::kEpoch;
      ++start.number;
    } else if (step == static_cast<std::uint8_t>(Step::kCheckpoint)) {
      start.on = On::kCheckpoint;
    } else if (step == static_cast<std::uint8_t>(Step::kSnapshot)) {
      start.on = On::kSnapshot;
    } else if (step == static_cast<std::uint8_t>(Step::kTrim)) {
      start.on = On::kTrim;
    } else if (std::find(phases.begin(), phases.end(), words.phase) != phases.end()) {
      start.on = On::kTakeover;
      start.word = words.phase;
      start.number = 1;
    } else {
      return false;
    }
    start.subject = databases[random_.below(databases.size())];
    if (random_.chance(1, 2)) start.after = kGrid * static_cast<std::int64_t>(random_.below(100));
    fault.start = start;
    return true;
  }

  /// Shortly before the mark or right at it, and often at the node of the mark if the kind can hit that.
  void aim_at(Fault& fault, const Mark& mark) {
    if (!material_.same_seed || random_.chance(1, 4)) {
      if (wait_for(fault, mark) || !material_.same_seed) return;
    }
    const std::int64_t leads[] = {0, 0, 1, 2, 5, 10, 20, 50, 100, 300};
    const Duration lead = kGrid * leads[random_.below(std::size(leads))];
    const Duration late = random_.chance(1, 4) ? kGrid * static_cast<std::int64_t>(random_.below(100)) : Duration{};
    fault.start = {};
    fault.start.after = std::max(Duration{}, on_grid(mark.at) - lead + late);
    const sim::TopologyNode* const node = material_.ground.topology().find(mark.node);
    const bool can = node != nullptr && (info(fault.kind).roles & node->role) != 0 && fault.targets.size() == 1;
    if (can && random_.chance(1, 2)) fault.targets = {mark.node};
  }

  /// A fault of another world, aimed at what there is in this one.
  bool translate(Fault& fault) {
    const std::optional<Fault> drawn = material_.ground.redraw(fault, random_);
    if (!drawn) return false;
    fault.targets = drawn->targets;
    if (!at_time(fault)) {
      fault.start = {};
      fault.start.after = any_time();
    }
    return problem_of(fault, material_.ground.topology()).empty();
  }

  /// Nothing goes on after the fault phase.
  void clip(Fault& fault) const {
    if (!at_time(fault)) return;
    fault.start.after = std::min(fault.start.after, std::max(Duration{}, plan_.phase - kGrid));
    if (lasts(fault)) fault.duration = std::max(kGrid, std::min(fault.duration, plan_.phase - fault.start.after));
  }

  bool put(std::vector<Fault> faults, const std::string& text) {
    FaultPlan before = plan_;
    std::vector<std::uint64_t> kept;
    for (Fault& fault : faults) {
      fault.id = next_id_ + kept.size();
      kept.push_back(fault.id);
      clip(fault);
      plan_.faults.push_back(std::move(fault));
    }
    if (!settle(kept)) {
      plan_ = std::move(before);
      return false;
    }
    next_id_ += kept.size();
    note(text);
    return true;
  }

  bool replace(Fault& fault, Fault by, const std::string& text) {
    clip(by);
    if (by == fault) return false;
    FaultPlan before = plan_;
    const std::uint64_t id = fault.id;
    fault = std::move(by);
    if (!settle({id})) {
      plan_ = std::move(before);
      return false;
    }
    note(text + " " + std::to_string(id));
    return true;
  }

  /// Makes room for the faults `kept`: others that stand in their way go. False: that did not help.
  bool settle(const std::vector<std::uint64_t>& kept) {
    const auto is_kept = [&](std::uint64_t id) { return std::find(kept.begin(), kept.end(), id) != kept.end(); };
    for (int attempt = 0; attempt < kTries; ++attempt) {
      std::vector<std::uint64_t> blamed;
      const bool too_many = plan_.faults.size() > kMostFaults;
      if (too_many) {
        for (const Fault& fault : plan_.faults)
          if (!is_mode(fault)) blamed.push_back(fault.id);
      } else if (material_.ground.problem(plan_, blamed).empty()) {
        return true;
      }
      std::erase_if(blamed, is_kept);
      if (blamed.empty()) return false;
      const std::uint64_t gone = blamed[random_.below(blamed.size())];
      std::erase_if(plan_.faults, [gone](const Fault& fault) { return fault.id == gone; });
    }
    return false;
  }

  const Material& material_;
  RandomStream& random_;
  FaultPlan plan_;
  std::uint64_t next_id_ = 1;
  std::string how_;
};

}  // namespace

Mutated mutate(const sim::FaultPlan& plan, const Material& material, sim::RandomStream& random) {
  return Mutator(plan, material, random).run();
}

}  // namespace tidemark::steer
