// What faults do to a connection: the paths of Channel that are taken only where LinkFaults strike.
#include <algorithm>
#include <utility>

#include "sim/net/core.h"

namespace tidemark::sim::detail {

std::uint64_t Lane::first_number() const {
  if (displaced == nullptr) return delivered + 1;
  for (const Displaced& one : *displaced)
    if (one.envelope == first) return one.number;
  return delivered + displaced->size() + 1;  // all before it were delivered or put back
}

// Sending.

/// False when it was the end of the connection.
bool Channel::send_struck(Side& side, Envelope& envelope) {
  const std::vector<Fault*>& active = side.out.faults->active;
  bool admitted = true;
  for (Fault* fault : active) admitted = fault->admits(*this, side, *envelope.payload) && admitted;
  if (!admitted) {
    reset();
    return false;
  }
  for (Fault* fault : active) fault->sent(*this, side, envelope.payload, peer(side).inbox.sent);
  if (side.open && side.out.blocked())
    for (Fault* fault : active) fault->stopped(1);
  return true;
}

/// put_on_wire(), with the same draws from the link's own streams.
void Channel::put_on_wire_struck(Side& side, Envelope& envelope, std::uint32_t bytes) {
  Link& link = side.out;
  const Instant start = std::max(now(), peer(side).inbox.line_free);
  if (link.jitter != nullptr) envelope.jitter = core_.parameters.jitter.sample(*link.jitter);
  envelope.loss = loss_delay_struck(side, envelope, bytes, start);
  put_on_wire_again(side, envelope, bytes);
}

/// For a message whose jitter and loss are known.
void Channel::put_on_wire_again(Side& side, Envelope& envelope, std::uint32_t bytes) {
  Lane& lane = peer(side).inbox;
  Link& link = side.out;
  const Instant start = std::max(now(), lane.line_free);
  const Duration serialisation = core_.parameters.serialisation(bytes);
  lane.line_free = start + serialisation;
  if (link.slow_path != nullptr) envelope.slow_path = link.slow_path->extra(now());
  const Duration natural = link.base + envelope.jitter + envelope.slow_path;
  const Instant undisturbed = lane.line_free + natural + envelope.loss;
  if (link.faults != nullptr) {
    for (Fault* fault : link.faults->active)
      lane.line_free = std::max(lane.line_free, fault->line(link, start, serialisation, bytes));
    envelope.fault = (lane.line_free - (start + serialisation)) + fault_delay(link, natural);
  }
  envelope.due = std::max(lane.last_due, undisturbed + envelope.fault);
  lane.last_due = envelope.due;
}

Duration Channel::fault_delay(const Link& link, Duration natural) {
  Duration delay;
  for (Fault* fault : link.faults->active) delay += fault->delay(*this, link, natural);
  return delay;
}

Duration Channel::loss_delay_struck(Side& side, Envelope& envelope, std::uint32_t bytes, Instant start) {
  Link& link = side.out;
  const LinkFaults& faults = *link.faults;
  LossChain::Outcome outcome;
  if (link.loss != nullptr) outcome = link.loss->send(packets(bytes));
  const bool lost_by_link = outcome.any;
  bool lost_by_fault = false;
  for (Fault* fault : faults.active) {
    const LossChain::Outcome own = fault->lose(link, packets(bytes));
    lost_by_fault = lost_by_fault || own.any;
    outcome = {.any = outcome.any || own.any, .last = outcome.last || own.last, .all = outcome.all || own.all};
  }
  if (peer(side).inbox.lost != nullptr && !outcome.all) recover_lost(side, start);
  if (!outcome.any) return {};
  int losses = 0;
  Duration delay = first_wait(side, envelope, outcome, losses);
  while (lost_by_link && losses < kMostRetransmissions && link.loss->lost_again()) delay += probe_delay(link, losses++);
  std::uint64_t ratio = lost_by_fault ? faults.loss_with_link : faults.loss;
  while (ratio > 0 && losses < kMostRetransmissions && faults.loss_random->chance_fixed(ratio)) {
    delay += probe_delay(link, losses++);
    ratio = faults.loss_with_link;
  }
  return delay;
}

std::uint64_t Channel::bytes_on_the_way(const Side& to) const {
  const bool withheld = (to.stalled & Side::kWithheld) != 0;
  std::uint64_t bytes = 0;
  for (const Envelope* envelope = to.inbox.first; envelope != nullptr; envelope = envelope->next)
    if (withheld || envelope->due > now()) bytes += envelope->payload->wire_bytes();
  return bytes;
}

// Taking back what is on the wire.

std::uint64_t Channel::take_back(const Link& link) {
  std::uint64_t count = 0;
  for (Side* side : {&connector_, &acceptor_})
    if (&side->out == &link && !cut_) count += take_back_handshake(*side) + take_back_messages(*side);
  return count;
}

std::uint64_t Channel::take_back_messages(Side& from) {
  Side& to = peer(from);
  Lane& lane = to.inbox;
  if (to.dead || to.closed) return 0;
  const bool withheld = (to.stalled & Side::kWithheld) != 0;
  Envelope* first = lane.first;
  while (!withheld && first != nullptr && first->due <= now()) first = first->next;
  std::uint64_t count = 0;
  for (Envelope* envelope = first; envelope != lane.unsent; envelope = envelope->next, ++count) {
    envelope->due = Envelope::kTakenBack;
    envelope->loss = envelope->fault = Duration{};
  }
  const bool fin = lane.fin_sent && (withheld || lane.fin_due > now());
  if (count == 0 && !fin) return 0;
  lane.unsent = first;
  lane.lost = nullptr;
  lane.last_due = std::min(lane.last_due, now());
  lane.line_free = std::min(lane.line_free, now());
  to.stalled &= static_cast<std::uint8_t>(~Side::kWithheld);
  if (lane.first == lane.unsent) to.delivery.cancel();
  if (fin) {
    lane.fin_sent = false;
    if (to.ending_reason == CloseReason::kPeerClosed) to.ending.cancel();
  }
  if (!from.dead) {
    hold_back(from);
  } else {  // nobody is left to send it again
    drop_unsent(lane);
    if (fin) end_at(to, CloseReason::kReset, now() + core_.options.half_open_detection);
  }
  return count + (fin ? 1 : 0);
}

std::uint64_t Channel::take_back_handshake(Side& from) {
  if (connector_.dead || connector_.open) return 0;
  const bool syn = &from == &connector_ && !syn_.arrived && (syn_.clogged || (syn_.arriving && syn_.armed()));
  const bool answer =
      &from == &acceptor_ && syn_.arrived &&
      (connector_.open_clogged || (connector_.handshake.armed() && connector_.handshake.when() > now()));
  if (!syn && !answer) return 0;
  syn_.clogged = connector_.open_clogged = false;
  if (answer) connector_.handshake.cancel();
  retry_syn();
  return 1;
}

// Clogs and holds.

std::uint64_t Channel::count_withheld(const Link& link) const {
  std::uint64_t count = 0;
  for (const Side* from : {&connector_, &acceptor_}) {
    if (&from->out != &link) continue;
    const Side& to = from == &connector_ ? acceptor_ : connector_;
    if (to.reset_clogged) ++count;
    if (from == &connector_ ? syn_.clogged : connector_.open_clogged) ++count;
    if ((to.stalled & Side::kWithheld) == 0) continue;
    for (const Envelope* envelope = to.inbox.first; envelope != nullptr && envelope->due <= now();
         envelope = envelope->next)
      ++count;
    if (to.inbox.fin_sent && to.inbox.fin_due <= now()) ++count;
  }
  return count;
}

void Channel::release(const Link& link) {
  for (Side* from : {&connector_, &acceptor_}) {
    if (&from->out != &link) continue;
    if (link.faults == nullptr || !link.faults->clogged()) release_handshake(*from);
    Side& to = peer(*from);
    if ((to.stalled & Side::kWithheld) == 0) continue;
    to.stalled &= static_cast<std::uint8_t>(~Side::kWithheld);
    Lane& lane = to.inbox;
    for (Envelope* envelope = lane.first; envelope != nullptr && envelope->due < now(); envelope = envelope->next) {
      envelope->fault += now() - envelope->due;
      envelope->due = now();
    }
    lane.last_due = std::max(lane.last_due, now());
    if (lane.fin_sent) lane.fin_due = std::max(lane.fin_due, now());
    arm_next(to);
  }
}

/// And resets: they wait for the end of a clog, not for a hold.
void Channel::release_handshake(Side& from) {
  Side& to = peer(from);
  if (std::exchange(to.reset_clogged, false)) end_at(to, CloseReason::kReset, now());
  if (connector_.dead || connector_.open) return;
  if (&from == &connector_ && std::exchange(syn_.clogged, false)) arm(syn_, now(), kSynTag);
  if (&from == &acceptor_ && std::exchange(connector_.open_clogged, false)) arm(connector_.handshake, now(), kOpenTag);
}

void Channel::hurry(const Link& link) {
  for (Side* from : {&connector_, &acceptor_})
    if (&from->out == &link) hurry(*from);
}

/// All that has not arrived is due as if its bytes left now on an undisturbed link, unless it was due earlier.
void Channel::hurry(Side& from) {
  Side& to = peer(from);
  Lane& lane = to.inbox;
  lane.line_free = std::min(lane.line_free, now());
  Instant previous;
  for (Envelope* envelope = lane.first; envelope != nullptr && envelope->on_wire(); envelope = envelope->next) {
    const Duration own = from.out.base + envelope->jitter + envelope->slow_path + envelope->loss +
                         core_.parameters.serialisation(envelope->payload->wire_bytes());
    envelope->due = std::min(envelope->due, std::max(previous, now() + own));
    envelope->fault = std::min(envelope->fault, envelope->due - envelope->sent - own);
    previous = envelope->due;
  }
  lane.lost = nullptr;
  if (to.delivery.armed() && lane.first->due < to.delivery.when()) arm_next(to);
  if (lane.fin_sent) {
    lane.fin_due = previous = std::min(lane.fin_due, std::max(previous, now() + from.out.base));
    if (to.ending.armed() && to.ending_reason == CloseReason::kPeerClosed)
      end_at(to, CloseReason::kPeerClosed, lane.fin_due);
  }
  if (to.open) lane.last_due = std::min(lane.last_due, std::max(previous, now()));
}

// Arriving.

/// The next message is due. False: it waits, was overtaken, or the stream broke. True: it is delivered now, and the
/// observers know.
bool Channel::arrives(Side& side, Envelope& envelope) {
  const LinkFaults& faults = *peer(side).out.faults;
  bool withheld = faults.clogged_since < envelope.due;
  for (std::size_t i = 0; !withheld && i < faults.active.size(); ++i)
    withheld = faults.active[i]->withholds(*this, side, envelope);
  if (withheld) {
    side.stalled |= Side::kWithheld;
    return false;
  }
  if (put_back(side, envelope)) return false;
  bool broken = false;
  for (Fault* fault : faults.active) broken = fault->breaks(*envelope.payload) || broken;
  if (broken) {
    truncate(side.inbox, nullptr);
    reset();
    return false;
  }
  for (Fault* fault : faults.active) fault->delivered(*this, side, envelope.payload);
  tell_observers_delivered(side, envelope);
  if (side.inbox.displaced != nullptr) forget_displaced(side.inbox, &envelope);
  if (faults.active.empty()) core_.fault_table.settle(peer(side).out);
  return true;
}

bool Channel::put_back(Side& side, Envelope& envelope) {
  Lane& lane = side.inbox;
  TIDEMARK_ASSERT(lane.first == &envelope);
  if (lane.lost != nullptr) return false;
  if (lane.displaced != nullptr)
    for (const Lane::Displaced& one : *lane.displaced)
      if (one.envelope == &envelope) return false;
  std::uint32_t places = 0;
  for (Fault* fault : peer(side).out.faults->active) places = std::max(places, fault->displaces(*this, side, envelope));
  if (places == 0) return false;
  const std::uint64_t number = lane.first_number();
  if (lane.displaced == nullptr) lane.displaced = std::make_unique<std::vector<Lane::Displaced>>();
  lane.displaced->push_back({&envelope, number});
  peer(side).out.faults->displaced = true;
  Envelope* before = &envelope;
  for (; places > 0; --places) before = before->next;
  lane.first = envelope.next;
  envelope.next = std::exchange(before->next, &envelope);
  if (lane.last == before) lane.last = &envelope;
  envelope.fault += std::max(Duration{}, before->due - envelope.due);
  envelope.due = std::max(envelope.due, before->due);
  arm_next(side);
  return true;
}

void Channel::forget_displaced(Lane& lane, const Envelope* envelope) {
  auto& all = *lane.displaced;
  for (auto one = all.begin(); one != all.end(); ++one) {
    if (one->envelope != envelope) continue;
    all.erase(one);
    return;
  }
}

/// The end of the stream dropped it; its number stays taken.
void Channel::lose_displaced(Lane& lane, const Envelope* envelope) {
  for (Lane::Displaced& one : *lane.displaced)
    if (one.envelope == envelope) one.envelope = nullptr;
}

bool Channel::has_displaced(const Link& link) const {
  for (const Side* from : {&connector_, &acceptor_}) {
    const Lane& lane = (from == &connector_ ? acceptor_ : connector_).inbox;
    if (&from->out != &link || lane.displaced == nullptr) continue;
    for (const Lane::Displaced& one : *lane.displaced)
      if (one.envelope != nullptr) return true;
  }
  return false;
}

// Copies.

bool Channel::open_at_both_ends() const {
  for (const Side* side : {&connector_, &acceptor_})
    if (!side->open || side->closed || side->dead) return false;
  return !cut_;
}

void Channel::deliver_copy(Side& to, const PayloadRef& message, std::uint64_t number, Instant sent) {
  const MessageView view{id_, number, peer(to).endpoint.process.id(), to.endpoint.process.id(), *message, sent};
  for (NetworkObserver* observer : core_.observers) observer->on_copy(view);
  to.receiver->on_message(*to.handle, message);  // may free the channel: nothing after this
}

}  // namespace tidemark::sim::detail
