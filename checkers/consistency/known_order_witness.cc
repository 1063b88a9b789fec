// The words in which KnownOrderChecker tells what contradicts what.
#include <fmt/format.h>

#include <algorithm>

#include "checkers/consistency/known_order_state.h"

namespace tidemark::checkers {

std::string KnownOrderChecker::State::describe(const Transaction& transaction) const {
  const std::string& region = batch.region(transaction.region);
  return fmt::format("Operation {} of session {} (client process {}, {} to {}{}{}) says: {}", transaction.index,
                     transaction.session, transaction.process, show_time(transaction.invoke_ns),
                     show_time(transaction.complete_ns), region.empty() ? "" : ", served in " + region,
                     transaction.by_primary ? " by the primary" : "", batch.show(transaction));
}

std::string KnownOrderChecker::State::write_name(LogPosition position) const {
  if (const FloatingWrite* floating = replay.floating_at(position))
    return fmt::format("operation {} ({}; outcome unknown to its client)", floating->index, floating->text);
  const LoggedWrite* write = replay.write_at(position);
  if (write == nullptr) return "the initial state";
  return fmt::format("operation {} (a write of session {}, acknowledged at {}, bookmark {})", write->index,
                     write->session, show_time(write->complete_ns), write->bookmark.text());
}

std::string KnownOrderChecker::State::where_it_stood(const Session& session) const {
  if (!session.moved || session.cursor == 0) return "its session had seen nothing yet";
  const std::string how = session.by_write ? "was that session's own write" : "had seen";
  const std::string region = batch.region(session.by_region).empty() ? "" : " in " + batch.region(session.by_region);
  if (session.by_write)
    return fmt::format("its session stood after its own write, operation {}, acknowledged at {}", session.by_index,
                       show_time(session.by_complete_ns));
  return fmt::format("its session stood after {}, because its earlier operation {} (ended at {}{}) {} that state",
                     write_name(session.cursor), session.by_index, show_time(session.by_complete_ns), region, how);
}

std::string KnownOrderChecker::State::explain_element(const MicroOp& read, std::int64_t element, std::size_t place) {
  const std::string name =
      read.rows == 0 ? fmt::format("element {}", element) : fmt::format("row {} of the result", place + 1);
  const auto& states = replay.log(read.key).states();
  const auto wrote = [&](const KeyState& state) { return state.length > 0 && state.element == element; };
  const auto logged = std::find_if(states.begin(), states.end(), wrote);
  if (logged != states.end())
    return fmt::format("{} was written by {}, at another place", name, write_name(logged->position));
  const auto failed = failed_elements.find(element);
  if (failed != failed_elements.end())
    return fmt::format("{} comes from operation {}, which surely failed (G1a)", name, failed->second);
  for (const FloatingWrite& write : replay.floating_writes())
    for (const MicroOp& op : write.effects)
      if (op.element == element)
        return fmt::format("{} comes from operation {}, whose outcome is unknown", name, write.index);
  return name + (replay.truncated() ? " was written by no known operation" : " was never written by anybody");
}

std::string KnownOrderChecker::State::explain_content(const ExternalRead& read, LogPosition cursor) {
  const MicroOp& op = *read.op;
  KeyLog& log = replay.log(op.key);
  const std::size_t index = log.index_at(cursor);
  if (op.kind == MicroKind::kGet) {
    const KeyState& state = log.states()[index];
    const auto failed = failed_elements.find(op.element);
    return fmt::format("at that place the value is {} (version {}), written by {}{}", state.element, state.extra,
                       write_name(state.position),
                       failed == failed_elements.end() ? "" : "; the value that was read surely failed (G1a)");
  }
  const auto seen = batch.elements(op).first(read.count);
  const auto& states = log.states();
  const std::size_t start = log.epoch_start(index);
  // What a restore brought back is not told element by element.
  const std::size_t base =
      std::min<std::size_t>(log.restore_of(index) == nullptr ? 0 : states[start].length, seen.size());
  Digest128 prefix;
  for (std::size_t i = 0; i < base; ++i) prefix = extend(prefix, seen[i]);
  if (base > 0 && (base < states[start].length || prefix != states[start].hash))
    return fmt::format(
        "at that place the list begins with the {} elements that {} had brought back, which is not how "
        "the result begins",
        states[start].length, write_name(states[start].position));
  for (std::size_t i = base; i < seen.size(); ++i) {
    const std::size_t at = start + i + 1 - base;
    const bool same_epoch = at < states.size() && log.epoch_start(at) == start;
    if (same_epoch && states[at].element == seen[i] && states[at].position <= cursor) continue;
    if (!same_epoch || states[at].position > cursor)
      return fmt::format("at that place there are only {} elements, and {}", i, explain_element(op, seen[i], i));
    return fmt::format("element {} there is the one of {}, but {}", i + 1, write_name(states[at].position),
                       explain_element(op, seen[i], i));
  }
  const std::size_t next = start + seen.size() + 1 - base;
  if (next < states.size() && log.epoch_start(next) == start)
    return fmt::format("the write of {} is missing from the {} elements that were read",
                       write_name(states[next].position), seen.size());
  return "the content fits no state there";
}

std::string KnownOrderChecker::State::explain_read(const Transaction& transaction, const Session& session,
                                                   const ExternalRead* failed) {
  static_cast<void>(transaction);
  const std::string stood = where_it_stood(session);
  if (failed == nullptr) return stood + ", and from there on the row that is said to be there is never in the table";
  const auto place = static_cast<std::size_t>(failed - externals.reads().data());
  const KeyLog& log = replay.log(failed->op->key);
  if (const auto early = log.find(targets[place], 0); early && *early < session.cursor) {
    const std::size_t index = log.index_at(*early);
    return fmt::format("{}; what it read of {} fits only the state after {}, which ended with {}, before that", stood,
                       failed->op->rows != 0 || batch.model() == ModelOf::kOrders
                           ? std::string("Orders")
                           : fmt::format("key {}", failed->op->key),
                       write_name(*early), write_name(log.end_of(index)));
  }
  bool all_fit = true;
  for (std::size_t i = 0; i < targets.size(); ++i)
    all_fit = all_fit && replay.log(externals.reads()[i].op->key).find(targets[i], session.cursor).has_value();
  if (all_fit) return "each part fits some state, but no single state fits all parts of it (fractured read)";
  // Compare with the newest state: the one before it would only be shorter.
  return "no state in the order of the bookmarks fits it: " + explain_content(*failed, kLogEnd - 1);
}

}  // namespace tidemark::checkers
