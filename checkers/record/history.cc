#include "checkers/record/history.h"

#include <fmt/core.h>

namespace tidemark::checkers {
namespace {

constexpr std::size_t kMostShown = 12;  // elements of a list; the middle is left out

/// A text reads as a name when it looks like one; else between quotes, so that "" and "a b" can be told from others.
bool plain(const std::string& text) {
  for (const char c : text) {
    const bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                      c == '-' || c == '.' || c == '/' || c == ':';
    if (!fine) return false;
  }
  return !text.empty();
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(c));
    } else {
      result += c;
    }
  }
  return result + '"';
}

}  // namespace

bool Event::is_read() const {
  switch (kind) {
    case EventKind::kReadList:
    case EventKind::kRead:
    case EventKind::kReadSet:
    case EventKind::kReadCounter:
    case EventKind::kReadBalance:
      return true;
    default:
      return false;
  }
}

bool Event::is_write() const {
  return !is_read();
}

std::string History::show(Value value) const {
  if (value.is_nil()) return "nil";
  if (value.is_integer()) return std::to_string(value.number());
  return plain(text(value)) ? text(value) : quoted(text(value));
}

std::string History::show_key(std::uint32_t key) const {
  return show(key_names_[key]);
}

std::string History::show_session(std::uint32_t session) const {
  return show(session_names_[session]);
}

std::string History::show(const Event& event) const {
  const std::string name = show_key(event.key);
  switch (event.kind) {
    case EventKind::kReadList:
    case EventKind::kReadSet: {
      if (!event.known) return fmt::format("read {} = ?", name);
      const bool list = event.kind == EventKind::kReadList;
      const std::span<const Value> all = elements(event);
      std::string text = list ? "[" : "{";
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all.size() > kMostShown && i == kMostShown / 2) {
          text += " ...";
          i = all.size() - kMostShown / 2;
        }
        if (i > 0) text += ' ';
        text += show(all[i]);
      }
      return fmt::format("read {} = {}{}", name, text, list ? ']' : '}');
    }
    case EventKind::kRead:
    case EventKind::kReadCounter:
    case EventKind::kReadBalance:
      return fmt::format("read {} = {}", name, event.known ? show(event.value) : "?");
    case EventKind::kCas:
      return fmt::format("compare-and-set {} from {} to {}", name, show(expected(event)), show(event.value));
    case EventKind::kTransfer:
      return fmt::format("transfer {} from {} to {}", show(event.value), name,
                         show_key(static_cast<std::uint32_t>(event.other)));
    case EventKind::kClear:
      return fmt::format("clear {}", name);
    case EventKind::kIncrement:
      return fmt::format("increment {} by {}", name, show(event.value));
    case EventKind::kWrite:
      return fmt::format("write {} = {}", name, show(event.value));
    case EventKind::kAppend:
    case EventKind::kAppendText:
    case EventKind::kAdd:
      break;
  }
  return fmt::format("{} {} to {}", event.kind == EventKind::kAdd ? "add" : "append", show(event.value), name);
}

std::string History::show(const Txn& txn) const {
  std::string result;
  for (const Event& event : events(txn)) {
    if (!result.empty()) result += "; ";
    result += show(event);
  }
  return result;
}

std::size_t History::bytes() const {
  std::size_t total = transactions_.size() * sizeof(Txn) + events_.size() * sizeof(Event) +
                      elements_.size() * sizeof(Value) + times_.size() * sizeof(Times) +
                      regions_.size() * sizeof(std::uint32_t) +
                      (key_names_.size() + session_names_.size()) * sizeof(Value);
  for (const std::string& text : texts_) total += sizeof text + text.size();
  return total;
}

}  // namespace tidemark::checkers
