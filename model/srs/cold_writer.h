// ColdWriter: the leader's hand in cold storage. Confirmed entries go up as segments, now and then a snapshot, and what
// a snapshot supersedes is removed after the retention time. Source of the rules: S3 of the facts on D1.
//
// One operation at a time. A segment goes up when its first entry has waited segment_period, or at segment_bytes. The
// image of a snapshot is kept page by page at the end of the newest segment, so its label is exact; pages are shared
// with the entries that brought them. Retention follows the gap-free chain: a segment is only removed when a stored
// snapshot covers all of it.
#pragma once

#include <deque>
#include <vector>

#include "model/srs/member_timer.h"
#include "model/srs/page_table.h"
#include "model/srs/relay_setup.h"
#include "sim/core/object_store.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

class ColdWriter {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Everything up to `up_to` is in cold storage, without a gap.
    virtual void on_uploaded(const Bookmark& up_to) = 0;
  };

  /// Begins with a snapshot of `image`. `listener` is not owned and not called from within the constructor.
  ColdWriter(const RelaySetup& setup, PageTable image, Listener& listener);

  /// A confirmed entry, in log order.
  void add(const EntryRef& entry);
  /// Starts nothing new from now on; what is under way may still take effect.
  void stop();

  /// Everything up to here is in cold storage.
  const Bookmark& uploaded() const { return image_.at(); }
  /// Label of the newest stored snapshot.
  const Bookmark& snapshot() const { return snapshot_; }
  /// Objects that this writer has stored and not removed.
  std::size_t objects() const { return objects_.size(); }

 private:
  struct Object {
    std::string key;
    Bookmark last;
    bool is_snapshot = false;
    bool superseded = false;
    sim::Instant remove_at;
  };

  void wake();
  bool segment_due() const;
  bool snapshot_due() const;
  sim::Task<void> work();
  sim::Task<void> put(std::string key, sim::ObjectBody body);
  sim::Task<void> upload_segment();
  sim::Task<void> upload_snapshot();
  sim::Task<void> remove_superseded();
  void mark_superseded();
  void arm();

  const RelaySetup setup_;
  Listener& listener_;
  bool stopped_ = false;
  bool working_ = false;
  MemberTimer<ColdWriter> timer_;
  // Confirmed, not uploaded.
  std::deque<EntryRef> waiting_;
  std::uint64_t waiting_bytes_ = 0;
  sim::Instant waiting_since_;
  Bookmark newest_confirmed_;
  // Uploaded.
  PageTable image_;
  Bookmark snapshot_;
  bool snapshot_stored_ = false;
  std::uint64_t log_bytes_since_snapshot_ = 0;
  std::deque<Object> objects_;  // in the order of upload
};

}  // namespace tidemark::model::srs
