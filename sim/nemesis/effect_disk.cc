// Disk kinds that leave the process alone or replace its files, by sim/disk/disk_faults.h.
#include <algorithm>

#include "sim/nemesis/effect.h"

namespace tidemark::sim::detail {
namespace {

FileFilter filter_of(const Fault& fault) {
  FileFilter filter;
  if (fault.has_parameter("files")) filter.suffix = fault.word("files");
  return filter;
}

std::uint8_t operations_of(const Fault& fault) {
  const std::string& word = fault.word("operations");
  if (word == "read") return kIoRead;
  if (word == "write") return kIoWrite;
  if (word == "sync") return kIoSync | kIoDirectorySync;
  return kIoRead | kIoWrite | kIoSync | kIoDirectorySync;
}

/// D1-D9, D16, D17, D21, D29.
DiskFault disk_fault(const Fault& fault, Instant end) {
  const auto chance = [&](const char* name = "chance") { return chance_of(fault.number(name)); };
  switch (fault.kind) {
    case FaultKind::kD1:
      return SlowDisk{fault.number("factor") * 1000, fault.span("extra"),
                      static_cast<std::uint64_t>(fault.number("bytes_per_second"))};
    case FaultKind::kD2:
      return StalledDisk{end};
    case FaultKind::kD3:
      return HungDisk{};
    case FaultKind::kD4:
      return IoErrors{operations_of(fault), chance()};
    case FaultKind::kD5:
      return StickyIoErrors{operations_of(fault), chance()};
    case FaultKind::kD6:
      return ForgetfulSync{chance(), chance("old_content")};
    case FaultKind::kD7:
      return LyingSync{chance(), kIoSync};
    case FaultKind::kD8:
      return NoSpace{0, chance("partial")};
    case FaultKind::kD9:
      return ShortIo{operations_of(fault), chance()};
    case FaultKind::kD15:
      return LooseDirectory{kAlways, chance("both_names")};
    case FaultKind::kD16:
      return FlipOnWrite{chance()};
    case FaultKind::kD17:
      return FlipOnRead{chance()};
    case FaultKind::kD21:
      return LostWrite{chance(),
                       fault.word("shows") == "at-once" ? LostWrite::Shows::kAtOnce : LostWrite::Shows::kAfterRestart};
    default:
      TIDEMARK_ASSERT(fault.kind == FaultKind::kD29);
      return EarlyFlush{chance(), chance("whole_file")};
  }
}

/// A fault that is in force for a time.
class DiskInstance : public Effect {
 public:
  using Effect::Effect;
  void begin() override {
    const Instant now = since_ = strike_.world.scheduler().now();
    const bool to_the_end = strike_.fault.duration > Instant::max() - now;
    const Instant end = to_the_end ? Instant::max() : now + strike_.fault.duration;
    for (const TopologyNode& node : strike_.nodes) {
      Disk* disk = strike_.world.disk(node.process);
      if (disk == nullptr) continue;
      injected_.push_back(
          {node.process, disk->inject(disk_fault(strike_.fault, end), strike_.random, filter_of(strike_.fault))});
    }
  }
  void end() override {
    for (const Injected& one : injected_) {
      strike_.world.disk(one.process)->end(one.id);
      // A hung disk works again only after a restart.
      if (strike_.fault.kind == FaultKind::kD3 && effects_of(one) > 0) {
        strike_.holds.take_down(one.process, false);
        strike_.holds.release_down(one.process, false);
      }
    }
  }
  std::uint64_t effects() const override {
    std::uint64_t total = 0;
    for (const Injected& one : injected_) total += effects_of(one);
    return total;
  }
  std::vector<Loss> losses() const override {
    const FaultCost cost = info(strike_.fault.kind).cost;
    const bool loses = cost == FaultCost::kDestroys || cost == FaultCost::kUndetectable || cost == FaultCost::kLies;
    std::vector<Loss> result;
    for (const Injected& one : injected_)
      if (loses && effects_of(one) > 0) result.push_back({one.process, since_});
    return result;
  }

 protected:
  struct Injected {
    std::uint32_t process;
    DiskFaultId id;
  };
  std::uint64_t effects_of(const Injected& one) const { return strike_.world.disk(one.process)->effects(one.id); }
  std::vector<Injected> injected_;
  Instant since_;
};

/// D15, D24: for its duration something goes wrong unseen; at the end the machine loses power, and comes back after
/// "down".
class PowerLossAtEnd final : public DiskInstance {
 public:
  using DiskInstance::DiskInstance;
  void begin() override {
    if (strike_.fault.duration != kUntilHeal) {
      strike_.tick_after(strike_.fault.duration);
      strike_.end_after(strike_.fault.duration + strike_.fault.span("down"));
    }
    if (strike_.fault.kind == FaultKind::kD15) return DiskInstance::begin();
    for (const TopologyNode& node : strike_.nodes)
      if (Disk* disk = strike_.world.disk(node.process)) images_.emplace_back(node.process, disk->take_image());
  }
  void tick() override {
    if (!down_) lose_power();
  }
  void end() override {
    // An early end (heal) loses power as well, so that the kind means the same whenever it ends.
    if (!down_) lose_power();
    for (const TopologyNode& node : strike_.nodes) strike_.holds.release_down(node.process, true);
    DiskInstance::end();
  }
  std::uint64_t effects() const override { return DiskInstance::effects() + restored_; }
  std::vector<Loss> losses() const override { return rolled_back_; }

 private:
  void lose_power() {
    down_ = true;
    for (const TopologyNode& node : strike_.nodes) {
      strike_.holds.take_down(node.process, true);
      strike_.holds.lose_power(node.process, survivors_of(strike_.fault), strike_.random);
    }
    for (const auto& [process, image] : images_) {
      if (strike_.world.process(process).state() != ProcessState::kStopped) continue;
      strike_.world.disk(process)->restore_image(image);
      rolled_back_.push_back({process, strike_.world.scheduler().now()});
      ++restored_;
    }
  }
  std::vector<std::pair<std::uint32_t, DiskImage>> images_;
  std::vector<Loss> rolled_back_;
  std::uint64_t restored_ = 0;
  bool down_ = false;
};

class Rot final : public Effect {  // D18
 public:
  using Effect::Effect;
  void begin() override {
    const RotForm form = strike_.fault.word("form") == "garbage" ? RotForm::kGarbage : RotForm::kBitFlip;
    for (const TopologyNode& node : strike_.nodes) {
      Disk* disk = strike_.world.disk(node.process);
      const std::uint64_t before = count_;
      for (std::int64_t i = 0; disk != nullptr && i < strike_.fault.number("sectors"); ++i)
        count_ += disk->rot_anywhere(strike_.random, filter_of(strike_.fault), form);
      if (count_ > before) losses_.push_back({node.process, strike_.world.scheduler().now()});
    }
  }
  std::uint64_t effects() const override { return count_; }
  std::vector<Loss> losses() const override { return losses_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<Loss> losses_;
};

/// D23, D25, D26: down for the duration, and back with files missing.
class FilesLost final : public Effect {
 public:
  using Effect::Effect;
  void begin() override {
    const bool power = strike_.fault.kind == FaultKind::kD23;
    for (const TopologyNode& node : strike_.nodes) {
      const bool lived = strike_.holds.take_down(node.process, power);
      if (strike_.world.process(node.process).state() != ProcessState::kStopped) continue;
      if (strike_.fault.kind == FaultKind::kD26) {
        if (lived) count_ += strike_.world.lose_wal_index(node.process);
      } else if (Disk* disk = strike_.world.disk(node.process)) {
        const std::uint64_t lost = power ? wipe(*disk) : lose_one(*disk);
        if (lost > 0) losses_.push_back({node.process, strike_.world.scheduler().now()});
        count_ += lost;
      }
    }
  }
  void end() override {
    for (const TopologyNode& node : strike_.nodes)
      strike_.holds.release_down(node.process, strike_.fault.kind == FaultKind::kD23);
  }
  std::uint64_t effects() const override { return count_; }
  std::vector<Loss> losses() const override { return losses_; }

 private:
  /// Files that were never durable are lost as well.
  std::uint64_t wipe(Disk& disk) {
    const FileFilter filter = filter_of(strike_.fault);
    const std::vector<std::string> names = disk.list();
    disk.power_loss();
    disk.wipe(filter);
    return static_cast<std::uint64_t>(
        std::count_if(names.begin(), names.end(), [&](const std::string& name) { return filter.matches(name); }));
  }
  std::uint64_t lose_one(Disk& disk) {
    std::vector<std::string> names = disk.list();
    std::erase_if(names, [&](const std::string& name) { return !filter_of(strike_.fault).matches(name); });
    if (names.empty()) return 0;
    const std::string& name = names[strike_.random.below(names.size())];
    return strike_.fault.word("form") == "empty" ? disk.empty_file(name) : disk.lose_file(name);
  }
  std::uint64_t count_ = 0;
  std::vector<Loss> losses_;
};

}  // namespace

std::unique_ptr<Effect> make_disk_effect(Strike& strike) {
  switch (strike.fault.kind) {
    case FaultKind::kD15:
    case FaultKind::kD24:
      return std::make_unique<PowerLossAtEnd>(strike);
    case FaultKind::kD18:
      return std::make_unique<Rot>(strike);
    case FaultKind::kD23:
    case FaultKind::kD25:
    case FaultKind::kD26:
      return std::make_unique<FilesLost>(strike);
    default:
      return std::make_unique<DiskInstance>(strike);
  }
}

}  // namespace tidemark::sim::detail
