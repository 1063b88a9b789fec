#include "checkers/session/session_checker.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "checkers/session/session_state.h"

namespace tidemark::checkers {
namespace {

constexpr std::array<const char*, 4> kNames{"read-your-writes", "monotonic-reads", "monotonic-writes",
                                            "writes-follow-reads"};

}  // namespace

SessionChecker::SessionChecker(SessionOptions options) : state_(std::make_unique<State>(options)) {}
SessionChecker::~SessionChecker() = default;
SessionChecker::SessionChecker(SessionChecker&&) noexcept = default;
SessionChecker& SessionChecker::operator=(SessionChecker&&) noexcept = default;

void SessionChecker::on_operation(const Operation& operation) {
  state_->take(operation);
}

void SessionChecker::advance(std::int64_t watermark_ns) {
  state_->watermark_ns = std::max(state_->watermark_ns, watermark_ns);
  if (state_->batch.transactions().size() >= state_->options.batch) state_->process(false, state_->watermark_ns);
}

void SessionChecker::State::take(const Operation& operation) {
  if (mixed_models) return;
  if (!batch.add(operation)) {
    mixed_models = true;
    return;
  }
  const Transaction& transaction = batch.transactions().back();
  if (!transaction.effect || transaction.outcome == Outcome::kFail) return;
  const std::uint64_t number = first_number + batch.transactions().size() - 1;
  for (const MicroOp& op : batch.ops(transaction)) {
    if (op.kind == MicroKind::kAppend || op.kind == MicroKind::kSet) remember_writer(transaction, op, number);
    if (op.kind == MicroKind::kReset || op.kind == MicroKind::kRestore)
      open_resets.push_back({transaction.index, transaction.invoke_ns,
                             transaction.bookmark.canonical() ? transaction.bookmark.position() : kUnplaced});
  }
}

void SessionChecker::State::remember_writer(const Transaction& transaction, const MicroOp& op, std::uint64_t number) {
  const ElementOf id{op.key, op.element};
  if (writers.insert_or_assign(id, Writer{transaction.session, number, transaction.index}).second)
    writer_order.push_back(id);
  if (batch.model() == ModelOf::kOrders) rows.insert_or_assign(op.element, batch.rows(op));
  if (options.remembered_writes > 0 && writer_order.size() > options.remembered_writes) forget_oldest_writer();
}

void SessionChecker::State::forget_oldest_writer() {
  const ElementOf oldest = writer_order.front();
  writers.erase(oldest);
  if (!rows.empty()) rows.erase(oldest.second);
  writer_order.pop_front();
}

const SessionChecker::State::Writer* SessionChecker::State::writer(std::int64_t key, std::int64_t element) const {
  const auto found = writers.find(ElementOf{key, element});
  return found == writers.end() ? nullptr : &found->second;
}

void SessionChecker::State::process(bool everything, std::int64_t watermark) {
  const auto& transactions = batch.transactions();
  // A read may be judged when every write that it could have seen was fed.
  std::int64_t limit = everything ? INT64_MAX : watermark;
  for (const Transaction& transaction : transactions)
    if (!everything && transaction.effect && transaction.complete_ns >= watermark)
      limit = std::min(limit, transaction.invoke_ns);
  std::size_t judged = 0;
  while (judged < transactions.size() && (everything || transactions[judged].complete_ns < limit)) {
    judge(transactions[judged], first_number + judged);
    ++judged;
  }
  batch.forget_before(judged);
  first_number += judged;
  forget_untouched();
}

// What nobody has touched for long: the memory stays flat when keys come and go.
void SessionChecker::State::forget_untouched() {
  knowledge.advance(first_number);
  const std::uint64_t window = options.remembered_writes;
  if (window == 0 || first_number < swept + window) return;
  const std::uint64_t horizon = first_number - window;
  boost::unordered::erase_if(verified, [&](const auto& entry) { return entry.second.touched < horizon; });
  // A writer counts while a copy may be that far behind and its session is known; elements seen first later than that
  // would be judged by what is forgotten anyway.
  const std::uint64_t oldest = first_number - std::min(first_number, 4 * window);
  while (!writer_order.empty()) {
    const auto found = writers.find(writer_order.front());
    if (found != writers.end() && found->second.number >= oldest) break;
    forget_oldest_writer();
  }
  swept = first_number;
}

void SessionChecker::State::judge(const Transaction& transaction, std::uint64_t number) {
  if (transaction.outcome == Outcome::kOk && externals.derive(batch, transaction)) {
    if (batch.model() == ModelOf::kRegisters) {
      judge_registers(transaction, number);
    } else {
      judge_lists(transaction, number);
    }
    note_writes(transaction, number);
  }
  note_resets(transaction);
}

void SessionChecker::State::note_resets(const Transaction& transaction) {
  if (open_resets.empty() || !transaction.effect) return;
  for (const MicroOp& op : batch.ops(transaction)) {
    const bool starts_anew = op.kind == MicroKind::kReset || op.kind == MicroKind::kRestore;
    if (!starts_anew || transaction.outcome == Outcome::kFail) continue;
    const auto mine = std::find_if(open_resets.begin(), open_resets.end(),
                                   [&](const Reset& reset) { return reset.index == transaction.index; });
    if (mine == open_resets.end()) continue;
    last_reset = std::max(last_reset, mine->bookmark);
    open_resets.erase(mine);
  }
}

bool SessionChecker::State::excused(const Mark& mark, std::int64_t complete_ns) const {
  if (last_reset > mark.bookmark || (last_reset > 0 && mark.bookmark == 0)) return true;
  return std::any_of(open_resets.begin(), open_resets.end(), [&](const Reset& reset) {
    return reset.invoke_ns < complete_ns && (reset.bookmark > mark.bookmark || mark.bookmark == 0);
  });
}

SessionChecker::State::Mark SessionChecker::State::mark_of(const Transaction& transaction, std::uint64_t number) const {
  Mark mark;
  mark.number = number;
  mark.index = transaction.index;
  mark.complete_ns = transaction.complete_ns;
  mark.bookmark = transaction.bookmark.canonical() ? transaction.bookmark.position() : 0;
  mark.region = transaction.region;
  return mark;
}

void SessionChecker::State::note_writes(const Transaction& transaction, std::uint64_t number) {
  if (!transaction.effect) return;
  for (const MicroOp& op : batch.ops(transaction)) {
    // The session's own rows before it are gone.
    if (op.kind == MicroKind::kReset) knowledge.touch(transaction.session, op.key, number).forget_all();
    if (op.kind != MicroKind::kAppend && op.kind != MicroKind::kSet) continue;
    Mark mark = mark_of(transaction, number);
    mark.element = op.element;
    mark.length = static_cast<std::uint64_t>(std::max<std::int64_t>(op.extra, 0));
    if (op.kind == MicroKind::kSet) write_register(transaction, op, mark);
    knowledge.touch(transaction.session, op.key, number).own.push_back(mark);
  }
}

std::string SessionChecker::State::what(const Mark& mark) const {
  const std::string& region = batch.region(mark.region);
  const std::string bookmark =
      mark.bookmark == 0 ? ""
                         : fmt::format(", bookmark {:08x}-{:08x}", mark.bookmark >> 32, mark.bookmark & 0xffffffffU);
  return fmt::format("operation {} (acknowledged at {}{}{})", mark.index, show_time(mark.complete_ns),
                     region.empty() ? "" : " in " + region, bookmark);
}

std::string SessionChecker::State::element_name(std::int64_t key, std::int64_t element) const {
  if (batch.model() != ModelOf::kOrders) return std::to_string(element);
  const auto row = writer(key, element) == nullptr ? rows.end() : rows.find(element);
  return row == rows.end() || row->second == nullptr ? "a row" : Batch::show_row(row->second->front());
}

void SessionChecker::State::violate(Guarantee guarantee, const Transaction& transaction, const std::string& text) {
  std::string& witness = witnesses[static_cast<std::size_t>(guarantee)];
  if (!witness.empty()) return;
  broken_ns[static_cast<std::size_t>(guarantee)] = transaction.complete_ns;
  const std::string& region = batch.region(transaction.region);
  witness =
      fmt::format("Session {} (client process {}): operation {} ({} to {}{}{}) says: {}. Yet {}; so {} is broken.",
                  transaction.session, transaction.process, transaction.index, show_time(transaction.invoke_ns),
                  show_time(transaction.complete_ns), region.empty() ? "" : ", served in " + region,
                  transaction.by_primary ? " by the primary" : "", batch.show(transaction), text,
                  kNames[static_cast<std::size_t>(guarantee)]);
}

bool SessionChecker::violated() const {
  const bool decided = !state_->mixed_models && !state_->versions_missing;
  return decided && std::any_of(state_->witnesses.begin(), state_->witnesses.end(),
                                [](const std::string& witness) { return !witness.empty(); });
}

std::vector<Verdict> SessionChecker::finish() {
  state_->process(true, INT64_MAX);
  return so_far();
}

std::vector<Verdict> SessionChecker::so_far() const {
  const State& state = *state_;
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    Verdict& verdict = verdicts.emplace_back();
    verdict.name = kNames[i];
    verdict.observations = state.observations[i];
    verdict.witness = state.witnesses[i];
    if (state.first_number == 0) verdict.witness = "0 operations";
    if (state.mixed_models) verdict.witness = "the history mixes operations of different models";
    if (state.versions_missing)
      verdict.witness = "registers without a version column: the order of the writes is not known";
    const bool unknown = state.first_number == 0 || state.mixed_models || state.versions_missing;
    if (verdict.witness.empty()) continue;
    verdict.validity = unknown ? Validity::kUnknown : Validity::kInvalid;
    if (!unknown) verdict.at_ns = state.broken_ns[i];
  }
  return verdicts;
}

std::vector<Verdict> check_sessions(const std::vector<Operation>& history) {
  SessionChecker checker(SessionOptions{0, 512});
  for (const Operation& operation : history) checker.on_operation(operation);
  return checker.finish();
}

}  // namespace tidemark::checkers
