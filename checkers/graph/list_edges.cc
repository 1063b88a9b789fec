#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "checkers/graph/list_versions.h"

namespace tidemark::checkers::graph {

ListVersions::Tail ListVersions::tail(std::uint32_t key, const Presence& presence) const {
  Tail tail;
  std::uint32_t first_of_tail = UINT32_MAX;
  if (length(key) > 0) {
    first_of_tail = order_[order_starts_[key + 1] - 1];
    tail.last = appends_[first_of_tail].transaction;
  }
  for (const Append& append : appends(key)) {
    if (places_[append.event] != kUnplaced || !presence.present(append.transaction)) continue;
    if (append.transaction == tail.last) {
      // What it appended behind its last version that was read follows at once. (If it stands in front of that one, the
      // key was found to be orderless before.)
      tail.extended = true;
    } else if (tail.unread.empty() || tail.unread.back() != append.transaction) {
      tail.unread.push_back(append.transaction);
    }
  }
  return tail;
}

/// Two appends that nobody read, both on the last version that was read: the second of them did not see the first. (Of
/// versions that were read the graph tells as much.)
void ListVersions::check_lost_update(std::uint32_t key, const std::vector<Node>& readers,
                                     const std::vector<Node>& unread) {
  std::vector<std::uint32_t> both;
  std::set_intersection(readers.begin(), readers.end(), unread.begin(), unread.end(), std::back_inserter(both));
  if (both.size() < 2 || !findings_.wants(Direct::kLostUpdate)) return;
  both.resize(2);
  std::string fact = fmt::format("{} and {} both read version {} of {} and appended to it", name_of(history_, both[0]),
                                 name_of(history_, both[1]), length(key), history_.show_key(key));
  findings_.add(Direct::kLostUpdate, std::move(both), std::move(fact));
}

void ListVersions::add_edges(const Presence& presence, EdgeList& edges) {
  // And the order of the sessions, which comes after: to grow by doubling touches memory twice.
  edges.reserve(edges.size() + order_.size() + reads_.size() * 2 + appends_.size() / 2 +
                history_.transactions().size());
  std::vector<Node> readers;
  for (std::uint32_t key = 0; key < is_list_.size(); ++key) {
    if (is_list_[key] == 0 || orderless_[key] != 0) continue;
    const std::uint32_t length = this->length(key);
    const std::uint32_t* order = order_.data() + order_starts_[key];
    for (std::uint32_t i = 1; i < length; ++i) {
      edges.add(appends_[order[i - 1]].transaction, appends_[order[i]].transaction, Relation::kWw);
    }
    const Tail tail = this->tail(key, presence);
    readers.clear();  // of the last version that was read
    for (const Read& read : reads(key)) {
      const std::uint32_t at = places_[read.event];
      if (at == kUnplaced) continue;
      if (at > 0) edges.add(appends_[order[at - 1]].transaction, read.transaction, Relation::kWr);
      if (at < length) {
        edges.add(read.transaction, appends_[order[at]].transaction, Relation::kRw);
      } else if (tail.extended) {
        edges.add(read.transaction, tail.last, Relation::kRw);
      } else if (readers.empty() || readers.back() != read.transaction) {
        readers.push_back(read.transaction);
      }
    }
    if (tail.unread.empty()) continue;
    if (tail.last != kNoNode) fan_out(edges, Relation::kWw, {tail.last}, tail.unread);
    check_lost_update(key, readers, tail.unread);
    fan_out(edges, Relation::kRw, readers, tail.unread);
  }
}

std::vector<std::vector<Node>> ListVersions::free_orders(const Presence& presence) const {
  std::vector<std::vector<Node>> result;
  for (std::uint32_t key = 0; key < is_list_.size(); ++key) {
    if (is_list_[key] == 0 || orderless_[key] != 0) continue;
    Tail behind = tail(key, presence);
    if (behind.unread.size() > 1) result.push_back(std::move(behind.unread));
  }
  return result;
}

const ListVersions::Append* ListVersions::unread_append(std::uint32_t key, std::uint32_t transaction) const {
  const std::span<const Append> all = appends(key);
  const auto place = std::lower_bound(all.begin(), all.end(), transaction,
                                      [](const Append& a, std::uint32_t wanted) { return a.transaction < wanted; });
  for (auto at = place; at != all.end() && at->transaction == transaction; ++at) {
    if (places_[at->event] == kUnplaced) return &*at;
  }
  return nullptr;
}

bool ListVersions::explain(const Presence& presence, Step& step) const {
  switch (step.relation) {
    case Relation::kWw:
      return explain_ww(presence, step);
    case Relation::kWr:
      return explain_wr(step);
    case Relation::kRw:
      return explain_rw(presence, step);
    default:
      return false;
  }
}

bool ListVersions::explain_ww(const Presence& presence, Step& step) const {
  const Txn& from = history_.transactions()[step.from];
  for (std::uint32_t event = from.first_event; event < from.first_event + from.event_count; ++event) {
    const Event& append = history_.events()[event];
    const std::uint32_t key = append.key;
    if (append.kind != EventKind::kAppend || is_list_[key] == 0 || orderless_[key] != 0) continue;
    const std::uint32_t at = places_[event];
    step.key = key;
    step.before = append.value;
    if (at != kUnplaced && at < length(key)) {
      const Append& next = appends_[order_[order_starts_[key] + at]];
      step.after = appended(next);
      if (next.transaction == step.to) return true;
    } else if (const Append* next = unread_append(key, step.to);
               next != nullptr && presence.present(step.to) && tail(key, presence).last == step.from) {
      step.after = appended(*next);
      return true;
    }
  }
  return false;
}

bool ListVersions::explain_wr(Step& step) const {
  const Txn& to = history_.transactions()[step.to];
  for (std::uint32_t event = to.first_event; event < to.first_event + to.event_count; ++event) {
    const Event& read = history_.events()[event];
    if (read.kind != EventKind::kReadList || is_list_[read.key] == 0 || orderless_[read.key] != 0) continue;
    const std::uint32_t at = places_[event];
    if (at == 0 || at == kUnplaced || writer(read.key, at) != step.from) continue;
    step.key = read.key;
    step.before = step.after = appended(appends_[order_[order_starts_[read.key] + at - 1]]);
    return true;
  }
  return false;
}

bool ListVersions::explain_rw(const Presence& presence, Step& step) const {
  const Txn& from = history_.transactions()[step.from];
  for (std::uint32_t event = from.first_event; event < from.first_event + from.event_count; ++event) {
    const Event& read = history_.events()[event];
    const std::uint32_t key = read.key;
    if (read.kind != EventKind::kReadList || is_list_[key] == 0 || orderless_[key] != 0) continue;
    const std::uint32_t at = places_[event];
    if (at == kUnplaced) continue;
    const Append* next = nullptr;
    if (at < length(key)) {
      next = &appends_[order_[order_starts_[key] + at]];
    } else if (presence.present(step.to)) {
      const Tail behind = tail(key, presence);
      if (!behind.extended || behind.last == step.to) next = unread_append(key, step.to);
    }
    if (next == nullptr || next->transaction != step.to) continue;
    step.key = key;
    step.before = at == 0 ? Value{} : appended(appends_[order_[order_starts_[key] + at - 1]]);
    step.after = appended(*next);
    return true;
  }
  return false;
}

}  // namespace tidemark::checkers::graph
