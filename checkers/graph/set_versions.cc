#include "checkers/graph/set_versions.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace tidemark::checkers::graph {

SetVersions::SetVersions(const History& history, const std::vector<Family>& families, Presence& presence,
                         Findings& findings)
    : history_(history), findings_(findings), is_set_(families.size(), 0), orderless_(families.size(), 0) {
  gather(families);
  for (Read& read : reads_) resolve(read, presence);
  std::stable_sort(reads_.begin(), reads_.end(), [](const Read& a, const Read& b) {
    return std::tie(a.key, a.member_count) < std::tie(b.key, b.member_count);
  });
  seen_in_.assign(additions_.size(), kNone);
  for (std::size_t first = 0; first < reads_.size();) {
    std::size_t end = first;
    while (end < reads_.size() && reads_[end].key == reads_[first].key) ++end;
    order_key({reads_.data() + first, end - first});
    first = end;
  }
  for (const Read& read : reads_) places_.emplace_back(read.event, read.level + 1);
  for (const Addition& addition : additions_) {
    if (addition.level == kDoubtful) continue;
    places_.emplace_back(addition.event, addition.level == kUnread ? UINT32_MAX : addition.level + 1);
  }
  std::sort(places_.begin(), places_.end());
}

bool SetVersions::place(std::uint32_t event, std::uint32_t& place) const {
  const auto found = std::lower_bound(places_.begin(), places_.end(), std::pair{event, std::uint32_t{0}});
  if (found == places_.end() || found->first != event) return false;
  place = found->second;
  return true;
}

void SetVersions::gather(const std::vector<Family>& families) {
  for (std::size_t key = 0; key < families.size(); ++key) is_set_[key] = families[key] == Family::kSet ? 1 : 0;
  if (std::find(is_set_.begin(), is_set_.end(), 1) == is_set_.end()) return;
  const std::vector<Txn>& all = history_.transactions();
  for (Node number = 0; number < all.size(); ++number) {
    const Txn& txn = all[number];
    for (std::uint32_t i = txn.first_event; i < txn.first_event + txn.event_count; ++i) {
      const Event& event = history_.events()[i];
      if (is_set_[event.key] == 0) continue;
      if (event.kind == EventKind::kAdd) {
        additions_.push_back({event.value, event.key, number, i, kUnread});
      } else if (txn.outcome == Outcome::kOk && event.known) {
        reads_.push_back({history_.elements(event), number, i, event.key, 0, 0, 0});
        check_inside(txn, number, i);
      }
    }
  }
  std::stable_sort(additions_.begin(), additions_.end(), [](const Addition& a, const Addition& b) {
    return std::tie(a.key, a.value) < std::tie(b.key, b.value);
  });
  // To add twice is to add; the first counts. Those of one transaction stand next to each other or are doubtful anyway.
  const auto end = std::unique(additions_.begin(), additions_.end(), [](const Addition& a, const Addition& b) {
    return std::tie(a.key, a.value, a.transaction) == std::tie(b.key, b.value, b.transaction);
  });
  additions_.erase(end, additions_.end());
}

/// A read against what its transaction read and added before.
void SetVersions::check_inside(const Txn& txn, Node number, std::uint32_t event) {
  const Event& read = history_.events()[event];
  std::vector<Value> own;
  const Event* earlier = nullptr;
  bool own_before = false;
  for (std::uint32_t i = event; i-- > txn.first_event;) {
    const Event& before = history_.events()[i];
    if (before.key != read.key) continue;
    if (before.kind == EventKind::kAdd) (earlier == nullptr ? own.push_back(before.value) : void(own_before = true));
    if (before.kind == EventKind::kReadSet && before.known && earlier == nullptr) earlier = &before;
  }
  if (own.empty() && earlier == nullptr) return;
  std::vector<Value> now(history_.elements(read).begin(), history_.elements(read).end());
  std::sort(now.begin(), now.end());
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  const bool own_there = std::includes(now.begin(), now.end(), own.begin(), own.end());
  bool same = true;
  if (earlier != nullptr) {
    std::vector<Value> wanted(history_.elements(*earlier).begin(), history_.elements(*earlier).end());
    wanted.insert(wanted.end(), own.begin(), own.end());
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    same = wanted == now;
  }
  if (own_there && same) return;
  const Direct direct = own_there && !own_before ? Direct::kNotRepeatable : Direct::kInternal;
  if (!findings_.wants(direct)) return;
  findings_.add(
      direct, {number},
      fmt::format("{}: {} does not follow from what it did before", name_of(history_, number), history_.show(read)));
}

/// The addition that a member came from; kNone: told as an anomaly or as undecided.
std::uint32_t SetVersions::addition_of(const Read& read, Value value, const Presence& presence) {
  const auto range = std::equal_range(
      additions_.begin(), additions_.end(), Addition{value, read.key, 0, 0, 0},
      [](const Addition& a, const Addition& b) { return std::tie(a.key, a.value) < std::tie(b.key, b.value); });
  const Addition* found = nullptr;
  bool several = false;
  for (auto at = range.first; at != range.second; ++at) {
    if (presence.failed(at->transaction)) continue;
    several = several || found != nullptr;
    found = &*at;
  }
  if (several) {
    for (auto at = range.first; at != range.second; ++at) at->level = kDoubtful;
    findings_.undecided(fmt::format("{} was added to {} twice: who added what was read is not known",
                                    history_.show(value), history_.show_key(read.key)));
    return kNone;
  }
  if (found != nullptr) return static_cast<std::uint32_t>(found - additions_.data());
  const bool garbage = range.first == range.second;
  const Direct direct = garbage ? Direct::kGarbage : Direct::kG1a;
  if (!findings_.wants(direct)) return kNone;
  const std::string what =
      fmt::format("{}: {}", name_of(history_, read.transaction), history_.show(history_.events()[read.event]));
  if (garbage) {
    findings_.add(direct, {read.transaction}, fmt::format("{}, but nobody added {}", what, history_.show(value)));
  } else {
    const Node writer = range.first->transaction;
    findings_.add(
        direct, {writer, read.transaction},
        fmt::format("{}, but {}, which added {}, failed", what, name_of(history_, writer), history_.show(value)));
  }
  return kNone;
}

void SetVersions::resolve(Read& read, Presence& presence) {
  read.first_member = static_cast<std::uint32_t>(members_.size());
  for (const Value value : read.members) {
    const std::uint32_t addition = addition_of(read, value, presence);
    if (addition == kNone) continue;
    const Addition& added = additions_[addition];
    if (added.transaction != read.transaction) {
      presence.observe(added.transaction);
      members_.push_back(addition);
    } else if (added.event > read.event && findings_.wants(Direct::kFutureRead)) {
      findings_.add(Direct::kFutureRead, {read.transaction},
                    fmt::format("{}: {}, but it adds {} only later", name_of(history_, read.transaction),
                                history_.show(history_.events()[read.event]), history_.show(value)));
    }
  }
  std::sort(members_.begin() + read.first_member, members_.end());
  members_.erase(std::unique(members_.begin() + read.first_member, members_.end()), members_.end());
  read.member_count = static_cast<std::uint32_t>(members_.size()) - read.first_member;
}

/// Smaller reads first: each must be contained in the next.
void SetVersions::order_key(std::span<Read> reads) {
  std::uint32_t level = 0;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    if (i > 0 && reads[i].member_count > reads[i - 1].member_count) ++level;
    Read& read = reads[i];
    read.level = level;
    const auto number = static_cast<std::uint32_t>(&read - reads_.data());
    for (std::uint32_t j = 0; j < read.member_count; ++j) {
      const std::uint32_t member = members_[read.first_member + j];
      seen_in_[member] = number;
      if (additions_[member].level == kUnread) additions_[member].level = level;
    }
    if (i == 0) continue;
    const Read& before = reads[i - 1];
    for (std::uint32_t j = 0; j < before.member_count; ++j) {
      const std::uint32_t member = members_[before.first_member + j];
      if (seen_in_[member] == number) continue;
      orderless_[read.key] = 1;
      long_fork(before, read, member);
      break;
    }
  }
}

void SetVersions::long_fork(const Read& smaller, const Read& larger, std::uint32_t missing) {
  if (!findings_.wants(Direct::kLongFork)) return;
  const auto first = members_.begin() + smaller.first_member;
  const auto end = first + smaller.member_count;
  std::uint32_t other = missing;
  for (std::uint32_t j = 0; j < larger.member_count; ++j) {
    const std::uint32_t member = members_[larger.first_member + j];
    if (!std::binary_search(first, end, member)) other = member;
  }
  const Addition& a = additions_[missing];  // in `smaller` only
  const Addition& b = additions_[other];    // in `larger` only
  std::vector<Step> cycle;
  const auto add = [&](Node from, Node to, Relation relation, const Addition& what) {
    if (from == to) return;
    cycle.push_back({from, to, relation, smaller.key, relation == Relation::kWr ? what.value : Value{}, what.value});
  };
  add(smaller.transaction, b.transaction, Relation::kRw, b);
  add(b.transaction, larger.transaction, Relation::kWr, b);
  add(larger.transaction, a.transaction, Relation::kRw, a);
  add(a.transaction, smaller.transaction, Relation::kWr, a);
  std::vector<std::uint32_t> witness;
  for (const Step& step : cycle) {
    if (std::find(witness.begin(), witness.end(), step.from) == witness.end()) witness.push_back(step.from);
  }
  const std::string key = history_.show_key(smaller.key);
  std::string fact = fmt::format("of {}, {} read {} without {}, and {} read {} without {}", key,
                                 name_of(history_, smaller.transaction), history_.show(a.value), history_.show(b.value),
                                 name_of(history_, larger.transaction), history_.show(b.value), history_.show(a.value));
  findings_.add(Direct::kLongFork, std::move(witness), std::move(fact), std::move(cycle));
}

std::span<const SetVersions::Addition> SetVersions::additions_of(std::uint32_t key) const {
  const auto first = std::lower_bound(additions_.begin(), additions_.end(), key,
                                      [](const Addition& a, std::uint32_t wanted) { return a.key < wanted; });
  auto end = first;
  while (end != additions_.end() && end->key == key) ++end;
  return {first, end};
}

void SetVersions::add_edges(const Presence& presence, EdgeList& edges) {
  for (std::size_t first = 0; first < reads_.size();) {
    std::size_t end = first;
    const std::uint32_t key = reads_[first].key;
    while (end < reads_.size() && reads_[end].key == key) ++end;
    if (orderless_[key] == 0) {
      add_edges_of_key({reads_.data() + first, end - first}, additions_of(key), presence, edges);
    }
    first = end;
  }
}

void SetVersions::add_edges_of_key(std::span<const Read> reads, std::span<const Addition> additions,
                                   const Presence& presence, EdgeList& edges) const {
  const std::size_t levels = reads.back().level + std::size_t{1};
  std::vector<std::vector<Node>> adders(levels + 1);  // by the level that has theirs first; last: unread
  std::vector<std::vector<Node>> readers(levels);
  for (const Addition& addition : additions) {
    if (!presence.present(addition.transaction) || addition.level == kDoubtful) continue;
    adders[std::min<std::size_t>(addition.level, levels)].push_back(addition.transaction);
  }
  for (const Read& read : reads) readers[read.level].push_back(read.transaction);
  const auto sort = [](std::vector<Node>& nodes) {
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  };
  for (auto& nodes : adders) sort(nodes);
  for (auto& nodes : readers) sort(nodes);
  // below[i] is reached by all that added what level i has; above[i] leads to all that added what it lacks.
  std::vector<Node> below(levels);
  std::vector<Node> above(levels);
  for (std::size_t i = 0; i < levels; ++i) {
    below[i] = edges.add_helper();
    if (i > 0) edges.add(below[i - 1], below[i], Relation::kWr);
    for (const Node adder : adders[i]) edges.add(adder, below[i], Relation::kWr);
    for (const Node reader : readers[i]) edges.add(below[i], reader, Relation::kWr);
  }
  for (std::size_t i = levels; i-- > 0;) {
    above[i] = edges.add_helper();
    if (i + 1 < levels) edges.add(above[i], above[i + 1], Relation::kRw);
    for (const Node adder : adders[i + 1]) edges.add(above[i], adder, Relation::kRw);
    std::vector<Node> updaters;  // read this level and added the next: not before themselves
    for (const Node reader : readers[i]) {
      if (std::binary_search(adders[i + 1].begin(), adders[i + 1].end(), reader)) {
        updaters.push_back(reader);
        if (i + 1 < levels) edges.add(reader, above[i + 1], Relation::kRw);
      } else {
        edges.add(reader, above[i], Relation::kRw);
      }
    }
    fan_out(edges, Relation::kRw, updaters, adders[i + 1]);
  }
}

bool SetVersions::explain(const Presence& presence, Step& step) const {
  if (step.relation != Relation::kWr && step.relation != Relation::kRw) return false;
  const Node reader = step.relation == Relation::kWr ? step.to : step.from;
  const Node writer = step.relation == Relation::kWr ? step.from : step.to;
  if (!presence.present(writer)) return false;
  for (const Read& read : reads_) {
    if (read.transaction != reader || orderless_[read.key] != 0) continue;
    for (const Addition& addition : additions_of(read.key)) {
      const bool has = addition.level <= read.level;  // kUnread is above all levels
      if (addition.transaction != writer || addition.level == kDoubtful || has != (step.relation == Relation::kWr))
        continue;
      step.key = read.key;
      step.before = has ? addition.value : Value{};
      step.after = addition.value;
      return true;
    }
  }
  return false;
}

}  // namespace tidemark::checkers::graph
