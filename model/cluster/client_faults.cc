#include "model/cluster/client_faults.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "model/client/client.h"
#include "sim/net/network.h"

namespace tidemark::model {
namespace {

using ClientFault = sim::FaultWorld::ClientFault;
using Count = sim::FaultWorld::Count;

/// X2: dies and comes back at once; what was on its screen is gone, an old bookmark may have been saved.
Count crash(Cluster& cluster, const ClientFault& fault) {
  sim::Process& process = cluster.process(fault.client);
  if (!process.running()) return 0;
  std::optional<SessionToken> saved;
  if (fault.fault.word("session") == "older") saved = cluster.client(fault.client)->saved_bookmark();
  process.crash();
  process.start();
  if (saved) cluster.client(fault.client)->present(*saved);
  return 1;
}

const NodeInfo* worker_in(Cluster& cluster, std::string_view site) {
  for (const NodeInfo& node : cluster.nodes()) {
    if (node.role == NodeRole::kWorker && node.site == site) return &node;
  }
  return nullptr;
}

const NodeInfo& any_worker(Cluster& cluster, sim::RandomStream& random) {
  std::vector<const NodeInfo*> workers;
  for (const NodeInfo& node : cluster.nodes()) {
    if (node.role == NodeRole::kWorker) workers.push_back(&node);
  }
  return *workers.at(random.below(workers.size()));
}

/// X6. A site without a worker of its own has no client either: nothing happens.
Count move(Cluster& cluster, const ClientFault& fault) {
  Client* const client = cluster.client(fault.client);
  if (client == nullptr) return 0;
  const std::string& site = fault.fault.word("site");
  const NodeInfo* const worker = site.empty() ? &any_worker(cluster, fault.random) : worker_in(cluster, site);
  return worker != nullptr && client->move_to(worker->process) ? 1 : 0;
}

StrangeToken form_of(std::string_view word) {
  constexpr std::pair<std::string_view, StrangeToken> kForms[] = {
      {"future", StrangeToken::kFuture},
      {"other-database", StrangeToken::kOtherDatabase},
      {"other-epoch", StrangeToken::kOtherEpoch},
      {"malformed", StrangeToken::kMalformed},
      {"empty", StrangeToken::kEmpty},
  };
  for (const auto& [name, form] : kForms) {
    if (name == word) return form;
  }
  TIDEMARK_ASSERT(false, "a form of the list");
}

/// X7: what is under way now counts as the first one.
Count abandon(Cluster& cluster, const ClientFault& fault, std::uint64_t times) {
  Client* const client = cluster.process(fault.client).running() ? cluster.client(fault.client) : nullptr;
  const Count left = client != nullptr && client->abandon() ? 1 : 0;
  if (times > left) cluster.client_ledger(fault.client).mischief.abandon(fault.fault.id, times - left, fault.random);
  return left;
}

/// Parts per million as RandomStream::chance_fixed wants them.
std::uint64_t fixed_point(std::int64_t parts_per_million) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (parts_per_million >= kMillion) return ~std::uint64_t{0};
  return ~std::uint64_t{0} / kMillion * static_cast<std::uint64_t>(parts_per_million);
}

}  // namespace

Count strike_client(Cluster& cluster, const ClientFault& strike) {
  const sim::Fault& fault = strike.fault;
  Mischief& mischief = cluster.client_ledger(strike.client).mischief;
  if (!strike.begin) {
    mischief.end(fault.id);
    return 0;
  }
  const auto times = [&] { return static_cast<std::uint64_t>(fault.number("times")); };
  switch (fault.kind) {
    case sim::FaultKind::kX1:
      mischief.lose_answers(fault.id, fixed_point(fault.number("chance")), strike.random);
      return 0;
    case sim::FaultKind::kX2:
      return crash(cluster, strike);
    case sim::FaultKind::kX3:
      mischief.replay_bookmark(fault.id, times());
      return 0;
    case sim::FaultKind::kX4:
      mischief.present(fault.id, form_of(fault.word("form")), times(), strike.random);
      return 0;
    case sim::FaultKind::kX5:
      mischief.ask_together(fault.id, static_cast<std::uint32_t>(fault.number("queries")));
      return 0;
    case sim::FaultKind::kX6:
      return move(cluster, strike);
    case sim::FaultKind::kX7:
      return abandon(cluster, strike, times());
    case sim::FaultKind::kX9:
      mischief.send_hostile(fault.id, times(), strike.random);
      return 0;
    default:
      return 0;
  }
}

Count client_effects(Cluster& cluster, const sim::Fault& fault, sim::FaultWorld::ProcessId client) {
  return cluster.client_ledger(client).mischief.effects(fault.id);
}

}  // namespace tidemark::model
