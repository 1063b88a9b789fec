#include "checkers/explain/proof.h"

#include <fmt/core.h>

#include <algorithm>
#include <bitset>
#include <tuple>

#include "checkers/explain/facts_of.h"

namespace tidemark::checkers::why {
namespace {

using Reached = std::bitset<kMostProved>;

struct Put {
  std::uint32_t key;
  Value value;
  std::uint32_t transaction;
};

struct Seen {  // `reader` found in the register what `writer` wrote
  std::uint32_t reader;
  std::uint32_t writer;
  std::uint32_t key;
  Value value;
};

/// Members are named by their place here.
struct Link {
  std::uint32_t from;
  std::uint32_t to;
  Step step;                 // with the numbers of the history
  const Seen* by = nullptr;  // inferred: the read that it rests on
};

class Prover {
 public:
  Prover(const History& history, const std::vector<std::uint32_t>& members, const Orders& orders)
      : history_(history), orders_(orders) {
    for (const std::uint32_t member : members) {
      if (effect_of(history, member).sure) members_.push_back(member);
    }
    std::sort(members_.begin(), members_.end());
    members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
    gather_puts();
  }

  std::optional<Derivation> prove(const Step& target) {
    if (members_.size() > kMostProved) return std::nullopt;
    const std::uint32_t from = place_of(target.from);
    const std::uint32_t to = place_of(target.to);
    if (from == kNone || to == kNone) return std::nullopt;
    gather_seen();
    link_orders();
    link_reads();
    for (bool more = true; more;) {
      close();
      if (const Seen* seen = gives(target, from, to)) return told({from, to, target, seen});
      more = infer();
    }
    return std::nullopt;
  }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  std::uint32_t place_of(std::uint32_t transaction) const {
    const auto found = std::lower_bound(members_.begin(), members_.end(), transaction);
    if (found == members_.end() || *found != transaction) return kNone;
    return static_cast<std::uint32_t>(found - members_.begin());
  }

  /// Of the whole history: a value must have one writer, not only one among the members.
  void gather_puts() {
    const std::vector<Txn>& all = history_.transactions();
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      if (all[i].outcome == Outcome::kFail) continue;
      for (const Event& event : history_.events(all[i])) {
        if (puts(event)) puts_.push_back({event.key, event.value, i});
      }
    }
    const auto name = [](const Put& put) { return std::tie(put.key, put.value, put.transaction); };
    std::sort(puts_.begin(), puts_.end(), [&](const Put& a, const Put& b) { return name(a) < name(b); });
  }

  /// Its place among the members; kNone when it is not the only one, or no member.
  std::uint32_t writer_of(std::uint32_t key, Value value) const {
    auto put = std::lower_bound(puts_.begin(), puts_.end(), Put{key, value, 0}, [](const Put& a, const Put& b) {
      return std::tie(a.key, a.value) < std::tie(b.key, b.value);
    });
    if (put == puts_.end() || put->key != key || put->value != value) return kNone;
    const std::uint32_t writer = put->transaction;
    for (; put != puts_.end() && put->key == key && put->value == value; ++put) {
      if (put->transaction != writer) return kNone;
    }
    return place_of(writer);
  }

  void gather_seen() {
    for (std::uint32_t reader = 0; reader < members_.size(); ++reader) {
      for (const Event& event : history_.events(history_.transactions()[members_[reader]])) {
        if (event.kind != EventKind::kRead && event.kind != EventKind::kCas) continue;
        const std::optional<Value> value = found(history_, members_[reader], event.key);
        if (!value || value->is_nil()) continue;
        const std::uint32_t writer = writer_of(event.key, *value);
        if (writer != kNone && writer != reader) seen_.push_back({reader, writer, event.key, *value});
      }
    }
  }

  bool writes(std::uint32_t member, std::uint32_t key) const {
    return last_write(history_, members_[member], key).has_value();
  }

  void link(std::uint32_t from, std::uint32_t to, Relation relation, std::uint32_t key, Value before, Value after,
            const Seen* by = nullptr) {
    Step step;
    step.from = members_[from];
    step.to = members_[to];
    step.relation = relation;
    step.key = key;
    step.before = before;
    step.after = after;
    if (by == nullptr && !derive_directly(history_, step)) return;
    links_.push_back({from, to, step, by});
  }

  void link_orders() {
    for (std::uint32_t from = 0; from < members_.size(); ++from) {
      const Txn& a = history_.transactions()[members_[from]];
      for (std::uint32_t to = 0; to < members_.size(); ++to) {
        const Txn& b = history_.transactions()[members_[to]];
        if (orders_.sessions && from < to && a.session == b.session) link(from, to, Relation::kSo, 0, {}, {});
        if (orders_.real_time && a.ret < b.call) link(from, to, Relation::kRt, 0, {}, {});
      }
    }
  }

  void link_reads() {
    for (const Seen& seen : seen_) link(seen.writer, seen.reader, Relation::kWr, seen.key, seen.value, seen.value);
    for (std::uint32_t reader = 0; reader < members_.size(); ++reader) {
      for (const Event& event : history_.events(history_.transactions()[members_[reader]])) {
        if (event.kind == EventKind::kRead || event.kind == EventKind::kCas) link_overwriters(reader, event.key);
        if (event.kind == EventKind::kReadList || event.kind == EventKind::kReadSet) link_collection(reader, event);
      }
    }
  }

  void link_overwriters(std::uint32_t reader, std::uint32_t key) {
    const std::optional<Value> value = found(history_, members_[reader], key);
    if (!value) return;
    for (std::uint32_t other = 0; other < members_.size(); ++other) {
      if (other == reader || !writes(other, key)) continue;
      const bool too = found(history_, members_[other], key) == value;
      if (value->is_nil() || too) {
        link(reader, other, Relation::kRw, key, *value, *last_write(history_, members_[other], key));
      }
    }
  }

  void link_collection(std::uint32_t reader, const Event& read) {
    for (std::uint32_t other = 0; other < members_.size(); ++other) {
      if (other == reader) continue;
      for (const Event& event : history_.events(history_.transactions()[members_[other]])) {
        if (event.key != read.key || !puts(event)) continue;
        if (contains(history_, read, event.value)) {
          link(other, reader, Relation::kWr, read.key, event.value, event.value);
        } else {
          link(reader, other, Relation::kRw, read.key, {}, event.value);
        }
      }
    }
  }

  /// reached_[i]: what i stands before, by all links.
  void close() {
    const std::size_t count = members_.size();
    reached_.assign(count, {});
    for (const Link& link : links_) reached_[link.from].set(link.to);
    for (std::size_t middle = 0; middle < count; ++middle) {
      for (std::size_t i = 0; i < count; ++i) {
        if (reached_[i].test(middle)) reached_[i] |= reached_[middle];
      }
    }
  }

  const Seen* gives(const Step& target, std::uint32_t from, std::uint32_t to) const {
    const bool ww = target.relation == Relation::kWw;
    if (write_of(history_, target.to, target.key, target.after) == nullptr) return nullptr;
    if (ww && write_of(history_, target.from, target.key, target.before) == nullptr) return nullptr;
    for (const Seen& seen : seen_) {
      if (seen.key != target.key) continue;
      if (ww && seen.writer == to && seen.reader != from && seen.value == target.after &&
          reached_[from].test(seen.reader)) {
        return &seen;
      }
      if (!ww && seen.reader == from && seen.writer != to && seen.value == target.before &&
          reached_[seen.writer].test(to)) {
        return &seen;
      }
    }
    return nullptr;
  }

  bool infer() {
    const std::size_t before = links_.size();
    for (const Seen& seen : seen_) {
      for (std::uint32_t other = 0; other < members_.size(); ++other) {
        if (other == seen.reader || other == seen.writer || !writes(other, seen.key)) continue;
        const Value value = *last_write(history_, members_[other], seen.key);
        if (reached_[other].test(seen.reader) && !reached_[other].test(seen.writer)) {
          link(other, seen.writer, Relation::kWw, seen.key, value, seen.value, &seen);
        }
        if (reached_[seen.writer].test(other) && !reached_[seen.reader].test(other)) {
          link(seen.reader, other, Relation::kRw, seen.key, seen.value, value, &seen);
        }
      }
    }
    limits_.push_back(before);
    return links_.size() > before;
  }

  /// How many links there were when this one was inferred.
  std::size_t limit_of(std::size_t number) const {
    const auto after = std::upper_bound(limits_.begin(), limits_.end(), number);
    return after == limits_.begin() ? links_.size() : *(after - 1);
  }

  /// Numbers of links, of the shortest way that uses the first `limit` of them.
  std::vector<std::size_t> path(std::uint32_t from, std::uint32_t to, std::size_t limit) const {
    std::vector<std::size_t> by(members_.size(), SIZE_MAX);
    std::vector<std::uint32_t> queue{from};
    for (std::size_t next = 0; next < queue.size() && by[to] == SIZE_MAX; ++next) {
      for (std::size_t i = 0; i < limit; ++i) {
        if (links_[i].from != queue[next] || by[links_[i].to] != SIZE_MAX) continue;
        by[links_[i].to] = i;
        queue.push_back(links_[i].to);
      }
    }
    std::vector<std::size_t> result;
    for (std::uint32_t at = to; result.empty() || at != from; at = links_[by[at]].from) result.push_back(by[at]);
    std::reverse(result.begin(), result.end());
    return result;
  }

  std::string name(std::uint32_t member) const { return name_of(history_, members_[member]); }

  /// The sentence of an inferred link; the links that it rests on are added to `needed`.
  Sentence tell(const Link& link, std::size_t limit, std::vector<std::size_t>& needed) const {
    const Seen& seen = *link.by;
    const bool ww = link.step.relation == Relation::kWw;
    const std::vector<std::size_t> way = ww ? path(link.from, seen.reader, limit) : path(seen.writer, link.to, limit);
    const std::string value = history_.show(seen.value);
    const std::string key = history_.show_key(seen.key);
    std::string text =
        fmt::format("{} read {} = {}, the {} is {}'s, and {}, which wrote {} too, is {} {}: ", name(seen.reader), key,
                    value, value, name(seen.writer), name(ww ? link.from : link.to), key, ww ? "before" : "after",
                    name(ww ? seen.reader : seen.writer));
    text += name(links_[way[0]].from);
    for (const std::size_t number : way) {
      text += " < " + name(links_[number].to);
      needed.push_back(number);
    }
    return {link.step.from, link.step.to, std::move(text)};
  }

  Derivation told(const Link& target) const {
    Derivation derivation;
    std::vector<std::size_t> needed;
    derivation.sentence = tell(target, links_.size(), needed);
    derivation.evidence.push_back(members_[target.by->reader]);
    derivation.evidence.push_back(members_[target.by->writer]);
    std::vector<std::uint8_t> done(links_.size(), 0);
    std::vector<std::pair<std::size_t, Sentence>> lemmas;
    for (std::size_t next = 0; next < needed.size(); ++next) {
      const std::size_t number = needed[next];
      if (done[number] != 0) continue;
      done[number] = 1;
      const Link& link = links_[number];
      derivation.evidence.push_back(link.step.from);
      derivation.evidence.push_back(link.step.to);
      if (link.by == nullptr) {
        lemmas.emplace_back(number, derive_directly(history_, link.step)->sentence);
      } else {
        lemmas.emplace_back(number, tell(link, limit_of(number), needed));
        derivation.evidence.push_back(members_[link.by->reader]);
        derivation.evidence.push_back(members_[link.by->writer]);
      }
    }
    std::sort(lemmas.begin(), lemmas.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& lemma : lemmas) derivation.lemmas.push_back(std::move(lemma.second));
    return derivation;
  }

  const History& history_;
  const Orders orders_;
  std::vector<std::uint32_t> members_;
  std::vector<Put> puts_;  // by key, value, transaction
  std::vector<Seen> seen_;
  std::vector<Link> links_;
  std::vector<std::size_t> limits_;  // where the links of each round begin
  std::vector<Reached> reached_;
};

}  // namespace

std::optional<Derivation> prove(const History& history, const Step& step, const std::vector<std::uint32_t>& members,
                                const Orders& orders) {
  return Prover(history, members, orders).prove(step);
}

}  // namespace tidemark::checkers::why
