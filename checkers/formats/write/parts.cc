#include "checkers/formats/write/parts.h"

#include <algorithm>

namespace tidemark::checkers {

void refuse(const Txn& txn, const std::string& message) {
  throw ConversionRefused(txn.line, "transaction " + std::to_string(txn.index) + ": " + message);
}

SessionNumbers::SessionNumbers(const History& history) {
  for (std::uint32_t i = 0; i < history.sessions(); ++i) {
    const Value name = history.session_value(i);
    const bool number = name.is_integer() && name.number() >= 0 && name.number() <= UINT32_MAX;
    renamed = renamed || !number;
    numbers.push_back(number ? name.number() : 0);
  }
  if (!renamed) return;
  for (std::uint32_t i = 0; i < history.sessions(); ++i) numbers[i] = i;
}

std::vector<LogRecord> log_of(const History& history, std::uint64_t& together) {
  together = 0;
  std::vector<LogRecord> log;
  log.reserve(2 * history.transactions().size());
  std::vector<std::uint64_t> free(history.sessions(), 0);  // where the last operation of the session ended
  std::uint64_t last_end = 0;
  std::uint32_t number = 0;
  for (const Txn& txn : history.transactions()) {
    const bool real = history.has_real_time();
    std::uint64_t begin = real ? 2 * std::uint64_t{txn.call} : 2 * std::uint64_t{number} + 1;
    // Nothing is known of the end of an unknown outcome: it stands where the order of the history puts it.
    std::uint64_t end = !real ? begin + 1 : txn.ret == kNever ? last_end : 2 * std::uint64_t{txn.ret} + 1;
    if (begin < free[txn.session]) {
      begin = free[txn.session];
      ++together;
    }
    end = std::max(end, begin + (begin % 2 == 0 ? 1 : 0));
    log.push_back({begin, number, false});
    log.push_back({end, number, true});
    free[txn.session] = end;
    last_end = std::max(last_end, end);
    ++number;
  }
  std::stable_sort(log.begin(), log.end(), [](const LogRecord& a, const LogRecord& b) { return a.place < b.place; });
  return log;
}

Known reads_known(const History& history, const Txn& txn) {
  bool known = false;
  bool unknown = false;
  for (const Event& event : history.events(txn)) {
    if (!event.is_read()) continue;
    known = known || event.known;
    unknown = unknown || !event.known;
  }
  return !unknown ? Known::kAll : known ? Known::kSome : Known::kNone;
}

bool can_write(Format format) {
  return format == Format::kEdn || format == Format::kJson || format == Format::kKv || format == Format::kTidemark ||
         format == Format::kPlume;
}

namespace {

bool has_versions(const History& history) {
  const auto told = [](const Event& event) {
    return (event.kind == EventKind::kWrite || event.kind == EventKind::kRead) && event.version() >= 0;
  };
  return std::any_of(history.transactions().begin(), history.transactions().end(), [&](const Txn& txn) {
    const auto events = history.events(txn);
    return std::any_of(events.begin(), events.end(), told);
  });
}

std::vector<std::string> losses_by_format(const History& history, Format format) {
  switch (format) {
    case Format::kEdn:
    case Format::kJson:
    case Format::kKv:
      return map_losses(history, format);
    case Format::kTidemark:
      return lines_losses(history);
    case Format::kPlume:
      return plume_losses(history);
    default:
      throw ConversionRefused(0, std::string("the format ") + to_text(format) +
                                     " is only read; written are edn, json, kv, jsonl and plume");
  }
}

}  // namespace

std::vector<std::string> losses_of(const History& history, Format format) {
  std::vector<std::string> losses = losses_by_format(history, format);
  if (format != Format::kTidemark && has_versions(history))
    losses.push_back("it does not say which version a register had");
  return losses;
}

void write_history(const History& history, Format format, std::string_view name,
                   const std::function<void(std::string_view)>& out) {
  losses_of(history, format);
  Output output(out);
  if (format == Format::kTidemark) {
    write_lines(history, name, output);
  } else if (format == Format::kPlume) {
    write_plume(history, output);
  } else {
    write_maps(history, format, output);
  }
  output.flush();
}

}  // namespace tidemark::checkers
