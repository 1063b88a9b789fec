#include "model/srs/cold_writer.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "base/assert.h"
#include "model/srs/cold_format.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {
/// Pause before an operation that failed is tried again; doubles up to kLongestColdPause. Ours.
constexpr sim::Duration kFirstRetryPause = sim::Duration::seconds(1);
/// A segment may hold this part of what waits, whatever segment_bytes says. Ours.
constexpr std::uint64_t kBacklogPart = 8;
}  // namespace

ColdWriter::ColdWriter(const RelaySetup& setup, PageTable image, Listener& listener, ColdStock stock)
    : setup_(setup),
      listener_(listener),
      life_(std::make_shared<Life>(Life{this})),
      timer_(*this, &ColdWriter::wake, setup.env.process()),
      newest_confirmed_(image.at()),
      image_(std::move(image)),
      resumed_(image_.at()),
      label_(image_.at()) {
  unlisted_ = !stock.objects.empty();
  if (stock.has_snapshot) inherit(stock);
  wake();
}

ColdWriter::~ColdWriter() {
  life_->writer = nullptr;
}

void ColdWriter::add(const EntryRef& entry) {
  if (stopped_) return;
  TIDEMARK_ASSERT(entry->previous() == newest_confirmed_);
  newest_confirmed_ = entry->bookmark();
  // Bug C19: the counter of what has to be stored starts behind the first entry of a new database.
  const bool unseen = setup_.bugs.has(Bug::kC19) && entry->previous().is_origin();
  if (unseen || entry->bookmark() <= resumed_) {
    image_.apply(*entry);
    return;
  }
  if (waiting_.empty()) waiting_since_ = setup_.env.now();
  waiting_.push_back(entry);
  waiting_bytes_ += entry->bytes();
  if (setup_.env.unlikely("cold/segment-now", sim::BuggifyClass::kEarly)) cut_now_ = true;
  if (working_ || segment_ || !snapshot_stored_) return;
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

void ColdWriter::wake() {
  if (!working_ && !stopped_) setup_.env.process().spawn(work(life_, setup_.env));
}

/// Does what is due, one after the other, until nothing is. The writer may be gone after each wait.
sim::Task<void> ColdWriter::work(std::shared_ptr<Life> life, Env& env) {
  life->writer->working_ = true;
  while (life->writer != nullptr) {
    ColdWriter* const self = life->writer;
    const Step step = self->next_step();
    if (step == Step::kSnapshot) {
      if (!reach(env.process(), Point::kColdSnapshot)) co_return;
      const sim::ObjectStatus status = co_await env.cold().put(self->snapshot_->key, self->snapshot_->body);
      const bool lost = env.unlikely("cold/snapshot-answer-lost", sim::BuggifyClass::kError);
      if (life->writer != nullptr) self->snapshot_done(lost ? sim::ObjectStatus::kTimeout : status);
    } else if (step == Step::kSegment) {
      if (!reach(env.process(), Point::kColdSegment)) co_return;
      const sim::ObjectStatus status = co_await env.cold().put(self->segment_->key, self->segment_->body);
      const bool lost = env.unlikely("cold/segment-answer-lost", sim::BuggifyClass::kError);
      if (life->writer != nullptr) self->segment_done(lost ? sim::ObjectStatus::kTimeout : status);
    } else if (step == Step::kRemove) {
      if (!reach(env.process(), Point::kColdRemove)) co_return;
      const std::string key = self->leaving_.begin()->second.key;
      const sim::ObjectStatus status = co_await env.cold().remove(key);
      if (life->writer != nullptr) self->remove_done(key, status);
    } else if (step == Step::kList) {
      const RelaySetup setup = self->setup_;
      const ColdListing listing = co_await list_cold(setup);
      if (life->writer != nullptr) self->list_done(listing);
    } else {
      self->working_ = false;
      self->arm();
      co_return;
    }
  }
}

ColdWriter::Step ColdWriter::next_step() {
  const sim::Instant now = setup_.env.now();
  if (stopped_) return Step::kNone;
  if (!snapshot_ && snapshot_due()) take_snapshot();
  if (snapshot_ && now >= snapshot_backoff_.not_before) return Step::kSnapshot;
  if (!segment_ && segment_due()) cut_segment();
  if (segment_ && now >= segment_backoff_.not_before) return Step::kSegment;
  if (list_due_) return Step::kList;
  const bool removable = !leaving_.empty() && leaving_.begin()->first <= now;
  if (removable && now >= remove_backoff_.not_before &&
      setup_.env.unlikely("cold/remove-later", sim::BuggifyClass::kEarly))
    remove_backoff_.failed(now);
  return removable && now >= remove_backoff_.not_before ? Step::kRemove : Step::kNone;
}

/// For the earliest step that is not due yet.
void ColdWriter::arm() {
  timer_.cancel();
  if (stopped_) return;
  sim::Instant next = sim::Instant::max();
  if (snapshot_) next = std::min(next, snapshot_backoff_.not_before);
  if (segment_) {
    next = std::min(next, segment_backoff_.not_before);
  } else if (!waiting_.empty() && snapshot_stored_) {
    next = std::min(next, waiting_since_ + setup_.options.segment_period);
  }
  if (!leaving_.empty()) next = std::min(next, std::max(leaving_.begin()->first, remove_backoff_.not_before));
  if (next < sim::Instant::max()) setup_.env.process().scheduler().arm(timer_, next);
}

void ColdWriter::Backoff::failed(sim::Instant now) {
  pause = pause == sim::Duration{} ? kFirstRetryPause : std::min(pause * 2, kLongestColdPause);
  not_before = now + pause;
}

/// A put or remove without an answer may have taken effect, or still may.
bool ColdWriter::accepted(sim::ObjectStatus status, Backoff& backoff) {
  if (status == sim::ObjectStatus::kOk) {
    backoff = {};
    return true;
  }
  if (status != sim::ObjectStatus::kThrottled) unlisted_ = true;
  backoff.failed(setup_.env.now());
  return false;
}

// --- Segments. ---

bool ColdWriter::segment_due() const {
  return snapshot_stored_ && !waiting_.empty() &&
         (cut_now_ || waiting_bytes_ >= setup_.options.segment_bytes ||
          setup_.env.now() >= waiting_since_ + setup_.options.segment_period);
}

void ColdWriter::cut_segment() {
  Upload& upload = segment_.emplace();
  std::uint64_t bytes = 0;
  cut_now_ = false;
  const bool small = setup_.env.unlikely("cold/segment-of-one", sim::BuggifyClass::kOrder);
  // Larger when uploads do not keep up with the commits: else they never would.
  const std::uint64_t most = std::max(setup_.options.segment_bytes, waiting_bytes_ / kBacklogPart);
  while (!waiting_.empty() && !(small && !upload.entries.empty()) &&
         (upload.entries.empty() || bytes + waiting_.front()->bytes() <= most)) {
    bytes += waiting_.front()->bytes();
    upload.entries.push_back(std::move(waiting_.front()));
    waiting_.pop_front();
  }
  waiting_bytes_ -= bytes;
  waiting_since_ = setup_.env.now();
  if (setup_.bugs.has(Bug::kE13)) {  // the time of the upload, by this machine's clock, is taken for that of the commit
    for (EntryRef& entry : upload.entries) {
      entry = Entry::restore(entry->previous(), entry->bookmark(), {entry->frames(), entry->database_pages()},
                             setup_.env.wall_now(), entry->kind());
    }
  }
  upload.key = segment_key(setup_.database_name, upload.entries.front()->bookmark(), upload.entries.back()->bookmark());
  upload.body = encode_segment(upload.entries, setup_.page_size);
}

void ColdWriter::segment_done(sim::ObjectStatus status) {
  // Bug E7: goes on with what follows, whether or not this was stored.
  if (!accepted(status, segment_backoff_) && !setup_.bugs.has(Bug::kE7)) return;
  const Upload upload = std::move(*segment_);
  segment_.reset();
  kept_.push_back({upload.key, upload.entries.back()->bookmark(), false});
  for (const EntryRef& entry : upload.entries) {
    image_.apply(*entry);
    log_bytes_since_snapshot_ += entry->bytes();
  }
  if (setup_.env.unlikely("cold/snapshot-now", sim::BuggifyClass::kEarly)) snapshot_wanted_ = true;
  setup_.observer.on_segment(setup_.database, upload.entries.front()->previous(), image_.at());
  if (!reach(setup_.env.process(), Point::kColdSegmentStored)) return;
  if (!stopped_) listener_.on_uploaded(image_.at());
}

// --- Snapshots. ---

bool ColdWriter::snapshot_due() const {
  if (!snapshot_stored_) return true;
  const std::uint64_t size = std::uint64_t{image_.pages()} * setup_.page_size;
  const bool long_log = log_bytes_since_snapshot_ * 100 > size * setup_.options.snapshot_log_percent;
  return image_.at() != label_ && (snapshot_wanted_ || long_log);
}

void ColdWriter::take_snapshot() {
  Upload& upload = snapshot_.emplace();
  upload.image = image_;
  if (setup_.bugs.has(Bug::kE1) && !waiting_.empty()) upload.image = mixed_image();
  // Bug E2: the label is read after the pages, when more entries have been confirmed.
  upload.label = setup_.bugs.has(Bug::kE2) ? newest_confirmed_ : image_.at();
  upload.key = snapshot_key(setup_.database_name, upload.label, image_.recorded());
  upload.body = encode_snapshot(upload.image, upload.label, setup_.page_size);
  log_bytes_since_snapshot_ = 0;
  snapshot_wanted_ = false;
  if (setup_.bugs.has(Bug::kE20)) supersede(upload.image.at());  // by a snapshot that is not stored yet
}

/// Bug E1: nothing keeps entries from being applied while the pages are copied.
PageTable ColdWriter::mixed_image() const {
  std::vector<sim::BufferRef> pages = image_.contents();
  const EntryFrame& frame = waiting_.front()->frames().front();
  if (frame.page <= pages.size()) pages[frame.page - 1] = frame.bytes;
  return {image_.at(), std::move(pages), image_.recorded()};
}

void ColdWriter::snapshot_done(sim::ObjectStatus status) {
  // Bug E26: it counts as stored, whatever became of it.
  if (!accepted(status, snapshot_backoff_) && !setup_.bugs.has(Bug::kE26)) return;
  const Upload upload = std::move(*snapshot_);
  snapshot_.reset();
  snapshot_stored_ = true;
  label_ = upload.image.at();
  setup_.observer.on_snapshot(setup_.database, upload.label, upload.image);
  if (!reach(setup_.env.process(), Point::kColdSnapshotStored)) return;
  supersede(label_);
  kept_.push_back({upload.key, label_, true});
  list_due_ = unlisted_ || setup_.env.unlikely("cold/list-now", sim::BuggifyClass::kEarly);
}

// --- Retention. ---

/// A snapshot replaces older ones and every segment that ends at or before it.
bool ColdWriter::covers(const Bookmark& snapshot, const Object& object) const {
  // Bug E5: objects are told apart by their index within the epoch.
  if (setup_.bugs.has(Bug::kE5)) return object.last.sequence < snapshot.sequence + (object.is_snapshot ? 0 : 1);
  return object.is_snapshot ? object.last < snapshot : object.last <= snapshot;
}

void ColdWriter::supersede(const Bookmark& snapshot) {
  std::deque<Object> before;
  before.swap(kept_);
  for (Object& object : before) {
    if (covers(snapshot, object)) {
      leave(std::move(object), {});
    } else {
      kept_.push_back(std::move(object));
    }
  }
}

void ColdWriter::leave(Object object, sim::Duration age) {
  sim::Instant at = setup_.env.now() + setup_.options.cold_retention - std::min(age, setup_.options.cold_retention);
  if (setup_.bugs.has(Bug::kE4) && object.is_snapshot) at = setup_.env.now();  // as if a newer one were as good
  leaving_.emplace(at, std::move(object));
}

void ColdWriter::remove_done(const std::string& key, sim::ObjectStatus status) {
  if (!accepted(status, remove_backoff_)) return;
  const auto object =
      std::find_if(leaving_.begin(), leaving_.end(), [&](const auto& o) { return o.second.key == key; });
  TIDEMARK_ASSERT(object != leaving_.end());
  setup_.observer.on_cold_removed(setup_.database, object->second.last);
  leaving_.erase(object);
}

/// What others had stored when this leader read cold storage. Something has been superseded for as long as the store
/// says that the snapshot has been there. Recorded times would not do: a snapshot may be stored long after the entry
/// that it ends with, and clocks are off.
void ColdWriter::inherit(const ColdStock& stock) {
  label_ = stock.snapshot;
  snapshot_stored_ = true;
  snapshot_wanted_ = stock.renew;
  log_bytes_since_snapshot_ = stock.log_bytes;
  std::vector<Object> objects;
  std::vector<const ColdObject*> snapshots;
  for (const ColdObject& object : stock.objects) {
    const bool is_snapshot = object.what.kind == ColdKey::Kind::kSnapshot;
    objects.push_back({object.key, object.what.last, is_snapshot});
    if (is_snapshot && object.what.last <= label_) snapshots.push_back(&object);
  }
  std::stable_sort(objects.begin(), objects.end(), [](const Object& a, const Object& b) { return a.last < b.last; });
  for (Object& object : objects) {
    const auto newer = std::find_if(snapshots.begin(), snapshots.end(),
                                    [&](const ColdObject* s) { return covers(s->what.last, object); });
    if (newer == snapshots.end()) {
      kept_.push_back(std::move(object));
    } else {
      leave(std::move(object), (*newer)->age);
    }
  }
}

/// Objects that took effect late, or that others stored, and that a snapshot covers by now. Those that are newer than
/// what is uploaded here are for a later listing.
void ColdWriter::list_done(const ColdListing& listing) {
  list_due_ = false;
  if (!listing.complete) return;
  std::set<std::string_view> known;
  for (const Object& object : kept_) known.insert(object.key);
  for (const auto& [at, object] : leaving_) known.insert(object.key);
  std::vector<Object> unknown;
  for (const auto* objects : {&listing.segments, &listing.snapshots}) {
    for (const ColdObject& object : *objects) {
      if (object.what.last > image_.at() || known.contains(object.key)) continue;
      unknown.push_back({object.key, object.what.last, object.what.kind == ColdKey::Kind::kSnapshot});
    }
  }
  for (Object& object : unknown) {
    if (covers(label_, object)) {
      leave(std::move(object), {});
    } else {
      kept_.push_back(std::move(object));
    }
  }
}

}  // namespace tidemark::model::srs
