// HostNode: appointments, from the first message of the control plane to the end of leading. The front door and the
// requests: host_door.cc.
#include "model/cluster/host_node.h"

#include <utility>

#include "base/assert.h"
#include "model/types/points.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {
namespace {

/// Between the end of leading and the restart: the last answers travel.
constexpr sim::Duration kFarewell = sim::Duration::milliseconds(500);
/// A host that retired looks this often whether its successor serves, so long at most.
constexpr sim::Duration kLook = sim::Duration::milliseconds(50);
constexpr sim::Duration kLongestLook = sim::Duration::seconds(2);

}  // namespace

HostNode::HostNode(const CopySetup& setup, const ControlOptions& options, std::uint32_t control, HostTally& tally)
    : setup_(setup),
      options_(options),
      tally_(tally),
      server_(*this),
      held_timer_(*this, &HostNode::look_at_held, setup.relay.env.process()),
      link_(setup.relay.env, control, options.report_period, *this) {
  const std::uint32_t id = process().id();
  setup_.relay.env.network().listen(this);
  // Routes that still lead here find somebody who can hold requests and wake the database.
  if (setup_.directory->primary(setup_.identity.database) == id) setup_.directory->add(setup_.identity.database, id);
  link_.start();
}

HostNode::~HostNode() {
  setup_.relay.env.network().listen(nullptr);
  told_gone();
  setup_.directory->remove(setup_.identity.database, setup_.relay.env.process().id());
}

LeaderPhase HostNode::phase() const {
  return takeover_ != nullptr && leader_ == nullptr ? takeover_->phase() : phase_;
}

void HostNode::on_appoint(const boost::intrusive_ptr<const Appoint>& appoint) {
  // Whatever ran is over. The appointment is lost with it: the control plane hears of an idle host and appoints again.
  if (phase_ != LeaderPhase::kIdle) {
    give_up();
    return;
  }
  appoint_ = appoint;
  if (!reach(process(), Point::kHostAppointed)) return;
  phase_ = LeaderPhase::kSealing;
  link_.report_now();
  process().spawn(lead());
}

sim::Task<void> HostNode::lead() {
  takeover_ = std::make_unique<srs::Takeover>(setup_.relay, *appoint_);
  const srs::TakeoverEnd end = co_await takeover_->run();
  if (end != srs::TakeoverEnd::kDone) {
    give_up();
    co_return;
  }
  srs::LeaderStart start = takeover_->take();
  start.leased = true;
  if (setup_.relay.env.unlikely("host/install-fails", sim::BuggifyClass::kError) || !install(start)) {
    give_up();
    co_return;
  }
  if (!reach(process(), Point::kHostInstalled)) co_return;
  leader_ = std::make_unique<srs::SrsLeader>(setup_.relay, *appoint_, std::move(start),
                                             static_cast<srs::LeaderListener&>(*this));
  phase_ = LeaderPhase::kCopying;
  link_.report_now();
  const GateStatus proved = co_await leader_->start();
  if (!reach(process(), Point::kHostServing)) co_return;
  if (proved == GateStatus::kOpen && phase_ == LeaderPhase::kCopying) {
    begin_serving();
  } else {
    give_up();
  }
}

sqlite::DatabaseSettings HostNode::settings() const {
  sqlite::DatabaseSettings result;
  result.seed = setup_.sqlite_seed;
  result.step_limit = setup_.options.step_limit();
  return result;
}

/// The files, as the chosen log says. Without an image in cold storage the log begins with a new, empty database.
bool HostNode::install(srs::LeaderStart& start) {
  if (start.image.pages() == 0) {
    srs::PrimaryStorage empty(setup_.relay, settings());
    if (empty.failed()) return false;
    start.image = srs::PageTable(start.image.at(), empty.image());
  }
  srs::PageTable newest = start.image;
  for (const EntryRef& entry : start.recovered) newest.apply(*entry);
  storage_ = std::make_unique<srs::PrimaryStorage>(setup_.relay, settings(), newest.contents());
  return !storage_->failed();
}

void HostNode::begin_serving() {
  const std::uint32_t database = setup_.identity.database;
  relay_.emplace(*this);
  open_object();
  phase_ = LeaderPhase::kServing;
  leader_->set_lease(lease_);
  last_request_ = setup_.relay.env.now();
  gone_ = false;
  setup_.directory->set_primary(database, process().id());
  setup_.relay.observer.on_leader(database, process().id(), epoch(), leader_->confirmed());
  link_.report_now();
  look_at_held();
}

/// Over the files that storage_ has just opened.
void HostNode::open_object() {
  storage_->set_relay(*relay_);
  copy_.emplace(*this);
  object_.emplace(setup_.relay.env, setup_.identity, setup_.options, setup_.relay.bugs,
                  DurableObjectParts{&*copy_, &*relay_, nullptr, &setup_.relay.observer});
}

void HostNode::on_grant(const Grant& grant, sim::Instant sent) {
  if (grant.epoch != epoch()) return;
  if (grant.refused) {
    give_up();
    return;
  }
  if (phase_ == LeaderPhase::kRetired) {
    if (grant.number >= retired_at_ && !std::exchange(leaving_, true)) process().spawn(leave());
    return;
  }
  // The lease runs from the instant at which the report left. Bug B7: a grant is for ever.
  lease_ = setup_.relay.bugs.has(Bug::kB7) ? sim::Instant::max() : sent + options_.lease;
  if (leader_ != nullptr) leader_->set_lease(lease_);
}

boost::intrusive_ptr<LeaderReport> HostNode::make_report() {
  if (phase_ == LeaderPhase::kBroken) return nullptr;  // the next life reports
  boost::intrusive_ptr<LeaderReport> report(new LeaderReport);
  report->database = setup_.identity.database;
  report->epoch = epoch();
  report->phase = phase();
  if (leader_ == nullptr) return report;
  report->confirmed = leader_->confirmed();
  if (phase_ != LeaderPhase::kServing && phase_ != LeaderPhase::kRestoring) return report;
  if (storage_->failed() || leader_->broken()) {
    give_up();
    return nullptr;
  }
  report->lease_lost = setup_.relay.env.now() >= lease_;
  report->silent_followers = leader_->silent_followers(options_.replace_after);
  report->idle = idle_for_long();
  if (unrecorded_ != nullptr) link_.send(unrecorded_);
  return report;
}

bool HostNode::idle_for_long() const {
  return options_.evict_after.ns() > 0 && open_ == 0 && !travelling_ && object_->open_requests() == 0 &&
         setup_.relay.env.now() - last_request_ >= options_.evict_after;
}

void HostNode::on_reconfigure(const Reconfigure& change) {
  const bool leads = phase_ == LeaderPhase::kServing || phase_ == LeaderPhase::kRestoring;
  if (leads && change.epoch == epoch()) leader_->reconfigure(change);
}

void HostNode::on_newcomer_complete(const Reconfigured& done) {
  unrecorded_.reset(new Reconfigured);
  unrecorded_->database = setup_.identity.database;
  unrecorded_->epoch = epoch();
  unrecorded_->version = done.version;
  unrecorded_->index = done.index;
  unrecorded_->process = done.process;
  link_.send(unrecorded_);
}

void HostNode::on_recorded(const ReconfiguredAck& ack) {
  if (leader_ == nullptr || ack.epoch != epoch()) return;
  if (unrecorded_ != nullptr && ack.version >= unrecorded_->version) unrecorded_.reset();
  leader_->reconfigured_recorded(ack.version);
}

void HostNode::on_retire(const Retire& retire_request) {
  if (phase_ != LeaderPhase::kServing || retire_request.epoch != epoch()) return;
  evicting_ = idle_for_long();
  if (!reach(process(), Point::kHostRetire)) return;
  phase_ = LeaderPhase::kRetiring;
  process().spawn(retire());
}

sim::Task<void> HostNode::retire() {
  while (open_ > 0) co_await drained_.wait(process());
  leader_->retire();
  co_await leader_->until_drained();
  if (phase_ != LeaderPhase::kRetiring) co_return;
  if (!reach(process(), Point::kHostRetired)) co_return;
  phase_ = LeaderPhase::kRetired;
  retired_at_ = link_.last_number() + 1;
  told_gone();
  link_.report_now();
}

/// Retired, and the control plane knows. Whoever waits here is sent to the successor once that serves.
sim::Task<void> HostNode::leave() {
  const std::uint32_t database = setup_.identity.database;
  const sim::Instant end = setup_.relay.env.now() + (evicting_ ? sim::Duration{} : kLongestLook);
  while (setup_.directory->primary(database) == process().id() && setup_.relay.env.now() < end)
    co_await sim::sleep(process(), kLook);
  co_await farewell();
}

void HostNode::told_gone() {
  if (std::exchange(gone_, true) || setup_.directory->closed()) return;
  setup_.relay.observer.on_leader_gone(setup_.identity.database, process().id(), epoch());
}

bool HostNode::scrub() {
  if (!serving() || storage_->vfs().scrub()) return true;
  give_up();
  return false;
}

/// No read is answered any more, so the lease need not be waited for.
void HostNode::tell_broken() {
  boost::intrusive_ptr<LeaderReport> last(new LeaderReport);
  last->database = setup_.identity.database;
  last->epoch = epoch();
  last->phase = LeaderPhase::kBroken;
  if (last->epoch != 0) link_.send(std::move(last));
}

/// The end of leading that nobody planned. Open requests get their answers (a broken gate), waiting ones are refused,
/// then the process starts anew.
void HostNode::give_up() {
  if (phase_ == LeaderPhase::kBroken || trusting_) return;
  if (setup_.relay.bugs.has(Bug::kG17) && object_.has_value()) {
    trusting_ = true;
    return;
  }
  phase_ = LeaderPhase::kBroken;
  link_.stop_reporting();
  if (leader_ != nullptr) leader_->fail();
  tell_broken();
  told_gone();
  setup_.directory->remove(setup_.identity.database, process().id());
  process().spawn(farewell());
}

sim::Task<void> HostNode::farewell() {
  const bool anybody = open_ > 0 || !held_.empty() || travelling_;
  phase_ = LeaderPhase::kBroken;
  refuse_held();
  if (anybody) co_await sim::sleep(process(), kFarewell);
  if (setup_.relay.bugs.has(Bug::kH4)) co_return;  // Bug H4: marked as broken, and nobody makes it whole again
  process().restart({});
}

sqlite::Outcome HostNode::Copy::run(const D1Request& request) {
  const bool vacuum = &request == host_.vacuum_.get();
  sqlite::Outcome outcome = vacuum ? host_.storage_->database().vacuum() : DatabaseCopy::run(request);
  // A commit that could not be read back from the disk was never shipped: it has no effect.
  if (host_.storage_->failed() && outcome.ok()) {
    outcome.statements.clear();
    outcome.error = {SQLITE_IOERR, SQLITE_IOERR, "disk I/O error: SQLITE_IOERR"};
  }
  return outcome;
}

Bookmark HostNode::Copy::submit_pending() {
  const std::uint64_t before = host_.leader_->committed().sequence;
  Bookmark told = host_.storage_->submit_pending();
  told.sequence -= host_.renumbered_;
  host_.tally_.entries += host_.leader_->committed().sequence - before;
  return told;
}

Bookmark HostNode::Relay::submit(CommittedTransaction transaction) {
  return host_.leader_->submit(std::move(transaction));
}
const Bookmark& HostNode::Relay::committed() const {
  return host_.leader_->committed();
}
const Bookmark& HostNode::Relay::confirmed() const {
  return host_.trusting_ ? host_.leader_->committed() : host_.leader_->confirmed();
}
sim::Task<GateStatus> HostNode::Relay::until_confirmed(Bookmark bookmark) {
  const GateStatus status = co_await host_.leader_->until_confirmed(bookmark);
  co_return host_.trusting_ ? GateStatus::kOpen : status;
}
sim::Task<GateStatus> HostNode::Relay::until_lease() {
  const GateStatus status = co_await host_.leader_->until_lease();
  co_return host_.trusting_ ? GateStatus::kOpen : status;
}

}  // namespace tidemark::model
