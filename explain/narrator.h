// Narrator: watches one run and keeps what an explanation needs: each event with its two causes, and lines in the words
// of the protocol for the events in which something happened.
//
// The two causes of an event: the event that scheduled it (a message: the one that sent it; a timer, a disk operation:
// the one that began it) and the event before it in the same process. A run that nobody watches keeps none of this.
// Memory: 40 bytes an event, some 150 bytes a line; give it a run that ends at the violation (RunRequest::until).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/client/client_observer.h"
#include "model/cluster/cluster.h"
#include "model/types/null_observer.h"
#include "scenarios/run/runner.h"
#include "sim/core/scheduler.h"
#include "sim/net/observer.h"

namespace tidemark::explain {

/// How much a line matters to somebody who wants to know what happened.
enum class Rank : std::uint8_t {
  kTurn,    // faults, leaders, what is promised and taken back
  kKey,     // the log, what is visible, answers
  kStep,    // messages, disks, what clients do
  kDetail,  // what goes on all the time
};

/// One thing that happened, in one event.
struct Line {
  std::uint64_t event = 0;
  sim::Instant when;
  std::uint32_t process = 0;  // Process::id(); 0: the world
  int database = -1;          // -1: of none
  Rank rank = Rank::kStep;
  std::uint64_t entry = 0;  // that it is about, as key_of(); of several the newest; 0: none
  std::uint64_t first = 0;  // the oldest of these
  std::uint32_t session = 0;
  std::uint64_t fault = 0;  // id of the fault that begins here, or
  bool ends = false;        // ends
  std::string text;         // "commits e1-17 (2 pages)"
};

/// Epoch and sequence in one number that grows along the log.
inline std::uint64_t key_of(const model::Bookmark& bookmark) {
  return std::uint64_t{bookmark.epoch} << 32 | bookmark.sequence;
}
/// "e1-17"; "nothing" for the empty log.
std::string show(const model::Bookmark& bookmark);

/// Is told each line at once.
class LineSink {
 public:
  virtual ~LineSink() = default;
  virtual void on_event(const sim::EventRecord& event) = 0;
  virtual void on_line(const Line& line) = 0;
};

class Narrator final : public scenarios::RunWatcher,
                       public sim::EventSink,
                       public sim::NetworkObserver,
                       public model::NullObserver,
                       public model::ClientObserver {
 public:
  struct Event {
    std::int64_t when_ns = 0;
    std::uint64_t cause = 0;     // event that scheduled it; 0: none
    std::uint64_t previous = 0;  // event before it in the same process; 0: none
    std::uint32_t process = 0;
    sim::EventKind kind = sim::EventKind::kTimer;
  };
  struct Node {
    std::string name = "world";
    model::NodeRole role = model::NodeRole::kSetup;
    int database = -1;
  };

  /// `keep`: false = nothing is kept but what the sink needs. `sink` may be nullptr; not owned.
  explicit Narrator(bool keep = true, LineSink* sink = nullptr) : keep_(keep), sink_(sink) {}
  /// Makes the request watched by this narrator in every way.
  void watch(scenarios::RunRequest& request);

  /// Of event n at [n - 1].
  const std::vector<Event>& events() const { return events_; }
  /// In the order of the run.
  const std::vector<Line>& lines() const { return lines_; }
  /// By Process::id(); the world at 0.
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<std::string>& databases() const { return database_names_; }
  const sim::FaultPlan& plan() const { return plan_; }
  /// At the end of the run: what the faults hit.
  const std::vector<sim::FaultReport>& faults() const { return faults_; }
  /// What is running, who leads, which faults are in force: at the end of the run.
  const std::string& rest() const { return rest_; }
  /// "timer of shop/primary at 0.512000 s".
  std::string describe(std::uint64_t event) const;

  // What the run tells.
  void on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) override;
  void on_fault_plan(const sim::FaultPlan& plan) override { plan_ = plan; }
  void on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) override;
  void on_event(const sim::EventRecord& event) override;
  void on_send(const sim::MessageView& message) override;
  void on_deliver(const sim::MessageView& message, const sim::DelaySplit& split) override;
  void on_copy(const sim::MessageView& message) override;
  void on_invoke(const model::ClientInvocation& invocation) override;
  void on_complete(const model::ClientOperation& operation) override;
  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_durable(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_ack(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) override;
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override;
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_segment(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_cold_removed(std::uint32_t database, const model::Bookmark& up_to) override;
  void on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) override;
  void on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) override;
  void on_follower_cut(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last) override;
  void on_follower_rewound(std::uint32_t database, std::uint32_t follower, const model::Bookmark& after,
                           const model::Bookmark& confirmed) override;
  void on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const model::Bookmark& at) override;
  void on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) override;
  void on_restore(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                  const model::Bookmark& undo) override;
  void on_resumed(std::uint32_t database, std::uint32_t replica, const model::Bookmark& kept) override;
  void on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const model::Bookmark& created) override;
  void on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                  std::span<const model::SqlValue> params, const model::Bookmark& entry) override;
  void on_response(const model::ResponseTruth& response) override;

 private:
  struct Sent {  // a message on its way
    std::uint64_t event = 0;
    sim::Instant when;
  };
  using MessageKey = std::pair<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t>;  // connection, number, from
  struct Request {                                                                       // the newest on a connection
    int database = -1;
    std::uint32_t session = 0;
  };

  std::string name(std::uint32_t process) const;
  Line line(Rank rank, std::uint32_t process, std::uint32_t database, std::string text) const;
  /// A line about an entry; `text` has "{}" in its place.
  void say(Rank rank, std::uint32_t process, std::uint32_t database, const char* text, const model::Bookmark& entry);
  void add(Line line);
  void say_fault(const sim::EventRecord& event);
  void receive(const sim::MessageView& message, const std::string& how);
  Line line_of(const sim::MessageView& message);

  const bool keep_;
  LineSink* const sink_;
  model::Cluster* cluster_ = nullptr;
  std::uint64_t sequence_ = 0;  // of the event that is running
  Event now_;                   // the same
  std::vector<Event> events_;
  std::vector<Line> lines_;
  std::vector<Node> nodes_;
  std::vector<std::string> database_names_;
  std::vector<std::uint64_t> last_of_process_;
  std::map<MessageKey, Sent> on_the_way_;
  std::map<std::uint64_t, Request> requests_;  // by connection
  sim::FaultPlan plan_;
  std::vector<sim::FaultReport> faults_;
  std::string rest_;
};

}  // namespace tidemark::explain
