// Narrator: the run, its events and faults, what clients do. Messages are in narrator_messages.cc, the protocol in
// narrator_protocol.cc.
#include "explain/narrator.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/cluster/host_node.h"
#include "scenarios/run/action_sessions.h"
#include "sim/net/network.h"

namespace tidemark::explain {
namespace {

// Parts of the tag of an event of the nemesis: fault id * 4 + part (sim/nemesis/nemesis.h).
constexpr std::uint64_t kParts = 4;
constexpr std::uint64_t kBegins = 0;
constexpr std::uint64_t kEnds = 1;

std::string what_is_asked(const model::ClientInvocation& invocation) {
  switch (invocation.kind) {
    case model::OperationKind::kList:
      return "a list of the orders";
    case model::OperationKind::kInsert:
      return fmt::format("the insert of order {}", invocation.order->order);
    case model::OperationKind::kReset:
      return "a reset of the tables";
    case model::OperationKind::kAction:
      return scenarios::action_text(*invocation.action);
    case model::OperationKind::kRegister:
    case model::OperationKind::kAppend:
      break;
  }
  std::string text;
  for (const model::MicroOp& op : invocation.ops) {
    text += text.empty() ? "" : ", ";
    text += op.writes() ? fmt::format("{} {} {} {}", op.kind == model::MicroOp::Kind::kAppendList ? "append" : "write",
                                      op.value, "to", op.key)
                        : fmt::format("read {}", op.key);
  }
  return text;
}

std::string show(const model::SessionToken* token) {
  if (token == nullptr || token->kind() == model::SessionToken::Kind::kNone) return "no bookmark";
  if (token->kind() == model::SessionToken::Kind::kBookmark) return "bookmark " + explain::show(token->bookmark());
  return token->text();
}

std::string targets_text(const std::vector<std::string>& targets) {
  constexpr std::size_t kMost = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(kMost, targets.size()); ++i) text += (i == 0 ? "" : ", ") + targets[i];
  if (targets.size() > kMost) text += fmt::format(" and {} more", targets.size() - kMost);
  return text;
}

}  // namespace

std::string show(const model::Bookmark& bookmark) {
  if (bookmark.is_origin()) return "nothing";
  if (bookmark.sequence == model::Bookmark::kEndOfEpoch) return fmt::format("the end of e{}", bookmark.epoch);
  return fmt::format("e{}-{}", bookmark.epoch, bookmark.sequence);
}

void Narrator::watch(scenarios::RunRequest& request) {
  request.events = this;
  request.observer = this;
  request.watcher = this;
  request.clients = this;
}

void Narrator::on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) {
  cluster_ = &cluster;
  for (const scenarios::DatabaseSpec& database : scenario.databases) database_names_.push_back(database.name);
  nodes_.emplace_back();
  for (const model::NodeInfo& info : cluster.nodes()) {
    nodes_.resize(std::max<std::size_t>(nodes_.size(), info.process + 1));
    const bool of_database = info.role == model::NodeRole::kPrimary || info.role == model::NodeRole::kHost ||
                             info.role == model::NodeRole::kFollower || info.role == model::NodeRole::kReplica ||
                             info.role == model::NodeRole::kWriteLoad;
    nodes_[info.process] = {info.name, info.role, of_database ? static_cast<int>(info.database) : -1};
  }
  last_of_process_.assign(nodes_.size(), 0);
  cluster.network().add_observer(this);
}

std::string Narrator::name(std::uint32_t process) const {
  return process < nodes_.size() ? nodes_[process].name : fmt::format("process {}", process);
}

std::string Narrator::describe(std::uint64_t event) const {
  if (event == 0 || event > events_.size()) return "no event: from outside of the run";
  const Event& one = events_[event - 1];
  return fmt::format("event {}: {} of {} at {}", event, to_text(one.kind), name(one.process),
                     to_text(sim::Instant::from_ns(one.when_ns)));
}

void Narrator::on_event(const sim::EventRecord& event) {
  sequence_ = event.sequence;
  now_ = {event.when.ns(), event.cause, 0, event.process, event.kind};
  if (event.process != 0) {
    if (event.process >= last_of_process_.size()) last_of_process_.resize(event.process + 1);
    now_.previous = std::exchange(last_of_process_[event.process], event.sequence);
  }
  if (keep_) events_.push_back(now_);
  if (sink_ != nullptr) sink_->on_event(event);
  if (event.kind == sim::EventKind::kNemesis) say_fault(event);
}

void Narrator::say_fault(const sim::EventRecord& event) {
  const std::uint64_t part = event.tag % kParts;
  if (part != kBegins && part != kEnds) return;
  const auto fault = std::find_if(plan_.faults.begin(), plan_.faults.end(),
                                  [&](const sim::Fault& one) { return one.id == event.tag / kParts; });
  if (fault == plan_.faults.end()) return;
  Line made = line(Rank::kTurn, 0, 0, "");
  made.database = -1;
  made.fault = fault->id;
  made.ends = part == kEnds;
  made.text =
      fmt::format("{} {}: {}", fault->title(), part == kBegins ? "strikes" : "ends", targets_text(fault->targets));
  add(std::move(made));
}

void Narrator::on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) {
  faults_ = faults;
  rest_.clear();
  for (std::uint32_t database = 0; database < database_names_.size(); ++database) {
    const std::uint32_t host = cluster.primary_host(database);
    rest_ += fmt::format("database {}: requests are led to {}\n", database_names_[database],
                         host == 0 ? std::string("nobody") : name(host));
  }
  for (const model::NodeInfo& info : cluster.nodes()) {
    const model::HostNode* const host = cluster.host(info.process);
    if (host != nullptr) rest_ += fmt::format("{} is {}\n", info.name, to_text(host->phase()));
    const sim::ProcessState state = cluster.process(info.process).state();
    if (info.reserve || state == sim::ProcessState::kRunning || !cluster.takes_part(info.process)) continue;
    rest_ += fmt::format("{} is {}\n", info.name, state == sim::ProcessState::kStopped ? "down" : "paused");
  }
  for (const sim::FaultReport& fault : faults)
    if (fault.status == sim::FaultStatus::kActive)
      rest_ += fmt::format("fault {} ({} {}) is in force: {}\n", fault.id, info(fault.kind).id, info(fault.kind).name,
                           targets_text(fault.targets));
  const std::string unfinished = cluster.unfinished();
  if (!unfinished.empty()) rest_ += "not at rest: " + unfinished + "\n";
  cluster.network().remove_observer(this);
  cluster_ = nullptr;
}

Line Narrator::line(Rank rank, std::uint32_t process, std::uint32_t database, std::string text) const {
  Line made;
  made.event = sequence_;
  made.when = cluster_ == nullptr ? sim::Instant::from_ns(now_.when_ns) : cluster_->scheduler().now();
  made.process = process;
  made.database = static_cast<int>(database);
  made.rank = rank;
  made.text = std::move(text);
  return made;
}

void Narrator::say(Rank rank, std::uint32_t process, std::uint32_t database, const char* text,
                   const model::Bookmark& entry) {
  Line made = line(rank, process, database, fmt::format(fmt::runtime(text), show(entry)));
  made.entry = made.first = key_of(entry);
  add(std::move(made));
}

void Narrator::add(Line made) {
  if (sink_ != nullptr) sink_->on_line(made);
  if (keep_) lines_.push_back(std::move(made));
}

void Narrator::on_invoke(const model::ClientInvocation& invocation) {
  Line made = line(Rank::kStep, now_.process, invocation.database,
                   fmt::format("session {} asks for {}, with {}", invocation.session, what_is_asked(invocation),
                               show(invocation.bookmark_in)));
  made.session = invocation.session;
  add(std::move(made));
}

void Narrator::on_complete(const model::ClientOperation& operation) {
  const model::ClientInvocation& invocation = operation.invocation;
  const char* const outcome = operation.outcome == model::OperationOutcome::kOk     ? "is answered"
                              : operation.outcome == model::OperationOutcome::kFail ? "fails"
                                                                                    : "learns nothing of the outcome";
  std::string text = fmt::format("session {} {}: {}", invocation.session, outcome, what_is_asked(invocation));
  if (operation.outcome == model::OperationOutcome::kOk)
    text += fmt::format(", {} from {}", show(operation.bookmark_out),
                        operation.served_by_primary ? "the primary" : operation.served_by_region);
  Line made = line(Rank::kStep, now_.process, invocation.database, std::move(text));
  made.session = invocation.session;
  if (operation.bookmark_out != nullptr && operation.bookmark_out->kind() == model::SessionToken::Kind::kBookmark)
    made.entry = made.first = key_of(operation.bookmark_out->bookmark());
  add(std::move(made));
}

}  // namespace tidemark::explain
