#include "model/srs/time_travel.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "model/srs/cold_reader.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {
namespace {

/// Listings in a row that turn out to be out of date while they are read. Ours.
constexpr int kListings = 4;

/// The chain that begins at or before the goal, as far as cold storage has it, then the tail.
struct History {
  TimeTravelStatus status = TimeTravelStatus::kFailed;
  std::string error;
  PageTable start;
  std::vector<EntryRef> entries;
};

void append_tail(History& history, const std::vector<EntryRef>& tail) {
  for (const EntryRef& entry : tail) {
    const Bookmark& position = history.entries.empty() ? history.start.at() : history.entries.back()->bookmark();
    if (entry->previous() == position) history.entries.push_back(entry);
  }
}

/// A listing that shows neither the goal nor where the tail begins is out of date: the leader keeps all that is not
/// stored. The tail may be empty.
bool out_of_date(const ColdImage& image, const ColdGoal& goal, const RecentLog& recent) {
  if (image.position() >= recent.stored || image.position() >= goal.up_to) return false;
  sim::Instant recorded = image.snapshot.recorded();
  for (const EntryRef& entry : image.entries) recorded = std::max(recorded, entry->committed());
  return recorded <= goal.until;
}

void fail(History& history, const ColdImage& image, const ColdListing& listing) {
  history.error = "cold storage cannot be read: " + (listing.complete ? image.problem : listing.problem);
}

sim::Task<History> read_history(const RelaySetup& setup, ColdGoal goal, RecentLog recent) {
  History history;
  sim::Duration pause = kFirstColdPause;
  for (int attempt = 1; attempt <= kListings; ++attempt, pause = pause * 2) {
    if (attempt > 1) co_await sim::sleep(setup.env.process(), pause);
    const ColdListing listing = co_await list_cold(setup);
    ColdImage image;
    if (listing.complete) image = co_await read_cold(setup, listing, goal);
    const bool empty = listing.snapshots.empty() && !recent.stored.is_origin();
    if (listing.complete && image.status == ColdStatus::kNothing && !empty) {
      history.status = TimeTravelStatus::kRefused;
      history.error = listing.snapshots.empty()
                          ? "nothing is in cold storage yet"
                          : "it is before the oldest state that is kept, " + listing.snapshots.front().what.last.text();
      co_return history;
    }
    if (listing.complete && (empty || (image.status == ColdStatus::kOk && out_of_date(image, goal, recent)))) {
      image.problem = "the list is out of date";
    } else if (listing.complete && image.status == ColdStatus::kOk) {
      history.status = TimeTravelStatus::kOk;
      history.start = std::move(image.snapshot);
      history.entries = std::move(image.entries);
      append_tail(history, recent.entries);
      co_return history;
    }
    fail(history, image, listing);
    if (image.status == ColdStatus::kDamaged) break;
  }
  co_return history;
}

template <typename Result>
Result refused(std::string error) {
  Result result;
  result.status = TimeTravelStatus::kRefused;
  result.error = std::move(error);
  return result;
}

}  // namespace

sim::Task<TimeTravelImage> image_at(const RelaySetup& setup, Bookmark target, RecentLog recent) {
  ColdGoal goal;
  goal.up_to = target;
  History history = co_await read_history(setup, goal, std::move(recent));
  if (history.status != TimeTravelStatus::kOk) {
    TimeTravelImage failed;
    failed.status = history.status;
    failed.error = std::move(history.error);
    co_return failed;
  }
  PageTable image = std::move(history.start);
  bool later = false;  // is there an entry after the target?
  for (const EntryRef& entry : history.entries) {
    later = entry->bookmark() > target;
    if (later) break;
    image.apply(*entry);
  }
  const bool exact = target.sequence != Bookmark::kEndOfEpoch;
  if (exact && image.at() != target) {
    co_return refused<TimeTravelImage>(later ? "bookmark " + target.text() + " is not on the log of this database"
                                             : "bookmark " + target.text() + " is not known yet; the newest is " +
                                                   image.at().text());
  }
  if (image.pages() == 0) co_return refused<TimeTravelImage>("the database did not exist yet at " + target.text());
  TimeTravelImage found;
  found.status = TimeTravelStatus::kOk;
  found.image = std::move(image);
  co_return found;
}

sim::Task<TimeTravelBookmark> bookmark_for_time(const RelaySetup& setup, sim::Instant time, RecentLog recent) {
  const sim::Instant now = setup.env.wall_now();
  if (time > now) co_return refused<TimeTravelBookmark>("the time is in the future");
  if (now - time > setup.options.cold_retention) {
    co_return refused<TimeTravelBookmark>("the time is more than " + sim::to_text(setup.options.cold_retention) +
                                          " ago, for which history is kept");
  }
  ColdGoal goal;
  goal.until = time;
  History history = co_await read_history(setup, goal, std::move(recent));
  TimeTravelBookmark result;
  result.status = history.status;
  result.error = std::move(history.error);
  result.bookmark = history.start.at();
  sim::Instant recorded = history.start.recorded();
  bool one_more = setup.bugs.has(Bug::kE27);  // Bug E27: the entry that ends the search is taken as well
  for (const EntryRef& entry : history.entries) {
    recorded = std::max(recorded, entry->committed());
    if (recorded > time && !std::exchange(one_more, false)) break;
    result.bookmark = entry->bookmark();
  }
  co_return result;
}

CommittedTransaction difference(const PageTable& now, const PageTable& then) {
  TIDEMARK_ASSERT(then.pages() >= 1, "an entry cannot leave a database without pages");
  CommittedTransaction transaction;
  transaction.database_pages = then.pages();
  for (std::uint32_t number = 1; number <= then.pages(); ++number) {
    const sim::BufferRef before = now.page(number);
    const sim::BufferRef after = then.page(number);
    if (before == after || (before != nullptr && before->digest() == after->digest())) continue;
    transaction.frames.push_back({number, after});
  }
  if (transaction.frames.empty()) transaction.frames.push_back({1, then.page(1)});
  return transaction;
}

}  // namespace tidemark::model::srs
