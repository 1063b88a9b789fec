// Replay: the writes of a history in witness order, as one KeyLog per key, and where each write came from.
#pragma once

#include <boost/circular_buffer.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "checkers/consistency/key_log.h"
#include "checkers/history/transaction.h"

namespace tidemark::checkers {

/// A write in the log, as far as a witness text needs it.
struct LoggedWrite {
  std::uint64_t index = 0;
  std::uint32_t session = 0;
  std::uint16_t region = 0;
  std::int64_t complete_ns = 0;
  BookmarkKey bookmark;
};

/// A write whose outcome is unknown (or that is acknowledged without a bookmark): it sits in the log once it was seen.
struct FloatingWrite {
  std::uint64_t index = 0;
  std::uint32_t session = 0;
  std::int64_t invoke_ns = 0;
  std::string text;
  std::vector<MicroOp> effects;
  BookmarkKey entry;           // where it sits if it took effect; empty when nobody knows
  LogPosition not_before = 0;  // its session stood there when it was sent
  LogPosition position = 0;    // 0 = not seen yet
  bool again = false;          // a write that was carried out again: what it did then
  bool lost = false;           // its entry is not in the log and never will be
};

/// Who looks for floating writes that explain a read.
struct Reader {
  LogPosition hint = 0;    // the position that the read's bookmark names
  LogPosition cursor = 0;  // where the reading session stands
  BookmarkKey shown;       // the read's bookmark: no later entry is in what it saw
  LogPosition limit = 0;   // no epoch that begins after it
};

class Replay {
 public:
  /// Before anything else, once the model is known.
  void set_registers(bool registers) { registers_ = registers; }
  KeyLog& log(std::int64_t key) { return logs_[slot(key)]; }
  bool has(std::int64_t key) const { return slots_.contains(key); }
  std::size_t key_count() const { return logs_.size(); }

  /// Appends an acknowledged write. Returns its position; `problem` gets a text when its content contradicts the log.
  LogPosition append(const Batch& batch, const Transaction& transaction, std::string& problem);
  void add_floating(const Batch& batch, const Transaction& transaction, const BookmarkKey& entry);
  FloatingWrite* floating(std::uint64_t index);
  /// The entry of this floating write is known, or known otherwise, from now on.
  void note_entry(std::uint64_t index);
  /// The write at this index was carried out again and made this entry as well.
  void add_again(std::uint64_t index, const BookmarkKey& entry);
  /// The session of this write stood at `cursor` when it was sent. False when it was seen at a place before that.
  bool sent_at(FloatingWrite& write, LogPosition cursor);
  /// This entry is in the log for good, or never will be.
  void settle(const BookmarkKey& entry, bool confirmed);
  /// Somebody was shown the state at this bookmark. The log of a leader is one line, so that state has every entry of
  /// the same epoch before it, and every confirmed entry of earlier ones: floating writes that made one of these took
  /// effect, and are put in at their places. `itself`: the one at the bookmark, too.
  void place_shown(const BookmarkKey& shown, bool itself = true);

  /// Tries to explain a read that fits no state by putting floating writes into the log. True when one was put in.
  bool place_floating(const Batch& batch, const MicroOp& read, std::uint32_t count, const Reader& reader);
  /// The row with this identity is in the table at the result, which is the first such place >= from; kLogEnd if none.
  LogPosition find_row(std::int64_t identity, LogPosition from);
  bool may_contain_unseen(std::int64_t identity) const { return floating_rows_.contains(identity); }

  /// Where the state at this bookmark stands: between the logged writes around it, in the order of the entries.
  LogPosition position_of(const BookmarkKey& entry) const;
  bool has_restores() const { return !restores_.empty(); }
  /// Position of the last logged write with a bookmark <= `bookmark`.
  LogPosition floor(const BookmarkKey& bookmark) const;
  LogPosition head() const { return (first_write_ + writes_.size()) * kLogStep; }
  /// The write at or before `position`; nullptr for the initial state or when dropped.
  const LoggedWrite* write_at(LogPosition position) const;
  const FloatingWrite* floating_at(LogPosition position) const;
  void forget_before(LogPosition horizon);
  /// The last write up to which all retained ones were acknowledged before `ns`.
  LogPosition acknowledged_before(std::int64_t ns) const;
  bool truncated() const { return first_write_ > 0; }
  /// True when a restore went back to a state that is not known any more: all that follows is a guess.
  bool lost_past() const { return lost_past_; }

  /// True when a floating write was put where another place would have fitted what was seen so far.
  bool guessed() const {
    return guessed_resets_ || repeats_doubted_ || (guessed_ > 0 && (logs_.size() > 1 || has_restores()));
  }
  /// A read of the shop that fits nowhere proves nothing when it shows a row of unknown outcome that has a place
  /// already: the request may have been carried out again after a reset, anywhere.
  void doubt_repeats(const Batch& batch, const MicroOp& read, std::uint32_t count);
  /// True when a floating write was seen where earlier reads leave no place for it.
  bool conflict() const { return conflict_; }
  const std::deque<FloatingWrite>& floating_writes() const { return floating_; }

 private:
  std::uint32_t slot(std::int64_t key);
  KeyLog& change(std::uint32_t slot);
  bool place(FloatingWrite& write, std::int64_t key, std::size_t index, LogPosition hint);
  FloatingWrite* repeat(std::vector<std::uint32_t>& numbers);
  bool reset_before(std::int64_t identity, LogPosition position);
  bool place_reset(const Batch& batch, const MicroOp& read, std::uint32_t count, LogPosition cursor);
  LogPosition free_position(LogPosition after, LogPosition end) const;
  void restore(const MicroOp& op, LogPosition position, std::string& problem);
  bool place_known(const Batch& batch, const MicroOp& read, std::uint32_t count, const BookmarkKey& shown);
  bool is_placed(FloatingWrite& write);
  void expect(std::uint32_t number);
  bool has_row(std::int64_t identity, LogPosition at);

  boost::unordered_flat_map<std::int64_t, std::uint32_t> slots_;
  std::deque<KeyLog> logs_;
  std::vector<std::uint32_t> long_logs_;  // those with states enough for forget_before(), and no others
  struct Growing {
    LogPosition looked_at = 0;  // the head of the log then
    std::uint32_t log = 0;
  };
  std::deque<Growing> growing_;  // logs with states besides the newest, in the order in which they were looked at
  std::vector<KeyLog::Room> spare_rooms_;  // of logs that were cut down
  boost::circular_buffer<LoggedWrite> writes_;
  std::uint64_t first_write_ = 0;  // writes_[0] sits at (first_write_ + 1) * kLogStep
  // Rows of the Orders table: identity -> places of its inserts, retained while they matter.
  boost::unordered_flat_map<std::int64_t, std::vector<LogPosition>> rows_;
  std::deque<FloatingWrite> floating_;
  boost::unordered_flat_map<std::int64_t, std::vector<std::uint32_t>> floating_elements_;
  boost::unordered_flat_map<std::int64_t, bool> floating_rows_;
  std::map<LogPosition, std::uint64_t> placed_at_;  // to the index of the write
  // Position of its entry -> number of a floating write: of confirmed entries, and of those that are not settled.
  std::multimap<std::uint64_t, std::uint32_t> certain_;
  std::multimap<std::uint64_t, std::uint32_t> unplaced_;
  std::map<std::uint64_t, bool> settled_;              // entries, confirmed or lost, that matter still
  std::multimap<std::uint64_t, std::uint32_t> again_;  // index of a write -> numbers of what it did later
  std::uint64_t guessed_ = 0;                          // writes that were put somewhere, their entry not being known
  std::uint64_t unseen_resets_ = 0;
  bool guessed_resets_ = false;  // or a write was put between resets, perhaps between the wrong ones
  bool repeats_doubted_ = false;
  bool knows_fates_ = false;  // settle() was called
  std::vector<KeyLog::Restored> restores_;
  bool lost_past_ = false;
  bool conflict_ = false;
  bool registers_ = false;
};

/// What an external read must find. `count`: see ExternalRead.
Target target_of(const Batch& batch, const MicroOp& op, std::uint32_t count);

}  // namespace tidemark::checkers
