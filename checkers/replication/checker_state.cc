#include "checkers/replication/checker_state.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Invariant::kCount)> kNames{
    "Q",    "LOG",  "HIDE",  "TXN",  "IMG",  "BM",   "VMONO", "CMONO",
    "WAIT", "META", "FRESH", "GATE", "CKPT", "SNAP", "LAG",   "GC"};

}  // namespace

std::string show(const Position& position) {
  if (position.key() == 0) return "the empty database";
  return fmt::format("{:08x}-{:08x} (digest {}...)", position.epoch, position.sequence,
                     position.digest.hex().substr(0, 8));
}

DatabaseState& ReplicationChecker::State::database(const Record& record) {
  if (record.db >= databases.size()) databases.resize(record.db + 1);
  return databases[record.db];
}

NodeState& ReplicationChecker::State::node(DatabaseState& database, NodeIndex index) {
  while (index >= database.nodes.size()) {
    NodeState& fresh = database.nodes.emplace_back();
    fresh.is_follower = !database.followers_known;
  }
  return database.nodes[index];
}

void ReplicationChecker::State::violate(Invariant invariant, const Record& record, const std::string& text) {
  any_violation = true;
  Finding& finding = findings[static_cast<std::size_t>(invariant)];
  if (!finding.witness.empty()) return;
  const std::string name =
      record.db < options.database_names.size() ? options.database_names[record.db] : fmt::format("{}", record.db);
  finding.witness = fmt::format("At {:.9f} s, database {}: {}.", static_cast<double>(record.at_ns) / 1e9, name, text);
}

void ReplicationChecker::State::undecided(Invariant invariant, const std::string& text) {
  Finding& finding = findings[static_cast<std::size_t>(invariant)];
  if (finding.unknown.empty()) finding.unknown = text;
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
    const Digest128* reference = page.pgno <= size ? database.chain.page_at(page.pgno, ordinal) : nullptr;
    check(invariant, record, reference != nullptr && *reference == page.digest, [&] {
      return fmt::format("page {} of {} at {} has digest {}; the reference {}", page.pgno, who, at(database, ordinal),
                         page.digest.hex(), reference == nullptr ? "has no such page" : "has " + reference->hex());
    });
  }
}

Ordinal ReplicationChecker::State::cold_prefix(const DatabaseState& database) const {
  Ordinal best = 0;
  const auto reach = [&](Ordinal start) {
    Ordinal end = start;
    for (const DatabaseState::Range& range : database.segments)
      if (range.from <= end) end = std::max(end, range.to);
    best = std::max(best, end);
  };
  reach(0);
  for (const Ordinal snapshot : database.snapshots) reach(snapshot);
  return best;
}

std::vector<Verdict> ReplicationChecker::finish() {
  std::vector<Verdict> verdicts;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const State::Finding& finding = state_->findings[i];
    Verdict& verdict = verdicts.emplace_back();
    verdict.name = kNames[i];
    verdict.observations = finding.observations;
    verdict.witness = !finding.witness.empty() ? finding.witness : finding.unknown;
    if (!finding.unknown.empty()) verdict.validity = Validity::kUnknown;
    if (!finding.witness.empty()) verdict.validity = Validity::kInvalid;
  }
  return verdicts;
}

}  // namespace tidemark::checkers
