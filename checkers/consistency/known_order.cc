#include "checkers/consistency/known_order.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "checkers/consistency/known_order_state.h"

namespace tidemark::checkers {

KnownOrderChecker::KnownOrderChecker(KnownOrderOptions options) : state_(std::make_unique<State>(options)) {}
KnownOrderChecker::~KnownOrderChecker() = default;
KnownOrderChecker::KnownOrderChecker(KnownOrderChecker&&) noexcept = default;
KnownOrderChecker& KnownOrderChecker::operator=(KnownOrderChecker&&) noexcept = default;

void KnownOrderChecker::on_operation(const Operation& operation) {
  state_->take(operation);
}

void KnownOrderChecker::learn_entry(std::uint64_t index, const std::string& entry) {
  FloatingWrite* const write = state_->replay.floating(index);
  if (write == nullptr || write->position != 0) return;
  write->entry = BookmarkKey(entry);
  state_->replay.note_entry(index);
}

void KnownOrderChecker::learn_later_entry(std::uint64_t index, const std::string& entry) {
  state_->replay.add_again(index, BookmarkKey(entry));
}

void KnownOrderChecker::settle_entry(std::string_view entry, bool confirmed) {
  state_->replay.settle(BookmarkKey(entry), confirmed);
}

void KnownOrderChecker::advance(std::int64_t watermark_ns) {
  state_->watermark_ns = std::max(state_->watermark_ns, watermark_ns);
  if (state_->batch.transactions().size() >= state_->options.batch) state_->process(false, state_->watermark_ns);
}

void KnownOrderChecker::end_session(std::uint32_t session) {
  state_->ended.push_back({state_->judged + state_->batch.transactions().size(), session});
}

void KnownOrderChecker::State::take(const Operation& operation) {
  if (mixed_models) return;
  if (!batch.add(operation)) {
    mixed_models = true;
    return;
  }
  replay.set_registers(batch.model() == ModelOf::kRegisters);
  const Transaction& transaction = batch.transactions().back();
  positions.push_back(0);
  if (transaction.outcome == Outcome::kFail) {
    for (const MicroOp& op : batch.ops(transaction))
      if (op.kind == MicroKind::kAppend || op.kind == MicroKind::kSet)
        failed_elements.emplace(op.element, operation.index);
    if (failed_elements.size() > options.retained_states && options.retained_states > 0) failed_elements.clear();
  }
  if (!transaction.effect || transaction.outcome == Outcome::kFail) return;
  if (transaction.outcome == Outcome::kInfo) {
    replay.add_floating(batch, transaction, BookmarkKey(operation.entry));
    replay.note_entry(operation.index);
    for (const std::string& entry : operation.later_entries) replay.add_again(operation.index, BookmarkKey(entry));
  } else if (transaction.bookmark.empty()) {
    if (missing_problem.empty())
      missing_problem =
          fmt::format("operation {} was acknowledged without a bookmark: its place is not known", operation.index);
    replay.add_floating(batch, transaction, BookmarkKey(operation.entry));
  } else {
    unlogged.push_back(batch.transactions().size() - 1);
  }
}

// Every write that was invoked before the result is in the log: reads that ended before it can be judged.
std::int64_t KnownOrderChecker::State::judge_limit(bool everything, std::int64_t watermark) const {
  if (everything) return INT64_MAX;
  std::int64_t limit = watermark;
  for (const std::size_t place : unlogged) limit = std::min(limit, batch.transactions()[place].invoke_ns);
  return limit;
}

void KnownOrderChecker::State::log_writes(bool everything, std::int64_t watermark) {
  const auto& transactions = batch.transactions();
  const auto before = [&](std::size_t a, std::size_t b) { return transactions[a].bookmark < transactions[b].bookmark; };
  if (!std::is_sorted(unlogged.begin(), unlogged.end(), before))
    std::stable_sort(unlogged.begin(), unlogged.end(), before);
  // Whatever is still outstanding was invoked after these were acknowledged, so it cannot come before them.
  std::size_t safe = everything ? unlogged.size() : 0;
  for (std::size_t i = 0; i < unlogged.size(); ++i)
    if (transactions[unlogged[i]].complete_ns < watermark) safe = std::max(safe, i + 1);
  for (std::size_t i = 0; i < safe; ++i) {
    const Transaction& transaction = transactions[unlogged[i]];
    const LoggedWrite* last = replay.write_at(replay.head());
    if (last != nullptr && order_problem.empty() && !(last->bookmark < transaction.bookmark)) {
      order_problem_ns = std::max(last->complete_ns, transaction.complete_ns);
      order_problem =
          last->bookmark == transaction.bookmark
              ? fmt::format("operations {} and {} both wrote and returned the same bookmark {}", last->index,
                            transaction.index, transaction.bookmark.text())
              : fmt::format(
                    "operation {} was invoked after operation {} had been acknowledged, yet its bookmark {} is "
                    "smaller than {}",
                    transaction.index, last->index, transaction.bookmark.text(), last->bookmark.text());
    }
    std::string problem;
    // Without the entry that it made itself: a request that the client gave up before may have asked for it.
    replay.place_shown(transaction.bookmark, false);
    positions[unlogged[i]] = replay.append(batch, transaction, problem);
    if (!problem.empty()) violate(transaction, problem);
  }
  unlogged.erase(unlogged.begin(), unlogged.begin() + static_cast<std::ptrdiff_t>(safe));
}

void KnownOrderChecker::State::process(bool everything, std::int64_t watermark) {
  log_writes(everything, watermark);
  const std::int64_t limit = judge_limit(everything, watermark);
  auto& transactions = batch.transactions();
  std::size_t done = 0;
  while (done < transactions.size() && transactions[done].complete_ns < limit) {
    judge(transactions[done], positions[done]);
    ++done;
  }
  if (everything) done = transactions.size();
  judged += done;
  batch.forget_before(done);
  positions.erase(positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(done));
  for (std::size_t& place : unlogged) {
    TIDEMARK_ASSERT(place >= done, "a write was judged before it was in the log");
    place -= done;
  }
  forget(watermark);
}

// Sessions that ended, and states that no copy is so far behind to show.
void KnownOrderChecker::State::forget(std::int64_t watermark) {
  for (; !ended.empty() && ended.front().fed <= judged; ended.pop_front()) sessions.erase(ended.front().session);
  const LogPosition head = replay.head();
  const auto all_but = [&](std::uint64_t states) { return head - std::min(head, states * kLogStep); };
  LogPosition horizon = options.retained_states == 0 ? 0 : all_but(options.retained_states);
  if (options.retained_ns > 0 && watermark > options.retained_ns)
    horizon = std::max(
        horizon, std::min(all_but(options.least_states), replay.acknowledged_before(watermark - options.retained_ns)));
  if (horizon > 0) replay.forget_before(horizon);
}

void KnownOrderChecker::State::judge(const Transaction& transaction, LogPosition position) {
  ++observations;
  if (!violation.empty() || transaction.outcome == Outcome::kFail)
    return;  // the first contradiction is the one to read
  Session& session = sessions[transaction.session];
  const bool unplaced = transaction.effect && (transaction.outcome == Outcome::kInfo || transaction.bookmark.empty());
  if (unplaced) {
    FloatingWrite* write = replay.floating(transaction.index);
    TIDEMARK_ASSERT(write != nullptr);
    if (!replay.sent_at(*write, session.cursor))
      violate(transaction, "it was seen at a place before the state that its session had reached when it was sent");
    return;
  }
  if (transaction.outcome != Outcome::kOk) return;
  if (!externals.derive(batch, transaction)) return violate(transaction, externals.error());
  replay.place_shown(transaction.bookmark);
  targets.clear();
  logs.clear();
  for (const ExternalRead& read : externals.reads()) {
    targets.push_back(target_of(batch, *read.op, read.count));
    logs.push_back(&replay.log(read.op->key));
  }
  if (transaction.effect) {
    judge_write(transaction, position, session);
  } else {
    judge_read(transaction, session);
  }
  if (replay.conflict() && violation.empty())
    violate(transaction, "it saw a write of unknown outcome at a place where others had read without seeing it");
}

bool KnownOrderChecker::State::holds_before(LogPosition position, const ExternalRead** failed) {
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (logs[i]->matches_at(targets[i], position - 1)) continue;
    *failed = &externals.reads()[i];
    return false;
  }
  return true;
}

void KnownOrderChecker::State::judge_write(const Transaction& transaction, LogPosition position, Session& session) {
  TIDEMARK_ASSERT(position > 0);
  if (position <= session.cursor) {
    return violate(transaction,
                   fmt::format("{}, and this write's bookmark puts it before that", where_it_stood(session)));
  }
  const ExternalRead* failed = nullptr;
  while (!holds_before(position, &failed)) {
    if (replay.place_floating(batch, *failed->op, failed->count,
                              {position - kLogStep, session.cursor, transaction.bookmark, position - 1}))
      continue;
    return violate(transaction,
                   "its reads must fit the state just before its own write: " + explain_content(*failed, position - 1));
  }
  for (const MicroOp* noop : externals.noops())
    if (replay.find_row(noop->extra, position - 1) != position - 1 && !replay.may_contain_unseen(noop->extra))
      return violate(transaction, "it says '" + batch.show(*noop) + "', but just before its own write it was not");
  for (KeyLog* log : logs) log->mark_read(position - 1);
  move(session, transaction, position, true);
}

LogPosition KnownOrderChecker::State::find_reads(LogPosition from, const ExternalRead** failed) {
  LogPosition place = from;
  // Round and round, until as many in a row as there are hold at one place.
  std::size_t hold = 0;
  for (std::size_t i = 0; hold < targets.size(); i = i + 1 < targets.size() ? i + 1 : 0) {
    const auto found = logs[i]->find(targets[i], place);
    if (!found) {
      *failed = &externals.reads()[i];
      return kLogEnd;
    }
    hold = *found == place ? hold + 1 : 1;
    place = *found;
  }
  return place;
}

LogPosition KnownOrderChecker::State::find_place(LogPosition from, const ExternalRead** failed) {
  LogPosition place = find_reads(from, failed);
  for (bool moved = true; moved && place != kLogEnd && !externals.noops().empty();) {
    moved = false;
    for (const MicroOp* noop : externals.noops()) {
      const LogPosition found = replay.find_row(noop->extra, place);
      if (found == kLogEnd && replay.may_contain_unseen(noop->extra)) continue;
      if (found == kLogEnd) return kLogEnd;
      moved = moved || found != place;
      place = found;
    }
    if (moved) place = find_reads(place, failed);
  }
  return place;
}

/// The earliest place that fits explains the read; whether it was there is another question once a restore has brought
/// the same content back. A read whose bookmark names a place where it fits as well proves nothing about the earlier
/// one.
void KnownOrderChecker::State::note_read(const Transaction& transaction, LogPosition place) {
  const bool named = replay.has_restores() && !transaction.bookmark.empty();
  const LogPosition there = named ? replay.position_of(transaction.bookmark) : place;
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const bool elsewhere = named && logs[i]->index_at(there) != logs[i]->index_at(place);
    if (!elsewhere || !logs[i]->matches_at(targets[i], there)) logs[i]->mark_read(place);
  }
}

void KnownOrderChecker::State::judge_read(const Transaction& transaction, Session& session) {
  for (;;) {
    const ExternalRead* failed = nullptr;
    const LogPosition place = find_place(session.cursor, &failed);
    if (place != kLogEnd) {
      note_read(transaction, place);
      return move(session, transaction, place, false);
    }
    bool placed = false;
    const LogPosition hint = transaction.bookmark.empty() ? 0 : replay.floor(transaction.bookmark);
    const LogPosition limit = transaction.bookmark.canonical() ? replay.position_of(transaction.bookmark) : kLogEnd;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const ExternalRead& read = externals.reads()[i];
      if (!logs[i]->find(targets[i], 0))
        placed = placed || replay.place_floating(batch, *read.op, read.count,
                                                 {hint, session.cursor, transaction.bookmark, limit});
    }
    if (placed) continue;
    if (replay.truncated() && replay.write_at(session.cursor) == nullptr) {
      ++expired;
      return;
    }
    if (failed != nullptr) replay.doubt_repeats(batch, *failed->op, failed->count);
    return violate(transaction, explain_read(transaction, session, failed));
  }
}

void KnownOrderChecker::State::move(Session& session, const Transaction& transaction, LogPosition to, bool by_write) {
  if (session.moved && to == session.cursor) return;
  session = {to, transaction.index, transaction.complete_ns, transaction.region, by_write, true};
}

void KnownOrderChecker::State::violate(const Transaction& transaction, const std::string& text) {
  if (!violation.empty()) return;
  violation = describe(transaction) + ". However, " + text + ".";
  violation_ns = transaction.complete_ns;
}

bool KnownOrderChecker::violated() const {
  if (state_->violation.empty() && state_->order_problem.empty()) return false;
  return so_far().validity == Validity::kInvalid || bookmark_order().validity == Validity::kInvalid;
}

Verdict KnownOrderChecker::finish() {
  state_->process(true, INT64_MAX);
  return so_far();
}

Verdict KnownOrderChecker::so_far() const {
  const State& state = *state_;
  Verdict verdict{"sequential", Validity::kValid, "", state.observations, false};
  const auto unknown = [&](const std::string& why) {
    verdict.validity = Validity::kUnknown;
    verdict.witness = why;
    verdict.at_ns.reset();
  };
  if (state.mixed_models) {
    unknown("the history mixes operations of different models");
  } else if (state.observations == 0) {
    unknown("0 operations");
  } else if (!state.violation.empty()) {
    verdict.validity = Validity::kInvalid;
    verdict.witness = state.violation;
    verdict.at_ns = state.violation_ns;
    const std::string& doubt = !state.order_problem.empty() ? state.order_problem : state.missing_problem;
    if (!doubt.empty())
      unknown("the order of the writes is not known (" + doubt + "); with one guess: " + state.violation);
    if (doubt.empty() && state.replay.lost_past())
      unknown("a restore went back to a state that is not remembered; with a guess: " + state.violation);
    if (doubt.empty() && !state.replay.lost_past() && state.replay.guessed())
      unknown("a write of unknown outcome had to be put somewhere; with one guess: " + state.violation);
  } else if (state.replay.lost_past()) {
    unknown("a restore went back to a state that is not remembered");
  } else if (state.expired > 0) {
    unknown(fmt::format("{} reads fit no retained state and their sessions stood before the oldest retained one",
                        state.expired));
  }
  return verdict;
}

Verdict KnownOrderChecker::bookmark_order() const {
  const State& state = *state_;
  Verdict verdict{"bookmark-order", Validity::kValid, "", state.observations, false};
  const auto set = [&](Validity validity, const std::string& why, std::int64_t at_ns = 0) {
    verdict.validity = validity;
    verdict.witness = why;
    if (validity == Validity::kInvalid) verdict.at_ns = at_ns;
  };
  if (!state.order_problem.empty()) {
    set(Validity::kInvalid, state.order_problem, state.order_problem_ns);
  } else if (!state.missing_problem.empty()) {
    set(Validity::kUnknown, state.missing_problem);
  } else if (!state.violation.empty()) {
    const bool guess = state.replay.guessed() || state.replay.lost_past();
    set(guess ? Validity::kUnknown : Validity::kInvalid, state.violation, state.violation_ns);
  } else if (state.observations == 0 || state.mixed_models || state.expired > 0 || state.replay.lost_past()) {
    set(Validity::kUnknown, state.observations == 0 ? "0 operations" : "not everything could be judged");
  }
  return verdict;
}

}  // namespace tidemark::checkers
