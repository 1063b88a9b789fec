// Nemesis: the actor that carries out a fault plan.
//
// Each instance begins and ends as an event of its own (EventKind::kNemesis of the world, tag = id * 4 + what), with a
// random stream of its own ("fault/<id>/strike"): taking one instance out of a plan shifts no draw of another one. An
// instance waits, is active, and ends at the end of its duration, by its own condition, or by heal_all(). Instances
// overlap as the primitives say (sim/net/faults.h, sim/disk/disk_faults.h, ProcessHolds); each ends for itself.
//
//   waiting --its time or trigger--> active --its end, heal_all()--> ended
//   waiting --heal_all()--> never began
//
// The nemesis must outlive the run, and the world the nemesis. An empty plan draws, schedules and folds nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/nemesis/effect.h"
#include "sim/nemesis/fault.h"
#include "sim/nemesis/fault_world.h"

namespace tidemark::sim {

enum class FaultStatus : std::uint8_t { kWaiting, kActive, kEnded, kNeverBegan };
std::string_view to_text(FaultStatus status);

struct FaultReport {
  std::uint64_t id = 0;
  FaultKind kind = FaultKind::kN1;
  FaultStatus status = FaultStatus::kWaiting;
  /// What was hit: names of processes, "link:a>b", "cold", "run". As planned while it waits.
  std::vector<std::string> targets;
  Instant begin;
  Instant end;
  std::uint64_t effects = 0;  // events, operations, messages, processes that it changed
  KillPoint kill_point;
  bool overlapped = false;  // another instance was active on a target of it
  /// What the protocol did at each process that was hit, when it was hit.
  struct Phase {
    std::string node;
    FaultRole role = kRoleClient;
    std::string phase;
  };
  std::vector<Phase> phases;

  bool struck() const { return status == FaultStatus::kActive || status == FaultStatus::kEnded; }
  bool without_effect() const { return struck() && effects == 0; }
};

/// A disk lost content that it had stored, or gives it back untrue: ground truth for excuses.
struct ContentLoss {
  std::uint64_t fault = 0;
  FaultKind kind = FaultKind::kN1;
  std::uint32_t process = 0;
  Instant at;  // of a kind that lasts: its beginning
  /// Files are gone, so whoever starts from this disk can tell. Else it may or may not.
  bool noticed() const { return kind == FaultKind::kD23 || kind == FaultKind::kD25; }
};

/// One cell of the coverage table.
struct FaultCoverage {
  FaultKind kind = FaultKind::kN1;
  FaultRole role = kRoleClient;
  std::string phase;
  std::uint64_t struck = 0;
  std::uint64_t with_effect = 0;
};
/// Sorted by kind, role, phase. Targets that are no processes count with role and phase "".
std::vector<FaultCoverage> coverage_of(const std::vector<FaultReport>& reports);

class Nemesis final : private ActWatch {
 public:
  explicit Nemesis(FaultWorld& world);
  /// Ends nothing: the processes may be gone. Call heal_all() before if the world goes on.
  ~Nemesis() override;
  Nemesis(const Nemesis&) = delete;
  Nemesis& operator=(const Nemesis&) = delete;

  /// The fault phase begins now. Once. problem_of(plan) must be empty (assert): the loader has told the user.
  void arm(FaultPlan plan);
  const FaultPlan& plan() const { return plan_; }
  /// The world tells what triggers wait for. May be called from code of a process: what follows from it is an event of
  /// this instant. No effect before arm() and after heal_all().
  void notify(const FaultSignal& signal);
  /// Ends every active instance, in the order of the ids, and forgets those that wait. Not from code of a process.
  void heal_all();
  bool healed() const { return healed_; }
  std::size_t active() const;

  /// In the order of the plan. Any time.
  std::vector<FaultReport> reports() const;
  /// Until now, in the order of the plan. Any time. Syncs that lied (D7) count: what they held may be gone.
  std::vector<ContentLoss> losses() const;

 private:
  struct Instance;
  struct InstanceTimer;
  bool on_act(Process& process, ProcessAct act, std::string_view what) override;
  void begin(Instance& instance);
  void end(Instance& instance);
  void resolve(Instance& instance);
  void resolve_target(Instance& instance, const std::string& selector);
  std::uint32_t process_of(const Target& target) const;
  void note_phases_and_overlaps(Instance& instance);
  void trigger(Instance& instance);
  void watch(std::uint32_t process);
  void arm_after(InstanceTimer& timer, Duration delay, std::uint64_t what);

  FaultWorld& world_;
  ProcessHolds holds_;
  FaultPlan plan_;
  bool armed_ = false;
  bool healed_ = false;
  bool watching_ = false;  // some process is watched
  std::vector<std::unique_ptr<Instance>> instances_;
};

}  // namespace tidemark::sim
