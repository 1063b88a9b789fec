// Histories of list-append transactions as a serial store makes them, with planted violations: for benchmarks and
// tests.
//
// Of n transactions, in 20 sessions: 2.5 micro-operations each on average, half of them reads of the whole list; 1 in
// 100 of unknown outcome, half of those took effect; 1 in 200 failed. Keys are replaced after some appends.
// Deterministic.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::testing {

struct AppendWorkload {
  std::size_t transactions = 500'000;
  std::uint32_t sessions = 20;
  std::size_t keys = 24;              // in use at a time
  std::size_t appends_of_a_key = 32;  // then another key takes its place
  std::size_t stale_reads = 0;        // planted: reads that miss the last appends of their list
  std::size_t old_reads = 0;          // planted: reads that find the very first list empty, as in the beginning
  std::size_t write_skews = 0;        // planted: pairs of which each misses what the other appended
};

class AppendWorkloadMaker {
 public:
  explicit AppendWorkloadMaker(const AppendWorkload& workload) : workload_(workload), lists_(workload.keys) {
    for (List& list : lists_) list = fresh();
    for (std::uint32_t i = 0; i < workload_.sessions; ++i) {
      builder_.session(builder_.integer(static_cast<std::int64_t>(i)));
    }
  }

  History make() {
    const std::size_t stale_every =
        workload_.stale_reads == 0 ? 0 : workload_.transactions / (workload_.stale_reads + 1);
    const std::size_t old_every = workload_.old_reads == 0 ? 0 : workload_.transactions / (workload_.old_reads + 1);
    const std::size_t skew_every =
        workload_.write_skews == 0 ? 0 : workload_.transactions / (workload_.write_skews + 1);
    for (std::size_t i = 0; i < workload_.transactions; ++i) {
      const auto session = static_cast<std::uint32_t>(below(workload_.sessions));
      if (stale_every != 0 && i % stale_every == stale_every - 1) {
        stale_read(session);
      } else if (old_every != 0 && i % old_every == old_every - 1) {
        old_read(session);
      } else if (skew_every != 0 && i % skew_every == skew_every - 1) {
        write_skew(session);
        ++i;
      } else {
        transaction(session);
      }
    }
    return builder_.build(true);
  }

 private:
  struct List {
    std::uint32_t key = 0;
    std::vector<Value> elements;
  };

  List fresh() { return {builder_.key(builder_.integer(next_key_++)), {}}; }

  std::uint64_t below(std::uint64_t limit) {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (z ^ (z >> 31)) % limit;
  }

  Value next_element() { return Value::integer(next_element_++); }

  void finish(Outcome outcome) {
    HistoryBuilder::End end;
    end.outcome = outcome;
    end.call = clock_++;
    end.ret = clock_++;
    builder_.finish(end);
  }

  void transaction(std::uint32_t session) {
    const std::uint64_t drawn = below(400);
    const Outcome outcome = drawn < 4 ? Outcome::kInfo : drawn < 6 ? Outcome::kFail : Outcome::kOk;
    const bool effective = outcome == Outcome::kOk || (outcome == Outcome::kInfo && drawn < 2);
    builder_.begin(session);
    const std::size_t events = 1 + below(4);
    for (std::size_t i = 0; i < events; ++i) {
      List& list = lists_[below(lists_.size())];
      if (below(2) == 0) {
        const Value element = next_element();
        builder_.event(EventKind::kAppend, list.key, element);
        if (effective) list.elements.push_back(element);
      } else if (outcome == Outcome::kOk) {
        builder_.read_elements(EventKind::kReadList, list.key, list.elements);
      } else {
        builder_.unknown_read(EventKind::kReadList, list.key);
      }
    }
    finish(outcome);
    for (List& list : lists_) {
      if (list.elements.size() >= workload_.appends_of_a_key) list = fresh();
    }
  }

  /// Appends to a list, and then the same session reads it without that.
  void stale_read(std::uint32_t session) {
    List& list = lists_[below(lists_.size())];
    builder_.begin(session);
    const Value element = next_element();
    builder_.event(EventKind::kAppend, list.key, element);
    finish(Outcome::kOk);
    builder_.begin(session);
    builder_.read_elements(EventKind::kReadList, list.key, list.elements);
    finish(Outcome::kOk);
    list.elements.push_back(element);
  }

  void old_read(std::uint32_t session) {
    builder_.begin(session);
    builder_.read_elements(EventKind::kReadList, builder_.key(builder_.integer(0)), {});
    finish(Outcome::kOk);
  }

  void write_skew(std::uint32_t session) {
    List& a = lists_[0];
    List& b = lists_[1];
    const Value to_a = next_element();
    const Value to_b = next_element();
    builder_.begin(session);
    builder_.read_elements(EventKind::kReadList, a.key, a.elements);
    builder_.event(EventKind::kAppend, b.key, to_b);
    finish(Outcome::kOk);
    builder_.begin((session + 1) % workload_.sessions);
    builder_.read_elements(EventKind::kReadList, b.key, b.elements);
    builder_.event(EventKind::kAppend, a.key, to_a);
    finish(Outcome::kOk);
    a.elements.push_back(to_a);
    b.elements.push_back(to_b);
  }

  AppendWorkload workload_;
  HistoryBuilder builder_;
  std::vector<List> lists_;
  std::uint64_t state_ = 1;
  std::int64_t next_key_ = 0;
  std::int64_t next_element_ = 1;
  std::uint32_t clock_ = 1;
};

inline History make_append_history(const AppendWorkload& workload) {
  return AppendWorkloadMaker(workload).make();
}

}  // namespace tidemark::checkers::testing
