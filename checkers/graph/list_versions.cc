#include "checkers/graph/list_versions.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace tidemark::checkers::graph {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;

std::size_t common_prefix(std::span<const Value> a, std::span<const Value> b) {
  const std::size_t most = std::min(a.size(), b.size());
  std::size_t at = 0;
  while (at < most && a[at] == b[at]) ++at;
  return at;
}

bool is_prefix(std::span<const Value> a, std::span<const Value> whole) {
  if (a.size() > whole.size()) return false;
  return a.empty() || std::memcmp(a.data(), whole.data(), a.size_bytes()) == 0;
}

}  // namespace

ListVersions::ListVersions(const History& history, const std::vector<Family>& families, Presence& presence,
                           Findings& findings)
    : history_(history),
      findings_(findings),
      is_list_(families.size(), 0),
      orderless_(families.size(), 0),
      append_starts_(families.size() + 1, 0),
      read_starts_(families.size() + 1, 0),
      order_starts_(families.size() + 1, 0) {
  gather(families);
  for (std::uint32_t key = 0; key < families.size(); ++key) {
    order_starts_[key] = static_cast<std::uint32_t>(order_.size());
    if (is_list_[key] != 0) order_key(key, presence);
  }
  order_starts_.back() = static_cast<std::uint32_t>(order_.size());
}

void ListVersions::gather(const std::vector<Family>& families) {
  for (std::size_t key = 0; key < families.size(); ++key) is_list_[key] = families[key] == Family::kList ? 1 : 0;
  if (std::find(is_list_.begin(), is_list_.end(), 1) == is_list_.end()) return;
  places_.assign(history_.events().size(), kUnplaced);
  for (const Txn& txn : history_.transactions()) {
    for (const Event& event : history_.events(txn)) {
      if (is_list_[event.key] == 0) continue;
      if (event.kind == EventKind::kAppend) {
        ++append_starts_[event.key];
      } else if (txn.outcome == Outcome::kOk && event.known) {
        ++read_starts_[event.key];
      }
    }
  }
  std::uint32_t appends = 0;
  std::uint32_t reads = 0;
  for (std::size_t key = 0; key < append_starts_.size(); ++key) {
    appends += std::exchange(append_starts_[key], appends);
    reads += std::exchange(read_starts_[key], reads);
  }
  appends_.resize(appends);
  reads_.resize(reads);
  twice_.assign(appends, 0);
  current_.resize(families.size());
  for (std::uint32_t i = 0; i < history_.transactions().size(); ++i) gather_transaction(i);
  for (std::size_t key = append_starts_.size() - 1; key > 0; --key) {
    append_starts_[key] = append_starts_[key - 1];
    read_starts_[key] = read_starts_[key - 1];
  }
  if (!append_starts_.empty()) append_starts_[0] = read_starts_[0] = 0;
  current_ = {};
}

// places_ of a read holds, until the key is ordered, how many own appends stand before it.
void ListVersions::gather_transaction(std::uint32_t number) {
  const Txn& txn = history_.transactions()[number];
  const std::span<const Event> events = history_.events(txn);
  if (previous_.size() < events.size()) previous_.resize(events.size());
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    const Event& event = events[i];
    if (is_list_[event.key] == 0) continue;
    Current& current = current_[event.key];
    const bool first = current.transaction != number;
    if (first) current = {number, 0, 0};
    previous_[i] = first ? kNone : current.event;
    current.event = i;
    if (event.kind == EventKind::kAppend) {
      ++current.appends;
      appends_[append_starts_[event.key]++] = {number, txn.first_event + i};
    } else if (txn.outcome == Outcome::kOk && event.known) {
      places_[txn.first_event + i] = current.appends;
      reads_[read_starts_[event.key]++] = {number, txn.first_event + i};
      if (!first) check_inside(number, i);
    }
  }
}

/// A read against what its transaction read and appended before.
void ListVersions::check_inside(std::uint32_t number, std::uint32_t event) {
  const Txn& txn = history_.transactions()[number];
  const std::span<const Event> events = history_.events(txn);
  const std::span<const Value> seen = history_.elements(events[event]);
  std::size_t left = seen.size();
  bool own_writes_seen = true;
  std::uint32_t before = previous_[event];
  for (; before != kNone && events[before].kind == EventKind::kAppend; before = previous_[before]) {
    own_writes_seen = own_writes_seen && left > 0 && seen[left - 1] == events[before].value;
    if (left > 0) --left;
  }
  const bool repeats = before == kNone || !events[before].known ||
                       std::ranges::equal(history_.elements(events[before]), seen.first(left));
  if (own_writes_seen && repeats) return;
  const bool after_own = before != kNone && places_[txn.first_event + before] > 0;
  const Direct direct = own_writes_seen && !after_own ? Direct::kNotRepeatable : Direct::kInternal;
  if (!findings_.wants(direct)) return;
  const std::string earlier = history_.show(events[previous_[event]]);
  findings_.add(direct, {number},
                fmt::format("{}: {}, although it did before: {}", name_of(history_, number),
                            history_.show(events[event]), earlier));
}

void ListVersions::index_appends(std::uint32_t key, const Presence& presence) {
  const std::size_t count = appends(key).size();
  const std::size_t capacity = std::bit_ceil(std::max<std::size_t>(count * 2, 8));
  shift_ = 64U - static_cast<unsigned>(std::countr_zero(capacity));
  slots_.assign(capacity, kNone);
  for (std::uint32_t i = append_starts_[key]; i < append_starts_[key + 1]; ++i) {
    const Value value = appended(appends_[i]);
    std::size_t slot = slot_of(value);
    while (slots_[slot] != kNone && appended(appends_[slots_[slot]]) != value) slot = (slot + 1) & (capacity - 1);
    if (slots_[slot] == kNone || presence.failed(appends_[slots_[slot]].transaction)) {
      slots_[slot] = i;
    } else if (!presence.failed(appends_[i].transaction)) {
      twice_[slots_[slot]] = 1;
    }
  }
}

std::uint32_t ListVersions::append_of(Value value) const {
  std::size_t slot = slot_of(value);
  while (slots_[slot] != kNone && appended(appends_[slots_[slot]]) != value) slot = (slot + 1) & (slots_.size() - 1);
  return slots_[slot];
}

void ListVersions::order_key(std::uint32_t key, Presence& presence) {
  const std::span<const Read> all = reads(key);
  if (all.empty()) return;
  index_appends(key, presence);
  const Read* longest = &all[0];
  for (const Read& read : all) {
    if (seen(read).size() > seen(*longest).size()) longest = &read;
  }
  const bool certain = follow_longest(key, *longest, presence);
  for (const Read& read : all) place_read(key, read, *longest, presence);
  if (certain) {
    check_own_order(key, presence);
    check_future(key);
  }
  if (orderless_[key] != 0) order_.resize(order_starts_[key]);
}

/// False: some element can have come from several transactions.
bool ListVersions::follow_longest(std::uint32_t key, const Read& longest, Presence& presence) {
  bool certain = true;
  const std::span<const Value> whole = seen(longest);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::uint32_t append = append_of(whole[i]);
    if (append == kNone || presence.failed(appends_[append].transaction)) {
      bad_element(longest, i, append, presence);
      orderless_[key] = 1;
      continue;
    }
    if (twice_[append] != 0) {
      findings_.undecided(fmt::format("{} was appended to {} twice: who wrote what was read is not known",
                                      history_.show(whole[i]), history_.show_key(key)));
      orderless_[key] = 1;
      certain = false;
      continue;
    }
    presence.observe(appends_[append].transaction);
    std::uint32_t& place = places_[appends_[append].event];
    if (place != kUnplaced) {
      orderless_[key] = 1;
      if (!findings_.wants(Direct::kDuplicate)) continue;
      findings_.add(
          Direct::kDuplicate, {longest.transaction},
          fmt::format("{} read {} twice in {}, but it was appended once", name_of(history_, longest.transaction),
                      history_.show(whole[i]), history_.show_key(key)));
      continue;
    }
    place = static_cast<std::uint32_t>(i + 1);
    order_.push_back(append);
  }
  return certain;
}

/// An element that nobody appended, or a transaction that failed.
void ListVersions::bad_element(const Read& read, std::size_t at, std::uint32_t append, const Presence& presence) {
  const std::string reader = name_of(history_, read.transaction);
  const std::string shown = history_.show(history_.events()[read.event]);
  const std::span<const Value> elements = seen(read);
  const std::string value = history_.show(elements[at]);
  if (append == kNone) {
    if (findings_.wants(Direct::kGarbage)) {
      findings_.add(Direct::kGarbage, {read.transaction},
                    fmt::format("{}: {}, but nobody appended {}", reader, shown, value));
    }
    return;
  }
  const std::uint32_t writer = appends_[append].transaction;
  if (findings_.wants(Direct::kG1a)) {
    findings_.add(
        Direct::kG1a, {writer, read.transaction},
        fmt::format("{}: {}, but {}, which appended {}, failed", reader, shown, name_of(history_, writer), value));
  }
  for (std::size_t later = at + 1; later < elements.size(); ++later) {
    const std::uint32_t next = append_of(elements[later]);
    if (next == kNone || presence.failed(appends_[next].transaction)) continue;
    if (!findings_.wants(Direct::kDirtyUpdate)) return;
    const std::uint32_t builder = appends_[next].transaction;
    findings_.add(
        Direct::kDirtyUpdate, {writer, builder, read.transaction},
        fmt::format("{}: {}: {} of {} stands behind {} of {}, which failed", reader, shown,
                    history_.show(elements[later]), name_of(history_, builder), value, name_of(history_, writer)));
    return;
  }
}

void ListVersions::place_read(std::uint32_t key, const Read& read, const Read& longest, Presence& presence) {
  const std::uint32_t own = places_[read.event];
  const std::span<const Value> elements = seen(read);
  if (!is_prefix(elements, seen(longest))) {
    places_[read.event] = kUnplaced;
    return incompatible(key, read, longest, presence);
  }
  // Who does not see its own appends where they belong saw no version that could be named.
  std::size_t others = elements.size();
  while (others > 0 && elements.size() - others < own) {
    const std::uint32_t append = append_of(elements[others - 1]);
    if (append == kNone || appends_[append].transaction != read.transaction) break;
    --others;
  }
  const bool sees_own = elements.size() - others == own;
  places_[read.event] = sees_own ? static_cast<std::uint32_t>(others) : kUnplaced;
  check_intermediate(key, read);
}

void ListVersions::incompatible(std::uint32_t key, const Read& read, const Read& longest, Presence& presence) {
  orderless_[key] = 1;
  const std::span<const Value> elements = seen(read);
  const std::size_t common = common_prefix(elements, seen(longest));
  for (std::size_t i = common; i < elements.size(); ++i) {
    const std::uint32_t append = append_of(elements[i]);
    if (append == kNone || presence.failed(appends_[append].transaction)) {
      bad_element(read, i, append, presence);
    } else {
      presence.observe(appends_[append].transaction);
    }
  }
  if (!findings_.wants(Direct::kIncompatible)) return;
  const Event& a = history_.events()[read.event];
  const Event& b = history_.events()[longest.event];
  std::vector<std::uint32_t> both{read.transaction, longest.transaction};
  if (both[0] == both[1]) both.pop_back();
  findings_.add(Direct::kIncompatible, std::move(both),
                fmt::format("{}: {}, but {}: {}: they differ from place {} on", name_of(history_, read.transaction),
                            history_.show(a), name_of(history_, longest.transaction), history_.show(b), common + 1));
}

/// Ends a read in what its writer itself appended behind?
void ListVersions::check_intermediate(std::uint32_t key, const Read& read) {
  const std::uint32_t at = places_[read.event];
  if (at == 0 || at == kUnplaced || orderless_[key] != 0) return;
  const std::uint32_t append = order_[order_starts_[key] + at - 1];
  const std::uint32_t next = append + 1;
  const std::uint32_t writer = appends_[append].transaction;
  if (next >= append_starts_[key + 1] || appends_[next].transaction != writer || writer == read.transaction) return;
  if (!findings_.wants(Direct::kG1b)) return;
  findings_.add(
      Direct::kG1b, {writer, read.transaction},
      fmt::format("{}: {}, but {} appended {} behind {} in the same transaction", name_of(history_, read.transaction),
                  history_.show(history_.events()[read.event]), name_of(history_, writer),
                  history_.show(appended(appends_[next])), history_.show(appended(appends_[append]))));
}

/// The appends of one transaction stand in the order in which it made them. (That nothing stands between is for the
/// graph to tell.)
void ListVersions::check_own_order(std::uint32_t key, const Presence& presence) {
  const std::span<const Append> all = appends(key);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i].transaction != all[i - 1].transaction || presence.failed(all[i].transaction)) continue;
    const std::uint32_t first = places_[all[i - 1].event];
    const std::uint32_t second = places_[all[i].event];
    if (second == kUnplaced || first < second) continue;
    orderless_[key] = 1;
    if (!findings_.wants(Direct::kIncompatible)) return;
    findings_.add(
        Direct::kIncompatible, {all[i].transaction},
        fmt::format("{} appended {} to {} before {}, but reads show {}", name_of(history_, all[i].transaction),
                    history_.show(appended(all[i - 1])), history_.show_key(key), history_.show(appended(all[i])),
                    first == kUnplaced ? "only the second" : "the second before the first"));
  }
}

/// A read that holds what its own transaction appends later.
void ListVersions::check_future(std::uint32_t key) {
  const std::span<const Append> all = appends(key);
  std::size_t next = 0;
  for (const Read& read : reads(key)) {
    while (next < all.size() && (all[next].transaction < read.transaction ||
                                 (all[next].transaction == read.transaction && all[next].event < read.event))) {
      ++next;
    }
    if (next == all.size() || all[next].transaction != read.transaction) continue;
    const std::uint32_t place = places_[all[next].event];
    if (place == kUnplaced || place > seen(read).size() || seen(read)[place - 1] != appended(all[next])) continue;
    places_[read.event] = kUnplaced;
    if (!findings_.wants(Direct::kFutureRead)) continue;
    findings_.add(Direct::kFutureRead, {read.transaction},
                  fmt::format("{}: {}, but it appends {} only later", name_of(history_, read.transaction),
                              history_.show(history_.events()[read.event]), history_.show(appended(all[next]))));
  }
}

std::uint32_t ListVersions::writer(std::uint32_t key, std::uint32_t place) const {
  return appends_[order_[order_starts_[key] + place - 1]].transaction;
}

}  // namespace tidemark::checkers::graph
