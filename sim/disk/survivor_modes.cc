#include "sim/disk/survivor_modes.h"

#include <algorithm>

#include "sim/disk/block_file.h"

namespace tidemark::sim {
namespace {

constexpr std::uint64_t kSectorsPerPage = kCachePageBytes / kSectorBytes;

}  // namespace

RandomSurvivors::RandomSurvivors(RandomStream& random, const SurvivorOptions& options,
                                 const std::vector<UnsyncedFile>& unsynced)
    : random_(random), options_(options) {
  if (options.mode != SurvivorOptions::Mode::kPrefix || unsynced.empty()) return;
  // Below the newest exact_from a number does not name one state of every file: nothing survives then.
  std::uint64_t exact = 0;
  std::uint64_t newest = 0;
  for (const UnsyncedFile& file : unsynced) {
    if (file.exact_from > file.oldest) exact = std::max(exact, file.exact_from);
    newest = std::max(newest, file.newest);
  }
  std::uint64_t oldest = newest;
  for (const UnsyncedFile& file : unsynced) oldest = std::min(oldest, file.oldest);
  const std::uint64_t low = std::max(exact, oldest);
  const std::uint64_t drawn = random_.below(newest - low + 2);
  prefix_ = drawn == 0 ? kNothing : low + drawn - 1;
}

/// For kSubset: what is kept of one file, page or sector, by itself.
std::uint64_t RandomSurvivors::draw_cut(const UnsyncedFile& file) {
  const std::uint64_t drawn = random_.below(file.newest - file.exact_from + 2);
  return drawn == 0 ? kNothing : file.exact_from + drawn - 1;
}

std::uint64_t RandomSurvivors::page_cut(const UnsyncedFile& file) {
  switch (options_.mode) {
    case SurvivorOptions::Mode::kNone:
      return kNothing;
    case SurvivorOptions::Mode::kPrefix:
      return prefix_;
    case SurvivorOptions::Mode::kSubset:
      return draw_cut(file);
    case SurvivorOptions::Mode::kAll:
      break;
  }
  return kEverything;
}

std::uint64_t RandomSurvivors::length_cut(const UnsyncedFile& file) {
  page_ = ~std::uint64_t{0};
  // A subset of the pages: the length is that of the newest write more often than not, or content would be cut off.
  std::uint64_t cut = page_cut(file);
  if (options_.mode == SurvivorOptions::Mode::kSubset && random_.chance(1, 2)) cut = kEverything;
  if (hits(options_.loose_length)) cut = random_.chance(1, 2) ? kEverything : kNothing;
  if (cut < file.newest) ++effects_;
  return cut;
}

std::uint64_t RandomSurvivors::sector_cut(const UnsyncedFile& file, std::uint64_t sector) {
  if (sector / kSectorsPerPage != page_) {
    page_ = sector / kSectorsPerPage;
    page_cut_ = page_cut(file);
    const bool may_tear =
        options_.mode == SurvivorOptions::Mode::kPrefix || options_.mode == SurvivorOptions::Mode::kSubset;
    page_torn_ = may_tear && hits(options_.tear);
  }
  std::uint64_t cut = page_cut_;
  if (page_torn_ && options_.mode == SurvivorOptions::Mode::kSubset) cut = draw_cut(file);
  if (page_torn_ && options_.mode == SurvivorOptions::Mode::kPrefix && random_.chance(1, 2)) {
    // The first write after the cut; if that is before this file's first, it is this file's first.
    cut = std::max(cut + 1, file.exact_from);
  }
  if (cut < file.newest) ++effects_;
  return cut;
}

SectorDamage RandomSurvivors::sector_damage(const UnsyncedFile&, std::uint64_t) {
  SectorDamage damage;
  damage.whole_sector = options_.whole_sectors;
  if (hits(options_.garbage)) {
    damage.kind = SectorDamage::Kind::kGarbage;
    damage.end = kSectorBytes;
  } else if (hits(options_.torn_sector)) {
    const bool garbage = hits(options_.garbage_rest);
    damage.kind = garbage ? SectorDamage::Kind::kGarbage : SectorDamage::Kind::kOld;
    const auto split = static_cast<std::uint32_t>(1 + random_.below(kSectorBytes - 1));
    const bool left_is_bad = random_.chance(1, 2);
    damage.begin = left_is_bad ? 0 : split;
    damage.end = left_is_bad ? split : static_cast<std::uint32_t>(kSectorBytes);
  }
  if (damage.kind == SectorDamage::Kind::kNone) return damage;
  if (damage.kind == SectorDamage::Kind::kGarbage) damage.seed = random_();
  ++effects_;
  return damage;
}

}  // namespace tidemark::sim
