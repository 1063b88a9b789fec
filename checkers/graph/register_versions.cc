#include "checkers/graph/register_versions.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "checkers/graph/by_key.h"

namespace tidemark::checkers::graph {

RegisterVersions::RegisterVersions(const History& history, const std::vector<Family>& families, Presence& presence,
                                   Findings& findings)
    : history_(history), findings_(findings), is_register_(families.size(), 0), writer_starts_(families.size() + 1, 0) {
  gather(families);
  for (const RawRead& read : raw_) resolve(read, presence);
  raw_ = {};
}

void RegisterVersions::gather(const std::vector<Family>& families) {
  for (std::size_t key = 0; key < families.size(); ++key) {
    is_register_[key] = families[key] == Family::kRegister ? 1 : 0;
    any_ = any_ || families[key] == Family::kRegister;
  }
  if (!any_) return;
  current_.resize(families.size());
  const std::vector<Txn>& all = history_.transactions();
  for (Node number = 0; number < all.size(); ++number) {
    for (std::uint32_t i = 0; i < all[number].event_count; ++i) {
      gather_event(all[number], number, all[number].first_event + i);
    }
  }
  current_ = {};
  sort_by_key(writes_, history_.keys(), [](const Write& a, const Write& b) {
    return std::tie(a.value, a.transaction, a.event) < std::tie(b.value, b.transaction, b.event);
  });
  write_starts_.assign(families.size() + 1, 0);
  for (const Write& write : writes_) ++write_starts_[write.key + 1];
  for (std::size_t key = 1; key < write_starts_.size(); ++key) write_starts_[key] += write_starts_[key - 1];
  near_.assign(write_starts_.begin(), write_starts_.end() - 1);
}

void RegisterVersions::gather_event(const Txn& txn, Node number, std::uint32_t event) {
  const Event& what = history_.events()[event];
  if (is_register_[what.key] == 0) return;
  if (what.kind == EventKind::kRead && txn.outcome == Outcome::kOk && what.known) {
    gather_read(txn, number, event, what.value);
  } else if (what.kind == EventKind::kCas && txn.outcome != Outcome::kFail) {
    gather_read(txn, number, event, history_.expected(what));
  }
  if (what.kind == EventKind::kRead) return;
  Current& current = current_[what.key];
  if (current.transaction != number) current = {number, UINT32_MAX, false, Value{}};
  if (current.write != UINT32_MAX) writes_[current.write].last = false;
  current.write = static_cast<std::uint32_t>(writes_.size());
  writes_.push_back({what.value, what.key, number, event, true});
}

void RegisterVersions::gather_read(const Txn& txn, Node number, std::uint32_t event, Value value) {
  const std::uint32_t key = history_.events()[event].key;
  Current& current = current_[key];
  if (current.transaction != number) current = {number, UINT32_MAX, false, Value{}};
  const bool own = current.write != UINT32_MAX;
  const Value expected = own ? writes_[current.write].value : current.value;
  if ((own || current.read) && expected == value) return;
  if (own || current.read) {
    const Contradiction found{own ? Direct::kInternal : Direct::kNotRepeatable, number, event, expected};
    if (txn.outcome == Outcome::kOk) {
      tell(found);
    } else {
      impossible_.push_back(found);
    }
  }
  if (own) return;
  (txn.outcome == Outcome::kOk ? raw_ : awaiting_).push_back({value, key, number, event, current.read});
  current.read = true;
  current.value = value;
}

void RegisterVersions::tell(const Contradiction& found) {
  if (!findings_.wants(found.direct)) return;
  findings_.add(found.direct, {found.transaction},
                fmt::format("{}: {}, although it {} {} before", name_of(history_, found.transaction),
                            history_.show(history_.events()[found.event]),
                            found.direct == Direct::kInternal ? "wrote" : "read", history_.show(found.expected)));
}

/// Reads find mostly what was written near what was found before: steps from there that double, then halves.
std::span<const RegisterVersions::Write> RegisterVersions::writes_of(std::uint32_t key, Value value) {
  const auto before = [&](std::uint32_t at) { return writes_[at].value < value; };
  const std::uint32_t begin = write_starts_[key];
  const std::uint32_t end = write_starts_[key + 1];
  std::uint32_t low = near_[key];  // the first that is not smaller stands in [low, high]
  std::uint32_t high = low;
  if (low < end && before(low)) {
    for (std::uint32_t step = 1; high < end && before(high); step *= 2) {
      low = high + 1;
      high += std::min(step, end - high);
    }
  } else {
    for (std::uint32_t step = 1; low > begin && !before(low - 1); step *= 2) {
      high = low - 1;
      low -= std::min(step, low - begin);
    }
  }
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (before(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  near_[key] = low;
  while (high < end && writes_[high].value == value) ++high;
  return {writes_.data() + low, writes_.data() + high};
}

/// Finds the one transaction that can have written what was read.
void RegisterVersions::resolve(const RawRead& read, Presence& presence) {
  const std::span<const Write> all = writes_of(read.key, read.value);
  const Write* found = nullptr;
  bool last = false;
  bool several = false;
  for (const Write& write : all) {
    if (presence.failed(write.transaction)) continue;
    several = several || (found != nullptr && found->transaction != write.transaction);
    found = &write;
    last = last || write.last;
  }
  if (found == nullptr && read.value.is_nil()) {
    reads_.push_back({read.transaction, kNoNode, read.key, read.value, read.again});
  } else if (found == nullptr) {
    blame(read, all);
  } else if (several || read.value.is_nil()) {
    findings_.undecided(fmt::format("{} can have come to {} in several ways: who wrote what was read is not known",
                                    history_.show(read.value), history_.show_key(read.key)));
  } else if (found->transaction == read.transaction) {
    if (!findings_.wants(Direct::kFutureRead)) return;
    findings_.add(Direct::kFutureRead, {read.transaction},
                  fmt::format("{}: {}, but it writes that only later", name_of(history_, read.transaction),
                              history_.show(history_.events()[read.event])));
  } else {
    presence.observe(found->transaction);
    reads_.push_back({read.transaction, found->transaction, read.key, read.value, read.again});
    if (last || !findings_.wants(Direct::kG1b)) return;
    findings_.add(
        Direct::kG1b, {found->transaction, read.transaction},
        fmt::format("{}: {}, but {} overwrote that in the same transaction", name_of(history_, read.transaction),
                    history_.show(history_.events()[read.event]), name_of(history_, found->transaction)));
  }
}

void RegisterVersions::blame(const RawRead& read, std::span<const Write> writes) {
  const Direct direct = writes.empty() ? Direct::kGarbage : Direct::kG1a;
  if (!findings_.wants(direct)) return;
  const std::string what =
      fmt::format("{}: {}", name_of(history_, read.transaction), history_.show(history_.events()[read.event]));
  if (writes.empty()) {
    findings_.add(direct, {read.transaction}, what + ", but nobody wrote that");
  } else {
    findings_.add(direct, {writes[0].transaction, read.transaction},
                  fmt::format("{}, but {}, which wrote that, failed", what, name_of(history_, writes[0].transaction)));
  }
}

void RegisterVersions::settle(Presence& presence) {
  // Each round can make others take effect whose comparisons count then.
  for (bool changed = true; changed;) {
    changed = false;
    std::vector<RawRead> left;
    for (const RawRead& read : awaiting_) {
      if (presence.present(read.transaction)) {
        resolve(read, presence);
        changed = true;
      } else {
        left.push_back(read);
      }
    }
    awaiting_ = std::move(left);
  }
  for (const Contradiction& found : impossible_) {
    if (presence.present(found.transaction)) tell(found);
  }
  sort_by_key(reads_, history_.keys(), [](const RegisterRead& a, const RegisterRead& b) {
    return std::tie(a.writer, a.reader) < std::tie(b.writer, b.reader);
  });
  std::size_t at = 0;
  for (std::uint32_t key = 0; key + 1 < writer_starts_.size(); ++key) {
    const auto first = static_cast<std::ptrdiff_t>(writers_.size());
    for (; at < writes_.size() && writes_[at].key == key; ++at) {
      if (writes_[at].last && presence.present(writes_[at].transaction)) writers_.push_back(writes_[at].transaction);
    }
    std::sort(writers_.begin() + first, writers_.end());
    writer_starts_[key + 1] = static_cast<std::uint32_t>(writers_.size());
  }
}

void RegisterVersions::forget_repeats() {
  std::erase_if(reads_, [](const RegisterRead& read) { return read.again; });
}

bool RegisterVersions::writes_key(Node transaction, std::uint32_t key) const {
  const std::span<const Node> all = writers(key);
  return std::binary_search(all.begin(), all.end(), transaction);
}

std::vector<Node> RegisterVersions::updaters(std::span<const RegisterRead> group) const {
  std::vector<Node> result;
  for (const RegisterRead& read : group) {
    if (!read.again && writes_key(read.reader, read.key) && (result.empty() || result.back() != read.reader)) {
      result.push_back(read.reader);
    }
  }
  return result;
}

void RegisterVersions::add_edges(const Presence& presence, EdgeList& edges) {
  static_cast<void>(presence);
  for (std::size_t first = 0; first < reads_.size();) {
    std::size_t end = first;
    const RegisterRead& head = reads_[first];
    while (end < reads_.size() && reads_[end].key == head.key && reads_[end].writer == head.writer) ++end;
    const std::span<const RegisterRead> group{reads_.data() + first, end - first};
    std::vector<Node> readers;
    for (const RegisterRead& read : group) {
      if (head.writer != kNoNode) edges.add(head.writer, read.reader, Relation::kWr);
      if (!read.again && (readers.empty() || readers.back() != read.reader)) readers.push_back(read.reader);
    }
    const std::vector<Node> next = updaters(group);
    if (next.size() > 1 && findings_.wants(Direct::kLostUpdate)) {
      findings_.add(Direct::kLostUpdate, {next[0], next[1]},
                    fmt::format("{} and {} both read {} = {} and wrote it", name_of(history_, next[0]),
                                name_of(history_, next[1]), history_.show_key(head.key), history_.show(head.value)));
    }
    const std::span<const Node> others = writers(head.key);
    fan_out(edges, Relation::kRw, readers,
            head.writer == kNoNode ? std::vector<Node>(others.begin(), others.end()) : next);
    first = end;
  }
}

bool RegisterVersions::has_free_order() const {
  for (std::size_t key = 0; key + 1 < writer_starts_.size(); ++key) {
    if (writer_starts_[key + 1] - writer_starts_[key] > 1) return true;
  }
  return false;
}

Value RegisterVersions::written(Node transaction, std::uint32_t key) const {
  const Txn& txn = history_.transactions()[transaction];
  const std::span<const Event> events = history_.events(txn);
  for (std::size_t i = events.size(); i-- > 0;) {
    if (events[i].key == key && events[i].is_write()) return events[i].value;
  }
  return Value{};
}

void RegisterVersions::sort_inferred() {
  std::stable_sort(inferred_.begin(), inferred_.end(), [](const InferredEdge& a, const InferredEdge& b) {
    return std::tie(a.from, a.to, a.relation) < std::tie(b.from, b.to, b.relation);
  });
}

const InferredEdge* RegisterVersions::inferred(Node from, Node to, Relation relation) const {
  const auto place = std::lower_bound(inferred_.begin(), inferred_.end(), std::tie(from, to, relation),
                                      [](const InferredEdge& edge, const auto& wanted) {
                                        return std::tie(edge.from, edge.to, edge.relation) < wanted;
                                      });
  const bool found = place != inferred_.end() && place->from == from && place->to == to && place->relation == relation;
  return found ? &*place : nullptr;
}

bool RegisterVersions::explain(const Presence& presence, Step& step) const {
  static_cast<void>(presence);
  for (const RegisterRead& read : reads_) {
    const bool wr = step.relation == Relation::kWr && read.writer == step.from && read.reader == step.to;
    bool rw = step.relation == Relation::kRw && read.reader == step.from && writes_key(step.to, read.key);
    if (rw && read.writer != kNoNode) {
      // Only what read the same version is known to have written the next one.
      const RegisterRead wanted{step.to, read.writer, read.key, read.value, false};
      rw = std::binary_search(reads_.begin(), reads_.end(), wanted, [](const RegisterRead& a, const RegisterRead& b) {
        return std::tie(a.key, a.writer, a.reader) < std::tie(b.key, b.writer, b.reader);
      });
    }
    if (!wr && !rw) continue;
    step.key = read.key;
    step.before = read.value;
    step.after = wr ? read.value : written(step.to, read.key);
    return true;
  }
  const InferredEdge* edge = inferred(step.from, step.to, step.relation);
  if (edge == nullptr) return false;
  step.key = edge->key;
  const bool ww = step.relation == Relation::kWw;
  step.before = ww ? written(step.from, edge->key) : edge->read;
  step.after = ww ? edge->read : written(step.to, edge->key);
  return true;
}

}  // namespace tidemark::checkers::graph
