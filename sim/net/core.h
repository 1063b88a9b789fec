// The state of a Network: endpoints, links, channels. Private to sim/net.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "sim/net/channel.h"
#include "sim/net/fault.h"
#include "sim/net/network.h"

namespace tidemark::sim::detail {

/// The network as one process sees it.
struct Endpoint final : Transport {
  Endpoint(NetworkCore& network, Process& owner, SiteId where)
      : core(network), process(owner), site(where), name(std::make_shared<const std::string>(owner.name())) {}
  std::unique_ptr<Connection> connect(std::uint32_t to, Receiver* receiver) override;
  void listen(Acceptor* listener) override { acceptor = listener; }

  NetworkCore& core;
  Process& process;
  const SiteId site;
  const std::shared_ptr<const std::string> name;
  Acceptor* acceptor = nullptr;
  bool silent = false;
};

class NetworkCore {
 public:
  NetworkCore(Scheduler& run, StreamRegistry& registry, const SiteTable& table, const NetworkOptions& chosen,
              const MeasuredRoundTrips& measured);
  ~NetworkCore();

  Endpoint& attach(Process& process, SiteId site);
  Endpoint& endpoint(std::uint32_t process);
  std::unique_ptr<Connection> connect(Endpoint& from, std::uint32_t to, Receiver* receiver);
  /// The one Link object of this direction; made on first use.
  Link& link(std::uint32_t from, std::uint32_t to);
  Channel* find(ConnectionId id);
  void remove(Channel& channel);
  void crashed(Process& process);
  void unblocked(const Link& link);
  Instant now() const { return scheduler.now(); }
  void shut_down();
  template <typename Visit>
  void each_link(Visit visit) {
    for (auto& entry : links_) visit(entry.second);
  }

  // Constant after construction.
  Scheduler& scheduler;
  StreamRegistry& streams;
  const SiteTable& sites;
  const NetworkOptions options;
  const NetworkParameters parameters;
  // The run.
  RoundTripTable round_trips;
  std::vector<NetworkObserver*> observers;
  FaultTable fault_table;
  NetworkFaults faults;
  Channel* first = nullptr;
  Channel* last = nullptr;

 private:
  SlowPath* slow_path(SiteId from, SiteId to);
  void append(Channel& channel);
  std::map<std::uint32_t, std::unique_ptr<Endpoint>> endpoints_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Link> links_;
  std::map<std::pair<int, int>, SlowPath> slow_paths_;
  std::deque<LossChain> loss_chains_;
  std::uint64_t next_id_ = 1;
  bool shut_down_ = false;
  std::shared_ptr<NetworkCore*> alive_;  // what the crash listeners hold weakly
};

}  // namespace tidemark::sim::detail
