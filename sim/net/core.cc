#include "sim/net/core.h"

#include <algorithm>

namespace tidemark::sim::detail {

NetworkCore::NetworkCore(Scheduler& run, StreamRegistry& registry, const SiteTable& table, const NetworkOptions& chosen,
                         const MeasuredRoundTrips& measured)
    : scheduler(run),
      streams(registry),
      sites(table),
      options(chosen),
      parameters(chosen),
      round_trips(table, measured, chosen, registry),
      fault_table(*this),
      faults(fault_table),
      alive_(std::make_shared<NetworkCore*>(this)) {}

NetworkCore::~NetworkCore() {
  shut_down();
}

std::unique_ptr<Connection> Endpoint::connect(std::uint32_t to, Receiver* receiver) {
  return core.connect(*this, to, receiver);
}

Endpoint& NetworkCore::attach(Process& process, SiteId site) {
  TIDEMARK_ASSERT(site.metro() < sites.metros());
  auto [found, is_new] = endpoints_.try_emplace(process.id());
  TIDEMARK_ASSERT(is_new, "the process is on the network already");
  found->second = std::make_unique<Endpoint>(*this, process, site);
  process.on_crash([network = std::weak_ptr<NetworkCore*>(alive_)](Process& crashed) {
    if (const auto alive = network.lock()) (*alive)->crashed(crashed);
  });
  return *found->second;
}

Endpoint& NetworkCore::endpoint(std::uint32_t process) {
  const auto found = endpoints_.find(process);
  TIDEMARK_ASSERT(found != endpoints_.end(), "the process is not on the network");
  return *found->second;
}

std::unique_ptr<Connection> NetworkCore::connect(Endpoint& from, std::uint32_t to, Receiver* receiver) {
  TIDEMARK_ASSERT(!shut_down_);
  TIDEMARK_ASSERT(from.process.running(), "connect() by a process that is not running");
  auto* channel =
      new Channel(*this, next_id_++, from, endpoint(to), link(from.process.id(), to), link(to, from.process.id()));
  append(*channel);
  auto end = std::make_unique<End>(channel->connector());
  channel->set_receiver(channel->connector(), receiver);
  channel->start();
  return end;
}

Link& NetworkCore::link(std::uint32_t from, std::uint32_t to) {
  const auto [found, is_new] = links_.try_emplace({from, to});
  Link& made = found->second;
  if (!is_new) return made;
  const Endpoint& source = endpoint(from);
  const Endpoint& target = endpoint(to);
  const std::string name = "net/" + *source.name + "->" + *target.name;
  made.from = from;
  made.to = to;
  made.base = round_trips.one_way(source.site, target.site);
  made.round_trip = 2 * made.base;
  made.slow_path = slow_path(source.site, target.site);
  made.jitter = parameters.has_jitter ? &streams.stream(name, "jitter") : nullptr;
  made.loss = parameters.has_loss ? &loss_chains_.emplace_back(parameters.loss, streams.stream(name, "loss")) : nullptr;
  fault_table.link_made(made);
  return made;
}

SlowPath* NetworkCore::slow_path(SiteId from, SiteId to) {
  if (!parameters.has_slow_path || from.metro() == to.metro()) return nullptr;
  const auto key = std::pair(from.metro(), to.metro());
  const auto found = slow_paths_.find(key);
  if (found != slow_paths_.end()) return &found->second;
  RandomStream& random = streams.stream("net/" + sites.site(from).code + "->" + sites.site(to).code, "slow_path");
  return &slow_paths_.try_emplace(key, parameters, random).first->second;
}

void NetworkCore::append(Channel& channel) {
  channel.prev = last;
  (last != nullptr ? last->next : first) = &channel;
  last = &channel;
}

void NetworkCore::remove(Channel& channel) {
  (channel.prev != nullptr ? channel.prev->next : first) = channel.next;
  (channel.next != nullptr ? channel.next->prev : last) = channel.prev;
}

Channel* NetworkCore::find(ConnectionId id) {
  for (Channel* channel = first; channel != nullptr; channel = channel->next)
    if (channel->id() == id) return channel;
  return nullptr;
}

void NetworkCore::crashed(Process& process) {
  endpoint(process.id()).acceptor = nullptr;
  fault_table.crashed(process);
  for (Channel* channel = first; channel != nullptr;) {
    Channel* const next = channel->next;
    channel->crash(process);
    channel->free_if_unused();
    channel = next;
  }
}

void NetworkCore::unblocked(const Link& link) {
  for (Channel* channel = first; channel != nullptr; channel = channel->next) channel->unblocked(link);
}

void NetworkCore::shut_down() {
  shut_down_ = true;
  alive_.reset();
  fault_table.shut_down();
  while (Channel* channel = first) {
    remove(*channel);
    delete channel;
  }
}

}  // namespace tidemark::sim::detail
