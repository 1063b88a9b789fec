#include "model/srs/orphans.h"

#include <algorithm>
#include <utility>

#include "model/srs/cold_format.h"
#include "model/types/points.h"

namespace tidemark::model::srs {
namespace {

/// One tenth of the age between one follower and the next. Ours.
constexpr std::int64_t kStaggerDivisor = 10;

/// The newest of `entries` such that it and all before it are in an object that `keys` names. `base` when there is
/// none.
Bookmark covered(std::string_view database, const std::vector<std::string>& keys, const Bookmark& base,
                 const std::vector<EntryRef>& entries) {
  std::vector<ColdKey> objects;
  for (const std::string& key : keys) {
    ColdKey parsed;
    if (parse_key(database, key, parsed)) objects.push_back(parsed);
  }
  Bookmark reached = base;
  for (const EntryRef& entry : entries) {
    const Bookmark& at = entry->bookmark();
    const bool stored = std::any_of(objects.begin(), objects.end(), [&](const ColdKey& object) {
      return object.last >= at && (object.kind == ColdKey::Kind::kSnapshot || object.first <= at);
    });
    if (!stored) break;
    reached = at;
  }
  return reached;
}

}  // namespace

OrphanWatch::OrphanWatch(const RelaySetup& setup, std::uint32_t index, Source& source)
    : setup_(setup),
      source_(source),
      patience_(setup.options.orphan_age +
                sim::Duration::nanoseconds(setup.options.orphan_age.ns() / kStaggerDivisor * index)),
      timer_(*this, &OrphanWatch::look, setup.env.process()),
      quiet_since_(setup.env.now()) {}

sim::Instant OrphanWatch::due() const {
  return quiet_since_ + patience_;
}

bool OrphanWatch::pending() const {
  const Orphans orphans = source_.orphans();
  return orphans.base < orphans.confirmed && uploaded_ < orphans.confirmed;
}

void OrphanWatch::update() {
  if (uploading_) return;
  if (!pending()) {
    timer_.cancel();
  } else if (!timer_.armed()) {
    setup_.env.process().scheduler().arm(timer_, std::max(due(), setup_.env.now()));
  }
}

void OrphanWatch::look() {
  if (uploading_ || !pending()) return;
  if (setup_.env.now() < due()) {
    update();
    return;
  }
  quiet_since_ = setup_.env.now();
  std::vector<EntryRef> entries = source_.read_orphans();
  if (entries.empty()) {
    update();
  } else {
    setup_.env.process().spawn(upload(std::move(entries)));
  }
}

/// Whatever fails is tried again after another orphan_age.
sim::Task<void> OrphanWatch::upload(std::vector<EntryRef> entries) {
  if (!reach(setup_.env.process(), Point::kFollowerOrphan)) co_return;
  uploading_ = true;
  const Bookmark last = entries.back()->bookmark();
  const bool stored = co_await put(std::move(entries));
  uploading_ = false;
  if (stored) uploaded_ = std::max(uploaded_, last);
  update();
}

sim::Task<bool> OrphanWatch::put(std::vector<EntryRef> entries) {
  const sim::ListResult list = co_await setup_.env.cold().list(setup_.database_name + "/");
  if (list.status != sim::ObjectStatus::kOk) co_return false;
  const Bookmark stored = covered(setup_.database_name, list.keys, entries.front()->previous(), entries);
  std::erase_if(entries, [&](const EntryRef& entry) { return entry->bookmark() <= stored; });
  while (!entries.empty()) {
    std::vector<EntryRef> segment;
    std::uint64_t bytes = 0;
    std::size_t used = 0;
    for (; used < entries.size() && bytes < setup_.options.segment_bytes; ++used) {
      bytes += entries[used]->bytes();
      segment.push_back(entries[used]);
    }
    std::string key = segment_key(setup_.database_name, segment.front()->bookmark(), segment.back()->bookmark());
    const sim::ObjectStatus status =
        co_await setup_.env.cold().put(std::move(key), encode_segment(segment, setup_.page_size));
    if (status != sim::ObjectStatus::kOk) co_return false;
    setup_.observer.on_segment(setup_.database, segment.front()->previous(), segment.back()->bookmark());
    entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(used));
  }
  co_return true;
}

}  // namespace tidemark::model::srs
