// Faults of connections and of whole paths: N9-N13, N18, N20-N23, and N7 inside a stream.
#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "sim/net/core.h"

namespace tidemark::sim::detail {
namespace {

template <typename Visit>
void each_channel(const NetworkCore& core, Visit visit) {
  for (Channel* channel = core.first; channel != nullptr; channel = channel->next) visit(*channel);
}

class Partition final : public Fault {
 public:
  Partition(FaultTable& owner, Paths struck, InFlight in_flight)
      : Fault(owner, std::move(struck), nullptr), in_flight_(in_flight) {}
  void joins(Link& link) override {
    ++link.blocks;
    if (in_flight_ == InFlight::kDrop)
      each_channel(table.core, [&](Channel& channel) { effects += channel.take_back(link); });
  }
  void leaves(Link& link) override {
    --link.blocks;
    if (!link.blocked()) table.core.unblocked(link);
  }
  void stopped(std::uint64_t count) override { effects += count; }

 private:
  const InFlight in_flight_;
};

class Clog final : public Fault {
 public:
  Clog(FaultTable& owner, Paths struck) : Fault(owner, std::move(struck), nullptr), since_(owner.core.now()) {}
  std::optional<Instant> clogs_since() const override { return since_; }
  void leaves(Link& link) override {
    const bool still = link.faults != nullptr && link.faults->clogged();
    each_channel(table.core, [&](Channel& channel) {
      effects += channel.count_withheld(link);
      if (!still) channel.release(link);
    });
  }

 private:
  const Instant since_;
};

class Hold final : public Fault {
 public:
  Hold(FaultTable& owner, Paths struck, PayloadTypes types)
      : Fault(owner, std::move(struck), nullptr), types_(std::move(types)), since_(owner.core.now()) {}
  bool withholds(Channel& channel, Side& to, const Envelope& envelope) override {
    if (!holds(to, envelope)) return false;
    if (counted_.insert(key(channel, channel.peer(to))).second) ++effects;
    return true;
  }
  void leaves(Link& link) override {
    each_channel(table.core, [&](Channel& channel) { channel.release(link); });
  }
  std::vector<NetworkFaults::Held> held() const {
    std::vector<NetworkFaults::Held> found;
    each_channel(table.core, [&](Channel& channel) {
      for (Side* from : {&channel.connector(), &channel.acceptor()})
        if (waits(channel, *from))
          found.push_back(
              {channel.id(), {from->out.from, from->out.to}, channel.peer(*from).inbox.first->payload->type()});
    });
    return found;
  }
  bool release(const NetworkFaults::Held& which) {
    Channel* const channel = table.core.find(which.connection);
    if (channel == nullptr) return false;
    for (Side* from : {&channel->connector(), &channel->acceptor()}) {
      if (from->out.from != which.path.from || from->out.to != which.path.to || !waits(*channel, *from)) continue;
      passed_.insert(key(*channel, *from));
      channel->release(from->out);
      return true;
    }
    return false;
  }

 private:
  using Key = std::tuple<std::uint64_t, bool, std::uint64_t>;  // connection, from its connector, number
  static Key key(Channel& channel, const Side& from) {
    return {channel.id(), &from == &channel.connector(), channel.peer(from).inbox.first_number()};
  }
  /// What had arrived when the hold began is not held.
  bool holds(Side& to, const Envelope& envelope) const {
    Channel& channel = to.channel;
    return envelope.due > since_ && matches(types_, envelope.payload->type()) &&
           passed_.count(key(channel, channel.peer(to))) == 0;
  }
  bool waits(Channel& channel, const Side& from) const {
    Side& to = channel.peer(from);
    return paths.contains(from.out.from, from.out.to) && (to.stalled & Side::kWithheld) != 0 &&
           to.inbox.first != nullptr && holds(to, *to.inbox.first);
  }
  const PayloadTypes types_;
  const Instant since_;
  std::set<Key> passed_;
  std::set<Key> counted_;
};

class Reorder final : public Fault {
 public:
  Reorder(FaultTable& owner, Paths struck, ReorderFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)) {}
  std::uint32_t displaces(Channel&, Side&, const Envelope& envelope) override {
    if (!matches(fault_.types, envelope.payload->type())) return 0;
    std::uint32_t room = 0;
    for (const Envelope* next = envelope.next;
         room < fault_.most && next != nullptr && next->on_wire() && matches(fault_.types, next->payload->type());
         next = next->next)
      ++room;
    if (room == 0 || !happens(probability_)) return 0;
    ++effects;
    return 1 + static_cast<std::uint32_t>(random().below(room));
  }

 private:
  const ReorderFault fault_;
  const std::uint64_t probability_;
};

class Break final : public Fault {
 public:
  Break(FaultTable& owner, Paths struck, TruncateFault fault, bool when_sent, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)),
        when_sent_(when_sent) {}
  bool admits(Channel&, Side&, const Payload& payload) override { return !when_sent_ || !strikes(payload); }
  bool breaks(const Payload& payload) override { return !when_sent_ && strikes(payload); }

 private:
  bool strikes(const Payload& payload) {
    if (effects >= fault_.times || !matches(fault_.types, payload.type()) || !happens(probability_)) return false;
    ++effects;
    return true;
  }
  const TruncateFault fault_;
  const std::uint64_t probability_;
  const bool when_sent_;
};

class SendBuffer final : public Fault {
 public:
  SendBuffer(FaultTable& owner, Paths struck, SendBufferFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random), fault_(fault) {}
  bool admits(Channel& channel, Side& from, const Payload&) override {
    const auto [found, is_new] = limits_.try_emplace({channel.id(), &from == &channel.connector()}, fault_.least_bytes);
    if (is_new && fault_.most_bytes > fault_.least_bytes)
      found->second += random().below(fault_.most_bytes - fault_.least_bytes + 1);
    if (channel.bytes_on_the_way(channel.peer(from)) <= found->second) return true;
    ++effects;
    return false;
  }

 private:
  const SendBufferFault fault_;
  std::map<std::pair<std::uint64_t, bool>, std::uint64_t> limits_;  // by connection and direction
};

class Connecting final : public Fault {
 public:
  Connecting(FaultTable& owner, Paths struck, ConnectFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)) {}
  std::optional<ConnectFault::Answer> connects(Duration& delay) override {
    if (!happens(probability_)) return std::nullopt;
    ++effects;
    delay = fault_.answer == ConnectFault::Answer::kNever ? Duration{} : fault_.delay.sample(random());
    return fault_.answer;
  }

 private:
  const ConnectFault fault_;
  const std::uint64_t probability_;
};

}  // namespace
}  // namespace tidemark::sim::detail

namespace tidemark::sim {

FaultHandle NetworkFaults::partition(Paths paths, InFlight in_flight) {
  return table_.begin(std::make_unique<detail::Partition>(table_, std::move(paths), in_flight));
}

FaultHandle NetworkFaults::clog(Paths paths) {
  return table_.begin(std::make_unique<detail::Clog>(table_, std::move(paths)));
}

FaultHandle NetworkFaults::hold(Paths paths, PayloadTypes types) {
  return table_.begin(std::make_unique<detail::Hold>(table_, std::move(paths), std::move(types)));
}

std::vector<NetworkFaults::Held> NetworkFaults::held(FaultHandle hold) const {
  const auto* const found = dynamic_cast<const detail::Hold*>(table_.find(hold));
  TIDEMARK_ASSERT(found != nullptr, "not a hold");
  return found->held();
}

bool NetworkFaults::release(FaultHandle hold, const Held& which) {
  auto* const found = dynamic_cast<detail::Hold*>(table_.find(hold));
  TIDEMARK_ASSERT(found != nullptr, "not a hold");
  return found->release(which);
}

FaultHandle NetworkFaults::reorder(Paths paths, ReorderFault fault, RandomStream& random) {
  TIDEMARK_ASSERT(!detail::PathSet(paths).has_wildcard(), "streams are reordered between named processes only");
  return table_.begin(std::make_unique<detail::Reorder>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::truncate(Paths paths, TruncateFault fault, RandomStream& random) {
  return table_.begin(std::make_unique<detail::Break>(table_, std::move(paths), std::move(fault), false, random));
}

FaultHandle NetworkFaults::random_resets(Paths paths, ResetFault fault, RandomStream& random) {
  TruncateFault same{fault.probability, std::move(fault.types), fault.times};
  return table_.begin(std::make_unique<detail::Break>(table_, std::move(paths), std::move(same), true, random));
}

FaultHandle NetworkFaults::send_buffer(Paths paths, SendBufferFault fault, RandomStream& random) {
  TIDEMARK_ASSERT(fault.least_bytes <= fault.most_bytes);
  return table_.begin(std::make_unique<detail::SendBuffer>(table_, std::move(paths), fault, random));
}

FaultHandle NetworkFaults::connecting(Paths paths, ConnectFault fault, RandomStream& random) {
  TIDEMARK_ASSERT(fault.delay.quantile(0) >= Duration{});
  return table_.begin(std::make_unique<detail::Connecting>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::reset(const Paths& paths) {
  const detail::PathSet struck(paths);
  std::uint64_t count = 0;
  detail::each_channel(table_.core, [&](detail::Channel& channel) {
    const detail::Link& there = channel.connector().out;
    if (channel.is_over() || (!struck.contains(there.from, there.to) && !struck.contains(there.to, there.from))) return;
    channel.reset();
    ++count;
  });
  return table_.struck(count);
}

FaultHandle NetworkFaults::half_open(const Paths& paths, Aware aware) {
  const detail::PathSet struck(paths);
  std::uint64_t count = 0;
  detail::each_channel(table_.core, [&](detail::Channel& channel) {
    const detail::Link& there = channel.connector().out;
    const bool forth = struck.contains(there.from, there.to);
    if (channel.is_over() || (!forth && !struck.contains(there.to, there.from))) return;
    const std::uint32_t sender = forth ? there.from : there.to;
    const std::uint32_t receiver = forth ? there.to : there.from;
    channel.half_open(aware == Aware::kNobody ? 0 : aware == Aware::kSender ? sender : receiver);
    ++count;
  });
  return table_.struck(count);
}

}  // namespace tidemark::sim
