#include "model/srs/cold_writer.h"

#include <algorithm>

#include "base/assert.h"
#include "model/srs/cold_format.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {
namespace {
/// Pause before an operation that the store refused is tried again. Ours.
constexpr sim::Duration kRetryPause = sim::Duration::seconds(1);
}  // namespace

ColdWriter::ColdWriter(const RelaySetup& setup, PageTable image, Listener& listener)
    : setup_(setup),
      listener_(listener),
      timer_(*this, &ColdWriter::wake, setup.env.process()),
      newest_confirmed_(image.at()),
      image_(std::move(image)),
      snapshot_(image_.at()) {
  wake();
}

void ColdWriter::add(const EntryRef& entry) {
  if (stopped_) return;
  TIDEMARK_ASSERT(entry->previous() == newest_confirmed_);
  if (waiting_.empty()) waiting_since_ = setup_.env.now();
  waiting_.push_back(entry);
  waiting_bytes_ += entry->bytes();
  newest_confirmed_ = entry->bookmark();
  if (working_) return;
  if (segment_due()) {
    wake();
  } else if (!timer_.armed() || timer_.when() > waiting_since_ + setup_.options.segment_period) {
    arm();
  }
}

void ColdWriter::stop() {
  stopped_ = true;
  timer_.cancel();
}

bool ColdWriter::segment_due() const {
  return !waiting_.empty() && (waiting_bytes_ >= setup_.options.segment_bytes ||
                               setup_.env.now() >= waiting_since_ + setup_.options.segment_period);
}

bool ColdWriter::snapshot_due() const {
  const std::uint64_t size = std::uint64_t{image_.pages()} * setup_.page_size;
  return !snapshot_stored_ ||
         (image_.at() != snapshot_ && log_bytes_since_snapshot_ * 100 > size * setup_.options.snapshot_log_percent);
}

void ColdWriter::wake() {
  if (!working_ && !stopped_) setup_.env.process().spawn(work());
}

/// Does what is due, one after the other, until nothing is.
sim::Task<void> ColdWriter::work() {
  working_ = true;
  while (!stopped_) {
    if (snapshot_due()) {
      co_await upload_snapshot();
    } else if (segment_due()) {
      co_await upload_segment();
    } else if (!objects_.empty() && objects_.front().superseded && objects_.front().remove_at <= setup_.env.now()) {
      co_await remove_superseded();
    } else {
      break;
    }
  }
  working_ = false;
  if (!stopped_) arm();
}

void ColdWriter::arm() {
  sim::Instant next = sim::Instant::max();
  if (!waiting_.empty()) next = waiting_since_ + setup_.options.segment_period;
  if (!objects_.empty() && objects_.front().superseded) next = std::min(next, objects_.front().remove_at);
  timer_.cancel();
  if (next < sim::Instant::max()) setup_.env.process().scheduler().arm(timer_, next);
}

sim::Task<void> ColdWriter::put(std::string key, sim::ObjectBody body) {
  for (;;) {
    const sim::ObjectStatus status = co_await setup_.env.cold().put(key, body);
    if (status == sim::ObjectStatus::kOk) co_return;
    co_await sim::sleep(setup_.env.process(), kRetryPause);
  }
}

sim::Task<void> ColdWriter::upload_segment() {
  std::vector<EntryRef> entries;
  std::uint64_t bytes = 0;
  while (!waiting_.empty() && (entries.empty() || bytes + waiting_.front()->bytes() <= setup_.options.segment_bytes)) {
    bytes += waiting_.front()->bytes();
    entries.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  waiting_since_ = setup_.env.now();
  std::string key = segment_key(setup_.database_name, entries.front()->bookmark(), entries.back()->bookmark());
  co_await put(key, encode_segment(entries, setup_.page_size));
  objects_.push_back({std::move(key), entries.back()->bookmark(), false, false, {}});
  for (const EntryRef& entry : entries) image_.apply(*entry);
  log_bytes_since_snapshot_ += bytes;
  setup_.observer.on_segment(setup_.database, entries.front()->previous(), image_.at());
  listener_.on_uploaded(image_.at());
}

sim::Task<void> ColdWriter::upload_snapshot() {
  const PageTable copy = image_;
  // Bug E2: the label is read after the pages, when more entries have been confirmed.
  const Bookmark label = setup_.bugs.has(Bug::kE2) ? newest_confirmed_ : copy.at();
  std::string key = snapshot_key(setup_.database_name, label);
  log_bytes_since_snapshot_ = 0;
  snapshot_ = copy.at();
  co_await put(key, encode_snapshot(copy, label, setup_.page_size));
  snapshot_stored_ = true;
  setup_.observer.on_snapshot(setup_.database, label, copy);
  mark_superseded();
  objects_.push_back({std::move(key), copy.at(), true, false, {}});
}

/// After a snapshot at snapshot_: every older object, if it lies before it entirely. They are the front of the queue.
void ColdWriter::mark_superseded() {
  for (Object& object : objects_) {
    if (object.last > snapshot_) break;
    if (object.superseded) continue;
    object.superseded = true;
    object.remove_at = setup_.env.now() + setup_.options.cold_retention;
  }
}

sim::Task<void> ColdWriter::remove_superseded() {
  const Object object = objects_.front();
  const sim::ObjectStatus status = co_await setup_.env.cold().remove(object.key);
  if (status != sim::ObjectStatus::kOk) {
    co_await sim::sleep(setup_.env.process(), kRetryPause);
    co_return;
  }
  objects_.pop_front();
  setup_.observer.on_cold_removed(setup_.database, object.last);
}

}  // namespace tidemark::model::srs
