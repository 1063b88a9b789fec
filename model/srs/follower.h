// FollowerNode: one durability follower. Stores the leader's entries, says when they are durable, serves nobody.
//
// It starts from its disk only. What it is to the quorum:
//
//   blank --Join--> learner --target durable--> member        (Join with target == base: member at once)
//   learner, member --something acknowledged is bad or gone--> damaged --Join--> learner
//
// Promises: it stores no gap (an entry must continue its log, digest included); it acknowledges only what a power loss
// cannot take; it refuses every message of an epoch older than its promise, and a Seal is answered once the promise and
// everything written before it are durable. Acks are cumulative. To whoever connects it says first what it is and what
// it holds (as soon as it knows), so that a leader knows from where to send. Nothing that comes over the network, and
// nothing that the disk does, is a defect: messages that do not fit are answered with the truth or ignored; after an
// error of the disk the process restarts and looks at what is there.
//
// Idle rule: an ack is repeated ack_refresh after the last one, once; while something stays unconfirmed the repeats go
// on at doubling distances. With the first repeat the state file notes how far the log is durable.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/assert.h"
#include "model/protocol/messages.h"
#include "model/srs/follower_log.h"
#include "model/srs/follower_meta.h"
#include "model/srs/orphans.h"
#include "model/srs/relay_setup.h"
#include "sim/core/connection.h"
#include "sim/core/member_timer.h"
#include "sim/core/process.h"

namespace tidemark::model::srs {

/// The program of a follower's process: make it in the process's factory. Listens from its construction on.
class FollowerNode final : public sim::Program,
                           public sim::Acceptor,
                           public sim::Receiver,
                           public FollowerLog::Listener,
                           public FollowerMeta::Listener,
                           public OrphanWatch::Source {
 public:
  /// `index` counts the followers of the database from 0; only the order of orphan uploads follows from it.
  FollowerNode(const RelaySetup& setup, std::uint32_t index);
  ~FollowerNode() override;

  FollowerState state() const { return state_; }
  /// Of the Join that its log began with; 0 when blank.
  std::uint64_t generation() const { return generation_; }
  /// Older epochs are refused.
  std::uint32_t epoch() const { return epoch_; }
  /// Durable promise.
  std::uint32_t promise() const { return meta_.durable().promise; }
  /// False while blank or damaged.
  bool has_log() const { return log_ != nullptr; }
  /// Only with has_log().
  const FollowerLog& log() const {
    TIDEMARK_ASSERT(has_log());
    return *log_;
  }
  /// Newest entry that it holds and knows to be confirmed; the base when it knows of none.
  const Bookmark& confirmed() const { return confirmed_; }
  /// It has read its disk and may speak.
  bool settled() const { return settled_; }

 private:
  /// A Join under way: the new log, then the state file, then the switch.
  struct Joining {
    FollowerRecord record;
    std::unique_ptr<FollowerLog> log;
    bool saved = false;
    std::vector<sim::PayloadRef> waiting;  // Append, Confirm and Trim that came meanwhile
  };
  /// The newest ack that was sent.
  struct Told {
    const sim::Connection* to = nullptr;  // nullptr: that connection has ended
    std::uint32_t epoch = 0;
    Bookmark bookmark;
    Bookmark base;
    FollowerState state = FollowerState::kBlank;
    std::uint64_t generation = 0;
    sim::Instant at;
  };
  struct OpenSeal {
    sim::Connection* connection;
    std::uint32_t epoch;
    // What must be durable before the answer: the log as it was.
    std::uint64_t generation;
    std::uint64_t log_end;
  };

  void on_accept(std::unique_ptr<sim::Connection> connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  void on_log_durable(FollowerLog& log) override;
  void on_meta_durable() override;
  void on_disk_failure() override;

  // Recovery.
  void recover();
  void open_log();
  void lost_at_start(Bookmark good_end);
  void settle();
  std::string file_name(const char* suffix) const { return setup_.database_name + suffix; }
  std::string log_name(std::uint64_t generation) const;
  void remove_other_logs();

  // Messages.
  bool accepts(std::uint32_t epoch, sim::Connection& connection);
  void from_leader(std::uint32_t epoch, sim::Connection& connection, const sim::PayloadRef& message);
  /// An Append, Confirm or Trim of an epoch that is not over.
  void log_message(const sim::PayloadRef& message);
  void append(const Append& message);
  enum class Step { kDone, kStop };
  Step take(const Entry& entry);
  Step cut(const Bookmark& after);
  Step written(FollowerLog::Write write);
  void confirm(const Bookmark& bookmark);
  void observe_confirmed();
  void trim(const Bookmark& up_to);
  void seal(const Seal& message, sim::Connection& connection);
  void fetch(const Fetch& message, sim::Connection& connection);
  void join(const Join& message);

  // What happens when something has become durable.
  void advance();
  void advance_join();
  void switch_log();
  void advance_state();
  void answer_seals();
  void advance_trim();

  // Answers.
  Bookmark held() const;
  void ack();
  void refuse();
  /// Has exactly this been said there less than ack_refresh ago?
  bool told(const sim::Connection& connection) const;
  void send_ack(sim::Connection& connection, const Bookmark& bookmark);
  void send_sealed(sim::Connection& connection);
  void refresh();
  void note_durable_end();
  void drop_leader();

  /// The log takes part: the follower is a learner or a member and not about to begin anew.
  bool works() const { return log_ != nullptr && !joining_.has_value(); }
  void promise(std::uint32_t epoch);
  void damage(Bookmark good_end);
  void retire(std::unique_ptr<FollowerLog> log);
  // OrphanWatch::Source.
  Orphans orphans() const override;
  std::vector<EntryRef> read_orphans() override;

  const RelaySetup setup_;
  FollowerMeta meta_;
  FollowerState state_ = FollowerState::kBlank;
  std::uint64_t generation_ = 0;
  std::unique_ptr<FollowerLog> log_;
  std::optional<Joining> joining_;
  std::vector<std::unique_ptr<FollowerLog>> retired_;  // a sync of theirs is under way
  bool failed_ = false;                                // the disk failed: the process is about to restart
  bool settled_ = false;
  bool recovered_log_ = false;  // the log was here before this life
  bool full_ = false;           // no space: entries are refused until the next refresh
  std::uint32_t epoch_ = 0;
  std::uint32_t promised_ = 0;  // told to the observer
  Bookmark durable_;            // of the log, when it was last looked at
  Bookmark durable_before_;     // and before that (bug A13)
  // Confirmation.
  Bookmark confirmed_;
  Bookmark announced_;      // newest confirm heard; beyond confirmed_ when its entry is not here yet
  Bookmark confirm_floor_;  // confirms before it are old news: an earlier life was perhaps told more
  // Connections.
  std::vector<std::unique_ptr<sim::Connection>> connections_;
  sim::Connection* leader_ = nullptr;  // where the newest epoch's messages came from
  std::vector<OpenSeal> seals_;
  Told told_;
  sim::MemberTimer<FollowerNode> refresh_timer_;
  sim::Duration refresh_distance_;
  OrphanWatch orphan_watch_;
};

}  // namespace tidemark::model::srs
