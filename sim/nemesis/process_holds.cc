#include "sim/nemesis/process_holds.h"

#include <algorithm>

namespace tidemark::sim {

bool ProcessHolds::take_down(std::uint32_t id, bool silent) {
  Hold& hold = holds_[id];
  ++hold.down;
  if (silent && ++hold.silent == 1) world_.network().silence(id, true);
  Process& process = world_.process(id);
  if (process.state() == ProcessState::kStopped) process.stay_down();  // it was about to start by itself
  if (process.state() == ProcessState::kStopped || process.crash_requested()) return false;
  process.crash();
  return true;
}

void ProcessHolds::release_down(std::uint32_t id, bool silent) {
  Hold& hold = holds_[id];
  TIDEMARK_ASSERT(hold.down > 0);
  if (silent && --hold.silent == 0) world_.network().silence(id, false);
  if (--hold.down == 0 && !hold.for_good) start(id, hold);
}

void ProcessHolds::start(std::uint32_t id, const Hold& hold) {
  Process& process = world_.process(id);
  if (process.state() != ProcessState::kStopped) return;
  world_.start(id);
  if (hold.paused > 0 && process.running()) process.pause();
}

std::uint64_t ProcessHolds::lose_power(std::uint32_t id, const SurvivorOptions& options, RandomStream& random) {
  Disk* disk = world_.disk(id);
  if (disk == nullptr || world_.process(id).state() != ProcessState::kStopped) return 0;
  RandomSurvivors survivors(random, options, disk->unsynced());
  disk->power_loss(&survivors);
  return survivors.effects();
}

SurvivorImages ProcessHolds::images(std::uint32_t id) const {
  const Disk* disk = world_.disk(id);
  return {disk == nullptr ? std::vector<UnsyncedChange>{} : disk->unsynced_changes(), kMostImages};
}

std::uint64_t ProcessHolds::lose_power(std::uint32_t id, SurvivorImages& images) {
  Disk* disk = world_.disk(id);
  if (disk == nullptr || world_.process(id).state() != ProcessState::kStopped) return 0;
  disk->power_loss(&images);
  return 1;
}

void ProcessHolds::keep_down(std::uint32_t id) {
  holds_[id].for_good = true;
  world_.retire(id);
}

bool ProcessHolds::pause(std::uint32_t id, bool freeze) {
  Hold& hold = holds_[id];
  Process& process = world_.process(id);
  if (++hold.paused > 1 || !process.running()) return false;
  freeze ? process.freeze() : process.pause();
  return true;
}

void ProcessHolds::release_pause(std::uint32_t id) {
  Hold& hold = holds_[id];
  TIDEMARK_ASSERT(hold.paused > 0);
  Process& process = world_.process(id);
  if (--hold.paused == 0 && process.state() == ProcessState::kPaused) process.resume();
}

void ProcessHolds::slow(std::uint32_t id, Duration cost) {
  Hold& hold = holds_[id];
  hold.cost += cost;
  world_.process(id).set_event_cost(hold.cost);
}

void ProcessHolds::release_slow(std::uint32_t id, Duration cost) {
  Hold& hold = holds_[id];
  hold.cost -= cost;
  world_.process(id).set_event_cost(hold.cost);
}

void ProcessHolds::yields(std::uint32_t id, YieldInjection& injection) {
  holds_[id].yields.push_back(&injection);
  world_.process(id).set_yields(&injection);
}

void ProcessHolds::release_yields(std::uint32_t id, YieldInjection& injection) {
  std::vector<YieldInjection*>& active = holds_[id].yields;
  std::erase(active, &injection);
  world_.process(id).set_yields(active.empty() ? nullptr : active.back());
}

}  // namespace tidemark::sim
