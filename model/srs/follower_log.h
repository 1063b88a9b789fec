// FollowerLog: the log file of one durability follower: append, group commit, trim, and recovery at the start.
//
// At most one sync is under way. Whatever is appended meanwhile is covered by one more that starts when it is done, so
// the number of syncs never exceeds the rate of the disk (group commit).
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "model/srs/log_scan.h"
#include "model/types/entry.h"
#include "sim/core/file.h"

namespace tidemark::model::srs {

class FollowerLog final : public sim::IoCompletion {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// durable() has moved.
    virtual void on_durable() = 0;
    /// The disk failed: nothing that was not durable before can be relied upon (a failed fsync is not repeated).
    virtual void on_disk_failure() = 0;
  };

  /// Opens `name` and reads what is there: a torn tail is cut off, a corrupt log refuses all work (state()). `listener`
  /// is not owned.
  FollowerLog(sim::FileSystem& files, const std::string& name, std::uint32_t page_size, Listener& listener);

  /// kTorn: a tail was cut off at the start. kCorrupt: an entry that may have been acknowledged is bad.
  LogState state() const { return state_; }
  /// Newest entry written; origin when there is none.
  const Bookmark& last() const { return last_; }
  /// Newest entry that survives a power loss.
  const Bookmark& durable() const { return durable_; }
  bool empty() const { return last_.is_origin(); }
  /// Is exactly this entry in the log, and not trimmed?
  bool holds(const Bookmark& bookmark) const;

  /// Writes one entry, which must follow last(), and sees to it that it gets durable. False when the disk refused.
  bool append(const Entry& entry);
  /// Frees everything up to `up_to`, but never what is not durable nor the newest entry: it tells where the log stands.
  void trim(const Bookmark& up_to);

  std::size_t entries() const { return places_.size(); }

 private:
  struct Place {
    Bookmark bookmark;
    std::uint64_t begin;
  };
  void recover();
  void start_sync();
  void on_io(sim::IoStatus status) override;

  sim::File& file_;
  const std::uint32_t page_size_;
  Listener& listener_;
  LogState state_ = LogState::kClean;
  // The log.
  std::deque<Place> places_;  // not trimmed, in order
  Bookmark last_;
  std::uint64_t end_ = 0;
  // Durability.
  Bookmark durable_;
  std::uint64_t durable_end_ = 0;
  bool syncing_ = false;
  Bookmark syncing_to_;
  std::uint64_t syncing_end_ = 0;
};

}  // namespace tidemark::model::srs
