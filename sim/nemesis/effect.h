// Effect: how one instance of a fault is applied. Private to sim/nemesis; one class per family of kinds.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/nemesis/fault_world.h"
#include "sim/nemesis/process_holds.h"

namespace tidemark::sim {

/// What is known of a kill at an exact point (P4).
struct KillPoint {
  /// I/Os, sends or passes that its targets did, up to the kill.
  std::uint64_t acts = 0;
  /// With a chosen disk image: how many there were to choose from, and whether these are all that are possible.
  std::uint64_t images = 0;
  bool every_image = false;
};

/// Something that the world reports to the nemesis; see FaultStart for what each means.
struct FaultSignal {
  FaultStart::On on = FaultStart::On::kBookmark;
  std::string_view subject;  // database or node
  std::uint64_t number = 0;  // kBookmark, kEpoch, kCheckpoint, kSnapshot, kTrim: which one
  std::string_view word;     // kTakeover, kPoint
};

namespace detail {

/// What an effect has to work with. Lives as long as the effect.
struct Strike {
  FaultWorld& world;
  ProcessHolds& holds;
  const Fault& fault;
  RandomStream& random;
  std::vector<TopologyNode> nodes;           // the targets that are processes
  Paths links;                               // the targets that are links
  bool cold = false;                         // the object store is a target
  std::function<void(Duration)> tick_after;  // Effect::tick() is called that much later, as an event of the nemesis
  std::function<void(Duration)> end_after;   // moves the end of the instance

  std::vector<std::uint32_t> ids() const {
    std::vector<std::uint32_t> result;
    for (const TopologyNode& node : nodes) result.push_back(node.process);
    return result;
  }
  /// Uniform in [0, most].
  Duration draw_up_to(Duration most) {
    return Duration::nanoseconds(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.ns()) + 1)));
  }
};

class Effect {
 public:
  explicit Effect(Strike& strike) : strike_(strike) {}
  virtual ~Effect() = default;
  Effect(const Effect&) = delete;
  Effect& operator=(const Effect&) = delete;

  virtual void begin() = 0;
  virtual void tick() {}
  /// Everything is as it was (except what the kind destroys). Called once, after begin().
  virtual void end() {}
  /// How much it has changed so far; also after end().
  virtual std::uint64_t effects() const = 0;
  /// Whose disk lost content that it had stored, and since when that is so (so far; also after end()).
  struct Loss {
    std::uint32_t process = 0;
    Instant at;
  };
  virtual std::vector<Loss> losses() const { return {}; }
  /// Of P4.
  virtual KillPoint kill_point() const { return {}; }
  /// P4: as ActWatch.
  virtual bool on_act(std::uint32_t, ProcessAct, std::string_view) { return true; }
  /// N27: true if this ends the instance.
  virtual bool on_signal(const FaultSignal&) { return false; }

 protected:
  Strike& strike_;
};

/// Parts per million as RandomStream::chance_fixed wants them.
Chance chance_of(std::int64_t parts_per_million);
double ratio_of(std::int64_t parts_per_million);
/// What P2 and its relatives leave on the disk.
SurvivorOptions survivors_of(const Fault& fault);

std::unique_ptr<Effect> make_network_effect(Strike& strike);
std::unique_ptr<Effect> make_disk_effect(Strike& strike);
std::unique_ptr<Effect> make_process_effect(Strike& strike);
std::unique_ptr<Effect> make_world_effect(Strike& strike);
/// For every kind that can be injected.
std::unique_ptr<Effect> make_effect(Strike& strike);

}  // namespace detail
}  // namespace tidemark::sim
