#include "sim/nemesis/nemesis.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace tidemark::sim {
namespace {

// What of an instance an event is; part of the digest.
constexpr std::uint64_t kBegin = 0;
constexpr std::uint64_t kEnd = 1;
constexpr std::uint64_t kTick = 2;

bool counts_acts(FaultStart::On on) {
  return on == FaultStart::On::kIo || on == FaultStart::On::kSend || on == FaultStart::On::kPoint;
}

bool matches(const FaultStart& start, const FaultSignal& signal) {
  if (start.on != signal.on || start.subject != signal.subject) return false;
  if (start.on == FaultStart::On::kTakeover || start.on == FaultStart::On::kPoint) return start.word == signal.word;
  return signal.number >= start.number;
}

}  // namespace

struct Nemesis::InstanceTimer : Timer {
  InstanceTimer(Fire fire, Nemesis& owning, Instance& of)
      : Timer(fire, EventKind::kNemesis, nullptr), nemesis(owning), instance(of) {}
  Nemesis& nemesis;
  Instance& instance;
};

struct Nemesis::Instance {
  Instance(Nemesis& nemesis, const Fault& planned, RandomStream& random)
      : fault(planned),
        strike{nemesis.world_, nemesis.holds_, fault, random, {}, {}, false, {}, {}},
        begin_timer(&Instance::on_begin, nemesis, *this),
        end_timer(&Instance::on_end, nemesis, *this),
        tick_timer(&Instance::on_tick, nemesis, *this) {
    report.id = fault.id;
    report.kind = fault.kind;
    report.targets = fault.targets;
  }
  static void on_begin(Timer& timer) {
    auto& own = static_cast<InstanceTimer&>(timer);
    own.nemesis.begin(own.instance);
  }
  static void on_end(Timer& timer) {
    auto& own = static_cast<InstanceTimer&>(timer);
    own.nemesis.end(own.instance);
  }
  static void on_tick(Timer& timer) { static_cast<InstanceTimer&>(timer).instance.effect->tick(); }
  bool active() const { return report.status == FaultStatus::kActive; }

  const Fault fault;
  detail::Strike strike;
  FaultReport report;
  std::unique_ptr<detail::Effect> effect;  // since the beginning
  std::uint64_t acts = 0;                  // counted for its trigger
  bool triggered = false;
  InstanceTimer begin_timer;
  InstanceTimer end_timer;
  InstanceTimer tick_timer;
};

std::string_view to_text(FaultStatus status) {
  switch (status) {
    case FaultStatus::kWaiting:
      return "waiting";
    case FaultStatus::kActive:
      return "active";
    case FaultStatus::kEnded:
      return "ended";
    case FaultStatus::kNeverBegan:
      return "never began";
  }
  return "";
}

Nemesis::Nemesis(FaultWorld& world) : world_(world), holds_(world) {}

Nemesis::~Nemesis() = default;

void Nemesis::arm_after(InstanceTimer& timer, Duration delay, std::uint64_t what) {
  if (delay == kUntilHeal) {
    timer.cancel();
  } else {
    world_.scheduler().arm_after(timer, delay, timer.instance.fault.id * 4 + what);
  }
}

void Nemesis::arm(FaultPlan plan) {
  TIDEMARK_ASSERT(!armed_, "a nemesis carries out one plan");
  TIDEMARK_ASSERT(problem_of(plan, world_.topology()).empty(), problem_of(plan, world_.topology()));
  armed_ = true;
  plan_ = std::move(plan);
  if (plan_.faults.empty()) return;
  const Digest128 digest = digest_of(plan_);
  world_.scheduler().fold(digest.high);
  world_.scheduler().fold(digest.low);
  for (const Fault& fault : plan_.faults) {
    RandomStream& random = world_.streams().stream("fault/" + std::to_string(fault.id), "strike");
    Instance& made = *instances_.emplace_back(std::make_unique<Instance>(*this, fault, random));
    made.strike.tick_after = [this, &made](Duration delay) { arm_after(made.tick_timer, delay, kTick); };
    made.strike.end_after = [this, &made](Duration delay) { arm_after(made.end_timer, delay, kEnd); };
    if (fault.start.on == FaultStart::On::kTime) {
      arm_after(made.begin_timer, fault.start.after, kBegin);
    } else if (counts_acts(fault.start.on)) {
      watch(world_.topology().find(fault.start.subject)->process);
    }
  }
}

void Nemesis::trigger(Instance& instance) {
  instance.triggered = true;
  arm_after(instance.begin_timer, instance.fault.start.after, kBegin);
}

void Nemesis::notify(const FaultSignal& signal) {
  if (!armed_ || healed_) return;
  for (const auto& instance : instances_) {
    if (instance->report.status == FaultStatus::kWaiting) {
      if (!instance->triggered && matches(instance->fault.start, signal)) trigger(*instance);
    } else if (instance->active() && instance->effect->on_signal(signal)) {
      instance->strike.end_after(Duration{});
    }
  }
}

// --- Acts of processes ---

void Nemesis::watch(std::uint32_t process) {
  watching_ = true;
  world_.process(process).set_act_watch(this);
}

bool Nemesis::on_act(Process& process, ProcessAct act, std::string_view what) {
  if (process.crash_requested()) return false;
  if (process.state() == ProcessState::kStopped) return true;  // somebody else at its files
  bool happens = true;
  for (const auto& instance : instances_) {
    const FaultStart& start = instance->fault.start;
    if (instance->active()) {
      happens = instance->effect->on_act(process.id(), act, what) && happens;
    } else if (instance->report.status == FaultStatus::kWaiting && !instance->triggered && counts_acts(start.on) &&
               start.subject == process.name()) {
      const bool same = start.on == FaultStart::On::kPoint ? act == ProcessAct::kPoint && what == start.word
                        : start.on == FaultStart::On::kIo  ? act == ProcessAct::kIo
                                                           : act == ProcessAct::kSend;
      if (same && ++instance->acts >= start.number) trigger(*instance);
    }
  }
  return happens;
}

// --- The life of an instance ---

std::uint32_t Nemesis::process_of(const Target& target) const {
  if (target.kind == Target::Kind::kPrimary) return world_.primary(target.name);
  const TopologyNode* node = world_.topology().find(target.name);
  return node == nullptr ? 0 : node->process;
}

void Nemesis::resolve_target(Instance& instance, const std::string& selector) {
  const Topology& topology = world_.topology();
  detail::Strike& strike = instance.strike;
  Target target;
  if (!parse_target(selector, topology, target)) return;  // a node that is gone since the plan was made
  if (target.kind == Target::Kind::kColdStore || target.kind == Target::Kind::kRun) {
    strike.cold = strike.cold || target.kind == Target::Kind::kColdStore;
    instance.report.targets.push_back(selector);
    return;
  }
  if (target.kind == Target::Kind::kLink) {
    Target from;
    Target to;
    if (!parse_target(target.from, topology, from) || !parse_target(target.to, topology, to)) return;
    const Path path{process_of(from), process_of(to)};
    if (path.from == 0 || path.to == 0 || path.from == path.to) return;
    strike.links.push_back(path);
    instance.report.targets.push_back("link:" + world_.process(path.from).name() + ">" +
                                      world_.process(path.to).name());
    return;
  }
  const TopologyNode* node = topology.find(process_of(target));
  if (node == nullptr) return;
  const bool known = std::any_of(strike.nodes.begin(), strike.nodes.end(),
                                 [&](const TopologyNode& other) { return other.process == node->process; });
  if (known) return;
  strike.nodes.push_back(*node);
  instance.report.targets.push_back(node->name);
}

void Nemesis::resolve(Instance& instance) {
  instance.report.targets.clear();
  for (const std::string& selector : instance.fault.targets) resolve_target(instance, selector);
}

void Nemesis::note_phases_and_overlaps(Instance& instance) {
  for (const TopologyNode& node : instance.strike.nodes)
    instance.report.phases.push_back({node.name, node.role, world_.phase_of(node.process)});
  const std::vector<std::string>& own = instance.report.targets;
  for (const auto& other : instances_) {
    if (other.get() == &instance || !other->active()) continue;
    const bool shared = std::any_of(own.begin(), own.end(), [&](const std::string& target) {
      const std::vector<std::string>& theirs = other->report.targets;
      return std::find(theirs.begin(), theirs.end(), target) != theirs.end();
    });
    if (shared) instance.report.overlapped = other->report.overlapped = true;
  }
}

void Nemesis::begin(Instance& instance) {
  TIDEMARK_ASSERT(instance.report.status == FaultStatus::kWaiting);
  const Fault& fault = instance.fault;
  resolve(instance);
  note_phases_and_overlaps(instance);
  instance.report.status = FaultStatus::kActive;
  instance.report.begin = world_.scheduler().now();
  if (fault.kind == FaultKind::kP4)
    for (const TopologyNode& node : instance.strike.nodes) watch(node.process);
  instance.effect = detail::make_effect(instance.strike);
  const FaultShape shape = info(fault.kind).shape;
  if (shape != FaultShape::kInstant) arm_after(instance.end_timer, fault.duration, kEnd);
  instance.effect->begin();
  if (shape == FaultShape::kInstant) end(instance);
}

void Nemesis::end(Instance& instance) {
  TIDEMARK_ASSERT(instance.active());
  instance.tick_timer.cancel();
  instance.end_timer.cancel();
  instance.effect->end();
  instance.report.status = FaultStatus::kEnded;
  instance.report.end = world_.scheduler().now();
}

void Nemesis::heal_all() {
  if (healed_) return;
  healed_ = true;
  for (const auto& instance : instances_) {
    instance->begin_timer.cancel();
    if (instance->active()) {
      end(*instance);
    } else if (instance->report.status == FaultStatus::kWaiting) {
      instance->report.status = FaultStatus::kNeverBegan;
    }
  }
  if (!watching_) return;
  for (const TopologyNode& node : world_.topology().nodes) world_.process(node.process).set_act_watch(nullptr);
}

std::size_t Nemesis::active() const {
  return static_cast<std::size_t>(
      std::count_if(instances_.begin(), instances_.end(), [](const auto& instance) { return instance->active(); }));
}

std::vector<FaultReport> Nemesis::reports() const {
  std::vector<FaultReport> result;
  for (const auto& instance : instances_) {
    result.push_back(instance->report);
    if (instance->effect == nullptr) continue;
    result.back().effects = instance->effect->effects();
    result.back().kill_point = instance->effect->kill_point();
  }
  return result;
}

std::vector<ContentLoss> Nemesis::losses() const {
  std::vector<ContentLoss> result;
  for (const auto& instance : instances_) {
    if (instance->effect == nullptr) continue;
    for (const detail::Effect::Loss& loss : instance->effect->losses())
      result.push_back({instance->fault.id, instance->fault.kind, loss.process, loss.at});
  }
  return result;
}

std::vector<FaultCoverage> coverage_of(const std::vector<FaultReport>& reports) {
  std::map<std::tuple<FaultKind, FaultRole, std::string>, FaultCoverage> cells;
  const auto count = [&](const FaultReport& report, FaultRole role, const std::string& phase) {
    FaultCoverage& cell = cells[{report.kind, role, phase}];
    cell.kind = report.kind;
    cell.role = role;
    cell.phase = phase;
    ++cell.struck;
    cell.with_effect += report.effects > 0;
  };
  for (const FaultReport& report : reports) {
    if (!report.struck()) continue;
    for (const FaultReport::Phase& phase : report.phases) count(report, phase.role, phase.phase);
    for (const std::string& target : report.targets) {
      if (target == "cold") count(report, kRoleColdStore, "");
      if (target == "run") count(report, kRoleRun, "");
      if (target.rfind("link:", 0) == 0) count(report, kRoleLink, "");
    }
  }
  std::vector<FaultCoverage> result;
  for (auto& [key, cell] : cells) result.push_back(std::move(cell));
  return result;
}

}  // namespace tidemark::sim
