#include "model/protocol/socket.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sim/core/scheduler.h"

namespace tidemark::model {
namespace {

constexpr std::uint32_t kUpgradeBytes = 300;  // an HTTP request, or its answer, with the headers of an upgrade
constexpr std::uint32_t kFrameBytes = 8;

}  // namespace

std::uint32_t SocketFrame::wire_bytes() const {
  if (kind != Kind::kText) return kUpgradeBytes;
  return kFrameBytes + model::wire_bytes(text) + (rows ? rows->wire_bytes() : 0);
}

std::uint64_t SocketFrame::digest() const {
  const Digest128 start = mix(mix(mix({}, type()), static_cast<std::uint64_t>(kind)), database);
  const Digest128 said = fold(start, text);
  return rows ? mix(mix(said, rows->digest().high), rows->digest().low).low : said.low;
}

std::string SocketFrame::describe() const {
  if (kind == Kind::kUpgrade) return "socket: upgrade";
  if (kind == Kind::kAccepted) return "socket: accepted";
  return "socket: " + to_json(text) + (rows ? " " + to_json(rows) : "");
}

SocketFrameRef accepted_frame(std::uint32_t database) {
  boost::intrusive_ptr<SocketFrame> frame(new SocketFrame(SocketFrame::Kind::kAccepted));
  frame->database = database;
  return frame;
}

Socket::Socket(sim::Process& process, sim::Transport& network, std::uint32_t peer, std::uint32_t database,
               SocketRules rules, SocketEvents& events)
    : process_(process),
      network_(network),
      peer_(peer),
      database_(database),
      rules_(rules),
      events_(events),
      retry_(*this, &Socket::connect, process),
      connect_limit_(*this, &Socket::give_up, process),
      uptime_(*this, &Socket::succeed, process) {}

Socket::~Socket() = default;

void Socket::open() {
  TIDEMARK_ASSERT(connection_ == nullptr && !retry_.armed(), "the socket is closed");
  attempts_ = 0;
  connect();
}

void Socket::connect() {
  ++attempts_;
  connection_ = network_.connect(peer_, this);
  process_.scheduler().arm_after(connect_limit_, rules_.connect_timeout);
}

void Socket::give_up() {
  connection_.reset();
  lose();
}

void Socket::close() {
  retry_.cancel();
  connect_limit_.cancel();
  uptime_.cancel();
  queue_.clear();
  open_ = false;
  if (connection_) connection_->close();
  connection_.reset();
}

void Socket::drop() {
  if (!connection_) return;
  connection_.reset();
  lose();
}

void Socket::send(SocketFrameRef frame) {
  if (!open_) {
    queue_.push_back(std::move(frame));
    return;
  }
  connection_->send(std::move(frame));
}

sim::Duration Socket::next_delay() const {
  sim::Duration delay = rules_.first_delay;
  for (std::uint32_t attempt = 1; attempt < attempts_ && delay < rules_.longest_delay; ++attempt)
    delay = delay * rules_.growth_percent / 100;
  return std::min(delay, rules_.longest_delay);
}

/// The connection is gone already.
void Socket::lose() {
  connect_limit_.cancel();
  uptime_.cancel();
  // attempts_ is 0 after a success, so that its loss counts as the first.
  attempts_ = std::max(attempts_, 1U);
  process_.scheduler().arm_after(retry_, next_delay());
  if (std::exchange(open_, false)) events_.on_socket_lost();
}

void Socket::on_open(sim::Connection& connection) {
  boost::intrusive_ptr<SocketFrame> upgrade(new SocketFrame(SocketFrame::Kind::kUpgrade));
  upgrade->database = database_;
  connection.send(std::move(upgrade));
}

void Socket::on_message(sim::Connection&, const sim::PayloadRef& message) {
  TIDEMARK_ASSERT(message->type() == static_cast<std::uint16_t>(MessageType::kSocketFrame));
  const auto& frame = static_cast<const SocketFrame&>(*message);
  if (frame.kind == SocketFrame::Kind::kText) return events_.on_socket_text(frame);
  connect_limit_.cancel();
  open_ = true;
  process_.scheduler().arm_after(uptime_, rules_.least_uptime);
  for (SocketFrameRef& queued : std::exchange(queue_, {})) connection_->send(std::move(queued));
  events_.on_socket_open();
}

void Socket::on_close(sim::Connection&, sim::CloseReason) {
  connection_.reset();
  lose();
}

}  // namespace tidemark::model
