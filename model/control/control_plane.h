// ControlPlane: the program of the process "control": placement, failure detection and epochs of all databases.
//
//   host --connects at its start, reports--> ControlPlane --> DatabaseControl (one per database, draws the states)
//        <-- Appoint, Grant, Reconfigure, ReconfiguredAck, Retire -- on the same connection
//
// Each host holds one connection, which it opens; the newest one of a host counts. The program may be killed at any
// point: what it must not forget is in the records (record.h), the rest comes back with the next reports. Its disk is
// taken to be reliable. It is fallible on purpose: paused, partitioned or slow, it takes live leaders for dead ones;
// epochs and leases make that safe.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "model/control/database_control.h"
#include "sim/core/connection.h"
#include "sim/core/process.h"

namespace tidemark::model::control {

class ControlPlane final : public sim::Program, private sim::Acceptor, private sim::Receiver, private HostLinks {
 public:
  /// The references must outlive the program; `databases` by number. A host belongs to one database.
  ControlPlane(Env& env, const ControlOptions& options, const BugSet& bugs,
               const std::vector<DatabasePlaces>& databases);
  ~ControlPlane() override;

  /// For administrators (and the nemesis) and for observers.
  DatabaseControl& database(std::uint32_t number) { return *databases_.at(number); }

 private:
  void on_accept(std::unique_ptr<sim::Connection> connection) override;
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  bool connected(std::uint32_t host) const override;
  std::uint64_t connection_of(std::uint32_t host) const override;
  void send(std::uint32_t host, sim::PayloadRef message) override;
  /// As which host the other end of this connection presents itself.
  std::uint32_t host_of(const sim::Connection& connection) const;

  Env& env_;
  std::map<std::uint32_t, std::uint32_t> database_of_;  // by host
  std::map<std::uint32_t, std::uint32_t> known_as_;     // machines that present themselves as another host
  std::map<std::uint32_t, std::unique_ptr<sim::Connection>> links_;
  std::map<std::uint32_t, std::uint64_t> accepted_;  // by host: how many connections so far
  std::vector<std::unique_ptr<DatabaseControl>> databases_;
};

}  // namespace tidemark::model::control
