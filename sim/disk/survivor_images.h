// SurvivorImages: every disk image that a power loss may leave, one after the other (survivors.h says what is legal).
//
//   SurvivorImages images(disk.unsynced_changes(), 64);
//   images.choose(k);                 // 0 <= k < images.count()
//   disk.power_loss(&images);
//
// The images are those in which each sector has the un-synced writes to it up to any one of them, independent of the
// other sectors, and each file any length that it had in between. Where these are more than `most`, 4 KiB pages take
// the place of sectors; where those are too many as well, only prefixes: the first writes of the disk survive, up to
// any one of them. unit() says which it is. In image 0 nothing un-synced survives. Damage inside a sector
// (SectorDamage) is left out: it has no end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/disk/survivors.h"

namespace tidemark::sim {

class SurvivorImages final : public Survivors {
 public:
  enum class Unit : std::uint8_t { kSector, kPage, kPrefix };

  SurvivorImages(const std::vector<UnsyncedChange>& changes, std::uint64_t most);

  Unit unit() const { return unit_; }
  /// At least 1: without un-synced writes there is one image.
  std::uint64_t count() const { return images_.size(); }
  void choose(std::uint64_t image);

  std::uint64_t length_cut(const UnsyncedFile& file) override;
  std::uint64_t sector_cut(const UnsyncedFile& file, std::uint64_t sector) override;

 private:
  /// Ascending, the first is kNothing.
  using Cuts = std::vector<std::uint64_t>;
  struct Question {  // of one file; `place` = -1: its length, else the number of a sector or page
    std::string file;
    std::int64_t place;
    friend auto operator<=>(const Question&, const Question&) = default;
  };
  struct Choice {
    void add_length(std::uint64_t cut, std::uint64_t length);
    Cuts cuts;
    std::vector<std::uint64_t> lengths;  // of a length: how long the file is after each cut
  };
  using Questions = std::map<Question, Choice>;
  using Image = std::map<Question, std::uint64_t>;

  static Questions questions(const std::vector<UnsyncedChange>& changes, std::uint64_t unit_bytes);
  /// False when there are more than most_; images_ is then unfinished.
  bool enumerate(const Questions& all, std::uint64_t unit_bytes);
  bool extend(Questions::const_iterator next, const Questions& all, std::uint64_t length, Image& so_far);
  void enumerate_prefixes(const std::vector<UnsyncedChange>& changes);

  Unit unit_ = Unit::kSector;
  std::uint64_t unit_bytes_ = kSectorBytes;
  const std::uint64_t most_;
  std::vector<Image> images_;
  std::vector<std::uint64_t> prefixes_;
  std::uint64_t chosen_ = 0;
};

}  // namespace tidemark::sim
