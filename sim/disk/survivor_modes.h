// Ready answers to a power loss (sim/disk/survivors.h): faults D10 to D14, drawn from one stream.
//
//   RandomSurvivors survivors(stream, options, disk.unsynced());
//   disk.power_loss(&survivors);
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/random.h"
#include "sim/disk/disk_faults.h"
#include "sim/disk/survivors.h"

namespace tidemark::sim {

struct SurvivorOptions {
  enum class Mode : std::uint8_t {
    kNone,    // D10: no un-synced write survives
    kPrefix,  // D10: the first writes of the disk survive up to a drawn one, over all files
    kSubset,  // D10: each 4 KiB page survives as it was after a drawn write, independent of the others
    kAll,     // nothing is lost
  };
  Mode mode = Mode::kPrefix;
  /// D11. Per 4 KiB page: its sectors do not share the page's fate. kPrefix: each drawn sector has the write after the
  /// cut as well or not (the first lost write is torn); kSubset: each sector draws a cut of its own. kNone, kAll: no
  /// effect.
  Chance tear = 0;
  /// D12. Per sector: only a left or a right part of it is as the cut says; the rest is old, or garbage with
  /// `garbage_rest`.
  Chance torn_sector = 0;
  Chance garbage_rest = Chance{1} << 63;
  /// D13. Per sector: the un-synced bytes are random.
  Chance garbage = 0;
  /// D14. Per file: its length gets a fate of its own, either the durable one (truncate or extension lost) or the
  /// newest (extended by zeros where the content is lost), instead of following the mode.
  Chance loose_length = 0;
  /// D12 and D13 harm only bytes of un-synced writes, as SQLite assumes (powersafe overwrite). true: the whole sector,
  /// synced bytes included; no append-only log survives that, so it is beyond what durability at a sync can promise.
  bool whole_sectors = false;
};

class RandomSurvivors final : public Survivors {
 public:
  /// `unsynced` is Disk::unsynced() at the moment of the power loss; `random` must outlive the object.
  RandomSurvivors(RandomStream& random, const SurvivorOptions& options, const std::vector<UnsyncedFile>& unsynced);

  std::uint64_t length_cut(const UnsyncedFile& file) override;
  std::uint64_t sector_cut(const UnsyncedFile& file, std::uint64_t sector) override;
  SectorDamage sector_damage(const UnsyncedFile& file, std::uint64_t sector) override;

  /// Answers that were not "everything survives".
  std::uint64_t effects() const { return effects_; }

 private:
  bool hits(Chance chance) { return chance != 0 && (chance == kAlways || random_.chance_fixed(chance)); }
  std::uint64_t draw_cut(const UnsyncedFile& file);
  std::uint64_t page_cut(const UnsyncedFile& file);

  RandomStream& random_;
  const SurvivorOptions options_;
  std::uint64_t prefix_ = 0;  // the cut of kPrefix
  // The page that the sectors asked last belong to.
  std::uint64_t page_ = ~std::uint64_t{0};
  std::uint64_t page_cut_ = 0;
  bool page_torn_ = false;
  std::uint64_t effects_ = 0;
};

}  // namespace tidemark::sim
