// HostNode: the program of a process that can run the primary of one database: the home host ("db-a/primary") and the
// standby hosts. It leads when the control plane appoints it, in that epoch, once.
//
//   kIdle --Appoint--> kSealing, kLoading --> kCopying --> kServing --Retire--> kRetiring --drained--> kRetired
//     ^                  Takeover               SrsLeader::start      |             |                      |
//     |                    | deposed               | broken           | broken,     | broken               | granted
//     |                    v                       v                  v deposed,    v                      v
//     `------------------ the process starts anew (kBroken: after its last answers are out) <--------------'
//
// Ground rule: whoever leads again has forgotten everything. So an end of leading is the end of the program: the
// process restarts itself, comes back idle and says so to the control plane; what lies on its disk is removed when it
// is appointed next.
//
// The front door gives accepted connections to whoever understands their first message. Requests (D1Request) wait here
// while the host is idle, takes over or retires and the routes lead to it: at most queue_limit of them, kHoldTimeout
// long; one that comes while the database sleeps wakes it. In every other case, and when the wait is over, they are
// refused with the retryable "D1_ERROR: Network connection lost.", with no effect.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "model/cluster/control_link.h"
#include "model/cluster/nodes.h"
#include "model/cluster/sim_directory.h"
#include "model/durable_object/durable_object.h"
#include "model/srs/leader.h"
#include "model/srs/primary_storage.h"
#include "model/srs/takeover.h"
#include "model/srs/time_travel.h"

namespace tidemark::model {

/// Counts over all lives of all hosts of a database. Lives as long as the cluster.
struct HostTally {
  std::uint64_t entries = 0;  // transactions that were given a place in a log
};

class HostNode final : public sim::Program,
                       private sim::Acceptor,
                       private sim::Receiver,
                       private RpcHandler,
                       private ControlLink::Owner,
                       private srs::LeaderListener {
 public:
  /// Everything that `setup` refers to, and `tally`, outlive the program. `control`: Process::id() of the control
  /// plane.
  HostNode(const CopySetup& setup, const ControlOptions& options, std::uint32_t control, HostTally& tally);
  ~HostNode() override;

  LeaderPhase phase() const;
  /// Of the appointment; 0 when there was none in this life.
  std::uint32_t epoch() const { return appoint_ == nullptr ? 0 : appoint_->epoch; }
  /// Requests are answered.
  bool serving() const { return phase_ == LeaderPhase::kServing; }
  /// nullptr before the takeover is done.
  srs::SrsLeader* leader() { return leader_.get(); }
  /// nullptr before kServing.
  DurableObject* object() { return object_ ? &*object_ : nullptr; }
  srs::PrimaryStorage* storage() { return storage_.get(); }
  /// Requests without an answer yet, waiting ones included.
  std::size_t open_requests() const { return open_ + held_.size(); }
  std::size_t held_requests() const { return held_.size(); }
  /// Looks for pages that rotted unseen; a copy that has some is given up. True when all is well, or nothing is served.
  bool scrub();

  /// Time Travel: a request that came without a connection. See host_restore.cc. Run it on the host's process.
  sim::Task<boost::intrusive_ptr<RestoreResponse>> restore(boost::intrusive_ptr<const RestoreRequest> request);
  /// An administrator here goes back to the state of `back` ago by this host's clock, but not to before `earliest`, and
  /// with `undo`, if that went well, some time later to the state before. False when the host cannot take it.
  bool order_restore(sim::Duration back, sim::Instant earliest, bool undo);
  /// M7, see maintenance.cc: "checkpoint", "vacuum", "ddl", "huge-transaction". False when nothing is served, or a
  /// checkpoint is under way.
  bool maintain(std::string_view operation);
  /// The state of the newest entry. Only while it serves and nobody is at work.
  srs::PageTable image() const { return {leader_->committed(), storage_->image()}; }
  /// M6: the database is deleted and made again as `fresh` was, an earlier state of it. False when nothing is served,
  /// or a restore is under way.
  bool order_recreate(srs::PageTable fresh);

 private:
  /// SQLite with capture, as the Durable Object wants it. A disk that failed is the end of the host's leading.
  class Copy final : public DatabaseCopy {
   public:
    explicit Copy(HostNode& host) : DatabaseCopy(host.storage_->database()), host_(host) {}
    sqlite::Outcome run(const D1Request& request) override;
    bool has_pending() const override { return host_.storage_->has_pending(); }
    Bookmark submit_pending() override;
    sim::Task<void> until_room() override { return host_.storage_->until_room(); }

   private:
    HostNode& host_;
  };
  /// The leader, as the Durable Object sees it. Bug G17: after the end of its leading everything counts as confirmed.
  class Relay final : public PrimaryRelay {
   public:
    explicit Relay(HostNode& host) : host_(host) {}
    Bookmark submit(CommittedTransaction transaction) override;
    const Bookmark& committed() const override;
    const Bookmark& confirmed() const override;
    sim::Task<GateStatus> until_confirmed(Bookmark bookmark) override;
    sim::Task<GateStatus> until_lease() override;
    void give_up_copy() override { host_.give_up(); }

   private:
    HostNode& host_;
  };
  struct Held {
    RpcPeer peer;
    boost::intrusive_ptr<const D1Request> request;
    sim::Instant deadline;
  };

  // The front door.
  void on_accept(std::unique_ptr<sim::Connection> connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  std::unique_ptr<sim::Connection> take(sim::Connection& connection);
  // Requests.
  void on_request(RpcPeer from, const sim::PayloadRef& message) override;
  sim::Task<void> serve(RpcPeer from, boost::intrusive_ptr<const D1Request> request);
  bool may_hold() const;
  void hold(RpcPeer from, boost::intrusive_ptr<const D1Request> request);
  void look_at_held();
  void refuse(RpcPeer from, const D1Request& request);
  void refuse_held();
  sim::Task<void> recreate(srs::PageTable fresh);
  sim::Task<void> run_maintenance(boost::intrusive_ptr<const D1Request> request);
  // Time Travel.
  sim::Task<void> administer(sim::Instant time, bool undo);
  sim::Task<void> answer_restore(RpcPeer from, boost::intrusive_ptr<const RestoreRequest> request);
  sim::Task<srs::TimeTravelImage> find_past(boost::intrusive_ptr<const RestoreRequest> request);
  sim::Task<void> go_back(srs::PageTable past, boost::intrusive_ptr<RestoreResponse> response);
  bool rebuild(const srs::PageTable& past);
  // The control plane.
  void on_appoint(const boost::intrusive_ptr<const Appoint>& appoint) override;
  void on_retire(const Retire& retire) override;
  void on_reconfigure(const Reconfigure& change) override;
  void on_recorded(const ReconfiguredAck& ack) override;
  void on_grant(const Grant& grant, sim::Instant sent) override;
  boost::intrusive_ptr<LeaderReport> make_report() override;
  // The leader.
  void on_broken() override { give_up(); }
  void on_newcomer_complete(const Reconfigured& done) override;
  // Leading.
  sim::Task<void> lead();
  sqlite::DatabaseSettings settings() const;
  bool install(srs::LeaderStart& start);
  void begin_serving();
  void open_object();
  sim::Task<void> retire();
  sim::Task<void> leave();
  void give_up();
  void tell_broken();
  sim::Task<void> farewell();
  void told_gone();
  bool idle_for_long() const;
  sim::Process& process() { return setup_.relay.env.process(); }

  // Constant after construction.
  const CopySetup setup_;
  const ControlOptions& options_;
  HostTally& tally_;
  // Connections.
  std::vector<std::unique_ptr<sim::Connection>> silent_;  // accepted, nothing said yet
  RpcServer server_;
  std::deque<Held> held_;
  sim::MemberTimer<HostNode> held_timer_;
  ControlLink link_;
  // Leading.
  LeaderPhase phase_ = LeaderPhase::kIdle;
  boost::intrusive_ptr<const Appoint> appoint_;
  sim::Instant lease_;
  boost::intrusive_ptr<Reconfigured> unrecorded_;  // sent with every report until it is recorded
  std::unique_ptr<srs::Takeover> takeover_;
  std::unique_ptr<srs::PrimaryStorage> storage_;
  std::unique_ptr<srs::SrsLeader> leader_;
  std::optional<Copy> copy_;
  std::optional<Relay> relay_;
  std::optional<DurableObject> object_;
  // Requests under way.
  std::uint32_t open_ = 0;
  sim::WaitQueue drained_;
  boost::intrusive_ptr<const D1Request> vacuum_;  // the request that means VACUUM, while there is one
  sim::Instant last_request_;
  bool evicting_ = false;         // kRetiring because nobody asked for long
  std::uint64_t retired_at_ = 0;  // number of the first report that said kRetired
  bool travelling_ = false;       // a restore is under way, kRestoring or before it
  std::uint32_t renumbered_ = 0;  // bug E14
  bool leaving_ = false;
  bool gone_ = true;       // observers know that nobody leads here
  bool trusting_ = false;  // bug G17
};

}  // namespace tidemark::model
