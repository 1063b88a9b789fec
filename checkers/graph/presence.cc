#include "checkers/graph/presence.h"

#include <algorithm>

namespace tidemark::checkers::graph {
namespace {

Family family_of(EventKinds kinds) {
  if (kinds == 0) return Family::kNone;
  if ((kinds & ~(bit(EventKind::kAppend) | bit(EventKind::kReadList))) == 0) return Family::kList;
  if ((kinds & ~(bit(EventKind::kWrite) | bit(EventKind::kRead) | bit(EventKind::kCas))) == 0) return Family::kRegister;
  if ((kinds & ~(bit(EventKind::kAdd) | bit(EventKind::kReadSet))) == 0) return Family::kSet;
  return Family::kOther;
}

}  // namespace

Presence::Presence(const History& history) : states_(history.transactions().size(), State::kUnknown) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Outcome outcome = history.transactions()[i].outcome;
    if (outcome == Outcome::kOk) states_[i] = State::kPresent;
    if (outcome == Outcome::kFail) states_[i] = State::kFailed;
  }
}

std::uint64_t Presence::count() const {
  return static_cast<std::uint64_t>(std::count(states_.begin(), states_.end(), State::kPresent));
}

std::vector<Family> families(const History& history) {
  const Family only = family_of(history.kinds());
  if (only != Family::kOther) return std::vector<Family>(history.keys(), only);
  std::vector<EventKinds> kinds(history.keys(), 0);
  for (const Event& event : history.events()) {
    kinds[event.key] |= bit(event.kind);
    if (event.kind == EventKind::kTransfer) kinds[event.other] |= bit(event.kind);
  }
  std::vector<Family> result;
  result.reserve(kinds.size());
  for (const EventKinds of_key : kinds) result.push_back(family_of(of_key));
  return result;
}

}  // namespace tidemark::checkers::graph
