// Histories of registers with unique writes as a serial store makes them, with planted write skew: for benchmarks and
// tests. The records of different sessions do not stand in the serial order: each ends some places later.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::testing {

struct RegisterWorkload {
  std::size_t transactions = 10'000;
  std::size_t operations = 20;  // of a transaction
  std::size_t reads_of_100 = 50;
  std::uint32_t sessions = 50;
  std::uint32_t keys = 1'000;
  std::size_t delay = 100;  // a record ends up to so many places later than its turn
  std::size_t write_skews = 0;
  std::size_t unknown_of_100 = 1;
};

class RegisterWorkloadMaker {
 public:
  explicit RegisterWorkloadMaker(const RegisterWorkload& workload)
      : workload_(workload), held_(workload.keys), ends_(workload.sessions, 0) {}

  History make() {
    const std::size_t every = workload_.write_skews == 0 ? 0 : workload_.transactions / (workload_.write_skews + 1);
    for (std::size_t i = 0; i < workload_.transactions; ++i) {
      if (every != 0 && i % every == every - 1) {
        write_skew(i);
        ++i;
      } else {
        transaction(i);
      }
    }
    std::stable_sort(made_.begin(), made_.end(), [](const Made& a, const Made& b) { return a.end < b.end; });
    for (const Made& made : made_) emit(made);
    return builder_.build(false);
  }

 private:
  struct Part {
    bool write;
    std::uint32_t key;
    Value value;
  };
  struct Made {
    std::uint64_t end;
    std::uint32_t session;
    Outcome outcome;
    std::vector<Part> parts;
  };

  std::uint64_t below(std::uint64_t limit) {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (z ^ (z >> 31)) % limit;
  }

  std::uint32_t drawn_key() { return static_cast<std::uint32_t>(below(workload_.keys)); }
  Part read(std::uint32_t key) { return {false, key, held_[key]}; }
  Part write(std::uint32_t key) { return {true, key, Value::integer(next_value_++)}; }

  void keep(std::size_t turn, std::uint32_t session, Outcome outcome, std::vector<Part> parts) {
    const std::uint64_t end = std::max<std::uint64_t>(ends_[session] + 1, turn + below(workload_.delay + 1));
    ends_[session] = end;
    made_.push_back({end, session, outcome, std::move(parts)});
  }

  void transaction(std::size_t turn) {
    std::vector<Part> parts;
    const bool unknown = below(100) < workload_.unknown_of_100;
    const bool effective = !unknown || below(2) == 0;
    const std::vector<Value> before = held_;
    for (std::size_t i = 0; i < workload_.operations; ++i) {
      const std::uint32_t key = drawn_key();
      parts.push_back(below(100) < workload_.reads_of_100 ? read(key) : write(key));
      if (parts.back().write) held_[key] = parts.back().value;
    }
    if (!effective) held_ = before;
    keep(turn, static_cast<std::uint32_t>(below(workload_.sessions)), unknown ? Outcome::kInfo : Outcome::kOk,
         std::move(parts));
  }

  void write_skew(std::size_t turn) {
    const std::uint32_t x = drawn_key();
    const std::uint32_t y = (x + 1) % workload_.keys;
    const auto session = static_cast<std::uint32_t>(below(workload_.sessions));
    std::vector<Part> first{read(x), write(y)};
    std::vector<Part> second{read(y), write(x)};
    held_[y] = first[1].value;
    held_[x] = second[1].value;
    keep(turn, session, Outcome::kOk, std::move(first));
    keep(turn, (session + 1) % workload_.sessions, Outcome::kOk, std::move(second));
  }

  void emit(const Made& made) {
    builder_.begin(builder_.session(builder_.integer(static_cast<std::int64_t>(made.session))));
    for (const Part& part : made.parts) {
      const std::uint32_t key = builder_.key(builder_.integer(static_cast<std::int64_t>(part.key)));
      if (part.write || made.outcome == Outcome::kOk) {
        builder_.event(part.write ? EventKind::kWrite : EventKind::kRead, key, part.value);
      } else {
        builder_.unknown_read(EventKind::kRead, key);
      }
    }
    HistoryBuilder::End end;
    end.outcome = made.outcome;
    builder_.finish(end);
  }

  RegisterWorkload workload_;
  HistoryBuilder builder_;
  std::vector<Value> held_;
  std::vector<std::uint64_t> ends_;  // of the last record of each session
  std::vector<Made> made_;
  std::uint64_t state_ = 1;
  std::int64_t next_value_ = 1;
};

inline History make_register_history(const RegisterWorkload& workload) {
  return RegisterWorkloadMaker(workload).make();
}

}  // namespace tidemark::checkers::testing
