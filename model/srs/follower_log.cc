#include "model/srs/follower_log.h"

#include <algorithm>

#include "base/assert.h"
#include "model/srs/log_format.h"
#include "model/srs/log_search.h"

namespace tidemark::model::srs {

FollowerLog::FollowerLog(sim::FileSystem& files, const std::string& name, const LogIdentity& identity,
                         const LogStart& start, Begin begin, const BugSet& bugs, Listener& listener)
    : files_(files),
      file_(files.open(name)),
      identity_(identity),
      bugs_(bugs),
      listener_(&listener),
      base_(start.base),
      begin_(start.offset),
      last_(start.base),
      durable_(start.base),
      synced_(start.base) {
  if (begin == Begin::kCreate) {
    create();
  } else {
    recover(start);
  }
}

void FollowerLog::create() {
  TIDEMARK_ASSERT(file_.size() == 0, "a new log needs an empty file");
  const sim::IoStatus status = file_.write(0, encode_prefix(identity_));
  if (status != sim::IoStatus::kOk) {
    created_ = status == sim::IoStatus::kNoSpace ? Write::kNoSpace : Write::kFailed;
    return;
  }
  end_ = kLogPrefixBytes;
  start_sync();
}

void FollowerLog::recover(const LogStart& start) {
  const LogScan scan = scan_log(file_, identity_, start, bugs_);
  state_ = scan.state;
  problem_ = scan.problem;
  for (const ScannedEntry& entry : scan.entries) {
    if (entry.previous != end_of_entries() && !gap_) gap_ = Break{end_of_entries(), entry.previous, entry.bookmark};
    places_.push_back({entry.bookmark, entry.begin, entry.end});
    if (entry.end <= start.durable_end) durable_ = entry.bookmark;
  }
  last_ = end_of_entries();
  synced_ = durable_;
  end_ = scan.good_end;
  if (state_ == LogState::kCorrupt || state_ == LogState::kUnreadable) return;
  durable_end_ = start.durable_end;
  name_durable_ = true;
  file_.discard_before(begin_ > kLogPrefixBytes ? begin_ : 0);  // perhaps the crash came between the two steps
  if (state_ == LogState::kTorn) {
    if (file_.truncate(end_) == sim::IoStatus::kOk) {
      begin_sync();  // before anything is written over the old bytes
    } else {
      state_ = LogState::kUnreadable;
    }
    return;
  }
  // A process crash leaves entries that are written but perhaps not durable: sync before anything is claimed.
  start_sync();
}

FollowerLog::Places::const_iterator FollowerLog::first_after(const Bookmark& bookmark) const {
  const std::size_t index =
      srs::first_after(places_, bookmark, [](const Place& p) -> const Bookmark& { return p.bookmark; });
  return places_.begin() + static_cast<std::ptrdiff_t>(index);
}

bool FollowerLog::holds(const Bookmark& bookmark) const {
  if (bookmark == base_) return true;
  const auto after = first_after(bookmark);
  return after != places_.begin() && std::prev(after)->bookmark == bookmark;
}

FollowerLog::Write FollowerLog::append(const Entry& entry) {
  const std::vector<std::byte> head = encode_record_head(entry, durable_end_, end_, identity_);
  sim::IoStatus status = file_.write(end_, head);
  std::uint64_t offset = end_ + head.size();
  for (const EntryFrame& frame : entry.frames()) {
    TIDEMARK_ASSERT(frame.bytes->size() == identity_.page_size);
    if (status == sim::IoStatus::kOk) status = file_.write_shared(offset, frame.bytes);
    offset += identity_.page_size;
  }
  if (status != sim::IoStatus::kOk) {
    if (bugs_.has(Bug::kA16)) last_ = entry.bookmark();  // Bug A16: the next one chains from the one that was aborted
    return give_up_record(status);
  }
  places_.push_back({entry.bookmark(), end_, offset});
  end_ = offset;
  last_ = entry.bookmark();
  start_sync();
  return Write::kDone;
}

FollowerLog::Write FollowerLog::cut(const Bookmark& after) {
  TIDEMARK_ASSERT(holds(after));
  const std::vector<std::byte> record = encode_cut(after, durable_end_, end_, identity_);
  const sim::IoStatus status = file_.write(end_, record);
  if (status != sim::IoStatus::kOk) return give_up_record(status);
  end_ += record.size();
  while (!places_.empty() && places_.back().bookmark > after) places_.pop_back();
  last_ = after;
  durable_ = std::min(durable_, after);
  synced_ = std::min(synced_, after);
  syncing_to_ = std::min(syncing_to_, after);
  start_sync();
  return Write::kDone;
}

FollowerLog::Write FollowerLog::give_up_record(sim::IoStatus status) {
  const bool undone = file_.size() <= end_ || file_.truncate(end_) == sim::IoStatus::kOk;
  return undone && status == sim::IoStatus::kNoSpace ? Write::kNoSpace : Write::kFailed;
}

void FollowerLog::start_sync() {
  if (!syncing_ && durable_end_ != end_) begin_sync();
}

void FollowerLog::begin_sync() {
  syncing_ = true;
  syncing_to_ = last_;
  syncing_end_ = end_;
  file_.sync(this);
}

void FollowerLog::on_io(sim::IoStatus status) {
  TIDEMARK_ASSERT(syncing_);
  syncing_ = false;
  if (listener_ == nullptr) return;
  if (!name_durable_) {
    name_durable_ = true;
    const sim::IoStatus directory = files_.sync_directory();
    if (status == sim::IoStatus::kOk) status = directory;
  }
  // Bug A23: the error is noted and then forgotten.
  if (status != sim::IoStatus::kOk && !bugs_.has(Bug::kA23)) {
    listener_->on_disk_failure();
    return;
  }
  // Bug A34: whatever was written by now counts, also what came while the sync was under way.
  durable_ = bugs_.has(Bug::kA34) ? last_ : syncing_to_;
  if (status == sim::IoStatus::kOk) synced_ = syncing_to_;
  durable_end_ = syncing_end_;
  start_sync();
  listener_->on_log_durable(*this);
}

std::uint64_t FollowerLog::offset_after(const Bookmark& up_to) const {
  TIDEMARK_ASSERT(holds(up_to) && up_to <= durable_);
  // Not the beginning of the next entry: that one is perhaps not durable yet, after a cut.
  return up_to == base_ ? begin_ : std::prev(first_after(up_to))->end;
}

void FollowerLog::trim(const Bookmark& base, std::uint64_t offset) {
  while (!places_.empty() && places_.front().bookmark <= base) places_.pop_front();
  base_ = base;
  begin_ = offset;
  file_.discard_before(offset);
}

RecordStatus FollowerLog::read_after(const Bookmark& after, const Limits& limits, std::vector<EntryRef>& out) const {
  std::uint64_t bytes = 0;
  for (auto place = first_after(after); place != places_.end(); ++place) {
    if (place->bookmark > durable_ || out.size() >= limits.entries || bytes >= limits.bytes) break;
    RecordRead read = read_record(file_, place->begin, place->end, identity_);
    if (read.status != RecordStatus::kGood) return read.status;
    if (read.entry == nullptr || read.entry->bookmark() != place->bookmark) return RecordStatus::kBad;
    bytes += read.entry->bytes();
    out.push_back(std::move(read.entry));
  }
  return RecordStatus::kGood;
}

}  // namespace tidemark::model::srs
