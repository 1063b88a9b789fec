// HostNode: Time Travel, in place. D1's rules: the queries in flight are cancelled, the call returns the bookmark
// before, so that the restore can be undone, and older bookmarks stay valid (facts on D1, section 2.3).
//
//   the past state is read, requests are served as ever --refused--> nothing has happened
//        |
//   kRestoring: new requests wait at the door, those in flight are cancelled; once none is left:
//   one entry of kind kRestore (what turns the present into the past) --gate broken--> given up, outcome unknown
//        | confirmed by a quorum
//   files, wal-index, page cache and schema of the primary are made anew from the past state; kServing
//
// A crash before the entry has a quorum leaves what a takeover makes of it: the state before or the one after, never a
// mixture, because it is one entry. Nothing but the log remembers that a restore was under way.
#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "model/cluster/host_node.h"
#include "sim/core/wait.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kLost = "Time Travel: Network connection lost.";
constexpr std::string_view kBusy = "Time Travel: another restore of this database is under way.";
constexpr std::string_view kReset = "Time Travel: D1 DB storage was reset before the restore was confirmed.";

/// Between a restore that was ordered with its undoing and the latter. Ours.
constexpr sim::Duration kUndoAfter = sim::Duration::seconds(2);

}  // namespace

bool HostNode::order_restore(sim::Duration back, sim::Instant earliest, bool undo) {
  if (phase_ != LeaderPhase::kServing || travelling_) return false;
  process().spawn(administer(std::max(setup_.relay.env.wall_now() - back, earliest), undo));
  return true;
}

sim::Task<void> HostNode::administer(sim::Instant time, bool undo) {
  boost::intrusive_ptr<RestoreRequest> there(new RestoreRequest);
  there->database = setup_.identity.database;
  there->by_time = true;
  there->time = time;
  const boost::intrusive_ptr<RestoreResponse> done = co_await restore(std::move(there));
  if (!undo || !done->success) co_return;
  co_await sim::sleep(process(), kUndoAfter);
  boost::intrusive_ptr<RestoreRequest> back(new RestoreRequest);
  back->database = setup_.identity.database;
  back->bookmark = done->undo;
  co_await restore(std::move(back));
}

sim::Task<void> HostNode::answer_restore(RpcPeer from, boost::intrusive_ptr<const RestoreRequest> request) {
  boost::intrusive_ptr<RestoreResponse> response = co_await restore(std::move(request));
  server_.reply(from, std::move(response));
}

sim::Task<boost::intrusive_ptr<RestoreResponse>> HostNode::restore(boost::intrusive_ptr<const RestoreRequest> request) {
  boost::intrusive_ptr<RestoreResponse> response(new RestoreResponse);
  response->id = request->id;
  if (phase_ != LeaderPhase::kServing || travelling_) {
    response->error = travelling_ ? kBusy : kLost;
    co_return response;
  }
  travelling_ = true;
  srs::TimeTravelImage past = co_await find_past(request);
  if (past.status != srs::TimeTravelStatus::kOk) {
    response->error = "Time Travel: " + past.error;
  } else {
    response->target = past.image.at();
    response->success = request->only_ask;
    if (!request->only_ask) co_await go_back(std::move(past.image), response);
  }
  travelling_ = false;
  co_return response;
}

/// Requests are served meanwhile: the past does not change.
sim::Task<srs::TimeTravelImage> HostNode::find_past(boost::intrusive_ptr<const RestoreRequest> request) {
  const srs::RecentLog recent{leader_->tail_start(), leader_->confirmed_tail()};
  const Bookmark newest = leader_->confirmed();
  Bookmark target = request->bookmark;
  if (request->by_time) {
    srs::TimeTravelBookmark found = co_await srs::bookmark_for_time(setup_.relay, request->time, recent);
    if (found.status != srs::TimeTravelStatus::kOk) {
      srs::TimeTravelImage nothing;
      nothing.status = found.status;
      nothing.error = std::move(found.error);
      co_return nothing;
    }
    setup_.relay.observer.on_time_found(setup_.identity.database, request->time, newest, found.bookmark);
    target = found.bookmark;
  }
  co_return co_await srs::image_at(setup_.relay, target, recent);
}

sim::Task<void> HostNode::go_back(srs::PageTable past, boost::intrusive_ptr<RestoreResponse> response) {
  response->error = kLost;
  if (phase_ != LeaderPhase::kServing) co_return;  // it was retired or given up meanwhile
  phase_ = LeaderPhase::kRestoring;
  link_.report_now();
  object_->cancel_open();
  while (open_ > 0) co_await drained_.wait(process());
  co_await storage_->until_quiet();
  if (phase_ != LeaderPhase::kRestoring) co_return;

  // Nobody is at work: the present is what the newest entry left.
  const srs::PageTable present(leader_->committed(), storage_->image());
  // Bug E28: what undoes a restore is told to be what it went to.
  response->undo = setup_.relay.bugs.has(Bug::kE28) ? past.at() : present.at();
  CommittedTransaction change = srs::difference(present, past);
  // Bug E23: what has grown since stays grown.
  if (setup_.relay.bugs.has(Bug::kE23)) change.database_pages = std::max(present.pages(), past.pages());
  response->restored = leader_->submit(std::move(change), EntryKind::kRestore);
  ++tally_.entries;
  setup_.relay.observer.on_restore(setup_.identity.database, response->restored, response->target, response->undo);
  const GateStatus gate = co_await leader_->until_confirmed(response->restored);
  if (gate == GateStatus::kBroken) {
    response->error = kReset;
    response->outcome_unknown = true;
    give_up();
    co_return;
  }
  response->success = true;
  response->error.clear();
  // The log has it, whatever becomes of this host.
  if (phase_ != LeaderPhase::kRestoring) co_return;
  if (!rebuild(past)) {
    give_up();
    co_return;
  }
  // Bug E14: bookmarks go on from the target.
  if (setup_.relay.bugs.has(Bug::kE14) && response->restored.epoch == response->target.epoch)
    renumbered_ = response->restored.sequence - response->target.sequence;
  phase_ = LeaderPhase::kServing;
  last_request_ = setup_.relay.env.now();
  link_.report_now();
  look_at_held();
}

/// As at every start of a primary: nothing of the copy before may be seen, in files or in memory.
bool HostNode::rebuild(const srs::PageTable& past) {
  // Bug E25: the copy before goes on, unless it is larger: then entries would follow that leave holes in the image.
  if (setup_.relay.bugs.has(Bug::kE25) && storage_->image().size() <= past.pages()) return true;
  TIDEMARK_ASSERT(open_ == 0 && object_->open_requests() == 0, "the object has no work");
  object_.reset();
  copy_.reset();
  storage_.reset();
  storage_ = std::make_unique<srs::PrimaryStorage>(setup_.relay, settings(), past.contents());
  if (storage_->failed()) return false;
  open_object();
  return true;
}

}  // namespace tidemark::model
