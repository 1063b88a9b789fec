// Faults of one disk. What they mean is fixed here; who injects them, when, and whether the system promises to survive
// them is the nemesis' affair (sim/nemesis).
//
// An injected fault is an instance with an id. It strikes the files that its filter matches, from the instant of
// injection until end(id), and counts the operations that it changed. All its chance comes from the RandomStream given
// with it. With no active instance an operation costs one branch and nothing is drawn or scheduled.
//
// Overlaps: delays add, factors multiply, bandwidth is the minimum; each instance draws for itself whether it strikes;
// of the outcomes of one operation the harshest wins: error (D6 before D5 and D4) > stall or hang > lie > latency. An
// error is reported when the operation would have been complete without a stall.
//
// Which reads: File::read and File::body never see a fault (they serve observers too, and those must not draw).
// File::try_read and File::try_body do. Faults that change content (D6, D15, D16, D18, D21, D23-D25) show everywhere.
//
// Legal for a system that promises durability at a completed sync: D1-D5, D8-D15, D29 (D15 if it syncs directories).
// D6 and D7 are legal while the reader of the status reacts (D6) or copies on other disks remain (D7, D16, D18, D21,
// D23-D25).
//
// The calls are members of sim::Disk (disk.h):
//
//   D1-D9, D15-D17, D21, D29   inject(fault, random, files) .. end(id); effects(id). `random` outlives the instance
//   D10-D14                    power_loss(survivors) with a RandomSurvivors (survivor_modes.h)
//   D18                        rot(), rot_anywhere()
//   D23 wipe()   D24 take_image(), restore_image()   D25 lose_file(), empty_file()   while the process is stopped
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::sim {

/// Counts from 1 per disk; 0 is no fault.
using DiskFaultId = std::uint64_t;

/// A chance as RandomStream::chance_fixed wants it; see sim::probability(). kAlways draws nothing.
using Chance = std::uint64_t;
inline constexpr Chance kAlways = ~Chance{0};

/// Files whose name starts with `prefix` and ends with `suffix`; empty matches every name.
struct FileFilter {
  std::string prefix{};
  std::string suffix{};
  bool matches(std::string_view name) const { return name.starts_with(prefix) && name.ends_with(suffix); }
};

/// Kinds of operations, as a mask. A truncate is a write.
enum IoOps : std::uint8_t { kIoRead = 1, kIoWrite = 2, kIoSync = 4, kIoDirectorySync = 8 };

/// D1. service = sample * factor_permille / 1000 + constant + bytes / min(disk, bytes_per_second). Of syncs: reads and
/// writes take no time here (sim/core/file.h).
struct SlowDisk {
  std::int64_t factor_permille = 1000;
  Duration constant{};
  std::uint64_t bytes_per_second = 0;  // 0: as the disk
};
/// D2. Syncs do not complete before `until` (or the end of the instance, if earlier), then all do. A sync that was
/// under way keeps the instant at which its data become durable (it was promised to callers without a callback); only
/// its callback waits.
struct StalledDisk {
  Instant until{};
};
/// D3. Syncs never complete: sync() returns Instant::max(). Ends by itself when the process crashes; the data of the
/// hung syncs are then still un-synced.
struct HungDisk {};
/// D4. The operation fails with kError; nothing changed (a failed sync took its time; its data stay un-synced).
struct IoErrors {
  std::uint8_t operations = kIoRead | kIoWrite | kIoSync;
  Chance chance = kAlways;
};
/// D5. As D4, but a file that was hit once fails for ever, until the instance ends. A removed file's name stays bad.
struct StickyIoErrors {
  std::uint8_t operations = kIoRead | kIoWrite | kIoSync;
  Chance chance = kAlways;
};
/// D6. A sync fails with kError, and what it should have made durable counts as clean from then on: no later sync
/// stores it, though they return kOk. For each 4 KiB page with such bytes it is drawn whether reads go on to show the
/// new bytes (until the process crashes or the machine loses power) or the old ones come back at once. The length of
/// the file stays, but is not durable before a later true sync with new writes. Writing to a page again makes all of
/// that page dirty again, and so healed by the next true sync.
struct ForgetfulSync {
  Chance chance = kAlways;
  Chance old_content = Chance{1} << 63;  // per page
};
/// D7. A sync takes its time and reports kOk, but its data stay un-synced until a later sync that does not lie. With
/// kIoDirectorySync in `operations` sync_directory lies too.
struct LyingSync {
  Chance chance = kAlways;
  std::uint8_t operations = kIoSync;
};
/// D8. A write that would grow the disk's files (discarded bytes do not count) beyond `capacity` bytes fails with
/// kNoSpace. `prefix_chance`: first writes as many bytes as fit (drawn between 0 and that), with kNoSpace all the same.
struct NoSpace {
  std::uint64_t capacity = 0;
  Chance prefix_chance = Chance{1} << 63;
};
/// D9. A write stores only a drawn prefix (0 to n-1 bytes) and returns kError. A try_read returns fewer bytes than
/// there are (0 to n-1) with kOk, the rest of the span zeroed; try_body returns a body that is shorter.
struct ShortIo {
  std::uint8_t operations = kIoRead | kIoWrite;
  Chance chance = kAlways;
};
/// D15. Creating, renaming and removing files is no longer durable at once but with the next sync_directory(). At a
/// power loss the un-synced changes are undone from a drawn one to the newest; `both_names`: an undone rename leaves
/// the file under both names (if the old name is free).
struct LooseDirectory {
  Chance undo = kAlways;  // at a power loss: undo some (else: none are lost)
  Chance both_names = Chance{1} << 62;
};
/// D16. One bit of the bytes written is stored flipped. The writer's own buffer is never changed.
struct FlipOnWrite {
  Chance chance = kAlways;
};
/// D17. One bit of the bytes returned by try_read or try_body differs, this once.
struct FlipOnRead {
  Chance chance = kAlways;
};
/// D21. A write is acknowledged and its syncs complete, but it never reaches the medium: the previous version stays (of
/// bytes past the end: zeros; the length grows). kAtOnce: reads show the previous version from the write on.
/// kAfterRestart: reads show the new one until the process crashes or the machine loses power.
struct LostWrite {
  enum class Shows : std::uint8_t { kAtOnce, kAfterRestart };
  Chance chance = kAlways;
  Shows shows = Shows::kAfterRestart;
};
/// D29. After a write, background write-back makes durable: with `whole_file` all un-synced bytes of the file, else
/// those of this write. No effect on the answer of any operation, only on what a power loss can take.
struct EarlyFlush {
  Chance chance = kAlways;
  Chance whole_file = Chance{1} << 63;
};

using DiskFault = std::variant<SlowDisk, StalledDisk, HungDisk, IoErrors, StickyIoErrors, ForgetfulSync, LyingSync,
                               NoSpace, ShortIo, LooseDirectory, FlipOnWrite, FlipOnRead, LostWrite, EarlyFlush>;

/// What a fault did to the content of a file, for checkers that must know (D6, D16, D18, D21, D25).
struct DiskDamage {
  Instant when{};
  DiskFaultId fault = 0;  // 0: damage by a call (rot, lose_file, empty_file)
  std::string file{};
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// D18: one bit of a sector, or random bytes in all of it.
enum class RotForm : std::uint8_t { kBitFlip, kGarbage };

}  // namespace tidemark::sim
