// Network kinds, by sim/net/faults.h.
#include <algorithm>

#include "sim/nemesis/effect.h"

namespace tidemark::sim::detail {
namespace {

DurationDistribution up_to(Duration most) {
  return most == Duration{} ? DurationDistribution::constant(most) : DurationDistribution::uniform(Duration{}, most);
}

class NetworkEffect : public Effect {
 public:
  using Effect::Effect;
  void begin() override;
  void end() override {
    for (const FaultHandle handle : handles_)
      if (faults().active(handle)) faults().end(handle);
  }
  std::uint64_t effects() const override {
    std::uint64_t total = 0;
    for (const FaultHandle handle : handles_) total += strike_.world.network().faults().effects(handle);
    return total;
  }

 protected:
  NetworkFaults& faults() { return strike_.world.network().faults(); }
  void add(FaultHandle handle) { handles_.push_back(handle); }

  /// Everything between the targets and the rest, as the parameter "direction" says; links as they are.
  Paths paths() const {
    Paths result = strike_.links;
    const std::vector<std::uint32_t> ids = strike_.ids();
    if (ids.empty()) return result;
    const std::string word = strike_.fault.has_parameter("direction") ? strike_.fault.word("direction") : "both";
    const Paths nodes = word == "out" ? one_way(ids, {0}) : word == "in" ? one_way({0}, ids) : all_of(ids);
    result.insert(result.end(), nodes.begin(), nodes.end());
    return result;
  }
  /// Pairs of named processes of the relay of the targets' databases.
  Paths relay_paths() const {
    Paths result = strike_.links;
    const std::string word = strike_.fault.has_parameter("direction") ? strike_.fault.word("direction") : "both";
    for (const TopologyNode& node : strike_.nodes) {
      for (const TopologyNode& other : strike_.world.topology().nodes) {
        if (other.process == node.process || other.database != node.database || (other.role & kRolesDatabase) == 0)
          continue;
        if (word != "in") result.push_back({node.process, other.process});
        if (word != "out") result.push_back({other.process, node.process});
      }
    }
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }
  /// Everybody who is not a target.
  std::vector<std::uint32_t> rest() const {
    const std::vector<std::uint32_t> ids = strike_.ids();
    std::vector<std::uint32_t> result;
    for (const TopologyNode& node : strike_.world.topology().nodes)
      if (std::find(ids.begin(), ids.end(), node.process) == ids.end()) result.push_back(node.process);
    return result;
  }
  Paths cut() const { return both_ways(strike_.ids(), rest()); }
  InFlight in_flight() const {
    return strike_.fault.word("in_flight") == "drop" ? InFlight::kDrop : InFlight::kDeliver;
  }
  PayloadTypes named_types() const {
    const std::string& name = strike_.fault.word("types");
    return name.empty() ? strike_.world.relay_types() : strike_.world.payload_types(name);
  }

  std::vector<FaultHandle> handles_;

 private:
  void delays();
  void copies();
  void limits();
  void breaks();
};

void NetworkEffect::delays() {
  const Fault& fault = strike_.fault;
  RandomStream& random = strike_.random;
  switch (fault.kind) {
    case FaultKind::kN1:
      if (fault.span("extra") > Duration{})
        add(faults().delay(paths(), {.extra = DurationDistribution::constant(fault.span("extra"))}, random));
      if (fault.span("jitter") > Duration{})
        add(faults().delay(paths(), {.extra = DurationDistribution::exponential(fault.span("jitter"))}, random));
      return;
    case FaultKind::kN2: {
      TailFault tail;
      tail.probability = ratio_of(fault.number("chance"));
      tail.tail.factor_per_mille = fault.number("factor") * 1000;
      add(faults().long_tail(paths(), tail, random));
      return;
    }
    case FaultKind::kN3:
      add(faults().delay(paths(), {.extra = DurationDistribution::constant(fault.span("extra"))}, random));
      return;
    case FaultKind::kN4:
      add(faults().loss(paths(), {.ratio = ratio_of(fault.number("loss")), .burst = 1.0}, random));
      return;
    default:
      add(faults().loss(paths(),
                        {.ratio = ratio_of(fault.number("loss")), .burst = static_cast<double>(fault.number("burst"))},
                        random));
      return;
  }
}

void NetworkEffect::copies() {
  const Fault& fault = strike_.fault;
  const PayloadTypes types = strike_.world.relay_types();
  switch (fault.kind) {
    case FaultKind::kN6: {
      DuplicateFault duplicate;
      duplicate.probability = ratio_of(fault.number("chance"));
      duplicate.copies = static_cast<std::uint32_t>(fault.number("copies"));
      duplicate.delay = up_to(fault.span("delay"));
      duplicate.types = types;
      add(faults().duplicate(relay_paths(), duplicate, strike_.random));
      return;
    }
    case FaultKind::kN7: {
      if (fault.word("form") == "across") {
        add(faults().skew(relay_paths(), {up_to(fault.span("skew"))}, strike_.random));
        return;
      }
      ReorderFault reorder;
      reorder.probability = ratio_of(fault.number("chance"));
      reorder.most = static_cast<std::uint32_t>(fault.number("distance"));
      reorder.types = types;
      add(faults().reorder(relay_paths(), reorder, strike_.random));
      return;
    }
    default: {
      StaleFault stale;
      stale.probability = ratio_of(fault.number("chance"));
      stale.delay = up_to(fault.span("delay"));
      stale.types = types;
      add(faults().stale(relay_paths(), stale, strike_.random));
      return;
    }
  }
}

void NetworkEffect::limits() {
  const Fault& fault = strike_.fault;
  if (fault.kind == FaultKind::kN15) {
    BandwidthFault limit;
    limit.bits_per_second = fault.number("kilobits") * 1000;
    limit.queue_bytes = static_cast<std::uint64_t>(fault.number("queue")) * 1000;
    add(faults().bandwidth(paths(), limit));
    return;
  }
  if (fault.kind == FaultKind::kN23) {
    SendBufferFault limit;
    const auto one = static_cast<std::uint64_t>(fault.number("least"));
    const auto other = static_cast<std::uint64_t>(fault.number("most"));
    limit.least_bytes = std::min(one, other);
    limit.most_bytes = std::max(one, other);
    add(faults().send_buffer(paths(), limit, strike_.random));
    return;
  }
  ConnectFault connect;  // N22
  const std::string& form = fault.word("form");
  connect.answer = form == "slow"      ? ConnectFault::Answer::kDelayed
                   : form == "refused" ? ConnectFault::Answer::kRefused
                                       : ConnectFault::Answer::kNever;
  connect.probability = ratio_of(fault.number("chance"));
  if (form == "slow") connect.delay = up_to(fault.span("delay"));
  Paths towards = strike_.links;
  const Paths nodes = one_way({0}, strike_.ids());
  if (!strike_.nodes.empty()) towards.insert(towards.end(), nodes.begin(), nodes.end());
  add(faults().connecting(towards, connect, strike_.random));
}

void NetworkEffect::breaks() {
  const Fault& fault = strike_.fault;
  if (fault.kind == FaultKind::kN9) {
    TruncateFault truncate;
    truncate.probability = ratio_of(fault.number("chance"));
    add(faults().truncate(paths(), truncate, strike_.random));
    return;
  }
  if (fault.kind == FaultKind::kN20) {
    add(faults().reset(paths()));
    return;
  }
  const std::string& aware = fault.word("aware");  // N21; the target is the sender of these paths
  Paths outward = strike_.links;
  const Paths nodes = one_way(strike_.ids(), {0});
  if (!strike_.nodes.empty()) outward.insert(outward.end(), nodes.begin(), nodes.end());
  add(faults().half_open(outward, aware == "target" ? Aware::kSender
                                  : aware == "peer" ? Aware::kReceiver
                                                    : Aware::kNobody));
}

void NetworkEffect::begin() {
  switch (strike_.fault.kind) {
    case FaultKind::kN6:
    case FaultKind::kN7:
    case FaultKind::kN24:
      return copies();
    case FaultKind::kN15:
    case FaultKind::kN22:
    case FaultKind::kN23:
      return limits();
    case FaultKind::kN9:
    case FaultKind::kN20:
    case FaultKind::kN21:
      return breaks();
    case FaultKind::kN10:
      add(faults().partition(cut(), in_flight()));
      return;
    case FaultKind::kN13:
      add(faults().clog(paths()));
      return;
    default:
      return delays();
  }
}

/// N11, N12, N29: partitions of a shape.
class ShapedPartition final : public NetworkEffect {
 public:
  using NetworkEffect::NetworkEffect;
  void begin() override {
    const Fault& fault = strike_.fault;
    if (fault.kind == FaultKind::kN11) {
      Paths cut = strike_.links;
      const Paths nodes =
          fault.word("direction") == "out" ? one_way(strike_.ids(), rest()) : one_way(rest(), strike_.ids());
      if (!strike_.nodes.empty()) cut.insert(cut.end(), nodes.begin(), nodes.end());
      add(faults().partition(cut, in_flight()));
    } else if (fault.kind == FaultKind::kN12) {
      add(faults().partition(fault.word("form") == "bridge" ? bridge() : ring()));
    } else {
      add(faults().partition(both_ways(strike_.ids(), fault.word("cut") == "leader" ? leaders() : callers())));
    }
  }

 private:
  std::vector<std::uint32_t> leaders() const {
    std::vector<std::uint32_t> result;
    for (const TopologyNode& node : strike_.world.topology().nodes)
      for (const TopologyNode& target : strike_.nodes)
        if (node.role == kRolePrimary && node.database == target.database) result.push_back(node.process);
    return result;
  }
  std::vector<std::uint32_t> callers() const {
    std::vector<std::uint32_t> result;
    for (const TopologyNode& node : strike_.world.topology().nodes)
      if (node.role == kRoleWorker || node.role == kRoleClient) result.push_back(node.process);
    return result;
  }
  /// The last two targets are one half; the one before them joins it to the other targets and the hosts.
  Paths bridge() const {
    const std::vector<std::uint32_t> ids = strike_.ids();
    if (ids.size() < 4) return cut();
    std::vector<std::uint32_t> half(ids.begin(), ids.end() - 3);
    for (const std::uint32_t host : leaders()) half.push_back(host);
    std::sort(half.begin(), half.end());
    half.erase(std::unique(half.begin(), half.end()), half.end());
    return both_ways(half, {ids[ids.size() - 2], ids[ids.size() - 1]});
  }
  /// A target reaches its two neighbours only; the hosts reach all but the last two.
  Paths ring() const {
    const std::vector<std::uint32_t> ids = strike_.ids();
    const std::size_t n = ids.size();
    if (n < 4) return cut();
    Paths result;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j)
        if (i != j && (i + 1) % n != j && (j + 1) % n != i) result.push_back({ids[i], ids[j]});
    const Paths hosts = both_ways(leaders(), {ids[n - 2], ids[n - 1]});
    result.insert(result.end(), hosts.begin(), hosts.end());
    return result;
  }
};

class Hold final : public NetworkEffect {  // N18
 public:
  using NetworkEffect::NetworkEffect;
  void begin() override {
    const PayloadTypes types = named_types();
    if (!types.empty()) add(faults().hold(relay_paths(), types));
  }
  void end() override {
    const std::string& order = strike_.fault.word("release");
    if (!handles_.empty() && order != "in-order") {
      for (int i = 0; i < kMost; ++i) {
        const std::vector<NetworkFaults::Held> held = faults().held(handles_.front());
        if (held.empty()) break;
        const std::size_t which = order == "reversed" ? held.size() - 1 : strike_.random.below(held.size());
        if (!faults().release(handles_.front(), held[which])) break;
      }
    }
    NetworkEffect::end();
  }

 private:
  static constexpr int kMost = 10'000;  // what is left then goes in order
};

class Replay final : public NetworkEffect {  // N19
 public:
  using NetworkEffect::NetworkEffect;
  void begin() override {
    RecordFault record;
    record.types = strike_.world.relay_types();
    add(faults().record(relay_paths(), record));
    tick_later();
  }
  void tick() override {
    const std::size_t recorded = faults().recorded(handles_.front());
    if (recorded > 0) {
      const auto part =
          static_cast<std::size_t>(static_cast<std::uint64_t>(strike_.fault.number("chance")) * recorded / 1'000'000);
      const std::size_t count = std::max<std::size_t>(1, part);
      faults().replay(handles_.front(), strike_.random.below(recorded - count + 1), count);
    }
    tick_later();
  }

 private:
  void tick_later() {
    strike_.tick_after(Duration::milliseconds(1) + strike_.draw_up_to(strike_.fault.span("delay") / 4));
  }
};

class Flapping final : public NetworkEffect {  // N25
 public:
  using NetworkEffect::NetworkEffect;
  void begin() override { tick(); }
  void tick() override {
    const bool open = !handles_.empty() && faults().active(handles_.back());
    if (open) {
      faults().end(handles_.back());
    } else {
      add(faults().partition(cut()));
    }
    const Duration mean = strike_.fault.span(open ? "open" : "cut");
    strike_.tick_after(
        std::max(strike_.fault.span("least"), DurationDistribution::exponential(mean).sample(strike_.random)));
  }
};

class BlackHole final : public NetworkEffect {  // N27
 public:
  using NetworkEffect::NetworkEffect;
  void begin() override { add(faults().partition(cut())); }
  bool on_signal(const FaultSignal& signal) override {
    const std::string& until = strike_.fault.word("until");
    const FaultStart::On on = until == "snapshot" ? FaultStart::On::kSnapshot
                              : until == "trim"   ? FaultStart::On::kTrim
                              : until == "epoch"  ? FaultStart::On::kEpoch
                                                  : FaultStart::On::kCheckpoint;
    return signal.on == on && std::any_of(strike_.nodes.begin(), strike_.nodes.end(),
                                          [&](const TopologyNode& node) { return node.database == signal.subject; });
  }
};

class StaleRoute final : public Effect {  // N28
 public:
  using Effect::Effect;
  void begin() override {
    for (const TopologyNode& node : strike_.nodes) count_ += strike_.world.stale_route(node.process, true);
  }
  void end() override {
    for (const TopologyNode& node : strike_.nodes) count_ += strike_.world.stale_route(node.process, false);
  }
  std::uint64_t effects() const override { return count_; }

 private:
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Effect> make_network_effect(Strike& strike) {
  switch (strike.fault.kind) {
    case FaultKind::kN11:
    case FaultKind::kN12:
    case FaultKind::kN29:
      return std::make_unique<ShapedPartition>(strike);
    case FaultKind::kN18:
      return std::make_unique<Hold>(strike);
    case FaultKind::kN19:
      return std::make_unique<Replay>(strike);
    case FaultKind::kN25:
      return std::make_unique<Flapping>(strike);
    case FaultKind::kN27:
      return std::make_unique<BlackHole>(strike);
    case FaultKind::kN28:
      return std::make_unique<StaleRoute>(strike);
    default:
      return std::make_unique<NetworkEffect>(strike);
  }
}

}  // namespace tidemark::sim::detail
