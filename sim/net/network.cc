#include "sim/net/network.h"

#include <algorithm>

#include "sim/net/core.h"

namespace tidemark::sim {

Network::Network(Scheduler& scheduler, StreamRegistry& streams, const SiteTable& sites, const NetworkOptions& options,
                 const MeasuredRoundTrips& measured) {
  TIDEMARK_ASSERT(options.problem().empty(), options.problem());
  core_ = std::make_unique<detail::NetworkCore>(scheduler, streams, sites, options, measured);
}

Network::Network(Scheduler& scheduler, StreamRegistry& streams, const NetworkOptions& options)
    : Network(scheduler, streams, SiteTable::shipped(), options, MeasuredRoundTrips::shipped()) {}

Network::~Network() = default;

Transport& Network::attach(Process& process, SiteId site) {
  return core_->attach(process, site);
}
SiteId Network::site_of(std::uint32_t process) const {
  return core_->endpoint(process).site;
}
const SiteTable& Network::sites() const {
  return core_->sites;
}
RoundTripTable& Network::round_trips() {
  return core_->round_trips;
}
const NetworkOptions& Network::options() const {
  return core_->options;
}
void Network::shut_down() {
  core_->shut_down();
}

std::vector<Network::ConnectionInfo> Network::connections() const {
  std::vector<ConnectionInfo> found;
  for (detail::Channel* channel = core_->first; channel != nullptr; channel = channel->next) {
    if (channel->dead()) continue;
    found.push_back(
        {channel->id(), channel->connector().endpoint.process.id(), channel->acceptor().endpoint.process.id()});
  }
  return found;
}

ConnectionId Network::id_of(const Connection& connection) {
  const detail::Side* const side = static_cast<const detail::End&>(connection).side();
  return side == nullptr || side->dead ? 0 : side->channel.id();
}

void Network::reset(ConnectionId connection) {
  if (detail::Channel* const channel = core_->find(connection)) channel->reset();
}

void Network::reset_between(std::uint32_t a, std::uint32_t b) {
  for (detail::Channel* channel = core_->first; channel != nullptr; channel = channel->next) {
    const std::uint32_t from = channel->connector().endpoint.process.id();
    const std::uint32_t to = channel->acceptor().endpoint.process.id();
    if ((from == a && to == b) || (from == b && to == a)) channel->reset();
  }
}

void Network::half_open(ConnectionId connection, std::uint32_t aware) {
  if (detail::Channel* const channel = core_->find(connection)) channel->half_open(aware);
}

void Network::silence(std::uint32_t process, bool silent) {
  core_->endpoint(process).silent = silent;
}

NetworkFaults& Network::faults() {
  return core_->faults;
}

void Network::block(std::uint32_t from, std::uint32_t to, InFlight in_flight) {
  core_->fault_table.block(core_->link(from, to), in_flight);
}

void Network::unblock(std::uint32_t from, std::uint32_t to) {
  core_->fault_table.unblock(core_->link(from, to));
}

bool Network::blocked(std::uint32_t from, std::uint32_t to) const {
  return core_->link(from, to).blocked();
}

void Network::add_observer(NetworkObserver* observer) {
  TIDEMARK_ASSERT(observer != nullptr);
  core_->observers.push_back(observer);
}

void Network::remove_observer(NetworkObserver* observer) {
  auto& all = core_->observers;
  const auto found = std::find(all.begin(), all.end(), observer);
  TIDEMARK_ASSERT(found != all.end());
  all.erase(found);
}

}  // namespace tidemark::sim
