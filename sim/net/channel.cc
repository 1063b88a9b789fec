// Handshake and endings of a connection; its messages are in stream.cc.
#include "sim/net/channel.h"

#include <algorithm>
#include <utility>

#include "sim/net/core.h"
#include "sim/net/fault.h"

namespace tidemark::sim::detail {
namespace {

std::uint64_t tag_of(CloseReason reason) {
  return 200 + static_cast<std::uint64_t>(reason);
}

}  // namespace

Side::Side(Channel& owner, Endpoint& where, Link& out_link)
    : channel(owner),
      endpoint(where),
      out(out_link),
      delivery(&Channel::delivery_fires, EventKind::kDeliver, where.process, *this),
      handshake(&Channel::handshake_fires, EventKind::kConnect, where.process, *this),
      ending(&Channel::ending_fires, EventKind::kClose, where.process, *this),
      give_up(&Channel::give_up_fires, EventKind::kClose, where.process, *this) {}

Side::~Side() {
  Channel::truncate(inbox, nullptr);
}

Channel::Channel(NetworkCore& core, std::uint64_t id, Endpoint& connector, Endpoint& acceptor, Link& there, Link& back)
    : core_(core), id_(id), connector_(*this, connector, there), acceptor_(*this, acceptor, back), syn_(*this) {
  syn_.wait = core_.options.handshake_retry;
}

Channel::~Channel() {
  forget_unaccepted();
  for (Side* side : {&connector_, &acceptor_})
    if (side->handle != nullptr) side->handle->orphan();
}

Instant Channel::now() const {
  return core_.scheduler.now();
}

void Channel::arm(Timer& timer, Instant when, std::uint64_t content) {
  core_.scheduler.arm(timer, when, tag(content));
}

Duration Channel::control_delay(Link& link) {
  Duration delay = link.base;
  if (link.jitter != nullptr) delay += core_.parameters.jitter.sample(*link.jitter);
  if (link.slow_path != nullptr) delay += link.slow_path->extra(now());
  if (link.faults != nullptr) delay += fault_delay(link, delay);
  return delay;
}

// Handshake.

void Channel::start() {
  end_at(connector_, CloseReason::kTimeout, now() + core_.options.connect_timeout);
  if (connector_.out.faults != nullptr && begin_struck()) return;
  send_syn();
}

/// True when a fault settled it: no SYN leaves now.
bool Channel::begin_struck() {
  std::optional<ConnectFault::Answer> worst;
  Duration delay;
  Duration refusal = Duration::max();
  for (Fault* fault : connector_.out.faults->active) {
    Duration own;
    const auto answer = fault->connects(own);
    if (!answer.has_value()) continue;
    worst = worst.has_value() ? std::max(*worst, *answer) : *answer;
    if (*answer == ConnectFault::Answer::kDelayed) delay += own;
    if (*answer == ConnectFault::Answer::kRefused) refusal = std::min(refusal, own);
  }
  if (!worst.has_value()) return false;
  if (*worst == ConnectFault::Answer::kDelayed) {
    arm(syn_, now() + delay, kSynTag);
  } else if (*worst == ConnectFault::Answer::kRefused) {
    end_at(connector_, CloseReason::kRefused, now() + refusal);
  }
  return true;
}

bool Channel::handshake_lost(Link& link) {
  bool lost = link.blocked();
  if (lost) {
    for (Fault* fault : link.faults->active) fault->stopped(1);
    return true;
  }
  if (link.loss != nullptr) lost = link.loss->send(1).any;
  if (link.faults != nullptr)
    for (Fault* fault : link.faults->active) lost = fault->lose(link, 1).any || lost;
  return lost;
}

void Channel::send_syn() {
  if (handshake_lost(connector_.out)) {
    retry_syn();
    return;
  }
  syn_.arriving = true;
  arm(syn_, now() + control_delay(connector_.out), kSynTag);
}

void Channel::retry_syn() {
  syn_.arriving = false;
  arm(syn_, now() + syn_.wait, kSynTag);
  syn_.wait = 2 * syn_.wait;
}

void Channel::syn_fires(Timer& timer) {
  Syn& syn = static_cast<Syn&>(timer);
  const LinkFaults* const faults = syn.channel.connector_.out.faults;
  if (!syn.arrived && syn.arriving && faults != nullptr && faults->clogged_since < syn.channel.now()) {
    syn.clogged = true;
  } else if (syn.arrived) {
    syn.channel.answer_syn();
  } else if (syn.arriving) {
    syn.channel.syn_arrives();
  } else {
    syn.channel.send_syn();
  }
}

void Channel::syn_arrives() {
  TIDEMARK_ASSERT(!syn_.arrived && !connector_.open);
  const Endpoint& target = acceptor_.endpoint;
  const bool stopped = target.process.state() == ProcessState::kStopped;
  if (stopped && target.silent) {
    retry_syn();
  } else if (stopped || target.acceptor == nullptr) {
    refuse();
  } else {
    syn_.arrived = true;
    syn_.wait = core_.options.handshake_retry;
    unaccepted_ = std::make_unique<End>(acceptor_);
    arm(acceptor_.handshake, now(), kAcceptTag);
    answer_syn();
  }
}

void Channel::refuse() {
  const LinkFaults* const faults = acceptor_.out.faults;
  if (acceptor_.out.blocked() || (faults != nullptr && faults->clogged())) {
    retry_syn();  // the refusal does not get through, so the SYN is sent again
  } else {
    end_at(connector_, CloseReason::kRefused, now() + control_delay(acceptor_.out));
  }
}

void Channel::answer_syn() {
  if (handshake_lost(acceptor_.out)) {
    retry_syn();
    return;
  }
  const Instant due = now() + control_delay(acceptor_.out);
  connector_.inbox.last_due = std::max(connector_.inbox.last_due, due);
  arm(connector_.handshake, due, kOpenTag);
}

void Channel::handshake_fires(Timer& timer) {
  Side& side = static_cast<SideTimer&>(timer).side();
  if (&side == &side.channel.acceptor_) {
    side.channel.accept();
  } else {
    side.channel.opened();
  }
}

void Channel::accept() {
  std::unique_ptr<End> end = std::move(unaccepted_);
  TIDEMARK_ASSERT(end != nullptr && !acceptor_.open);
  Acceptor* const listener = acceptor_.endpoint.acceptor;
  if (listener == nullptr) return;  // stopped listening meanwhile: `end` goes, which resets the stream
  acceptor_.open = true;
  arm_next(acceptor_);
  listener->on_accept(std::move(end));
}

void Channel::opened() {
  TIDEMARK_ASSERT(!connector_.open && !connector_.dead);
  const LinkFaults* const faults = acceptor_.out.faults;
  if (faults != nullptr && faults->clogged()) {
    connector_.open_clogged = true;
    return;
  }
  connector_.open = true;
  if (connector_.ending_reason == CloseReason::kTimeout) {
    connector_.ending.cancel();
    // The peer died while its answer was under way: the time-out, which came earlier, stood for the news of that.
    if (acceptor_.dead && !connector_.inbox.fin_sent) tell_reset(connector_);
  }
  flush(connector_);
  arm_next(connector_);
  if (connector_.closed) {
    free_if_unused();
  } else if (connector_.receiver != nullptr) {
    connector_.receiver->on_open(*connector_.handle);
  }
}

// Endings.

/// Tells the side at `when`, unless it is told earlier anyway.
void Channel::end_at(Side& side, CloseReason reason, Instant when) {
  if (side.dead || side.ending_stalled) return;
  if (side.closed && side.open) return;  // nobody wants to know
  if (side.ending.armed() && side.ending.when() <= when) return;
  side.ending_reason = reason;
  side.ending_due = when;
  arm(side.ending, when, tag_of(reason));
}

void Channel::ending_fires(Timer& timer) {
  Side& side = static_cast<SideTimer&>(timer).side();
  Channel& channel = side.channel;
  const LinkFaults* const faults = channel.peer(side).out.faults;
  if (side.ending_reason == CloseReason::kPeerClosed && faults != nullptr && faults->clogged_since < side.ending_due) {
    side.stalled |= Side::kWithheld;
    return;
  }
  drop_arriving(side, side.ending_due);
  if (side.receiver == nullptr && !side.closed) {  // kept until there is one; so is what had arrived before
    side.ending_stalled = true;
    return;
  }
  if (side.open && side.inbox.first != nullptr) {  // arrived before the end, or at the same instant: goes first
    channel.arm(side.ending, channel.now(), tag_of(side.ending_reason));
    return;
  }
  if (!side.open) {  // the handshake failed
    channel.syn_.cancel();
    if (side.ending_reason == CloseReason::kTimeout && channel.syn_.arrived) channel.tell_reset(channel.peer(side));
  }
  channel.kill(side);
  if (side.closed) {
    channel.free_if_unused();
  } else {
    side.receiver->on_close(*side.handle, side.ending_reason);
  }
}

/// The side is over; what others sent to it, and what it had not got on the wire, is gone.
void Channel::kill(Side& side) {
  TIDEMARK_ASSERT(!side.dead);
  side.dead = true;
  for (Timer* timer : {&side.delivery, &side.handshake, &side.ending, &side.give_up}) timer->cancel();
  truncate(side.inbox, nullptr);
  drop_unsent(peer(side).inbox);
}

/// A reset goes to `side` from its peer, which is gone.
void Channel::tell_reset(Side& side) {
  if (cut_ || side.dead) return;
  syn_.cancel();
  if (&side == &acceptor_ && !syn_.arrived) return;  // it never heard of the connection
  Link& path = peer(side).out;
  const bool unheard = path.blocked() || peer(side).endpoint.silent;
  if (!unheard && path.faults != nullptr && path.faults->clogged()) {
    side.reset_clogged = true;
    return;
  }
  end_at(side, CloseReason::kReset, now() + (unheard ? core_.options.half_open_detection : control_delay(path)));
}

/// The owner of this end is gone without a close(), or its process crashed.
void Channel::abandon(Side& side) {
  if (side.dead) return;
  const bool in_order = side.closed && peer(side).inbox.fin_sent;
  kill(side);
  if (!in_order) tell_reset(peer(side));
}

void Channel::drop_handle(Side& side) {
  side.handle = nullptr;
  side.receiver = nullptr;
  if (!side.closed) abandon(side);
  free_if_unused();
}

void Channel::free_if_unused() {
  if (connector_.handle != nullptr || acceptor_.handle != nullptr) return;
  if (connector_.closed && !connector_.open && !connector_.dead) return;  // what it had sent is still to be delivered
  TIDEMARK_ASSERT(unaccepted_ == nullptr);
  core_.remove(*this);
  delete this;
}

void Channel::forget_unaccepted() {
  if (unaccepted_ == nullptr) return;
  unaccepted_->orphan();
  unaccepted_.reset();
  acceptor_.handle = nullptr;
}

void Channel::crash(Process& process) {
  for (Side* side : {&connector_, &acceptor_}) {
    if (&side->endpoint.process != &process) continue;
    if (side == &acceptor_ && !syn_.arrived) continue;  // the SYN is on its way; the next incarnation may answer it
    if (side == &acceptor_) forget_unaccepted();
    abandon(*side);  // a handle that outlived the program is a dead one now
  }
}

/// Nothing passes any more in either direction; neither end knows yet. What has arrived stays.
void Channel::cut() {
  cut_ = true;
  syn_.cancel();
  for (Side* side : {&connector_, &acceptor_}) {
    side->handshake.cancel();
    side->give_up.cancel();
    drop_arriving(*side, now());
    side->reset_clogged = side->open_clogged = false;
    if (side->inbox.first == nullptr) side->delivery.cancel();
    side->inbox.fin_wanted = side->inbox.fin_sent = false;
    if (side->ending_reason == CloseReason::kPeerClosed) side->ending.cancel();
  }
  if (acceptor_.open) return;
  forget_unaccepted();  // nobody at the accepting side has seen it
  if (!acceptor_.dead) kill(acceptor_);
}

void Channel::reset() {
  if (!cut_) cut();
  for (Side* side : {&connector_, &acceptor_}) end_at(*side, CloseReason::kReset, now());
}

void Channel::half_open(std::uint32_t aware) {
  if (!cut_) cut();
  for (Side* side : {&connector_, &acceptor_}) {
    const bool knows = side->endpoint.process.id() == aware;
    end_at(*side, CloseReason::kReset, knows ? now() : now() + core_.options.half_open_detection);
  }
}

void Channel::unblocked(const Link& link) {
  for (Side* side : {&connector_, &acceptor_}) {
    if (&side->out != &link) continue;
    side->give_up.cancel();
    flush(*side);
  }
}

/// Forgets what has not arrived at the side by `when`.
void Channel::drop_arriving(Side& side, Instant when) {
  if ((side.stalled & Side::kWithheld) == 0) {
    drop_after(side.inbox, when);
    return;
  }
  truncate(side.inbox, nullptr);
  side.stalled &= static_cast<std::uint8_t>(~Side::kWithheld);
}

void Channel::hold_back(Side& side) {
  if (side.out.blocked() && !side.give_up.armed())
    arm(side.give_up, now() + core_.options.half_open_detection, kGiveUpTag);
}

void Channel::give_up_fires(Timer& timer) {
  Side& side = static_cast<SideTimer&>(timer).side();
  Channel& channel = side.channel;
  TIDEMARK_ASSERT(side.out.blocked() && !side.dead);
  if (side.closed) {
    channel.abandon(side);
    channel.free_if_unused();
  } else {
    channel.tell_reset(channel.peer(side));
    channel.end_at(side, CloseReason::kReset, channel.now());
  }
}

// The handle.

End::End(Side& side)
    : side_(&side),
      peer_(side.channel.peer(side).endpoint.process.id()),
      peer_name_(side.channel.peer(side).endpoint.name) {
  TIDEMARK_ASSERT(side.handle == nullptr);
  side.handle = this;
}

End::~End() {
  if (side_ != nullptr) side_->channel.drop_handle(*side_);
}

void End::send(PayloadRef message) {
  if (side_ != nullptr && side_->endpoint.process.act(ProcessAct::kSend)) [[likely]]
    side_->channel.send(*side_, std::move(message));
}

void End::close() {
  if (side_ != nullptr) side_->channel.close(*side_);
}

bool End::is_open() const {
  return side_ != nullptr && side_->open && !side_->closed && !side_->dead;
}

const std::string& End::peer_name() const {
  return *peer_name_;
}

void End::set_receiver(Receiver* receiver) {
  if (side_ != nullptr) side_->channel.set_receiver(*side_, receiver);
}

}  // namespace tidemark::sim::detail
