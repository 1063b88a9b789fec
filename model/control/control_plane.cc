#include "model/control/control_plane.h"

#include <utility>

#include "base/assert.h"

namespace tidemark::model::control {

ControlPlane::ControlPlane(Env& env, const ControlOptions& options, const BugSet& bugs,
                           const std::vector<DatabasePlaces>& databases)
    : env_(env) {
  for (std::uint32_t number = 0; number < databases.size(); ++number) {
    for (const std::uint32_t host : databases[number].hosts) database_of_[host] = number;
    known_as_.insert(databases[number].known_as.begin(), databases[number].known_as.end());
    databases_.push_back(std::make_unique<DatabaseControl>(env, options, bugs, number, databases[number],
                                                           static_cast<HostLinks&>(*this)));
  }
  env_.network().listen(this);
}

std::uint32_t ControlPlane::host_of(const sim::Connection& connection) const {
  const auto found = known_as_.find(connection.peer());
  return found == known_as_.end() ? connection.peer() : found->second;
}

ControlPlane::~ControlPlane() {
  env_.network().listen(nullptr);
}

void ControlPlane::on_accept(std::unique_ptr<sim::Connection> connection) {
  sim::Connection& accepted = *connection;
  const std::uint32_t host = host_of(accepted);
  links_[host] = std::move(connection);
  ++accepted_[host];
  accepted.set_receiver(this);
}

void ControlPlane::on_message(sim::Connection& connection, const sim::PayloadRef& message) {
  const std::uint32_t host = host_of(connection);
  const auto found = database_of_.find(host);
  TIDEMARK_ASSERT(found != database_of_.end(), "only hosts talk to the control plane");
  DatabaseControl& control = *databases_[found->second];
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kLeaderReport:
      control.on_report(host, static_cast<const LeaderReport&>(*message));
      return;
    case MessageType::kReconfigured:
      control.on_reconfigured(host, static_cast<const Reconfigured&>(*message));
      return;
    case MessageType::kWake:
      control.on_wake();
      return;
    default:
      TIDEMARK_ASSERT(false, "not a message to the control plane");
  }
}

void ControlPlane::on_close(sim::Connection& connection, sim::CloseReason) {
  const std::uint32_t host = host_of(connection);
  links_.erase(host);
  const auto found = database_of_.find(host);
  if (found != database_of_.end()) databases_[found->second]->on_disconnected(host);
}

bool ControlPlane::connected(std::uint32_t host) const {
  const auto found = links_.find(host);
  return found != links_.end() && found->second->is_open();
}

std::uint64_t ControlPlane::connection_of(std::uint32_t host) const {
  const auto found = accepted_.find(host);
  return found == accepted_.end() ? 0 : found->second;
}

void ControlPlane::send(std::uint32_t host, sim::PayloadRef message) {
  const auto found = links_.find(host);
  if (found != links_.end()) found->second->send(std::move(message));
}

}  // namespace tidemark::model::control
