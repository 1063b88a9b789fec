// Which invariant was broken first, and by which event.
#include <fmt/format.h>

#include "explain/story.h"
#include "reports/failure_class.h"

namespace tidemark::explain {
namespace {

using checkers::Validity;
using checkers::Verdict;

bool mentions(const std::string& witness, const std::string& word) {
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '/'; };
  for (std::size_t at = witness.find(word); at != std::string::npos; at = witness.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part(witness[at - 1])) && (end == witness.size() || !is_part(witness[end]))) return true;
  }
  return false;
}

/// How well a line fits what the witness says.
int fit(const Narrator& narrator, const Line& line, const std::string& witness) {
  int score = line.rank <= Rank::kKey ? 1 : 0;
  if (line.process != 0 && mentions(witness, narrator.nodes()[line.process].name)) score += 4;
  if (line.session != 0 && mentions(witness, fmt::format("ession {}", line.session))) score += 3;
  if (line.session != 0 && witness.find(fmt::format("ession {} ", line.session)) != std::string::npos) score += 3;
  const std::string entry = fmt::format("{:08x}-{:08x}", line.entry >> 32, line.entry & 0xffffffffU);
  if (line.entry != 0 && witness.find(entry) != std::string::npos) score += 2;
  return score;
}

int database_in(const Narrator& narrator, const std::string& witness) {
  for (std::size_t i = 0; i < narrator.databases().size(); ++i)
    if (witness.find("atabase " + narrator.databases()[i] + ":") != std::string::npos) return static_cast<int>(i);
  return narrator.databases().size() == 1 ? 0 : -1;
}

}  // namespace

std::optional<sim::Instant> instant_of(const Verdict& verdict) {
  if (!verdict.at_ns) return std::nullopt;
  return sim::Instant::from_ns(*verdict.at_ns);
}

std::optional<Verdict> earliest(const std::vector<Verdict>& verdicts, const std::vector<std::string>& expect) {
  const Verdict* found = reports::first_violation(verdicts, expect);
  if (found == nullptr) found = reports::first_violation(verdicts);
  if (found == nullptr) return std::nullopt;
  return *found;
}

Violation locate(const Narrator& narrator, const Verdict& verdict) {
  Violation violation{verdict, narrator.events().size(), {}, false, database_in(narrator, verdict.witness)};
  const std::optional<sim::Instant> when = instant_of(verdict);
  violation.at_end = !when.has_value();
  const std::int64_t until = when.value_or(sim::Instant::max()).ns();
  const Line* best = nullptr;
  int best_fit = 0;
  for (const Line& line : narrator.lines()) {
    const std::int64_t at = line.when.ns();
    if (when && at != until) continue;
    const int own = fit(narrator, line, verdict.witness);
    if (best == nullptr || own >= best_fit) best = &line, best_fit = own;
  }
  if (best != nullptr && when) {
    violation.event = best->event;
    if (best->database >= 0) violation.database = best->database;
  } else if (when) {
    while (violation.event > 1 && narrator.events()[violation.event - 1].when_ns > until) --violation.event;
  }
  if (violation.event > 0) violation.when = sim::Instant::from_ns(narrator.events()[violation.event - 1].when_ns);
  return violation;
}

}  // namespace tidemark::explain
