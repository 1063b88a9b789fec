// FollowerLog: the log file of one durability follower: append, cut, group commit, trim, reading back, and recovery at
// the start. docs/log_format.md has the file.
//
// The file only grows: a cut is a record that says after which entry the log goes on. So what a completed sync covered
// is never written again, and a power loss leaves it as it was.
//
// At most one sync is under way. Whatever is appended meanwhile is covered by one more that starts when it is done, so
// the number of syncs never exceeds the rate of the disk (group commit).
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "model/srs/log_scan.h"
#include "model/types/bugs.h"
#include "model/types/entry.h"
#include "sim/core/file.h"

namespace tidemark::model::srs {

class FollowerLog final : public sim::IoCompletion {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// A sync is done: durable() or settled() may have moved.
    virtual void on_log_durable(FollowerLog& log) = 0;
    /// A sync failed: nothing that was not durable before can be relied upon, and no later sync proves anything.
    virtual void on_disk_failure() = 0;
  };
  struct Limits {
    std::size_t entries = std::numeric_limits<std::size_t>::max();
    std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
  };
  enum class Begin { kRecover, kCreate };
  enum class Write : std::uint8_t {
    kDone,
    kNoSpace,  // the log is as it was before
    kFailed,   // what the file holds behind end() is unknown
  };

  /// kRecover: reads what is there and cuts a torn tail off; look at state(). kCreate: a new log after start.base, in a
  /// file that is empty or not there; look at created(), and wait until it is settled(). `files` and `listener` are not
  /// owned.
  FollowerLog(sim::FileSystem& files, const std::string& name, const LogIdentity& identity, const LogStart& start,
              Begin begin, const BugSet& bugs, Listener& listener);

  /// kTorn: a tail was cut off at the start. kCorrupt: an entry that may have been acknowledged is bad; kUnreadable:
  /// the disk gave errors. In both cases the log must not be used, except that last() is the newest good entry.
  LogState state() const { return state_; }
  const std::string& problem() const { return problem_; }
  Write created() const { return created_; }

  /// The log begins after it; trimming moves it.
  const Bookmark& base() const { return base_; }
  /// Offset of the first record that trimming left.
  std::uint64_t begin() const { return begin_; }
  /// Newest entry written; the base when there is none.
  const Bookmark& last() const { return last_; }
  /// Newest entry that survives a power loss; the base when there is none.
  const Bookmark& durable() const { return durable_; }
  /// Likewise, but only as far as the disk itself said so: what those who judge a run believe.
  const Bookmark& synced() const { return synced_; }
  /// The newest entry that the file holds, whatever last() says; the base when there is none.
  const Bookmark& end_of_entries() const { return places_.empty() ? base_ : places_.back().bookmark; }
  /// Found at the start: an entry that does not continue the one before it.
  struct Break {
    Bookmark last;
    Bookmark previous;
    Bookmark entry;
  };
  const std::optional<Break>& gap() const { return gap_; }
  /// How much of the file survives a power loss.
  std::uint64_t durable_end() const { return durable_end_; }
  /// How long the file is.
  std::uint64_t end() const { return end_; }
  /// Everything written is durable.
  bool settled() const { return !syncing_ && durable_end_ == end_; }
  bool syncing() const { return syncing_; }
  /// Is exactly this entry in the log and not trimmed, or the base?
  bool holds(const Bookmark& bookmark) const;
  std::size_t entries() const { return places_.size(); }

  /// Writes one entry, which must follow last(), and sees to it that it gets durable.
  Write append(const Entry& entry);
  /// Forgets the entries behind `after`, which the log holds.
  Write cut(const Bookmark& after);

  /// Where the records begin when everything up to `up_to`, which is durable here, is dropped.
  std::uint64_t offset_after(const Bookmark& up_to) const;
  /// Drops everything up to `base`; `offset` as offset_after said. The state file must say so durably by now.
  void trim(const Bookmark& base, std::uint64_t offset);

  /// Reads durable entries after `after`, which the log holds, from the file, until a limit is reached (by at most one
  /// entry) or there are no more. When not kGood, `out` has those before the bad one.
  RecordStatus read_after(const Bookmark& after, const Limits& limits, std::vector<EntryRef>& out) const;

  /// No calls to the listener from now on. The object must live on until it is not syncing().
  void detach() { listener_ = nullptr; }

 private:
  struct Place {
    Bookmark bookmark;
    std::uint64_t begin;
    std::uint64_t end;
  };
  using Places = std::deque<Place>;
  void recover(const LogStart& start);
  void create();
  Places::const_iterator first_after(const Bookmark& bookmark) const;
  Write give_up_record(sim::IoStatus status);
  void start_sync();
  void begin_sync();
  void on_io(sim::IoStatus status) override;

  sim::FileSystem& files_;
  sim::File& file_;
  const LogIdentity identity_;
  const BugSet bugs_;
  Listener* listener_;
  LogState state_ = LogState::kClean;
  std::string problem_;
  std::optional<Break> gap_;
  Write created_ = Write::kDone;
  bool name_durable_ = false;
  // The log.
  Places places_;  // not trimmed, not cut, in order
  Bookmark base_;
  std::uint64_t begin_;
  Bookmark last_;
  std::uint64_t end_ = 0;
  // Durability.
  Bookmark durable_;
  Bookmark synced_;
  std::uint64_t durable_end_ = 0;
  bool syncing_ = false;
  Bookmark syncing_to_;
  std::uint64_t syncing_end_ = 0;
};

}  // namespace tidemark::model::srs
