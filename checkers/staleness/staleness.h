// How old reads were: measured and reported, never judged. Sequential consistency lets a client read an old state for
// ever; how old it is in practice is what a user of replicas asks.
//
// From the history alone. Of a read, a write of the same key that was acknowledged when the read was issued is missed
// if it stands behind the version that was read:
//   versions behind      how many were missed, of all keys that the transaction read (k-staleness)
//   time behind          from the acknowledgement of the oldest of them until the read was issued (t-staleness)
//   visibility at t      of the pairs of a write and a read that was issued at least t after its acknowledgement, and
//                        before the next t of the table (after the last one: until three times as long), the part
//                        in which the read saw the write (t-visibility of Bailis et al., 2012)
//
// What stands behind what: lists by their longest reads (unread values behind all), also between clearings; sets by
// the smallest read that has a value; registers by their versions where these are given, else where each write follows
// from a read of the one before it or all are of one session. Other reads are counted as unmeasured. Clearings
// themselves are not counted as versions.
//
// Writes of unknown outcome were not acknowledged: nobody misses them. Cost: n log n, and for each read the writes of
// its keys in the last three seconds. Memory: 40 bytes for each event on top of the history.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers {

/// Nearest rank; 0 of nothing.
struct Quantiles {
  std::uint64_t p50 = 0;
  std::uint64_t p90 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t most = 0;
  friend bool operator==(const Quantiles&, const Quantiles&) = default;
};

inline constexpr std::array<std::int64_t, 6> kVisibilityMs{0, 10, 30, 100, 300, 1000};

struct Visibility {
  std::uint64_t pairs = 0;
  std::uint64_t seen = 0;
};

struct StalenessFigures {
  std::uint64_t reads = 0;  // transactions
  std::uint64_t stale = 0;  // that missed something
  Quantiles versions;
  Quantiles ns;
  std::array<Visibility, kVisibilityMs.size()> visibility;
};

struct StalenessRow {
  std::string name;
  StalenessFigures figures;
};

struct StalenessReport {
  bool has_times = false;  // else only versions are told
  StalenessFigures all;
  std::vector<StalenessRow> regions;   // that served the reads, by name
  std::vector<StalenessRow> sessions;  // in the order of the history
  std::uint64_t unmeasured_reads = 0;  // of keys without a known order of versions
};

/// `versions`: of each event of registers, where a version column tells it; -1: unknown. Empty: of none. Without real
/// time the report is empty: nobody can say what was acknowledged when.
StalenessReport measure_staleness(const History& history, std::span<const std::int64_t> versions = {});

}  // namespace tidemark::checkers
