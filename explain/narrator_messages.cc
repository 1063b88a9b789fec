// Narrator: messages, from where they were sent to where they arrive.
#include <fmt/format.h>

#include <algorithm>

#include "explain/narrator.h"
#include "model/protocol/control_messages.h"
#include "model/protocol/messages.h"
#include "model/protocol/socket.h"

namespace tidemark::explain {
namespace {

using model::Bookmark;
using model::MessageType;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// The text with every bookmark as "e1-17", and not longer than a line.
std::string shorten(const std::string& text) {
  constexpr std::size_t kMost = 80;
  std::string out;
  for (std::size_t i = 0; i < text.size() && out.size() < kMost;) {
    Bookmark bookmark;
    const std::string_view rest = std::string_view(text).substr(i, Bookmark::kTextLength);
    if (is_hex(rest.substr(0, 8)) && Bookmark::parse(rest, bookmark)) {
      out += show(bookmark);
      i += Bookmark::kTextLength;
    } else {
      out += text[i++];
    }
  }
  if (out.size() >= kMost) out += "...";
  return out;
}

Rank rank_of(MessageType type) {
  return type == MessageType::kLeaderReport || type == MessageType::kGrant ? Rank::kDetail : Rank::kStep;
}

template <typename Message>
const Message& as(const sim::Payload& payload) {
  return static_cast<const Message&>(payload);
}

void set_entries(Line& line, const Bookmark& first, const Bookmark& last) {
  line.first = key_of(first);
  line.entry = key_of(last);
}

/// Which entries a message of the relay is about.
void note_entries(const sim::Payload& payload, Line& line) {
  switch (static_cast<MessageType>(payload.type())) {
    case MessageType::kAppend: {
      const auto& entries = as<model::Append>(payload).entries;
      return set_entries(line, entries.front()->bookmark(), entries.back()->bookmark());
    }
    case MessageType::kAck:
      return set_entries(line, as<model::Ack>(payload).bookmark, as<model::Ack>(payload).bookmark);
    case MessageType::kConfirm:
      return set_entries(line, as<model::Confirm>(payload).bookmark, as<model::Confirm>(payload).bookmark);
    case MessageType::kRegistered:
      return set_entries(line, as<model::Registered>(payload).after, as<model::Registered>(payload).confirmed);
    case MessageType::kSealed:
      return set_entries(line, as<model::Sealed>(payload).last, as<model::Sealed>(payload).last);
    case MessageType::kD1Response:
      return set_entries(line, as<model::D1Response>(payload).truth.state, as<model::D1Response>(payload).truth.state);
    default:
      return;
  }
}

/// "Append e1-17" or "Append e1-17 to e1-19"; what describe() says of followers by number is left to the sender's name.
std::string text_of(const sim::Payload& payload) {
  if (static_cast<MessageType>(payload.type()) == MessageType::kAppend) {
    const auto& entries = as<model::Append>(payload).entries;
    const std::string first = show(entries.front()->bookmark());
    return entries.size() == 1 ? "Append " + first
                               : fmt::format("Append {} to {}", first, show(entries.back()->bookmark()));
  }
  if (static_cast<MessageType>(payload.type()) == MessageType::kAck)
    return "Ack up to " + show(as<model::Ack>(payload).bookmark);
  if (static_cast<MessageType>(payload.type()) == MessageType::kSealed) {
    const auto& sealed = as<model::Sealed>(payload);
    return fmt::format("Sealed for epoch {}, with the log up to {}", sealed.epoch, show(sealed.last));
  }
  return shorten(payload.describe());
}

}  // namespace

void Narrator::on_send(const sim::MessageView& message) {
  on_the_way_[{{message.connection, message.number}, message.from}] = {sequence_, message.sent};
}

void Narrator::on_deliver(const sim::MessageView& message, const sim::DelaySplit&) {
  const auto sent = on_the_way_.find({{message.connection, message.number}, message.from});
  if (sent == on_the_way_.end()) return receive(message, "");
  now_.cause = sent->second.event;
  if (keep_ && !events_.empty()) events_.back().cause = now_.cause;
  receive(message, fmt::format(", sent at {}", to_text(sent->second.when)));
  on_the_way_.erase(sent);
}

void Narrator::on_copy(const sim::MessageView& message) {
  receive(message, fmt::format(", a copy of what was sent at {}", to_text(message.sent)));
}

void Narrator::receive(const sim::MessageView& message, const std::string& how) {
  Line made = line_of(message);
  made.text = fmt::format("receives {} from {}{}", text_of(message.payload), name(message.from), how);
  add(std::move(made));
}

/// Whose database and session it is, as far as the message or the one that it answers tells.
Line Narrator::line_of(const sim::MessageView& message) {
  const auto type = static_cast<MessageType>(message.payload.type());
  Line made = line(rank_of(type), message.to, 0, "");
  const auto database_of = [this](std::uint32_t process) {
    return process < nodes_.size() ? nodes_[process].database : -1;
  };
  made.database = std::max(database_of(message.to), database_of(message.from));
  note_entries(message.payload, made);
  if (type == MessageType::kHttpRequest) {
    const auto& request = as<model::HttpRequest>(message.payload);
    requests_[message.connection] = {static_cast<int>(request.database), request.session};
  } else if (type == MessageType::kD1Request) {
    const auto& request = as<model::D1Request>(message.payload);
    requests_[message.connection] = {static_cast<int>(request.database), request.session};
  } else if (type == MessageType::kSocketFrame) {
    const auto& frame = as<model::SocketFrame>(message.payload);
    requests_[message.connection] = {static_cast<int>(frame.database), frame.session};
  } else if (type != MessageType::kHttpResponse && type != MessageType::kD1Response) {
    return made;
  }
  const Request& request = requests_[message.connection];
  made.database = request.database;
  made.session = request.session;
  return made;
}

}  // namespace tidemark::explain
