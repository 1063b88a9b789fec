// Operations judged per second, and history records read and written per second, on one core.
//
// The histories are made in memory by a serial store with lagging readers, so they are valid and every operation is
// judged to the end. Making them is not timed. CPU time; the median of five rounds counts. Every verdict is asserted
// valid, so a checker that gives up early would fail here. Output: one Markdown table. An argument selects the rows
// whose name contains it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/assert.h"
#include "checkers/consistency/contents.h"
#include "checkers/consistency/known_order.h"
#include "checkers/history/history_io.h"
#include "checkers/judge/models.h"
#include "checkers/session/session_checker.h"

namespace tidemark::bench {
namespace {

using checkers::ListOp;
using checkers::Operation;
using checkers::Outcome;

constexpr int kRounds = 5;
constexpr std::size_t kOperations = 500'000;
constexpr std::uint32_t kSessions = 50;
constexpr std::size_t kKeys = 16;            // in use at the same time
constexpr std::size_t kElementsOfAKey = 24;  // then it is replaced by a new one
constexpr std::size_t kOrders = 20'000;      // operations on the Orders table, half of them reads
constexpr std::size_t kRows = 150;           // of the table, then it is reset

struct Random {  // splitmix64: the benchmark needs no named streams
  std::uint64_t state;
  std::uint64_t below(std::uint64_t limit) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return (z ^ (z >> 31)) % limit;
  }
};

std::string bookmark(std::uint64_t sequence) {
  char text[80];
  std::snprintf(text, sizeof text, "%08x-%08x-%08x-%032llx", 1U, static_cast<unsigned>(sequence), 20000U,
                static_cast<unsigned long long>(sequence));
  return text;
}

// Half of the transactions append, half read; one to `parts` parts; sessions never go back.
std::vector<Operation> make_history(std::size_t count, std::uint64_t parts) {
  Random random{1};
  std::vector<std::vector<std::int64_t>> lists(kKeys);
  std::vector<std::int64_t> names(kKeys);
  std::int64_t next_name = 0;
  for (auto& name : names) name = next_name++;
  std::vector<Operation> history(count);
  std::int64_t next_element = 1;
  std::uint64_t sequence = 0;
  for (std::size_t i = 0; i < count; ++i) {
    Operation& operation = history[i];
    operation.index = i;
    operation.session = operation.process = static_cast<std::uint32_t>(i % kSessions);
    operation.outcome = Outcome::kOk;
    operation.f = "txn";
    operation.invoke_ns = static_cast<std::int64_t>(i) * 1000;
    operation.complete_ns = operation.invoke_ns + 900;
    operation.served_by_region = "WEUR";
    std::vector<ListOp> ops(1 + random.below(parts));
    const bool appends = random.below(2) == 0;
    for (ListOp& op : ops) {
      const std::size_t slot = random.below(kKeys);
      if (appends && lists[slot].size() >= kElementsOfAKey) {
        lists[slot].clear();
        names[slot] = next_name++;
      }
      op.key = names[slot];
      op.is_append = appends;
      if (appends) {
        op.element = next_element++;
        lists[slot].push_back(op.element);
      } else {
        op.elements = lists[slot];
      }
    }
    if (appends) ++sequence;
    operation.bookmark_out = bookmark(sequence);
    operation.value = std::move(ops);
  }
  return history;
}

/// The elements of the last read that saw any.
std::vector<std::int64_t>& last_read(std::vector<Operation>& history) {
  for (std::size_t i = history.size(); i-- > 0;)
    for (ListOp& op : std::get<std::vector<ListOp>>(history[i].value))
      if (!op.elements.empty()) return op.elements;
  TIDEMARK_ASSERT(false, "half of the operations read");
}

// The shop: inserts that all take effect, a reset now and then, and reads of the whole table, each at one of the newest
// states. Reads of one state share their rows, as in a run.
std::vector<Operation> make_orders(std::size_t count) {
  Random random{2};
  std::vector<Operation> history(count);
  std::vector<checkers::OrderRows> states{std::make_shared<const std::vector<checkers::OrderRow>>()};
  std::vector<std::size_t> seen(kSessions);  // by session: it never goes back
  for (std::size_t i = 0; i < count; ++i) {
    Operation& operation = history[i];
    operation.index = i;
    operation.session = operation.process = static_cast<std::uint32_t>(i % kSessions);
    operation.outcome = Outcome::kOk;
    operation.invoke_ns = static_cast<std::int64_t>(i) * 1000;
    operation.complete_ns = operation.invoke_ns + 900;
    operation.served_by_region = "WEUR";
    checkers::OrdersOp op;
    std::size_t& at = seen[operation.session];
    if (random.below(2) == 0) {
      auto rows = std::make_shared<std::vector<checkers::OrderRow>>(*states.back());
      if (rows->size() >= kRows) {
        op.kind = checkers::OrdersOp::Kind::kReset;
        rows->clear();
      } else {
        op.kind = checkers::OrdersOp::Kind::kInsert;
        op.inserted = true;
        op.row = {"c" + std::to_string(random.below(10'000)), "order-" + std::to_string(i), 1 + std::int64_t(i % 9)};
        rows->push_back(op.row);
      }
      operation.f = op.kind == checkers::OrdersOp::Kind::kReset ? "reset" : "insert";
      states.push_back(std::move(rows));
      at = states.size() - 1;
    } else {
      at = std::max(at, states.size() - std::min<std::size_t>(states.size(), 1 + random.below(6)));
      operation.f = "list";
      op.rows = states[at];
    }
    operation.bookmark_out = bookmark(at);
    operation.value = std::vector<checkers::OrdersOp>{std::move(op)};
  }
  return history;
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

void measure(const std::string& name, std::size_t count, const std::function<void()>& work) {
  std::vector<double> rounds;
  for (int i = 0; i < kRounds; ++i) {
    const double start = cpu_seconds();
    work();
    rounds.push_back(cpu_seconds() - start);
  }
  std::sort(rounds.begin(), rounds.end());
  const double median = rounds[kRounds / 2];
  std::printf("| %s | %.2f | %.0f | %.0f %% |\n", name.c_str(), static_cast<double>(count) / median / 1e6,
              median / static_cast<double>(count) * 1e9, (rounds.back() - rounds.front()) / median * 100);
  std::fflush(stdout);
}

// `filter`: only the rows whose name contains it; empty = all.
void run(const std::string& filter) {
  const auto report = [&](const std::string& name, std::size_t count, const std::function<void()>& work) {
    if (name.find(filter) != std::string::npos) measure(name, count, work);
  };
  auto history = make_history(kOperations, 3);
  std::printf("| checker, %zu append transactions | million/s | ns each | spread |\n|---|---|---|---|\n", kOperations);
  const auto known_order = [&](std::size_t count, checkers::Validity expected, const std::vector<Operation>& all) {
    checkers::KnownOrderChecker checker;
    for (std::size_t i = 0; i < count; ++i) {
      checker.on_operation(all[i]);
      checker.advance(all[i].invoke_ns);
    }
    TIDEMARK_ASSERT(checker.finish().validity == expected);
  };
  for (const std::size_t count : {kOperations / 10, kOperations})
    report(std::to_string(count) + " in known order, streaming", count,
           [&] { known_order(count, checkers::Validity::kValid, history); });
  {
    const auto single = make_history(kOperations, 1);
    report("single operations in known order", kOperations,
           [&] { known_order(kOperations, checkers::Validity::kValid, single); });
  }
  std::vector<std::int64_t>& spoilt = last_read(history);
  const std::int64_t spared = spoilt.front();
  spoilt.front() = -1;
  report("known order, the last read is wrong", kOperations,
         [&] { known_order(kOperations, checkers::Validity::kInvalid, history); });
  spoilt.front() = spared;
  report("four session guarantees, streaming", kOperations, [&] {
    checkers::SessionChecker checker;
    for (const Operation& operation : history) {
      checker.on_operation(operation);
      checker.advance(operation.invoke_ns);
    }
    TIDEMARK_ASSERT(checkers::worst(checker.finish()) == checkers::Validity::kValid);
  });
  report("contents without bookmarks, and their graph", kOperations, [&] {
    const checkers::Contents contents = checkers::contents_of(history);
    const checkers::Judgement judgement = checkers::judge(contents.history, checkers::Model::kSequential);
    TIDEMARK_ASSERT(judgement.validity == checkers::Validity::kValid && contents.left_out.empty());
  });
  const auto orders = make_orders(kOrders);
  report("known order, whole-table reads", kOrders, [&] {
    checkers::KnownOrderChecker checker;
    for (const Operation& operation : orders) {
      checker.on_operation(operation);
      checker.advance(operation.invoke_ns);
    }
    TIDEMARK_ASSERT(checker.finish().validity == checkers::Validity::kValid);
  });
  report("four session guarantees, whole-table reads", kOrders, [&] {
    checkers::SessionChecker checker;
    for (const Operation& operation : orders) {
      checker.on_operation(operation);
      checker.advance(operation.invoke_ns);
    }
    TIDEMARK_ASSERT(checkers::worst(checker.finish()) == checkers::Validity::kValid);
  });
  report("history writer, whole-table reads", kOrders, [&] {
    checkers::HistoryFormatter formatter;
    formatter.header({"bench", 1, checkers::ModelKind::kOrders});
    for (const Operation& operation : orders) {
      formatter.operation(operation);
      if (formatter.buffer().size() > (1U << 20)) formatter.buffer().clear();
    }
  });
  report("history writer (format)", kOperations, [&] {
    checkers::HistoryFormatter formatter;
    formatter.header({"bench", 1, checkers::ModelKind::kAppend});
    for (const Operation& operation : history) {
      formatter.operation(operation);
      if (formatter.buffer().size() > (1U << 20)) formatter.buffer().clear();
    }
  });
  checkers::HistoryFormatter whole;
  whole.header({"bench", 1, checkers::ModelKind::kAppend});
  for (const Operation& operation : history) whole.operation(operation);
  const std::string& text = whole.buffer();
  report("history reader (strict)", kOperations, [&] {
    checkers::HistoryReader reader("bench", text);
    Operation operation;
    std::size_t count = 0;
    while (reader.next(operation)) ++count;
    TIDEMARK_ASSERT(count == kOperations);
  });
  std::printf("\n%.0f bytes per history line\n", static_cast<double>(text.size()) / static_cast<double>(kOperations));
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  tidemark::bench::run(argc > 1 ? argv[1] : "");
}
