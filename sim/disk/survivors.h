// What of the un-synced writes a power loss leaves. The disk asks; whoever causes the power loss (the nemesis) answers.
//
// All writes to the files of one disk carry sequence numbers 1, 2, 3, ... in the order in which they were made. An
// answer is a cut: "the writes up to and including this number reached the medium". One cut is asked for each 512-byte
// sector that has un-synced writes and one for the length of each file that has any, because a cache writes sectors
// back in any order, and each as it is at that moment. So
//
//   the same cut everywhere          the first writes survive, the later ones are lost (prefix kept)
//   cut 0                            nothing un-synced survives; kEverything: all of it does
//   a cut per 4 KiB page or sector   an arbitrary subset survives
//   different cuts inside one write  the write is torn
//
// Cuts below the last completed sync act as 0: what is durable stays. Between 0 and UnsyncedFile::exact_from a cut is
// taken as "some earlier state" (see undo_log.h), so a prefix that must be exact is drawn from [exact_from, newest].
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace tidemark::sim {

inline constexpr std::uint64_t kSectorBytes = 512;

/// One file with un-synced writes, at the moment of the power loss.
struct UnsyncedFile {
  std::string_view name;
  std::uint64_t size = 0;          // of the written image
  std::uint64_t durable_size = 0;  // of the durable image
  std::uint64_t oldest = 0;        // sequence number of the first un-synced write
  std::uint64_t newest = 0;        // and of the last
  std::uint64_t exact_from = 0;
};

/// One un-synced write, or a part of it, for those who want to know more than Survivors is asked.
struct UnsyncedChange {
  std::string_view file;
  std::uint64_t sequence = 0;
  std::uint64_t begin = 0;  // the bytes [begin, end) were replaced
  std::uint64_t end = 0;
  std::uint64_t old_size = 0;  // of the file, before and after the write
  std::uint64_t new_size = 0;
};

/// What happens to un-synced bytes of one sector after its cut was applied: those in [begin, end) of the sector become
/// what they were before (durable), or garbage made from `seed`. Synced bytes of the sector are not harmed, unless
/// `whole_sector`.
struct SectorDamage {
  enum class Kind : std::uint8_t { kNone, kOld, kGarbage };
  Kind kind = Kind::kNone;
  bool whole_sector = false;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint64_t seed = 0;
};

class Survivors {
 public:
  static constexpr std::uint64_t kNothing = 0;
  static constexpr std::uint64_t kEverything = std::numeric_limits<std::uint64_t>::max();

  virtual ~Survivors() = default;
  /// Asked once per file, before its sectors; files come in order of name.
  virtual std::uint64_t length_cut(const UnsyncedFile& file) = 0;
  /// Asked once per sector with un-synced writes (`sector` = offset / 512), ascending.
  virtual std::uint64_t sector_cut(const UnsyncedFile& file, std::uint64_t sector) = 0;
  /// Asked right after sector_cut.
  virtual SectorDamage sector_damage(const UnsyncedFile&, std::uint64_t) { return {}; }
};

}  // namespace tidemark::sim
