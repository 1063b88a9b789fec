// Faults of a path that act when a message goes on the wire: N1-N5, N14, N15 and N7 across connections.
#include <algorithm>
#include <map>

#include "sim/net/core.h"

namespace tidemark::sim::detail {
namespace {

/// What a factor adds at most: behind a message that takes minutes a connection would outlast any time to heal.
constexpr Duration kMostByFactor = Duration::seconds(20);

Duration extra_of(const DelayFault& fault, Duration natural, RandomStream& random) {
  return fault.extra.sample(random) + std::min(natural * (fault.factor_per_mille - 1000) / 1000, kMostByFactor);
}

class Delay final : public Fault {
 public:
  Delay(FaultTable& owner, Paths struck, DelayFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random), fault_(std::move(fault)) {}
  Duration delay(const Channel&, const Link&, Duration natural) override {
    const Duration extra = extra_of(fault_, natural, random());
    if (extra > Duration{}) ++effects;
    return extra;
  }

 private:
  const DelayFault fault_;
};

class LongTail final : public Fault {
 public:
  LongTail(FaultTable& owner, Paths struck, TailFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)) {}
  Duration delay(const Channel&, const Link&, Duration natural) override {
    if (!happens(probability_)) return {};
    ++effects;
    return extra_of(fault_.tail, natural, random());
  }

 private:
  const TailFault fault_;
  const std::uint64_t probability_;
};

class Skew final : public Fault {
 public:
  Skew(FaultTable& owner, Paths struck, SkewFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random), fault_(std::move(fault)) {}
  Duration delay(const Channel& channel, const Link& link, Duration) override {
    const auto [found, is_new] = extra_.try_emplace({channel.id(), link.from});
    if (is_new) found->second = fault_.extra.sample(random());
    if (found->second > Duration{}) ++effects;
    return found->second;
  }

 private:
  const SkewFault fault_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, Duration> extra_;  // by connection and sender
};

class Loss final : public Fault {
 public:
  Loss(FaultTable& owner, Paths struck, LossFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        // Independent losses come in runs of this mean, so shorter ones cannot reach the ratio.
        parameters_(fault.ratio, std::max(fault.burst, 1.0 / (1.0 - fault.ratio))) {}
  void joins(Link& link) override {
    if (parameters_.ratio > 0) chains_.try_emplace({link.from, link.to}, parameters_, random());
  }
  LossChain::Outcome lose(const Link& link, std::uint64_t packets) override {
    if (parameters_.ratio == 0) return {};
    const LossChain::Outcome outcome = chains_.at({link.from, link.to}).send(packets);
    if (outcome.any) ++effects;
    return outcome;
  }
  std::uint64_t loss_ratio() const override { return parameters_.ratio; }

 private:
  const LossParameters parameters_;
  std::map<Path, LossChain> chains_;
};

class Bandwidth final : public Fault {
 public:
  Bandwidth(FaultTable& owner, Paths struck, BandwidthFault fault)
      : Fault(owner, std::move(struck), nullptr), fault_(fault) {}
  bool admits(Channel&, Side& from, const Payload& payload) override {
    const Duration wait = std::max(Duration{}, free_[{from.out.from, from.out.to}] - table.core.now());
    __extension__ using Wide = unsigned __int128;
    const Wide waiting = static_cast<Wide>(wait.ns()) * static_cast<Wide>(fault_.bits_per_second) / 8'000'000'000;
    if (waiting + payload.wire_bytes() <= fault_.queue_bytes) return true;
    ++effects;
    return false;
  }
  Instant line(const Link& link, Instant start, Duration serialisation, std::uint32_t bytes) override {
    Instant& free = free_[{link.from, link.to}];
    free = std::max(free, start) + std::max(serialisation, time_of(bytes));
    if (free > start + serialisation) ++effects;
    return free;
  }
  void leaves(Link& link) override {
    if (link.faults != nullptr)
      for (const Fault* other : link.faults->active)
        if (dynamic_cast<const Bandwidth*>(other) != nullptr) return;  // its line keeps them
    for (Channel* channel = table.core.first; channel != nullptr; channel = channel->next) channel->hurry(link);
  }

 private:
  Duration time_of(std::uint32_t bytes) const {
    __extension__ using Wide = unsigned __int128;
    return Duration::nanoseconds(static_cast<std::int64_t>(static_cast<Wide>(bytes) * 8'000'000'000 /
                                                           static_cast<Wide>(fault_.bits_per_second)));
  }
  const BandwidthFault fault_;
  std::map<Path, Instant> free_;  // when the line has put out all so far
};

void check(const DelayFault& fault) {
  TIDEMARK_ASSERT(fault.factor_per_mille >= 1000, "a fault makes no link faster");
  TIDEMARK_ASSERT(fault.extra.quantile(0) >= Duration{}, "a fault makes no link faster");
}

}  // namespace
}  // namespace tidemark::sim::detail

namespace tidemark::sim {

FaultHandle NetworkFaults::delay(Paths paths, DelayFault fault, RandomStream& random) {
  detail::check(fault);
  return table_.begin(std::make_unique<detail::Delay>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::long_tail(Paths paths, TailFault fault, RandomStream& random) {
  detail::check(fault.tail);
  return table_.begin(std::make_unique<detail::LongTail>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::skew(Paths paths, SkewFault fault, RandomStream& random) {
  TIDEMARK_ASSERT(fault.extra.quantile(0) >= Duration{}, "a fault makes no link faster");
  return table_.begin(std::make_unique<detail::Skew>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::loss(Paths paths, LossFault fault, RandomStream& random) {
  TIDEMARK_ASSERT(fault.ratio >= 0 && fault.ratio <= 0.9 && fault.burst >= 1.0);
  return table_.begin(std::make_unique<detail::Loss>(table_, std::move(paths), fault, random));
}

FaultHandle NetworkFaults::bandwidth(Paths paths, BandwidthFault fault) {
  TIDEMARK_ASSERT(fault.bits_per_second > 0);
  return table_.begin(std::make_unique<detail::Bandwidth>(table_, std::move(paths), fault));
}

}  // namespace tidemark::sim
