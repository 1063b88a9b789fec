// Messages that arrive again: N6 duplicates, N19 record and replay, N24 deliveries to a later connection.
#include <algorithm>
#include <deque>

#include "sim/net/core.h"

namespace tidemark::sim::detail {

/// A copy on its way. It waits as an event of the world, so that it outlives a crash of the receiver, and arrives as
/// one of the receiver's, so that it waits for the end of a pause.
struct Copy {
  struct Step final : Timer {
    Step(Fire fire, EventKind kind, Process* process, Copy& which) : Timer(fire, kind, process), copy(which) {}
    Copy& copy;
  };
  Copy(FaultTable& where, std::uint64_t number, Fault& fault, FaultTable::Original of, std::uint64_t bits,
       Process& receiver)
      : table(where),
        id(number),
        owner(fault),
        original(std::move(of)),
        channel_bits(bits),
        wait([](Timer& timer) { static_cast<Step&>(timer).copy.waited(); }, EventKind::kTimer, nullptr, *this),
        arrival([](Timer& timer) { static_cast<Step&>(timer).copy.arrives(); }, EventKind::kDeliver, &receiver, *this) {
  }
  std::uint64_t tag() const { return original.payload->digest() * 0x9e3779b97f4a7c15ULL + kCopyTag; }
  void waited() { table.copy_waited(*this); }
  void arrives() { table.copy_arrives(*this); }

  FaultTable& table;
  const std::uint64_t id;
  Fault& owner;
  const FaultTable::Original original;
  const std::uint64_t channel_bits;
  Step wait;
  Step arrival;
};

FaultTable::FaultTable(NetworkCore& network) : core(network) {}
FaultTable::~FaultTable() = default;

FaultTable::Original FaultTable::original(Channel& channel, const Side& from, const PayloadRef& payload,
                                          std::uint64_t number) {
  const Link& link = from.out;
  return {payload, {link.from, link.to}, channel.id(), &from == &channel.connector(), number, channel.core().now()};
}

void FaultTable::send_copy(Fault& owner, const Original& original, std::uint64_t channel_bits, Duration delay) {
  const std::uint64_t id = next_copy_++;
  Process& receiver = core.endpoint(original.path.to).process;
  Copy& copy =
      *copies_.emplace(id, std::make_unique<Copy>(*this, id, owner, original, channel_bits, receiver)).first->second;
  core.scheduler.arm_after(copy.wait, delay, copy.tag());
}

Side* FaultTable::target(const Original& original, std::uint64_t channel_bits) const {
  Side* newest = nullptr;
  for (Channel* channel = core.last; channel != nullptr; channel = channel->prev) {
    Side& from = original.from_connector ? channel->connector() : channel->acceptor();
    if (from.out.from != original.path.from || from.out.to != original.path.to) continue;
    if (!channel->open_at_both_ends() || (channel->carried() & channel_bits) == 0) continue;
    Side& to = channel->peer(from);
    if (to.receiver == nullptr || from.out.blocked()) continue;
    if (from.out.faults != nullptr && from.out.faults->clogged()) continue;
    if (channel->id() == original.connection) return &to;
    if (newest == nullptr) newest = &to;
  }
  return newest;
}

bool FaultTable::on_its_way(const Original& original) const {
  Channel* const channel = core.find(original.connection);
  if (channel == nullptr || channel->is_cut()) return false;
  const Side& to = original.from_connector ? channel->acceptor() : channel->connector();
  return !to.dead && !to.closed && to.inbox.delivered < original.number;
}

void FaultTable::copy_waited(Copy& copy) {
  if (target(copy.original, copy.channel_bits) == nullptr) {
    copies_.erase(copy.id);
  } else {
    core.scheduler.arm(copy.arrival, core.now(), copy.tag());
  }
}

void FaultTable::copy_arrives(Copy& copy) {
  Side* const to = target(copy.original, copy.channel_bits);
  const Original original = copy.original;
  if (to != nullptr) ++copy.owner.effects;
  copies_.erase(copy.id);
  if (to != nullptr) to->channel.deliver_copy(*to, original.payload, original.number, original.sent);
}

/// Its events died with it.
void FaultTable::crashed(const Process& process) {
  for (auto copy = copies_.begin(); copy != copies_.end();) {
    const Copy& one = *copy->second;
    copy = one.arrival.owner() == &process && !one.wait.armed() ? copies_.erase(copy) : std::next(copy);
  }
}

void FaultTable::drop_copies(const Fault& owner) {
  for (auto copy = copies_.begin(); copy != copies_.end();)
    copy = &copy->second->owner == &owner ? copies_.erase(copy) : std::next(copy);
}

void FaultTable::shut_down() {
  copies_.clear();
}

namespace {

std::uint64_t channel_bits(const PayloadTypes& channel, const PayloadTypes& types) {
  return type_bits(channel.empty() ? types : channel);
}

class Duplicate final : public Fault {
 public:
  Duplicate(FaultTable& owner, Paths struck, DuplicateFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)),
        bits_(channel_bits(fault_.channel, fault_.types)) {}
  void delivered(Channel& channel, Side& to, const PayloadRef& payload) override {
    if (!matches(fault_.types, payload->type()) || !happens(probability_)) return;
    const auto original = FaultTable::original(channel, channel.peer(to), payload, to.inbox.first_number());
    for (std::uint32_t i = 0; i < fault_.copies; ++i)
      table.send_copy(*this, original, bits_, fault_.delay.sample(random()));
  }

 private:
  const DuplicateFault fault_;
  const std::uint64_t probability_;
  const std::uint64_t bits_;
};

class Record final : public Fault {
 public:
  Record(FaultTable& owner, Paths struck, RecordFault fault)
      : Fault(owner, std::move(struck), nullptr),
        fault_(std::move(fault)),
        bits_(channel_bits(fault_.channel, fault_.types)) {}
  void sent(Channel& channel, Side& from, const PayloadRef& payload, std::uint64_t number) override {
    if (!recording_ || !matches(fault_.types, payload->type())) return;
    kept_.push_back(FaultTable::original(channel, from, payload, number));
    if (kept_.size() > fault_.most) kept_.pop_front();
  }
  void stop() { recording_ = false; }
  std::size_t size() const { return kept_.size(); }
  void replay(std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < kept_.size() && i - first < count; ++i)
      if (!table.on_its_way(kept_[i])) table.send_copy(*this, kept_[i], bits_, Duration{});
  }

 private:
  const RecordFault fault_;
  const std::uint64_t bits_;
  bool recording_ = true;
  std::deque<FaultTable::Original> kept_;
};

class Stale final : public Fault {
 public:
  Stale(FaultTable& owner, Paths struck, StaleFault fault, RandomStream& random)
      : Fault(owner, std::move(struck), &random),
        fault_(std::move(fault)),
        probability_(probability(fault_.probability)),
        bits_(channel_bits(fault_.channel, fault_.types)) {}
  void sent(Channel& channel, Side& from, const PayloadRef& payload, std::uint64_t number) override {
    if (!matches(fault_.types, payload->type())) return;
    kept_.push_back(FaultTable::original(channel, from, payload, number));
    if (kept_.size() > fault_.most) kept_.pop_front();
  }
  void delivered(Channel& channel, Side& to, const PayloadRef&) override {
    if ((channel.carried() & bits_) == 0 || !channel.open_at_both_ends()) return;
    const Side& from = channel.peer(to);
    std::deque<FaultTable::Original> kept;
    for (FaultTable::Original& one : kept_) {
      const bool same =
          one.path == Path{from.out.from, from.out.to} && one.from_connector == (&from == &channel.connector());
      if (!same || one.connection >= channel.id() || !over(one.connection)) {
        kept.push_back(std::move(one));
      } else if (happens(probability_)) {
        table.send_copy(*this, one, bits_, fault_.delay.sample(random()));
      }
    }
    kept_ = std::move(kept);
  }

 private:
  bool over(std::uint64_t connection) const {
    const Channel* const channel = table.core.find(connection);
    return channel == nullptr || !channel->open_at_both_ends();
  }
  const StaleFault fault_;
  const std::uint64_t probability_;
  const std::uint64_t bits_;
  std::deque<FaultTable::Original> kept_;
};

}  // namespace
}  // namespace tidemark::sim::detail

namespace tidemark::sim {
namespace {

void expect_named(const Paths& paths) {
  TIDEMARK_ASSERT(!detail::PathSet(paths).has_wildcard(), "copies are legal between named processes only");
}

}  // namespace

FaultHandle NetworkFaults::duplicate(Paths paths, DuplicateFault fault, RandomStream& random) {
  expect_named(paths);
  return table_.begin(std::make_unique<detail::Duplicate>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::stale(Paths paths, StaleFault fault, RandomStream& random) {
  expect_named(paths);
  return table_.begin(std::make_unique<detail::Stale>(table_, std::move(paths), std::move(fault), random));
}

FaultHandle NetworkFaults::record(Paths paths, RecordFault fault) {
  expect_named(paths);
  return table_.begin(std::make_unique<detail::Record>(table_, std::move(paths), std::move(fault)));
}

std::size_t NetworkFaults::recorded(FaultHandle record) const {
  const auto* const found = dynamic_cast<const detail::Record*>(table_.find(record));
  TIDEMARK_ASSERT(found != nullptr, "not a recording");
  return found->size();
}

void NetworkFaults::stop_recording(FaultHandle record) {
  auto* const found = dynamic_cast<detail::Record*>(table_.find(record));
  TIDEMARK_ASSERT(found != nullptr, "not a recording");
  found->stop();
}

void NetworkFaults::replay(FaultHandle record, std::size_t first, std::size_t count) {
  auto* const found = dynamic_cast<detail::Record*>(table_.find(record));
  TIDEMARK_ASSERT(found != nullptr, "not a recording");
  found->replay(first, count);
}

}  // namespace tidemark::sim
