// ProcessHolds: who keeps which process down, paused, slow or silent. Faults overlap, and each ends for itself: a
// process comes back when the last one that holds it lets go. Down wins over paused.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "sim/disk/survivor_images.h"
#include "sim/disk/survivor_modes.h"
#include "sim/nemesis/fault_world.h"

namespace tidemark::sim {

class ProcessHolds {
 public:
  /// Where the images of a disk would be more than this, they are enumerated in coarser units (survivor_images.h).
  static constexpr std::uint64_t kMostImages = 64;

  explicit ProcessHolds(FaultWorld& world) : world_(world) {}
  ProcessHolds(const ProcessHolds&) = delete;
  ProcessHolds& operator=(const ProcessHolds&) = delete;

  /// Kills it if it lives, and keeps it down until release_down(). True if it lived.
  bool take_down(std::uint32_t process, bool silent);
  void release_down(std::uint32_t process, bool silent);
  /// The machine of a stopped process loses power; returns how many answers of `survivors` lost something.
  std::uint64_t lose_power(std::uint32_t process, const SurvivorOptions& survivors, RandomStream& random);
  /// What a loss of power may leave of its disk now, and the loss that leaves the image that was chosen.
  SurvivorImages images(std::uint32_t process) const;
  std::uint64_t lose_power(std::uint32_t process, SurvivorImages& images);
  /// Keeps it down for ever; a later release changes nothing.
  void keep_down(std::uint32_t process);

  /// True if it ran.
  bool pause(std::uint32_t process, bool freeze);
  void release_pause(std::uint32_t process);

  void slow(std::uint32_t process, Duration cost);
  void release_slow(std::uint32_t process, Duration cost);
  /// The newest injection that is still held counts.
  void yields(std::uint32_t process, YieldInjection& injection);
  void release_yields(std::uint32_t process, YieldInjection& injection);

 private:
  struct Hold {
    std::uint32_t down = 0;
    std::uint32_t silent = 0;
    std::uint32_t paused = 0;
    bool for_good = false;
    Duration cost;
    std::vector<YieldInjection*> yields;
  };
  void start(std::uint32_t process, const Hold& hold);

  FaultWorld& world_;
  std::map<std::uint32_t, Hold> holds_;
};

}  // namespace tidemark::sim
