#include "checkers/totals/counter.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <numeric>

#include "checkers/totals/tell.h"

namespace tidemark::checkers::totals {
namespace {

__extension__ using Sum = __int128;  // sums of any number of values

/// Increments each of which may have been counted or not: from the sum of the negative to the sum of the positive ones.
struct Range {
  Sum low = 0;
  Sum high = 0;
  void add(Sum amount) { (amount < 0 ? low : high) += amount; }
};
Range operator+(Range a, Range b) {
  return {a.low + b.low, a.high + b.high};
}
Range operator-(Range a, Range b) {
  return {a.low - b.low, a.high - b.high};
}
Range at(Sum sum, Range range) {
  return {sum + range.low, sum + range.high};
}

std::string show(Sum sum) {
  if (sum >= INT64_MIN && sum <= INT64_MAX) return std::to_string(static_cast<std::int64_t>(sum));
  return sum < 0 ? "less than -2^63" : "more than 2^63";
}

struct Timed {  // running sums by an instant
  std::uint32_t at = 0;
  Sum sum = 0;
  Range range;
};

/// The sums of everything whose instant is less than `before`.
Timed sums(const std::vector<Timed>& all, std::uint64_t before) {
  const auto end = std::partition_point(all.begin(), all.end(), [before](const Timed& one) { return one.at < before; });
  return end == all.begin() ? Timed{} : *(end - 1);
}

void run_sums(std::vector<Timed>& all) {
  std::sort(all.begin(), all.end(), [](const Timed& a, const Timed& b) { return a.at < b.at; });
  for (std::size_t i = 1; i < all.size(); ++i) {
    all[i].sum += all[i - 1].sum;
    all[i].range = all[i].range + all[i - 1].range;
  }
}

struct PerKey {
  Range all;
  std::int64_t step = 0;      // divides every increment
  std::vector<Timed> sure;    // ok, by end
  std::vector<Timed> begun;   // all that may count, by call
  std::vector<Timed> maxima;  // of reads, by end: `sum` is the largest value so far
};

struct PerSession {  // and key
  Range own;         // all its increments
  Sum sure = 0;      // those that are ok and before the place in the pass
  Range doubtful;    // of unknown outcome and before the place in the pass
  bool has_read = false;
  std::uint32_t read_txn = 0;  // the last read
  Sum read_value = 0;
  Sum read_sure = 0;  // `sure` at that read
};

class Counters {
 public:
  Counters(const History& history, const JudgeOptions& options, const CounterOptions& counter)
      : history_(history), start_(counter.start), real_time_(counter.real_time), findings_(options) {}

  Judgement judge() {
    if (real_time_ && !history_.has_real_time()) {
      findings_.doubt("the history does not tell when transactions were called and ended");
      return findings_.judgement(0);
    }
    doubt_other_kinds(history_, bit(EventKind::kIncrement) | bit(EventKind::kReadCounter), findings_);
    keys_.resize(history_.keys());
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) tally(txn);
    if (real_time_) {
      for (PerKey& key : keys_) order_by_time(key);
    }
    for (std::uint32_t txn = 0; txn < history_.transactions().size(); ++txn) walk(txn);
    return findings_.judgement(reads_);
  }

 private:
  bool fits(const Event& event) {
    if (!event.value.is_text()) return true;
    findings_.doubt(fmt::format("\"{}\": the number does not fit", history_.show(event)));
    return false;
  }

  static std::int64_t number(Value value) { return value.is_nil() ? 0 : value.number(); }
  /// What was counted when this was read: sums are without the start.
  Sum counted(const Event& read) const { return read.value.is_nil() ? 0 : read.value.number() - start_; }

  PerSession& session(std::uint32_t txn, std::uint32_t key) {
    return sessions_[static_cast<std::uint64_t>(history_.chain(txn)) << 32 | key];
  }

  void tally(std::uint32_t txn) {
    const Txn& of = history_.transactions()[txn];
    if (of.outcome == Outcome::kFail) return;
    for (const Event& event : history_.events(of)) {
      PerKey& key = keys_[event.key];
      const bool increment = event.kind == EventKind::kIncrement;
      const bool read = event.kind == EventKind::kReadCounter && event.known && of.outcome == Outcome::kOk;
      if ((!increment && !read) || !fits(event)) continue;
      const std::int64_t value = number(event.value);
      if (read) {
        key.maxima.push_back({of.ret, counted(event), {}});
        continue;
      }
      key.all.add(value);
      key.step = std::gcd(key.step, value);
      session(txn, event.key).own.add(value);
      Timed timed{of.call, value, {}};
      timed.range.add(value);
      key.begun.push_back(timed);
      timed.at = of.ret;
      if (of.outcome == Outcome::kOk) key.sure.push_back(timed);
    }
  }

  static void order_by_time(PerKey& key) {
    run_sums(key.sure);
    run_sums(key.begun);
    std::sort(key.maxima.begin(), key.maxima.end(), [](const Timed& a, const Timed& b) { return a.at < b.at; });
    for (std::size_t i = 1; i < key.maxima.size(); ++i)
      key.maxima[i].sum = std::max(key.maxima[i].sum, key.maxima[i - 1].sum);
  }

  void walk(std::uint32_t txn) {
    const Txn& of = history_.transactions()[txn];
    if (of.outcome == Outcome::kFail) return;
    const std::span<const Event> events = history_.events(of);
    for (std::size_t i = 0; i < events.size(); ++i) {
      const Event& event = events[i];
      if (event.value.is_text()) continue;
      PerSession& own = session(txn, event.key);
      if (event.kind == EventKind::kIncrement) {
        if (of.outcome == Outcome::kOk) own.sure += number(event.value);
        if (of.outcome == Outcome::kInfo) own.doubtful.add(number(event.value));
      } else if (event.kind == EventKind::kReadCounter && event.known && of.outcome == Outcome::kOk) {
        ++reads_;
        judge_read(txn, events.first(i + 1), own);
        own.has_read = true;
        own.read_txn = txn;
        own.read_value = counted(event);
        own.read_sure = own.sure;
      }
    }
  }

  // The read is the last of `events`, the begin of its transaction.
  void judge_read(std::uint32_t txn, std::span<const Event> events, const PerSession& own) {
    const Event& read = events.back();
    const PerKey& key = keys_[read.key];
    const Sum value = counted(read);
    const Range others = key.all - own.own + own.doubtful;
    if (!within(txn, read, at(own.sure, others), "what its session did and what others may have done", {})) return;
    if (own.has_read) {
      const bool whole = own.read_txn == txn;  // nothing comes between two reads of one transaction
      const Range since = at(own.read_value + own.sure - own.read_sure, whole ? Range{} : others);
      std::vector<std::uint32_t> earlier;
      if (!whole) earlier.push_back(own.read_txn);
      const std::string why =
          fmt::format("{}, which read {}", called(history_, own.read_txn), show(own.read_value + start_));
      if (!within(txn, read, since, why, std::move(earlier))) return;
    }
    if (real_time_ && !judge_time(txn, events, key)) return;
    if (key.step != 0 && value % key.step != 0) {
      findings_.add("impossible-count", {txn},
                    fmt::format("{}: {}, but every increment is a multiple of {}", called(history_, txn),
                                history_.show(read), key.step));
    }
  }

  bool judge_time(std::uint32_t txn, std::span<const Event> events, const PerKey& key) {
    const Txn& of = history_.transactions()[txn];
    const Event& read = events.back();
    Sum sure = 0;
    Range own;  // all of this transaction: what is after the read is not counted
    for (const Event& event : history_.events(of)) {
      if (event.kind == EventKind::kIncrement && event.key == read.key) own.add(number(event.value));
    }
    for (const Event& event : events) {
      if (event.kind == EventKind::kIncrement && event.key == read.key) sure += number(event.value);
    }
    const Timed ended = sums(key.sure, of.call);
    const Range open = sums(key.begun, of.ret + std::uint64_t{1}).range - ended.range - own;
    if (!within(txn, read, at(sure + ended.sum, open), "what had ended and what had been called", {})) return false;
    const Range no_less{key.all.low == 0 ? sums(key.maxima, of.call).sum : key.all.low, key.all.high};
    return within(txn, read, no_less, "reads that had ended", {});
  }

  bool within(std::uint32_t txn, const Event& read, Range range, const std::string& why,
              std::vector<std::uint32_t> others) {
    const Sum value = counted(read);
    if (value >= range.low && value <= range.high) return true;
    std::vector<std::uint32_t> transactions = std::move(others);
    transactions.push_back(txn);
    findings_.add("impossible-count", std::move(transactions),
                  fmt::format("{}: {}, but after {} it must be from {} to {}", called(history_, txn),
                              history_.show(read), why, show(range.low + start_), show(range.high + start_)));
    return false;
  }

  const History& history_;
  const Sum start_;
  const bool real_time_;
  Findings findings_;
  std::vector<PerKey> keys_;
  boost::unordered_flat_map<std::uint64_t, PerSession> sessions_;  // looked up, never walked
  std::uint64_t reads_ = 0;
};

}  // namespace

Judgement judge_counter(const History& history, const JudgeOptions& options, const CounterOptions& counter) {
  return Counters(history, options, counter).judge();
}

}  // namespace tidemark::checkers::totals
