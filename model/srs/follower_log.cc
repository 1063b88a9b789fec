#include "model/srs/follower_log.h"

#include <algorithm>

#include "base/assert.h"
#include "model/srs/log_format.h"

namespace tidemark::model::srs {

FollowerLog::FollowerLog(sim::FileSystem& files, const std::string& name, std::uint32_t page_size, Listener& listener)
    : file_(files.open(name)), page_size_(page_size), listener_(listener) {
  recover();
}

void FollowerLog::recover() {
  LogScan scan = scan_log(file_, page_size_);
  state_ = scan.state;
  if (state_ == LogState::kTorn) file_.truncate(scan.good_end);
  for (const ScannedEntry& scanned : scan.entries) places_.push_back({scanned.entry->bookmark(), scanned.begin});
  if (!places_.empty()) last_ = places_.back().bookmark;
  end_ = scan.good_end;
  if (state_ == LogState::kCorrupt) {
    durable_ = last_;
    return;
  }
  if (end_ == 0) {
    file_.write(0, encode_prefix(page_size_));
    end_ = kLogPrefixBytes;
  }
  // A process crash leaves entries that are written but perhaps not durable: sync before anything is claimed.
  if (!empty()) start_sync();
}

bool FollowerLog::holds(const Bookmark& bookmark) const {
  const auto place = std::lower_bound(places_.begin(), places_.end(), bookmark,
                                      [](const Place& a, const Bookmark& b) { return a.bookmark < b; });
  return place != places_.end() && place->bookmark == bookmark;
}

bool FollowerLog::append(const Entry& entry) {
  TIDEMARK_ASSERT(state_ != LogState::kCorrupt);
  TIDEMARK_ASSERT(entry.previous() == last_ || empty(), "a gap must never be stored");
  const std::vector<std::byte> head = encode_record_head(entry, durable_end_, end_, page_size_);
  sim::IoStatus status = file_.write(end_, head);
  std::uint64_t offset = end_ + head.size();
  for (const EntryFrame& frame : entry.frames()) {
    TIDEMARK_ASSERT(frame.bytes->size() == page_size_);
    if (status == sim::IoStatus::kOk) status = file_.write_shared(offset, frame.bytes);
    offset += page_size_;
  }
  if (status != sim::IoStatus::kOk) {
    file_.truncate(end_);
    return false;
  }
  places_.push_back({entry.bookmark(), end_});
  end_ = offset;
  last_ = entry.bookmark();
  start_sync();
  return true;
}

void FollowerLog::start_sync() {
  if (syncing_ || durable_ == last_) return;
  syncing_ = true;
  syncing_to_ = last_;
  syncing_end_ = end_;
  file_.sync(this);
}

void FollowerLog::on_io(sim::IoStatus status) {
  TIDEMARK_ASSERT(syncing_);
  syncing_ = false;
  if (status != sim::IoStatus::kOk) {
    listener_.on_disk_failure();
    return;
  }
  durable_ = syncing_to_;
  durable_end_ = syncing_end_;
  start_sync();
  listener_.on_durable();
}

void FollowerLog::trim(const Bookmark& up_to) {
  const Bookmark limit = std::min(up_to, durable_);
  bool moved = false;
  while (places_.size() > 1 && places_.front().bookmark <= limit) {
    places_.pop_front();
    moved = true;
  }
  if (moved) file_.discard_before(places_.front().begin);
}

}  // namespace tidemark::model::srs
