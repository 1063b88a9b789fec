#include "guarantee_oracle.h"

#include <algorithm>

namespace tidemark::checkers::oracle {
namespace {

using Transactions = std::set<std::uint32_t>;

class Definitions {
 public:
  explicit Definitions(const History& history) : history_(history) {
    for (std::uint32_t txn = 0; txn < size(); ++txn) {
      for (const Event& event : history.events(of(txn))) {
        if (event.is_write()) writer_[{event.key, event.value}] = txn;
      }
    }
    for (std::uint32_t txn = 0; txn < size(); ++txn) {
      if (!ok(txn)) continue;
      happened_.insert(txn);
      for (const Event* read : reads(txn)) {
        std::vector<Value>& longest = order_[read->key];
        const auto elements = history.elements(*read);
        if (elements.size() > longest.size()) longest.assign(elements.begin(), elements.end());
        for (const Value value : elements) happened_.insert(writer(read->key, value));
      }
    }
  }

  bool read_your_writes() const {
    for (const std::uint32_t reader : happened_) {
      for (const std::uint32_t own : earlier(reader)) {
        if (ok(reader) && misses(reader, own)) return false;
      }
    }
    return true;
  }

  bool monotonic_reads() const {
    for (const std::uint32_t reader : happened_) {
      if (!ok(reader)) continue;
      if (goes_back(reader)) return false;
      for (const std::uint32_t first : earlier(reader)) {
        for (const std::uint32_t seen : sees(first)) {
          if (misses(reader, seen)) return false;
        }
      }
    }
    return true;
  }

  // `must` tells what a writer stands after, besides the order of versions; whoever sees it must see that.
  template <typename Must>
  bool writes_stand(Must must) const {
    std::map<std::uint32_t, Transactions> after;  // writer -> what it stands after
    for (const std::uint32_t txn : happened_) {
      if (of(txn).has_write) after[txn] = must(txn);
    }
    for (const std::uint32_t reader : happened_) {
      Transactions seen = ok(reader) ? sees(reader) : Transactions{};
      Transactions owed;  // what it must see because of what it sees
      for (bool grew = true; grew;) {
        const std::size_t before = owed.size();
        for (const std::uint32_t one : seen) owed.insert(after[one].begin(), after[one].end());
        seen.insert(owed.begin(), owed.end());
        grew = owed.size() > before;
      }
      for (const std::uint32_t one : owed) {
        if (misses(reader, one)) return false;
      }
    }
    for (const std::uint32_t a : happened_) {
      for (const std::uint32_t b : happened_) {
        if (a != b && versions_stand(a, b)) after[b].insert(a);
      }
    }
    return acyclic(after);
  }

  bool monotonic_writes() const {
    return writes_stand([this](std::uint32_t txn) {
      Transactions result;
      for (const std::uint32_t own : earlier(txn)) {
        if (of(own).has_write) result.insert(own);
      }
      return result;
    });
  }

  bool writes_follow_reads() const {
    return writes_stand([this](std::uint32_t txn) {
      Transactions result = ok(txn) ? sees(txn) : Transactions{};
      for (const std::uint32_t own : earlier(txn)) {
        const Transactions seen = sees(own);
        result.insert(seen.begin(), seen.end());
      }
      return result;
    });
  }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(history_.transactions().size()); }
  const Txn& of(std::uint32_t txn) const { return history_.transactions()[txn]; }
  bool ok(std::uint32_t txn) const { return of(txn).outcome == Outcome::kOk; }
  std::uint32_t writer(std::uint32_t key, Value value) const { return writer_.at({key, value}); }

  std::vector<const Event*> reads(std::uint32_t txn) const {
    std::vector<const Event*> result;
    for (const Event& event : history_.events(of(txn))) {
      if (event.is_read() && event.known && ok(txn)) result.push_back(&event);
    }
    return result;
  }

  // Those that are ok and before it in its session.
  Transactions earlier(std::uint32_t txn) const {
    Transactions result;
    for (std::uint32_t other = 0; other < txn; ++other) {
      if (ok(other) && session_before(history_, other, txn)) result.insert(other);
    }
    return result;
  }

  Transactions sees(std::uint32_t txn) const {
    Transactions result;
    for (const Event* read : reads(txn)) {
      for (const Value value : history_.elements(*read)) result.insert(writer(read->key, value));
    }
    result.erase(txn);
    return result;
  }

  bool misses(std::uint32_t reader, std::uint32_t other) const {
    if (reader == other) return false;
    for (const Event* read : reads(reader)) {
      const auto elements = history_.elements(*read);
      for (const Event& event : history_.events(of(other))) {
        const bool written = event.is_write() && event.key == read->key;
        if (written && std::find(elements.begin(), elements.end(), event.value) == elements.end()) return true;
      }
    }
    return false;
  }

  // A later read of a list found less of what others wrote.
  bool goes_back(std::uint32_t txn) const {
    std::map<std::uint32_t, std::size_t> most;
    for (const Event* read : reads(txn)) {
      const auto elements = history_.elements(*read);
      const auto foreign =
          std::count_if(elements.begin(), elements.end(), [&](Value value) { return writer(read->key, value) != txn; });
      if (static_cast<std::size_t>(foreign) < most[read->key]) return true;
      most[read->key] = static_cast<std::size_t>(foreign);
    }
    return false;
  }

  // a wrote a version of some key before one of b. What was never read stands behind all that was.
  bool versions_stand(std::uint32_t a, std::uint32_t b) const {
    for (const Event& first : history_.events(of(a))) {
      for (const Event& second : history_.events(of(b))) {
        if (!first.is_write() || !second.is_write() || first.key != second.key) continue;
        if (place(first) < place(second)) return true;
      }
    }
    return false;
  }

  std::size_t place(const Event& write) const {
    const auto found = order_.find(write.key);
    if (found == order_.end()) return 0;
    return static_cast<std::size_t>(std::find(found->second.begin(), found->second.end(), write.value) -
                                    found->second.begin());
  }

  static bool acyclic(std::map<std::uint32_t, Transactions> after) {
    for (bool grew = true; grew;) {
      grew = false;
      for (auto& [txn, before] : after) {
        for (const std::uint32_t one : Transactions(before)) {
          const Transactions& more = after[one];
          for (const std::uint32_t two : Transactions(more)) grew = before.insert(two).second || grew;
        }
      }
    }
    return std::none_of(after.begin(), after.end(), [](const auto& one) { return one.second.count(one.first) != 0; });
  }

  const History& history_;
  std::map<std::pair<std::uint32_t, Value>, std::uint32_t> writer_;
  std::map<std::uint32_t, std::vector<Value>> order_;
  Transactions happened_;
};

}  // namespace

bool guarantee_holds(const History& history, Guarantee guarantee) {
  const Definitions definitions(history);
  switch (guarantee) {
    case Guarantee::kReadYourWrites:
      return definitions.read_your_writes();
    case Guarantee::kMonotonicReads:
      return definitions.monotonic_reads();
    case Guarantee::kMonotonicWrites:
      return definitions.monotonic_writes();
    case Guarantee::kWritesFollowReads:
      return definitions.writes_follow_reads();
  }
  return false;
}

}  // namespace tidemark::checkers::oracle
