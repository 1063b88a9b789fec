#include "checkers/formats/write/parts.h"

namespace tidemark::checkers {
namespace {

enum : unsigned char { kZeroWritten = 1, kZeroRead = 2, kNilRead = 4 };

void check(const History& history, const Txn& txn, std::vector<unsigned char>& seen) {
  if (txn.outcome == Outcome::kInfo) refuse(txn, "its outcome is unknown, which Plume's text cannot say");
  if (txn.outcome == Outcome::kOk && reads_known(history, txn) != Known::kAll)
    refuse(txn, "what it read is unknown, which Plume's text cannot say");
  for (const Event& event : history.events(txn)) {
    if (event.kind != EventKind::kRead && event.kind != EventKind::kWrite)
      refuse(txn, "Plume's text knows reads and writes of registers only: " + history.show(event));
    if (!history.key_value(event.key).is_integer())
      refuse(txn, "Plume's text names keys by integers: " + history.show_key(event.key));
    const bool nil_read = event.kind == EventKind::kRead && event.value.is_nil();
    if (!event.value.is_integer() && !nil_read)
      refuse(txn, "Plume's text has integers for values: " + history.show(event));
    const bool zero = event.value.is_integer() && event.value.number() == 0;
    if (event.kind == EventKind::kWrite && zero) seen[event.key] |= kZeroWritten;
    if (event.kind == EventKind::kRead && zero) seen[event.key] |= kZeroRead;
    if (nil_read && event.known) seen[event.key] |= kNilRead;
  }
}

}  // namespace

std::vector<std::string> plume_losses(const History& history) {
  std::vector<unsigned char> seen(history.keys());
  std::uint64_t empty = 0;
  for (const Txn& txn : history.transactions()) {
    check(history, txn, seen);
    if (txn.event_count == 0) ++empty;
  }
  for (std::uint32_t key = 0; key < history.keys(); ++key) {
    const bool written = (seen[key] & kZeroWritten) != 0;
    if ((written && (seen[key] & kNilRead) != 0) || (!written && (seen[key] & kZeroRead) != 0))
      throw ConversionRefused(0, "0 stands for the initial state in Plume's text, and is a value of key " +
                                     history.show_key(key) + " here");
  }
  std::vector<std::string> losses;
  if (history.has_real_time()) losses.emplace_back("real time is left out");
  if (!history.times().empty()) losses.emplace_back("the times of operations are left out");
  if (!history.regions().empty()) losses.emplace_back("the regions that served are left out");
  if (empty > 0) losses.push_back(std::to_string(empty) + " transactions without operations are left out");
  if (SessionNumbers(history).renamed) losses.emplace_back("sessions are numbered: their names are no numbers");
  return losses;
}

void write_plume(const History& history, Output& out) {
  const SessionNumbers sessions(history);
  std::uint64_t number = 0;
  for (const Txn& txn : history.transactions()) {
    const bool ok = txn.outcome == Outcome::kOk;
    for (const Event& event : history.events(txn)) {
      const bool write = event.kind == EventKind::kWrite;
      if (!write && !ok) continue;
      out.text() += (write ? "w(" : "r(") + std::to_string(history.key_value(event.key).number()) + ',' +
                    std::to_string(event.value.is_nil() ? 0 : event.value.number()) + ',' +
                    std::to_string(sessions.numbers[txn.session]) + ',' + (ok ? std::to_string(number) : "-1") + ")\n";
      out.line_is_done();
    }
    if (ok) ++number;
  }
}

}  // namespace tidemark::checkers
