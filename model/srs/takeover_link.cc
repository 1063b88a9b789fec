#include "model/srs/takeover_link.h"

#include "model/srs/takeover.h"

namespace tidemark::model::srs {
namespace {
/// Pause before a lost follower is tried again. Ours.
constexpr sim::Duration kReconnectPause = sim::Duration::milliseconds(100);
/// Entries asked for at once: the follower sends fewer when they are large. Ours.
constexpr std::uint32_t kFetchEntries = 256;
}  // namespace

TakeoverLink::TakeoverLink(Takeover& takeover, sim::Process& process, std::uint32_t follower)
    : takeover_(takeover), follower_(follower), retry_(*this, &TakeoverLink::connect, process) {
  connect();
}

void TakeoverLink::connect() {
  connection_ = takeover_.setup_.env.network().connect(follower_, this);
  ask();
  if (takeover_.setup_.env.unlikely("takeover/seal-twice", sim::BuggifyClass::kBranch)) ask();
}

void TakeoverLink::ask() {
  auto* request = new Seal;
  const sim::PayloadRef message(request);
  request->epoch = takeover_.epoch_;
  connection_->send(message);
}

void TakeoverLink::ask_again() {
  sealed_.reset();
  fetched_.reset();
  if (!retry_.armed()) ask();
}

void TakeoverLink::fetch(const Bookmark& after) {
  fetched_.reset();
  fetch_after_ = after;
  lost_ = retry_.armed();
  auto* request = new Fetch;
  const sim::PayloadRef message(request);
  request->epoch = takeover_.epoch_;
  request->after = after;
  const bool one = takeover_.setup_.env.unlikely("takeover/fetch-one", sim::BuggifyClass::kOrder);
  request->most_entries = one ? 1 : kFetchEntries;
  connection_->send(message);
}

boost::intrusive_ptr<const Fetched> TakeoverLink::take_fetched() {
  return std::exchange(fetched_, nullptr);
}

/// Late and repeated answers are told by what they answer; a promise stays true however often it is heard.
void TakeoverLink::on_message(sim::Connection&, const sim::PayloadRef& message) {
  std::uint32_t promise = 0;
  switch (static_cast<MessageType>(message->type())) {
    case MessageType::kAck:
      promise = static_cast<const Ack&>(*message).epoch;
      break;
    case MessageType::kSealed: {
      const auto& sealed = static_cast<const Sealed&>(*message);
      promise = sealed.epoch;
      if (promise == takeover_.epoch_) sealed_.reset(&sealed);
      break;
    }
    case MessageType::kFetched: {
      const auto& fetched = static_cast<const Fetched&>(*message);
      promise = fetched.epoch;
      if (promise == takeover_.epoch_ && fetched.after == fetch_after_) fetched_.reset(&fetched);
      break;
    }
    default:
      return;
  }
  if (promise > takeover_.epoch_) {
    takeover_.deposed();
  } else {
    takeover_.wake();
  }
}

void TakeoverLink::on_close(sim::Connection&, sim::CloseReason) {
  lost_ = true;
  takeover_.wake();
  sim::Process& process = takeover_.setup_.env.process();
  process.scheduler().arm_after(retry_, kReconnectPause);
}

}  // namespace tidemark::model::srs
