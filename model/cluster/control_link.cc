#include "model/cluster/control_link.h"

#include <utility>

#include "base/assert.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {
namespace {
/// Pause before the next attempt to reach the control plane. Ours.
constexpr sim::Duration kReconnectPause = sim::Duration::milliseconds(250);
/// Reports whose grants may still come. More than this are forgotten; then a late grant is worth nothing.
constexpr std::size_t kMostSent = 64;
}  // namespace

ControlLink::ControlLink(Env& env, std::uint32_t control, sim::Duration report_period, Owner& owner)
    : env_(env),
      control_(control),
      report_period_(report_period),
      owner_(owner),
      timer_(*this, &ControlLink::due, env.process()),
      reconnect_(*this, &ControlLink::connect, env.process()) {}

ControlLink::~ControlLink() = default;

void ControlLink::connect() {
  connection_ = env_.network().connect(control_, this);
  sent_.clear();  // their grants are lost with the connection
  report();
}

void ControlLink::report_now() {
  if (connection_ == nullptr) {
    if (!reconnect_.armed()) connect();
  } else {
    report();
  }
  timer_.cancel();
  env_.process().scheduler().arm_after(timer_, report_period_);
}

void ControlLink::due() {
  env_.process().scheduler().arm_after(timer_, report_period_);
  if (env_.unlikely("host/skip-report", sim::BuggifyClass::kEarly)) return;
  if (connection_ != nullptr) report();
}

void ControlLink::report() {
  boost::intrusive_ptr<LeaderReport> message = owner_.make_report();
  if (message == nullptr || connection_ == nullptr) return;
  message->number = ++number_;
  sent_.push_back({number_, env_.now()});
  if (sent_.size() > kMostSent) sent_.pop_front();
  connection_->send(message);
  if (env_.unlikely("host/report-twice", sim::BuggifyClass::kBranch)) connection_->send(std::move(message));
}

void ControlLink::send(sim::PayloadRef message) {
  if (connection_ != nullptr) connection_->send(std::move(message));
}

void ControlLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kAppoint:
      owner_.on_appoint(boost::static_pointer_cast<const Appoint>(message));
      return;
    case MessageType::kRetire:
      owner_.on_retire(static_cast<const Retire&>(*message));
      return;
    case MessageType::kReconfigure:
      owner_.on_reconfigure(static_cast<const Reconfigure&>(*message));
      return;
    case MessageType::kReconfiguredAck:
      owner_.on_recorded(static_cast<const ReconfiguredAck&>(*message));
      return;
    case MessageType::kGrant:
      on_grant(static_cast<const Grant&>(*message));
      return;
    default:
      TIDEMARK_ASSERT(false, "not a message of the control plane");
  }
}

void ControlLink::on_grant(const Grant& grant) {
  while (!sent_.empty() && sent_.front().number < grant.number) sent_.pop_front();
  if (sent_.empty() || sent_.front().number != grant.number) return;
  const sim::Instant sent = sent_.front().at;
  sent_.pop_front();
  owner_.on_grant(grant, sent);
}

void ControlLink::on_close(sim::Connection&, sim::CloseReason) {
  connection_.reset();
  env_.process().scheduler().arm_after(reconnect_, kReconnectPause);
}

}  // namespace tidemark::model
