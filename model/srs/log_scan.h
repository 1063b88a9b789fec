// What is in a follower's log after a restart, and what a bad place means.
//
// A bad place is a record that is incomplete, fails a checksum, or does not continue the log. Every record names how
// much of the file was durable when it was written, and so does the state file now and then (follower_meta.h). If one
// of these witnesses says that the bad place was durable, then what is bad was perhaps acknowledged: the log is
// corrupt, and the follower must not pretend to hold what comes from there on. Otherwise it is the torn tail that a
// power loss may leave: nobody was told of it, and it is cut off.
//
// Reading can fail by itself (an error, fewer bytes than there are, a bit that flips on the way): everything is read a
// second time before it counts as bad.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/srs/log_format.h"
#include "model/types/bugs.h"
#include "model/types/entry.h"
#include "sim/core/file.h"

namespace tidemark::model::srs {

/// Fills `into` from the file, with one more try. False: the disk does not give what the file has.
bool read_exactly(const sim::File& file, std::uint64_t offset, std::span<std::byte> into);

enum class RecordStatus : std::uint8_t {
  kGood,
  kBad,         // incomplete, damaged, or not an entry
  kUnreadable,  // the disk gave an error: nothing is known about the content
};

struct RecordRead {
  RecordStatus status = RecordStatus::kBad;
  const char* problem = "";
  RecordHeader header;  // meaningful when good
  EntryRef entry;       // likewise; nullptr for a cut
};

/// The record at `offset` of a file whose log ends at `end`, every checksum and the entry's digest verified.
RecordRead read_record(const sim::File& file, std::uint64_t offset, std::uint64_t end, const LogIdentity& log);

struct ScannedEntry {
  Bookmark bookmark;
  std::uint64_t begin = 0;  // offset of its record
  std::uint64_t end = 0;    // offset behind it
  Bookmark previous;        // what it names as the one before
};

enum class LogState : std::uint8_t { kClean, kTorn, kCorrupt, kUnreadable };

struct LogScan {
  std::vector<ScannedEntry> entries;  // chained, in order; from the start to the bad place, without what was cut
  std::uint64_t good_end = 0;         // offset behind the last good record; where the bad place begins
  LogState state = LogState::kClean;
  std::string problem;  // the bad place in words; empty when clean
};

/// Where a log is to be read from.
struct LogStart {
  Bookmark base;                                // the first entry follows it
  std::uint64_t offset = kLogPrefixBytes;       // of the first record; what is before it was trimmed
  std::uint64_t durable_end = kLogPrefixBytes;  // the state file's witness
};

LogScan scan_log(const sim::File& file, const LogIdentity& log, const LogStart& start, const BugSet& bugs = {});

}  // namespace tidemark::model::srs
