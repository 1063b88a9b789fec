// ColdWriter: the leader's hand in cold storage. Confirmed entries go up as segments, now and then a snapshot, and what
// a snapshot supersedes is removed after the retention time. Source of the rules: S3 of the facts on D1.
//
//   add -> waiting -> cut (key and bytes are fixed) -> put, the same until it is acknowledged -> on_uploaded
//
// One operation at a time. A segment goes up when its first entry has waited segment_period, or at segment_bytes. A put
// whose outcome is unknown is repeated with the same key and the same bytes, so it does not matter which attempts took
// effect, or when; pauses double from one second to half a minute. What waits meanwhile is kept by reference. The image
// of a snapshot is kept page by page at the end of the newest segment, so its label is exact; pages are shared with the
// entries that brought them. A snapshot that cannot be stored does not hold up segments, but without any snapshot
// nothing else is uploaded.
//
// Retention follows the gap-free chain: an object is removed when an acknowledged snapshot has covered all of it for
// cold_retention; so the newest snapshot, and the history of the retention time, always stay readable. That holds with
// several writers at a time as well (a deposed leader's last operations): each removes only what a stored snapshot
// covers, and nobody removes the newest one.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/srs/cold_reader.h"
#include "model/srs/page_table.h"
#include "model/srs/relay_setup.h"
#include "sim/core/member_timer.h"
#include "sim/core/object_store.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

class ColdWriter {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// Everything up to `up_to` is in cold storage, without a gap. Never called after stop().
    virtual void on_uploaded(const Bookmark& up_to) = 0;
  };

  /// Continues after image.at(), which is confirmed. A new leader passes ColdImage::at_end() and ColdImage::stock of
  /// what it has read; everything up to there is then in cold storage already, and what the listing missed is stored
  /// once more. Without a stock it begins with a snapshot of `image`. `listener` is not owned and not called from
  /// within the constructor. May be destroyed while an operation is under way.
  ColdWriter(const RelaySetup& setup, PageTable image, Listener& listener, ColdStock stock = {});
  ~ColdWriter();
  ColdWriter(const ColdWriter&) = delete;
  ColdWriter& operator=(const ColdWriter&) = delete;

  /// A confirmed entry, in log order, the first one after image.at().
  void add(const EntryRef& entry);
  /// Starts nothing new from now on and gives up what is to be repeated; what is under way may still take effect.
  void stop();

  /// Everything up to here is in cold storage.
  const Bookmark& uploaded() const { return image_.at(); }
  /// The image at uploaded().
  const PageTable& image() const { return image_; }
  /// Label of the newest stored snapshot.
  const Bookmark& snapshot() const { return label_; }
  /// Objects that this writer knows to be stored and has not removed.
  std::size_t objects() const { return kept_.size() + leaving_.size(); }

 private:
  struct Object {
    std::string key;
    Bookmark last;
    bool is_snapshot = false;
  };
  /// A put that is repeated until it is acknowledged.
  struct Upload {
    std::string key;
    sim::ObjectBody body;
    std::vector<EntryRef> entries;  // of a segment
    PageTable image;                // of a snapshot
    Bookmark label;                 // of a snapshot: what it claims
  };
  /// When something that failed may be tried again.
  struct Backoff {
    sim::Instant not_before;
    sim::Duration pause;
    void failed(sim::Instant now);
  };
  enum class Step : std::uint8_t { kNone, kSnapshot, kSegment, kRemove, kList };
  /// What the coroutine shares with the writer, which may be destroyed first.
  struct Life {
    ColdWriter* writer;
  };

  static sim::Task<void> work(std::shared_ptr<Life> life, Env& env);
  void wake();
  void arm();
  Step next_step();
  bool segment_due() const;
  bool snapshot_due() const;
  bool accepted(sim::ObjectStatus status, Backoff& backoff);
  // Begin and end of the steps.
  void cut_segment();
  void segment_done(sim::ObjectStatus status);
  void take_snapshot();
  PageTable mixed_image() const;
  void snapshot_done(sim::ObjectStatus status);
  void remove_done(const std::string& key, sim::ObjectStatus status);
  void list_done(const ColdListing& listing);
  // Retention.
  bool covers(const Bookmark& snapshot, const Object& object) const;
  void supersede(const Bookmark& snapshot);
  /// `age`: how long ago it was superseded.
  void leave(Object object, sim::Duration age);
  void inherit(const ColdStock& stock);

  const RelaySetup setup_;
  Listener& listener_;
  const std::shared_ptr<Life> life_;
  bool stopped_ = false;
  bool working_ = false;
  sim::MemberTimer<ColdWriter> timer_;
  // Confirmed, not uploaded.
  std::deque<EntryRef> waiting_;
  std::uint64_t waiting_bytes_ = 0;
  sim::Instant waiting_since_;
  Bookmark newest_confirmed_;
  std::optional<Upload> segment_;
  Backoff segment_backoff_;
  // Uploaded.
  PageTable image_;
  Bookmark resumed_;  // entries up to here were stored by others
  // Snapshots.
  bool cut_now_ = false;  // buggify: the next segment goes up early
  Bookmark label_;        // of the newest stored one
  bool snapshot_stored_ = false;
  bool snapshot_wanted_ = false;  // whatever the size of the log
  std::uint64_t log_bytes_since_snapshot_ = 0;
  std::optional<Upload> snapshot_;
  Backoff snapshot_backoff_;
  // Stored objects: needed by the newest history, in log order, and superseded, by the instant of their removal.
  std::deque<Object> kept_;
  std::multimap<sim::Instant, Object> leaving_;
  Backoff remove_backoff_;
  bool unlisted_ = false;  // there may be objects that this writer does not know
  bool list_due_ = false;
};

}  // namespace tidemark::model::srs
