// The messages of a connection: when each is due, loss and its recovery, delivery. The rest of Channel is in
// channel.cc.
#include <algorithm>
#include <utility>

#include "sim/net/core.h"
#include "sim/net/fault.h"

namespace tidemark::sim::detail {

void Channel::send(Side& side, PayloadRef message) {
  TIDEMARK_ASSERT(message != nullptr);
  Side& to = peer(side);
  if (side.dead || side.closed || cut_ || to.dead || to.closed) return;  // nobody would ever get it
  auto* envelope = new Envelope;
  envelope->payload = std::move(message);
  envelope->sent = now();
  Lane& lane = to.inbox;
  (lane.last != nullptr ? lane.last->next : lane.first) = envelope;
  lane.last = envelope;
  ++lane.sent;
  carried_ |= std::uint64_t{1} << envelope->payload->type() % 64;
  if (!core_.observers.empty()) [[unlikely]]
    tell_observers_sent(side, *envelope);
  if (side.open && lane.unsent == nullptr && side.out.faults == nullptr) [[likely]] {
    put_on_wire(side, *envelope, envelope->payload->wire_bytes());
    if (lane.first == envelope) arm_next(to);
  } else {
    send_slowly(side, *envelope);
  }
}

/// Before the handshake is done, or where faults strike.
void Channel::send_slowly(Side& side, Envelope& envelope) {
  if (side.out.faults != nullptr && !send_struck(side, envelope)) return;
  Side& to = peer(side);
  Lane& lane = to.inbox;
  if (side.open && lane.unsent == nullptr && !side.out.blocked()) {
    put_on_wire(side, envelope, envelope.payload->wire_bytes());
    if (lane.first == &envelope) arm_next(to);
    return;
  }
  if (lane.unsent == nullptr) lane.unsent = &envelope;
  if (side.open) hold_back(side);
}

/// Decides when it is due. `envelope` is the first one not on the wire, or the FIN.
void Channel::put_on_wire(Side& side, Envelope& envelope, std::uint32_t bytes) {
  Lane& lane = peer(side).inbox;
  Link& link = side.out;
  if (link.faults != nullptr) [[unlikely]] {
    put_on_wire_struck(side, envelope, bytes);
    return;
  }
  const Instant start = std::max(now(), lane.line_free);
  lane.line_free = start + core_.parameters.serialisation(bytes);
  if (link.jitter != nullptr) envelope.jitter = core_.parameters.jitter.sample(*link.jitter);
  if (link.slow_path != nullptr) envelope.slow_path = link.slow_path->extra(now());
  if (link.loss != nullptr) envelope.loss = loss_delay(side, envelope, bytes, start);
  const Instant natural = lane.line_free + link.base + envelope.jitter + envelope.slow_path + envelope.loss;
  envelope.due = std::max(lane.last_due, natural);
  lane.last_due = envelope.due;
  TIDEMARK_ASSERT(envelope.due >= now() + link.base);
}

std::uint64_t Channel::packets(std::uint32_t bytes) const {
  const std::uint32_t size = core_.options.packet_bytes;
  return bytes <= size ? 1 : (std::uint64_t{bytes} + size - 1) / size;
}

/// Wait for the first retransmission; `losses` counts those of the last packet.
Duration Channel::first_wait(Side& side, Envelope& envelope, LossChain::Outcome outcome, int& losses) {
  const Link& link = side.out;
  if (!outcome.last) return link.round_trip * core_.options.recovery_per_mille / 1000;
  Lane& lane = peer(side).inbox;
  if (lane.lost == nullptr && envelope.payload != nullptr) {
    lane.lost = &envelope;
    lane.before_lost = lane.last_due;
  }
  return probe_delay(link, losses++);
}

Duration Channel::loss_delay(Side& side, Envelope& envelope, std::uint32_t bytes, Instant start) {
  Link& link = side.out;
  const LossChain::Outcome outcome = link.loss->send(packets(bytes));
  if (peer(side).inbox.lost != nullptr && !outcome.all) recover_lost(side, start);
  if (!outcome.any) [[likely]]
    return {};
  int losses = 0;
  Duration delay = first_wait(side, envelope, outcome, losses);
  while (losses < kMostRetransmissions && link.loss->lost_again()) delay += probe_delay(link, losses++);
  return delay;
}

Duration Channel::probe_delay(const Link& link, int losses_before) const {
  const NetworkOptions& options = core_.options;
  const Duration first = link.round_trip * options.probe_round_trips + options.probe_constant;
  Duration wait = std::min(first, options.probe_most);
  for (int i = 0; i < losses_before && wait < options.probe_most; ++i) wait = std::min(2 * wait, options.probe_most);
  return wait;
}

/// Data that leaves at `start` gets through: its acknowledgement tells the sender what was lost before it, so those
/// messages need not wait for the probe.
void Channel::recover_lost(Side& side, Instant start) {
  Side& to = peer(side);
  Lane& lane = to.inbox;
  const Duration wait = side.out.base + side.out.round_trip * core_.options.recovery_per_mille / 1000;
  Instant previous = lane.before_lost;
  for (Envelope* envelope = lane.lost; envelope != nullptr && envelope->on_wire(); envelope = envelope->next) {
    const Instant earliest = start + wait + envelope->jitter + envelope->slow_path + envelope->fault;
    const Instant due = std::min(envelope->due, std::max(previous, earliest));
    envelope->loss = std::max(Duration{}, envelope->loss - (envelope->due - due));
    envelope->due = previous = due;
  }
  lane.last_due = previous;
  if (lane.first == lane.lost && to.delivery.armed()) arm_next(to);
  lane.lost = nullptr;
}

void Channel::put_fin_on_wire(Side& side) {
  Lane& lane = peer(side).inbox;
  TIDEMARK_ASSERT(lane.fin_wanted && !lane.fin_sent && lane.unsent == nullptr);
  Envelope fin;
  put_on_wire(side, fin, 0);
  lane.fin_due = fin.due;
  lane.fin_sent = true;
}

/// The handshake is done, or the path is not blocked any more.
void Channel::flush(Side& side) {
  Side& to = peer(side);
  if (!side.open || side.dead || to.dead || to.closed || side.out.blocked()) return;
  Lane& lane = to.inbox;
  for (; lane.unsent != nullptr; lane.unsent = lane.unsent->next) {
    if (lane.unsent->due == Envelope::kTakenBack) {
      put_on_wire_again(side, *lane.unsent, lane.unsent->payload->wire_bytes());
    } else {
      put_on_wire(side, *lane.unsent, lane.unsent->payload->wire_bytes());
    }
  }
  if (lane.fin_wanted && !lane.fin_sent) put_fin_on_wire(side);
  if (!to.delivery.armed()) arm_next(to);
}

void Channel::close(Side& side) {
  if (side.dead || side.closed) return;
  side.closed = true;
  side.stalled = 0;
  side.delivery.cancel();
  truncate(side.inbox, nullptr);
  if (side.open) side.ending.cancel();
  Side& to = peer(side);
  if (cut_ || to.dead || to.closed) return;
  to.inbox.fin_wanted = true;
  if (side.out.blocked() && side.open) hold_back(side);
  flush(side);
}

/// Arms the next event of the stream towards `side`, if it is time for one.
void Channel::arm_next(Side& side) {
  if (!side.open || side.dead || side.closed || side.stalled != 0) return;
  const Lane& lane = side.inbox;
  if (lane.first != nullptr) {
    if (lane.first != lane.unsent) arm(side.delivery, lane.first->due, lane.first->payload->digest());
  } else if (side.ending_stalled) {
    arm(side.ending, now(), kFinTag);
  } else if (lane.fin_sent) {
    end_at(side, CloseReason::kPeerClosed, lane.fin_due);
  }
}

void Channel::delivery_fires(Timer& timer) {
  Side& side = static_cast<SideTimer&>(timer).side();
  Lane& lane = side.inbox;
  Envelope* const envelope = lane.first;
  TIDEMARK_ASSERT(envelope != nullptr && envelope->due <= side.channel.now());
  if (side.receiver == nullptr) {
    side.stalled |= Side::kNoReceiver;
    return;
  }
  if (side.channel.peer(side).out.faults != nullptr) [[unlikely]] {
    if (!side.channel.arrives(side, *envelope)) return;
  } else if (!side.channel.core_.observers.empty()) [[unlikely]] {
    side.channel.tell_observers_delivered(side, *envelope);
  }
  ++lane.delivered;
  lane.first = envelope->next;
  if (lane.first == nullptr) lane.last = nullptr;
  if (lane.lost == envelope) {
    lane.lost = envelope->next == lane.unsent ? nullptr : envelope->next;
    lane.before_lost = envelope->due;
  }
  const PayloadRef message = std::move(envelope->payload);
  delete envelope;
  side.channel.arm_next(side);
  side.receiver->on_message(*side.handle, message);  // may free the channel: nothing after this
}

void Channel::set_receiver(Side& side, Receiver* receiver) {
  side.receiver = receiver;
  if (receiver == nullptr || side.dead || side.closed) return;
  if ((side.stalled & Side::kNoReceiver) != 0) {
    side.stalled &= static_cast<std::uint8_t>(~Side::kNoReceiver);
    arm_next(side);
  } else if (side.ending_stalled && side.inbox.first == nullptr) {
    arm(side.ending, now(), kFinTag);
  }
}

void Channel::truncate(Lane& lane, Envelope* keep) {
  Envelope* envelope = keep != nullptr ? std::exchange(keep->next, nullptr) : std::exchange(lane.first, nullptr);
  lane.last = keep;
  while (envelope != nullptr) {
    if (envelope == lane.unsent) lane.unsent = nullptr;
    if (envelope == lane.lost) lane.lost = nullptr;
    if (lane.displaced != nullptr) lose_displaced(lane, envelope);
    delete std::exchange(envelope, envelope->next);
  }
}

void Channel::drop_unsent(Lane& lane) {
  if (lane.unsent == nullptr) return;
  Envelope* keep = nullptr;
  for (Envelope* envelope = lane.first; envelope != lane.unsent; envelope = envelope->next) keep = envelope;
  truncate(lane, keep);
}

/// Keeps what has arrived by `when`.
void Channel::drop_after(Lane& lane, Instant when) {
  Envelope* keep = nullptr;
  for (Envelope* envelope = lane.first; envelope != nullptr && envelope->due <= when; envelope = envelope->next)
    keep = envelope;
  truncate(lane, keep);
}

// The tap.

void Channel::tell_observers_sent(const Side& side, const Envelope& envelope) {
  const Side& to = peer(side);
  const MessageView view{
      id_, to.inbox.sent, side.endpoint.process.id(), to.endpoint.process.id(), *envelope.payload, envelope.sent};
  for (NetworkObserver* observer : core_.observers) observer->on_send(view);
}

void Channel::tell_observers_delivered(const Side& side, const Envelope& envelope) {
  const Side& from = peer(side);
  const MessageView view{id_,
                         side.inbox.first_number(),
                         from.endpoint.process.id(),
                         side.endpoint.process.id(),
                         *envelope.payload,
                         envelope.sent};
  DelaySplit split{.base = from.out.base,
                   .jitter = envelope.jitter,
                   .slow_path = envelope.slow_path,
                   .serialisation = core_.parameters.serialisation(envelope.payload->wire_bytes()),
                   .loss = envelope.loss,
                   .fault = envelope.fault,
                   .queueing = {},
                   .held = now() - envelope.due};
  split.queueing = (now() - envelope.sent) - split.total();
  TIDEMARK_ASSERT(split.queueing >= Duration{} && split.held >= Duration{});
  for (NetworkObserver* observer : core_.observers) observer->on_deliver(view, split);
}

}  // namespace tidemark::sim::detail
