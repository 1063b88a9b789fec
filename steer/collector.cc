#include "steer/collector.h"

#include <algorithm>

#include "model/cluster/host_node.h"
#include "model/control/database_control.h"
#include "sim/nemesis/topology.h"

namespace tidemark::steer {
namespace {

using model::Bookmark;

/// What happens at once and is over counts as being in force for so long.
constexpr sim::Duration kAftermath = sim::Duration::milliseconds(500);
constexpr std::size_t kMostMarks = 64;
constexpr unsigned kMarksOfACell = 3;
constexpr auto kNoLeader = static_cast<std::uint8_t>(static_cast<std::uint8_t>(Phase::kBeside0) +
                                                     static_cast<std::uint8_t>(model::LeaderPhase::kBroken) + 1);

Role role_of(model::NodeRole role) {
  switch (role) {
    case model::NodeRole::kPrimary:
    case model::NodeRole::kHost:
      return Role::kHost;
    case model::NodeRole::kFollower:
      return Role::kFollower;
    case model::NodeRole::kReplica:
      return Role::kReplica;
    case model::NodeRole::kWorker:
      return Role::kWorker;
    case model::NodeRole::kControl:
      return Role::kControl;
    default:
      return Role::kClient;
  }
}

constexpr std::uint8_t plus(Phase phase, std::uint8_t more) {
  return static_cast<std::uint8_t>(static_cast<std::uint8_t>(phase) + more);
}

}  // namespace

void Collector::on_world(model::Cluster& cluster, const scenarios::Scenario&) {
  cluster_ = &cluster;
  nodes_.assign(cluster.nodes().size() + 1, Node{});
  hosts_.assign(cluster.options().databases.size(), {});
  leader_phases_.assign(hosts_.size(), kNoLeader);
  for (const model::NodeInfo& info : cluster.nodes()) {
    Node& node = nodes_.at(info.process);
    node.role = role_of(info.role);
    node.counted = node.role != Role::kClient && node.role != Role::kWorker;
    node.database = info.database;
    if (node.role == Role::kHost) hosts_.at(info.database).push_back(info.process);
  }
}

void Collector::on_fault_plan(const sim::FaultPlan& plan) {
  plan_ = &plan;
}

void Collector::on_fault_phase(bool begins) {
  active_.clear();
  refresh_kinds();
  if (!begins) return;
  counting_ = true;
  begin_ = cluster_->scheduler().now();
  for (std::uint32_t database = 0; database < hosts_.size(); ++database) look_at_leader(database);
  for (std::uint32_t process = 1; process < nodes_.size(); ++process)
    if (nodes_[process].counted) nodes_[process].phase = look(process);
}

void Collector::on_rest(model::Cluster&, const std::vector<sim::FaultReport>&) {
  counting_ = false;
  cluster_ = nullptr;
  plan_ = nullptr;
}

// --- Phases ---

void Collector::look_at_leader(std::uint32_t database) {
  std::uint32_t epoch = 0;
  std::uint8_t phase = kNoLeader;
  for (const std::uint32_t process : hosts_[database]) {
    const model::HostNode* const host = cluster_->host(process);
    if (host == nullptr || host->epoch() < epoch || host->phase() == model::LeaderPhase::kIdle) continue;
    epoch = host->epoch();
    phase = plus(Phase::kBeside0, static_cast<std::uint8_t>(host->phase()));
  }
  leader_phases_[database] = phase;
}

std::uint8_t Collector::look(std::uint32_t process) {
  const Node& node = nodes_[process];
  const sim::Process& program = cluster_->process(process);
  if (!program.running()) return plus(program.program() == nullptr ? Phase::kDown : Phase::kPaused, 0);
  switch (node.role) {
    case Role::kHost: {
      const model::HostNode* const host = cluster_->host(process);
      return host == nullptr ? plus(Phase::kBooting, 0) : plus(Phase::kHost0, static_cast<std::uint8_t>(host->phase()));
    }
    case Role::kReplica:
      return cluster_->replica_relay(process) == nullptr ? plus(Phase::kBooting, 0) : leader_phases_[node.database];
    case Role::kFollower:
      return leader_phases_[node.database];
    case Role::kControl: {
      const model::control::DatabaseControl* const first = cluster_->control(0);
      return first == nullptr ? plus(Phase::kDown, 0)
                              : plus(Phase::kControl0, static_cast<std::uint8_t>(first->state()));
    }
    default:
      return plus(Phase::kRunning, 0);
  }
}

// --- Faults in force ---

void Collector::refresh_kinds() {
  kinds_.clear();
  for (const Active& one : active_)
    if (std::find(kinds_.begin(), kinds_.end(), one.fault) == kinds_.end()) kinds_.push_back(one.fault);
  if (kinds_.empty()) kinds_.push_back(0);
}

void Collector::forget_instants(sim::Instant now) {
  const std::size_t gone = std::erase_if(active_, [now](const Active& one) { return one.instant && one.until < now; });
  if (gone > 0) refresh_kinds();
}

void Collector::on_nemesis(const sim::EventRecord& event) {
  const std::uint64_t id = event.tag / 4;
  const std::uint64_t what = event.tag % 4;  // as sim/nemesis/nemesis.cc writes it: 0 begin, 1 end, 2 tick
  const auto fault =
      std::find_if(plan_->faults.begin(), plan_->faults.end(), [id](const sim::Fault& one) { return one.id == id; });
  if (fault == plan_->faults.end() || what > 1) return;
  const sim::FaultShape shape = info(fault->kind).shape;
  if (shape == sim::FaultShape::kRun) return;
  if (what == 1) {
    std::erase_if(active_, [id](const Active& one) { return one.id == id; });
    refresh_kinds();
    return;
  }
  for (const std::string& target : fault->targets) {
    const std::string database = target.rfind("primary@", 0) == 0 ? target.substr(8) : "";
    std::uint32_t process = 0;
    for (std::uint32_t i = 0; i < hosts_.size() && !database.empty(); ++i)
      if (cluster_->options().databases[i].name == database) process = leader(i);
    if (const model::NodeInfo* const node = cluster_->find(target)) process = node->process;
    if (process == 0 || process >= nodes_.size()) continue;
    const std::uint8_t phase = look(process);
    cells_.count(make_cell(nodes_[process].role, phase, plus(Phase{}, static_cast<std::uint8_t>(Step::kStrike)),
                           number_of(fault->kind)));
  }
  const bool instant = shape == sim::FaultShape::kInstant;
  active_.push_back({id, number_of(fault->kind), instant, event.when + kAftermath});
  refresh_kinds();
}

// --- Counting ---

void Collector::count(Role role, std::uint8_t phase, std::uint8_t step) {
  for (const std::uint8_t fault : kinds_) cells_.count(make_cell(role, phase, step, fault));
}

void Collector::mark(std::uint32_t process, Cell cell) {
  if (marks_.size() >= kMostMarks) return;
  auto known = std::find_if(marked_.begin(), marked_.end(), [cell](const auto& one) { return one.first == cell; });
  if (known == marked_.end()) known = marked_.insert(marked_.end(), {cell, 0});
  if (++known->second > kMarksOfACell) return;
  const sim::Duration at = cluster_->scheduler().now() - begin_;
  marks_.push_back({at, cluster_->nodes().at(process - 1).name, cell});
}

void Collector::on_event(const sim::EventRecord& event) {
  if (!counting_) return;
  forget_instants(event.when);
  if (event.kind == sim::EventKind::kNemesis) {
    on_nemesis(event);
    return;
  }
  if (event.process == 0 || event.process >= nodes_.size()) return;
  Node& node = nodes_[event.process];
  if (!node.counted) return;
  if (node.role == Role::kHost) look_at_leader(node.database);
  const std::uint8_t phase = look(event.process);
  if (phase != node.phase) {
    const auto from = static_cast<std::uint8_t>(static_cast<std::uint8_t>(Step::kFrom0) + node.phase);
    count(node.role, phase, from);
    if (node.role == Role::kHost || node.role == Role::kControl)
      mark(event.process, make_cell(node.role, phase, from, 0));
    node.phase = phase;
  }
  count(node.role, phase, static_cast<std::uint8_t>(event.kind));
}

std::uint32_t Collector::leader(std::uint32_t database) const {
  return cluster_->primary_host(database);
}

void Collector::step(Step step, std::uint32_t process, bool is_mark) {
  if (!counting_ || process == 0 || process >= nodes_.size()) return;
  forget_instants(cluster_->scheduler().now());
  const Node& node = nodes_[process];
  // A leader that is gone is being taken apart: what it was when it last did something.
  const std::uint8_t phase = step == Step::kLeaderGone ? node.phase : look(process);
  const auto number = static_cast<std::uint8_t>(step);
  count(node.role, phase, number);
  if (is_mark) mark(process, make_cell(node.role, phase, number, 0));
}

void Collector::on_commit(std::uint32_t database, const model::EntryRef&) {
  if (counting_) step(Step::kCommit, leader(database), false);
}
void Collector::on_confirmed(std::uint32_t database, const Bookmark&) {
  if (counting_) step(Step::kConfirm, leader(database), false);
}
void Collector::on_checkpoint(std::uint32_t, std::uint32_t node, bool, const Bookmark&) {
  step(Step::kCheckpoint, node, true);
}
void Collector::on_follower_ack(std::uint32_t, std::uint32_t follower, const Bookmark&) {
  step(Step::kAck, follower, false);
}
void Collector::on_follower_trim(std::uint32_t, std::uint32_t follower, const Bookmark&) {
  step(Step::kTrim, follower, true);
}
void Collector::on_replica_boot(std::uint32_t, std::uint32_t replica, const Bookmark&, const model::PageReader&) {
  step(Step::kBoot, replica, true);
}
void Collector::on_published(std::uint32_t, std::uint32_t replica, const model::EntryRef&, const model::PageReader&) {
  step(Step::kPublish, replica, false);
}
void Collector::on_snapshot(std::uint32_t database, const Bookmark&, const model::PageReader&) {
  if (counting_) step(Step::kSnapshot, leader(database), true);
}
void Collector::on_segment(std::uint32_t database, const Bookmark&, const Bookmark&) {
  if (counting_) step(Step::kSegment, leader(database), true);
}
void Collector::on_cold_removed(std::uint32_t database, const Bookmark&) {
  if (counting_) step(Step::kColdRemoved, leader(database), true);
}
void Collector::on_follower_set(std::uint32_t database, std::span<const std::uint32_t>) {
  if (counting_) step(Step::kFollowerSet, leader(database), true);
}
void Collector::on_promise(std::uint32_t, std::uint32_t follower, std::uint32_t) {
  step(Step::kPromise, follower, true);
}
void Collector::on_follower_cut(std::uint32_t, std::uint32_t follower, const Bookmark&) {
  step(Step::kCut, follower, true);
}
void Collector::on_follower_rewound(std::uint32_t, std::uint32_t follower, const Bookmark&, const Bookmark&) {
  step(Step::kRewind, follower, true);
}
void Collector::on_leader(std::uint32_t, std::uint32_t host, std::uint32_t, const Bookmark&) {
  step(Step::kLead, host, true);
}
void Collector::on_leader_gone(std::uint32_t, std::uint32_t host, std::uint32_t) {
  step(Step::kLeaderGone, host, true);
}
void Collector::on_restore(std::uint32_t database, const Bookmark&, const Bookmark&, const Bookmark&) {
  if (counting_) step(Step::kRestore, leader(database), true);
}
void Collector::on_time_found(std::uint32_t database, sim::Instant, const Bookmark&, const Bookmark&) {
  if (counting_) step(Step::kTimeFound, leader(database), true);
}
void Collector::on_resumed(std::uint32_t, std::uint32_t replica, const Bookmark&) {
  step(Step::kRejoin, replica, true);
}
void Collector::on_failure(std::uint32_t database, std::uint32_t, bool unknown, const Bookmark&) {
  if (counting_) step(unknown ? Step::kUnknownOutcome : Step::kRefusal, leader(database), false);
}
void Collector::on_response(const model::ResponseTruth& response) {
  step(Step::kAnswer, response.node, false);
}

}  // namespace tidemark::steer
