// ControlLink: a host's connection to the control plane. The host opens it when it starts and again whenever it ends;
// reports go out on it, everything that the control plane has to say comes back on it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "model/env.h"
#include "model/protocol/control_messages.h"
#include "sim/core/member_timer.h"

namespace tidemark::model {

class ControlLink final : private sim::Receiver {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void on_appoint(const boost::intrusive_ptr<const Appoint>& appoint) = 0;
    virtual void on_retire(const Retire& retire) = 0;
    virtual void on_reconfigure(const Reconfigure& change) = 0;
    virtual void on_recorded(const ReconfiguredAck& ack) = 0;
    /// `sent`: when the report that the grant answers was sent.
    virtual void on_grant(const Grant& grant, sim::Instant sent) = 0;
    /// What to report now; number is set by the link.
    virtual boost::intrusive_ptr<LeaderReport> make_report() = 0;
  };

  /// Everything must outlive the link.
  ControlLink(Env& env, std::uint32_t control, sim::Duration report_period, Owner& owner);
  ~ControlLink() override;
  ControlLink(const ControlLink&) = delete;
  ControlLink& operator=(const ControlLink&) = delete;

  /// Connects; a report goes out with each new connection.
  void start() { connect(); }
  /// Reports now and then every report_period. An idle host reports only when it connects.
  void report_now();
  void stop_reporting() { timer_.cancel(); }
  /// Dropped without a connection.
  void send(sim::PayloadRef message);
  /// Of the newest report, 0 before the first.
  std::uint64_t last_number() const { return number_; }

 private:
  struct Sent {
    std::uint64_t number;
    sim::Instant at;
  };
  void connect();
  void report();
  void due();
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;
  void on_grant(const Grant& grant);

  Env& env_;
  const std::uint32_t control_;
  const sim::Duration report_period_;
  Owner& owner_;
  std::unique_ptr<sim::Connection> connection_;
  std::uint64_t number_ = 0;
  std::deque<Sent> sent_;  // reports without a grant yet
  sim::MemberTimer<ControlLink> timer_;
  sim::MemberTimer<ControlLink> reconnect_;
};

}  // namespace tidemark::model
