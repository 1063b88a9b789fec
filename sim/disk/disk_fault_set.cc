#include "sim/disk/disk_fault_set.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sim/disk/options.h"

namespace tidemark::sim {
namespace {

Duration times_permille(Duration duration, std::int64_t permille) {
  __extension__ using Wide = __int128;
  return Duration::nanoseconds(static_cast<std::int64_t>(Wide{duration.ns()} * permille / 1000));
}

}  // namespace

DiskFaultId DiskFaultSet::inject(DiskFault fault, RandomStream& random, FileFilter files) {
  effects_.push_back(0);
  active_.push_back({effects_.size(), std::move(fault), &random, std::move(files), {}});
  return effects_.size();
}

bool DiskFaultSet::end(DiskFaultId id) {
  return std::erase_if(active_, [id](const Instance& instance) { return instance.id == id; }) != 0;
}

bool DiskFaultSet::active(DiskFaultId id) const {
  return std::any_of(active_.begin(), active_.end(), [id](const Instance& instance) { return instance.id == id; });
}

bool DiskFaultSet::fails(Instance& instance, std::string_view name, IoOps operation) {
  if (const auto* errors = std::get_if<IoErrors>(&instance.fault)) {
    return (errors->operations & operation) != 0 && hits(instance, errors->chance);
  }
  const auto* sticky = std::get_if<StickyIoErrors>(&instance.fault);
  if (sticky == nullptr || (sticky->operations & operation) == 0) return false;
  if (instance.bad_files.find(name) != instance.bad_files.end()) return true;
  if (!hits(instance, sticky->chance)) return false;
  instance.bad_files.emplace(name);
  return true;
}

DiskFaultSet::SyncDecision DiskFaultSet::on_sync(std::string_view name, Duration sample, std::uint64_t bytes,
                                                 std::uint64_t bytes_per_second) {
  using Outcome = SyncDecision::Outcome;
  SyncDecision decision;
  Duration constant;
  const auto worse = [&decision](Outcome outcome) { decision.outcome = std::max(decision.outcome, outcome); };
  for (Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    if (const auto* slow = std::get_if<SlowDisk>(&instance.fault)) {
      sample = times_permille(sample, slow->factor_permille);
      constant += slow->constant;
      if (slow->bytes_per_second != 0 && (bytes_per_second == 0 || slow->bytes_per_second < bytes_per_second)) {
        bytes_per_second = slow->bytes_per_second;
      }
      count(instance.id);
    } else if (const auto* forgetful = std::get_if<ForgetfulSync>(&instance.fault)) {
      if (!hits(instance, forgetful->chance)) continue;
      worse(Outcome::kForget);
      if (decision.forgets == nullptr) decision.forgets = &instance;
      count(instance.id);
    } else if (const auto* lying = std::get_if<LyingSync>(&instance.fault)) {
      if ((lying->operations & kIoSync) == 0 || !hits(instance, lying->chance)) continue;
      worse(Outcome::kLie);
      count(instance.id);
    } else if (fails(instance, name, kIoSync)) {
      worse(Outcome::kError);
      count(instance.id);
    }
  }
  decision.service = sample + constant + transfer_time(bytes, bytes_per_second);
  return decision;
}

DiskFaultSet::Hold DiskFaultSet::hold(std::string_view name) const {
  Hold result;
  for (const Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    if (const auto* stall = std::get_if<StalledDisk>(&instance.fault))
      result.until = std::max(result.until, stall->until);
    if (std::holds_alternative<HungDisk>(instance.fault)) result = {Instant::max(), true};
  }
  return result;
}

void DiskFaultSet::count_held(std::string_view name, Instant natural) {
  for (const Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    const auto* stall = std::get_if<StalledDisk>(&instance.fault);
    const bool held = stall != nullptr ? stall->until > natural : std::holds_alternative<HungDisk>(instance.fault);
    if (held) count(instance.id);
  }
}

bool DiskFaultSet::no_space(Instance& instance, WriteDecision& decision, std::uint64_t bytes, Growth growth) {
  const auto* full = std::get_if<NoSpace>(&instance.fault);
  if (full == nullptr || growth.bytes == 0 || growth.used + growth.bytes <= full->capacity) return false;
  if (hits(instance, full->prefix_chance)) {
    const std::uint64_t fits = full->capacity > growth.used ? full->capacity - growth.used : 0;
    decision.store = instance.random->below(std::min(bytes, bytes - growth.bytes + fits) + 1);
  }
  return true;
}

DiskFaultSet::WriteDecision DiskFaultSet::on_write(std::string_view name, std::uint64_t bytes, Growth growth) {
  WriteDecision decision;
  decision.store = bytes;
  bool failed = false;
  bool is_short = false;
  WriteDecision full;
  bool is_full = false;
  for (Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    const auto struck = [&](Chance chance) {
      const bool hit = hits(instance, chance);
      if (hit) count(instance.id);
      return hit;
    };
    if (const auto* partial = std::get_if<ShortIo>(&instance.fault)) {
      if ((partial->operations & kIoWrite) == 0 || bytes == 0 || !struck(partial->chance)) continue;
      is_short = true;
      decision.store = std::min(decision.store, instance.random->below(bytes));
    } else if (const auto* flip = std::get_if<FlipOnWrite>(&instance.fault)) {
      if (bytes == 0 || !struck(flip->chance)) continue;
      decision.flip_bit = instance.random->below(bytes * 8);
      decision.flipped_by = instance.id;
    } else if (const auto* lost = std::get_if<LostWrite>(&instance.fault)) {
      if (!struck(lost->chance)) continue;
      decision.lost = decision.lost ? std::min(*decision.lost, lost->shows) : lost->shows;
      decision.lost_by = instance.id;
    } else if (const auto* flush = std::get_if<EarlyFlush>(&instance.fault)) {
      if (!struck(flush->chance)) continue;
      (hits(instance, flush->whole_file) ? decision.flush_file : decision.flush_write) = true;
    } else if (no_space(instance, full, bytes, growth)) {
      is_full = true;
      count(instance.id);
    } else if (fails(instance, name, kIoWrite)) {
      failed = true;
      count(instance.id);
    }
  }
  if (failed) {
    decision.status = IoStatus::kError;
    decision.store = 0;
  } else if (is_full) {
    decision.status = IoStatus::kNoSpace;
    decision.store = std::min(decision.store, full.store);
  } else if (is_short) {
    decision.status = IoStatus::kError;
  }
  return decision;
}

IoStatus DiskFaultSet::on_truncate(std::string_view name, Growth growth) {
  IoStatus status = IoStatus::kOk;
  for (Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    const auto* full = std::get_if<NoSpace>(&instance.fault);
    if (full != nullptr && growth.bytes != 0 && growth.used + growth.bytes > full->capacity) {
      if (status == IoStatus::kOk) status = IoStatus::kNoSpace;
      count(instance.id);
    } else if (fails(instance, name, kIoWrite)) {
      status = IoStatus::kError;
      count(instance.id);
    }
  }
  return status;
}

DiskFaultSet::ReadDecision DiskFaultSet::on_read(std::string_view name, std::uint64_t bytes) {
  ReadDecision decision;
  decision.bytes = bytes;
  for (Instance& instance : active_) {
    if (!instance.files.matches(name)) continue;
    if (const auto* partial = std::get_if<ShortIo>(&instance.fault)) {
      if ((partial->operations & kIoRead) == 0 || bytes == 0 || !hits(instance, partial->chance)) continue;
      decision.bytes = std::min(decision.bytes, instance.random->below(bytes));
    } else if (const auto* flip = std::get_if<FlipOnRead>(&instance.fault)) {
      if (bytes == 0 || !hits(instance, flip->chance)) continue;
      decision.flip_bit = instance.random->below(bytes * 8);
    } else if (fails(instance, name, kIoRead)) {
      decision.status = IoStatus::kError;
    } else {
      continue;
    }
    count(instance.id);
  }
  return decision;
}

DiskFaultSet::DirectorySync DiskFaultSet::on_directory_sync() {
  DirectorySync decision;
  for (Instance& instance : active_) {
    const auto* lying = std::get_if<LyingSync>(&instance.fault);
    if (lying != nullptr && (lying->operations & kIoDirectorySync) != 0 && hits(instance, lying->chance)) {
      decision.stored = false;
      count(instance.id);
    } else if (fails(instance, {}, kIoDirectorySync)) {
      decision = {IoStatus::kError, false};
      count(instance.id);
    }
  }
  return decision;
}

bool DiskFaultSet::loose_directory() const {
  return std::any_of(active_.begin(), active_.end(),
                     [](const Instance& instance) { return std::holds_alternative<LooseDirectory>(instance.fault); });
}

DiskFaultSet::DirectoryLoss DiskFaultSet::on_directory_loss(std::size_t changes) {
  DirectoryLoss loss{changes};
  if (changes == 0) return loss;
  for (Instance& instance : active_) {
    const auto* loose = std::get_if<LooseDirectory>(&instance.fault);
    if (loose == nullptr || !hits(instance, loose->undo)) continue;
    const auto keep = static_cast<std::size_t>(instance.random->below(changes));
    loss.keep = std::min(loss.keep, keep);
    loss.both_names = loss.both_names || hits(instance, loose->both_names);
    count(instance.id, changes - keep);
  }
  return loss;
}

}  // namespace tidemark::sim
