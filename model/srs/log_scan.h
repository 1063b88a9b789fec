// What is in a follower's log after a restart, and what a bad place means.
//
// A bad place is a record that is incomplete, fails a checksum, or does not continue the log. Every record names how
// much of the file was durable when it was written. If a good header behind the bad place says that the bad place was
// durable, then what is bad was perhaps acknowledged: the log is corrupt, and the follower must not pretend to hold
// what comes from there on. Otherwise it is the torn tail that a power loss may leave: nobody was told of it, and it is
// cut off. A bad newest record has no witness behind it and counts as torn.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/types/entry.h"
#include "sim/core/file.h"

namespace tidemark::model::srs {

struct ScannedEntry {
  EntryRef entry;
  std::uint64_t begin = 0;  // offset of its record
  std::uint64_t end = 0;    // offset behind it
};

enum class LogState : std::uint8_t { kClean, kTorn, kCorrupt };

struct LogScan {
  std::vector<ScannedEntry>
      entries;                 // whole, chained, in order; from the first one that is not trimmed to the bad place
  std::uint64_t good_end = 0;  // offset behind the last of them; where the bad place begins
  LogState state = LogState::kClean;
  std::string problem;  // the bad place in words; empty when clean
};

/// Reads the whole file. Zeros before the first record are what trimming left.
LogScan scan_log(const sim::File& file, std::uint32_t page_size);

}  // namespace tidemark::model::srs
