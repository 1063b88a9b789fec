#include "checkers/replication/checker_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Invariant::kCount)> kNames{
    "Q",     "DUR",  "LOG", "ONE",  "CMONO", "BM", "FENCE", "HIDE", "TXN", "VMONO", "WAIT",
    "FRESH", "META", "IMG", "SNAP", "PITR",  "GC", "CKPT",  "GATE", "ERR", "LAG",   "RES"};
constexpr std::size_t kEpochs = 64;
constexpr std::int64_t kSecondNs = 1'000'000'000;

}  // namespace

std::string show(const Position& position) {
  if (position.key() == 0) return "the empty database";
  return fmt::format("{:08x}-{:08x} (digest {}...)", position.epoch, position.sequence,
                     position.digest.hex().substr(0, 8));
}

std::string show_at(const Record& record) {
  return fmt::format("At {:.9f} s", static_cast<double>(record.at_ns) / 1e9);
}

std::uint32_t Rate::note(std::int64_t at_ns) {
  if (at_ns >= since_ns + kSecondNs) *this = {at_ns, 0};
  return ++count;
}

DatabaseState::Epoch& DatabaseState::epoch(std::uint32_t number) {
  auto place = epochs.end();
  while (place != epochs.begin() && (place - 1)->epoch >= number) --place;
  if (place != epochs.end() && place->epoch == number) return *place;
  if (epochs.size() >= kEpochs && place != epochs.begin()) {
    epochs.pop_front();
    --place;
  }
  Epoch fresh;
  fresh.epoch = number;
  return *epochs.insert(place, fresh);
}

Held DatabaseState::hold(const Position& position) const {
  Held held;
  held.position = position;
  held.switches = chain.switches();
  const auto place = chain.locate(position);
  held.common = place ? place->ordinal : 0;
  held.on_chain = place && place->on_chain;
  return held;
}

const Held& DatabaseState::now(Held& held) const {
  if (held.switches != chain.switches()) held = hold(held.position);
  return held;
}

Ordinal DatabaseState::counted(NodeState& node) const {
  return std::max(now(node.durable).common, now(node.lost).common);
}

Ordinal DatabaseState::counted_before_promise(NodeState& node, std::uint32_t epoch) const {
  for (NodeState::Promise& promise : node.promises)
    if (promise.epoch > epoch) return now(promise.held).common;
  return counted(node);
}

DatabaseState& ReplicationChecker::State::database(const Record& record) {
  if (record.db >= databases.size()) databases.resize(record.db + 1);
  return databases[record.db];
}

NodeState& ReplicationChecker::State::node(DatabaseState& database, NodeIndex index) {
  while (index >= database.nodes.size()) database.nodes.emplace_back().in_set = !database.followers_known;
  return database.nodes[index];
}

std::string ReplicationChecker::State::database_name(DatabaseIndex index) const {
  return index < options.database_names.size() ? options.database_names[index] : fmt::format("{}", index);
}

void ReplicationChecker::State::violate(Invariant invariant, const Record& record, const std::string& text) {
  any_violation = true;
  Finding& finding = findings[static_cast<std::size_t>(invariant)];
  if (!finding.witness.empty()) return;
  finding.at_ns = record.at_ns;
  finding.witness = fmt::format("{}, database {}: {}.", show_at(record), database_name(record.db), text);
}

void ReplicationChecker::State::undecided(Invariant invariant, const std::string& text) {
  Finding& finding = findings[static_cast<std::size_t>(invariant)];
  if (finding.unknown.empty()) finding.unknown = text;
}

void ReplicationChecker::State::expose(const Record& record, const Position& position) {
  if (!exposed.any) exposed = {true, record.db, position};
}

/// An entry that was shown before its time: did it at least stay?
std::string ReplicationChecker::State::fate_of_exposed() const {
  if (!exposed.any || exposed.db >= databases.size()) return {};
  const DatabaseState& database = databases[exposed.db];
  const auto place = database.chain.locate(exposed.position);
  if (!place) return fmt::format(" No leader ever committed {}.", show(exposed.position));
  if (!place->on_chain && place->ordinal < database.confirmed)
    return fmt::format(" {} vanished: it lost to {}.", show(exposed.position), at(database, place->ordinal + 1));
  if (place->on_chain && place->ordinal <= database.confirmed)
    return fmt::format(" {} was confirmed later.", show(exposed.position));
  return fmt::format(" {} was never confirmed.", show(exposed.position));
}

std::string ReplicationChecker::State::node_name(NodeIndex index) const {
  return index < options.node_names.size() ? options.node_names[index] : fmt::format("node {}", index);
}

std::string ReplicationChecker::State::at(const DatabaseState& database, Ordinal ordinal) const {
  return show(database.chain.position(ordinal));
}

void ReplicationChecker::State::prune(DatabaseState& database) {
  if (database.chain.head() - database.chain.oldest() <= options.image_window) return;
  Ordinal passed = std::min(database.chain.head() - options.image_window, database.confirmed);
  for (const NodeState& node : database.nodes)
    if (node.booted) passed = std::min(passed, node.visible);
  // A replica that is down for long must not keep everything: it boots anew from a later state.
  const Ordinal most = 4 * static_cast<Ordinal>(options.image_window);
  if (database.chain.head() > most)
    passed = std::max(passed, std::min(database.chain.head() - most, database.confirmed));
  database.chain.forget_before(passed);
}

void ReplicationChecker::State::check_pages(Invariant invariant, const DatabaseState& database, const Record& record,
                                            std::span<const PageImage> pages, Ordinal ordinal, bool full,
                                            const std::string& who) {
  const std::uint32_t size = database.chain.entry(ordinal).size_pages;
  check(invariant, record, !full || pages.size() == size, [&] {
    return fmt::format("{} has {} pages at {}; the reference has {}", who, pages.size(), at(database, ordinal), size);
  });
  for (const PageImage& page : pages) {
    if (page.digest == Digest128{}) continue;  // it rotted: whoever reads it notices, and nobody is served it
    const Digest128* reference = page.pgno <= size ? database.chain.page_at(page.pgno, ordinal) : nullptr;
    check(invariant, record, reference != nullptr && *reference == page.digest, [&] {
      return fmt::format("page {} of {} at {} has digest {}; the reference {}", page.pgno, who, at(database, ordinal),
                         page.digest.hex(), reference == nullptr ? "has no such page" : "has " + reference->hex());
    });
  }
}

ReplicationTally ReplicationChecker::tally() const {
  ReplicationTally tally = state_->tally;
  for (const DatabaseState& database : state_->databases) {
    tally.confirmed += database.confirmed;
    tally.unconfirmed_dropped += database.chain.lost_entries(database.confirmed);
  }
  tally.unconfirmed_dropped -= std::min(tally.unconfirmed_dropped, tally.confirmed_lost);
  return tally;
}

std::vector<Verdict> ReplicationChecker::finish() {
  State::Finding& hide = state_->findings[static_cast<std::size_t>(Invariant::kHide)];
  if (!hide.witness.empty()) hide.witness += state_->fate_of_exposed();
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const State::Finding& finding = state_->findings[i];
    Verdict& verdict = verdicts.emplace_back();
    verdict.name = kNames[i];
    verdict.observations = finding.observations;
    verdict.witness = !finding.witness.empty()   ? finding.witness
                      : !finding.unknown.empty() ? finding.unknown
                                                 : finding.note;
    if (!finding.unknown.empty()) verdict.validity = Validity::kUnknown;
    if (finding.witness.empty()) continue;
    verdict.validity = Validity::kInvalid;
    verdict.at_ns = finding.at_ns;
  }
  return verdicts;
}

}  // namespace tidemark::checkers
