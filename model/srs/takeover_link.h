// The takeover's end of its connection to one follower. Private to the takeover.
#pragma once

#include <memory>
#include <optional>

#include "model/protocol/messages.h"
#include "sim/core/connection.h"
#include "sim/core/member_timer.h"

namespace tidemark::model::srs {

class Takeover;

/// Connects, asks for the promise, connects again after a loss and asks again.
class TakeoverLink final : public sim::Receiver {
 public:
  TakeoverLink(Takeover& takeover, sim::Process& process, std::uint32_t follower);

  /// Forgets what it said and asks anew.
  void ask_again();
  void fetch(const Bookmark& after);
  /// The answer to fetch(after), once; nullptr while there is none.
  boost::intrusive_ptr<const Fetched> take_fetched();
  /// Its answer to the newest Seal. Empty: it has not answered since.
  const boost::intrusive_ptr<const Sealed>& sealed() const { return sealed_; }
  /// Has the connection on which the last fetch() was sent ended?
  bool lost() const { return lost_; }

 private:
  void connect();
  void ask();
  void on_message(sim::Connection& connection, const sim::PayloadRef& message) override;
  void on_close(sim::Connection& connection, sim::CloseReason reason) override;

  Takeover& takeover_;
  const std::uint32_t follower_;  // Process::id()
  std::unique_ptr<sim::Connection> connection_;
  boost::intrusive_ptr<const Sealed> sealed_;
  boost::intrusive_ptr<const Fetched> fetched_;
  Bookmark fetch_after_;
  bool lost_ = false;
  sim::MemberTimer<TakeoverLink> retry_;
};

}  // namespace tidemark::model::srs
