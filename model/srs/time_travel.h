// Time Travel: the database as it was at a bookmark or at a time, read from cold storage, and what a leader commits to
// go back there. Rules of D1: any point of the last 30 days (here: cold_retention); in place; the bookmark before is
// returned, so that a restore can be undone (time-travel documentation).
//
// A restore is one more entry on the same log (EntryKind::kRestore): its pages are those in which the older image
// differs from the newest. So bookmarks never move back, a restore is replicated and confirmed like any write, and
// undoing it is another restore, to the newest bookmark before it.
//
// The recorded time of an entry is the newest commit time of any entry up to it, so a clock that steps back does not
// make an older entry look newer than a later one. A time stands for the newest entry recorded at or before it.
#pragma once

#include <string>
#include <vector>

#include "model/srs/page_table.h"
#include "model/srs/relay_setup.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

enum class TimeTravelStatus : std::uint8_t {
  kOk,
  kRefused,  // outside the retention window, in the future, or not on the log: `error` in words. Final
  kFailed,   // cold storage refused or is damaged: `error` in words. Another attempt may succeed
};

struct TimeTravelImage {
  TimeTravelStatus status = TimeTravelStatus::kFailed;
  std::string error;
  PageTable image;  // image.at() is the target
};

struct TimeTravelBookmark {
  TimeTravelStatus status = TimeTravelStatus::kFailed;
  std::string error;
  Bookmark bookmark;
};

/// What the leader knows of the log.
struct RecentLog {
  Bookmark stored;                // all of the log up to here is in cold storage; a list that shows less is out of date
  std::vector<EntryRef> entries;  // what is confirmed after it, in log order; some of it may be in cold storage as well
};

/// The image at exactly `target`; a target with sequence kEndOfEpoch means the newest entry that is not after it.
/// `setup` must outlive the task. Lists again a few times when objects vanish meanwhile, or are not shown yet.
sim::Task<TimeTravelImage> image_at(const RelaySetup& setup, Bookmark target, RecentLog recent);

/// The newest entry recorded at or before `time` (the leaders' wall clocks); the origin before the first one. Refused:
/// a time after now by this machine's clock, or more than cold_retention before it. The answer for a time is the same
/// for ever once a later entry is recorded after that time.
sim::Task<TimeTravelBookmark> bookmark_for_time(const RelaySetup& setup, sim::Instant time, RecentLog recent);

/// What turns `now` into `then`: the pages of `then` that differ, and its size. Page 1 alone when none does (an entry
/// has at least one page). `then` has at least one page. Costs one look at each page, no copies.
CommittedTransaction difference(const PageTable& now, const PageTable& then);

}  // namespace tidemark::model::srs
