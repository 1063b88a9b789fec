#include "checkers/graph/accesses.h"

#include <algorithm>
#include <tuple>

namespace tidemark::checkers::graph {

Accesses::Accesses(const Inference& inference, const RegisterOrders& orders) : orders_(orders) {
  const auto transactions = static_cast<Node>(inference.history.transactions().size());
  found_.assign(inference.registers.reads().begin(), inference.registers.reads().end());
  std::stable_sort(found_.begin(), found_.end(), [](const RegisterRead& a, const RegisterRead& b) {
    return std::tie(a.reader, a.key) < std::tie(b.reader, b.key);
  });
  starts_.reserve(transactions + std::size_t{1});
  for (Node i = 0; i < transactions; ++i) {
    starts_.push_back(static_cast<std::uint32_t>(accesses_.size()));
    if (inference.presence.present(i)) add(inference, i);
  }
  starts_.push_back(static_cast<std::uint32_t>(accesses_.size()));
  writer_starts_.assign(inference.history.keys() + std::size_t{1}, 0);
  struct Keyed {
    std::uint32_t key;
    Writer writer;
  };
  std::vector<Keyed> all;
  for (Node i = 0; i < transactions; ++i) {
    for (const Access& access : of(i)) {
      if (access.write) all.push_back({access.key, {access.place, i}});
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Keyed& a, const Keyed& b) {
    return std::tie(a.key, a.writer.place) < std::tie(b.key, b.writer.place);
  });
  for (const Keyed& keyed : all) {
    ++writer_starts_[keyed.key + std::size_t{1}];
    writers_.push_back(keyed.writer);
  }
  for (std::size_t key = 1; key < writer_starts_.size(); ++key) writer_starts_[key] += writer_starts_[key - 1];
}

void Accesses::add(const Inference& inference, Node transaction) {
  const Txn& txn = inference.history.transactions()[transaction];
  for (std::uint32_t event = txn.first_event; event < txn.first_event + txn.event_count; ++event) {
    Access access;
    if (place_of(inference, transaction, event, access)) accesses_.push_back(access);
  }
}

bool Accesses::place_of(const Inference& inference, Node transaction, std::uint32_t event, Access& access) {
  const Event& what = inference.history.events()[event];
  access.key = what.key;
  access.write = what.is_write();
  const bool told =
      access.write || (what.known && inference.history.transactions()[transaction].outcome == Outcome::kOk);
  if (!told) return false;
  switch (inference.families[what.key]) {
    case Family::kList:
      access.place = inference.lists.place(event);  // of unread appends: kUnread
      incomplete_ = incomplete_ || inference.lists.orderless(what.key);
      return !inference.lists.orderless(what.key) && (access.write || access.place != ListVersions::kUnplaced);
    case Family::kSet:
      incomplete_ = incomplete_ || inference.sets.orderless(what.key);
      return !inference.sets.orderless(what.key) && inference.sets.place(event, access.place);
    case Family::kRegister:
      return place_in_register(inference, transaction, what, access);
    default:
      return false;
  }
}

std::uint32_t Accesses::place_of_writer(const Inference& inference, std::uint32_t key, Node writer) const {
  const std::span<const Node> all = inference.registers.writers(key);
  if (all.size() > 1 && !orders_.partial(key)) {
    const std::uint32_t place = inference.columns->place(key, writer);
    return place == kNoNode ? 0 : place + 1;
  }
  const auto found = std::lower_bound(all.begin(), all.end(), writer);
  if (found == all.end() || *found != writer) return 0;
  return static_cast<std::uint32_t>(found - all.begin()) + 1;
}

/// The beginning is before all writes.
bool Accesses::place_in_register(const Inference& inference, Node transaction, const Event& event, Access& access) {
  if (access.write) {
    access.place = place_of_writer(inference, event.key, transaction);
    if (access.place == 0) access.place = kUnread;
    return true;
  }
  const auto wanted = std::tie(transaction, event.key);
  auto read = std::lower_bound(found_.begin(), found_.end(), wanted,
                               [](const RegisterRead& a, const auto& b) { return std::tie(a.reader, a.key) < b; });
  for (; read != found_.end() && std::tie(read->reader, read->key) == wanted; ++read) {
    if (read->value != event.value) continue;
    access.place = read->writer == kNoNode ? 0 : place_of_writer(inference, event.key, read->writer);
    const bool known = read->writer == kNoNode || access.place != 0;
    incomplete_ = incomplete_ || !known;
    return known;
  }
  return false;  // of its own writes, or a contradiction
}

}  // namespace tidemark::checkers::graph
