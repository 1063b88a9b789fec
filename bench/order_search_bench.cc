// Searches for orders: milliseconds and microseconds per operation, on one core.
//
// A key-value store of growing texts is run with clients whose operations overlap: each is called, takes effect and
// ends at drawn instants. The variants with a stale read return one text as it was one append earlier, so that every
// value that is read was there once. CPU time, the median of the rounds. Every verdict is asserted: a search that gives
// up fails here. An argument selects the rows whose name contains it.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "base/assert.h"
#include "checkers/search/linearizable.h"
#include "checkers/search/register_search.h"
#include "checkers/search/sequential_search.h"

namespace tidemark::bench {
namespace {

using namespace checkers;

constexpr int kRounds = 5;

struct Random {
  std::uint64_t state;
  std::uint32_t below(std::uint64_t limit) {
    state += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31)) % limit);
  }
};

struct Load {
  std::uint32_t operations = 5'000;
  std::uint32_t clients = 50;
  std::uint32_t keys = 10;
  std::uint32_t puts = 5;     // per cent; then half of the rest appends, half reads
  std::uint32_t unknown = 0;  // of a thousand changes, so many have no end
  bool stale = false;
};

struct Operation {
  std::uint32_t client = 0;
  std::uint32_t key = 0;
  EventKind kind = EventKind::kRead;
  std::uint32_t call = 0;
  std::uint32_t effect = 0;
  std::uint32_t end = 0;
  bool unknown = false;
  std::string text;
};

std::vector<Operation> draw(const Load& load) {
  Random random{7};
  std::vector<Operation> all(load.operations);
  std::vector<std::uint32_t> free(load.clients, 0);
  for (std::uint32_t i = 0; i < load.operations; ++i) {
    Operation& one = all[i];
    one.client = i % load.clients;
    one.key = random.below(load.keys);
    const std::uint32_t what = random.below(100);
    if (what < load.puts) one.kind = EventKind::kWrite;
    if (what >= load.puts && what < load.puts + (100 - load.puts) / 2) one.kind = EventKind::kAppendText;
    one.unknown = one.kind != EventKind::kRead && random.below(1'000) < load.unknown;
    one.call = free[one.client] + random.below(20);
    one.effect = one.call + 1 + random.below(200);
    one.end = one.effect + 1 + random.below(200);
    free[one.client] = one.end + 1;
    if (one.kind != EventKind::kRead) one.text = "x " + std::to_string(one.client) + " " + std::to_string(i) + " y";
  }
  return all;
}

/// Runs the store: reads find what it holds at the instant of their effect.
void carry_out(const Load& load, std::vector<Operation>& all) {
  std::vector<Operation*> by_effect;
  for (Operation& one : all) by_effect.push_back(&one);
  std::stable_sort(by_effect.begin(), by_effect.end(),
                   [](const Operation* a, const Operation* b) { return a->effect < b->effect; });
  struct Item {
    std::string now;
    std::string before;
    std::uint32_t before_ended = 0;  // when the append that made `now` had ended
  };
  std::vector<Item> items(load.keys);
  bool stale_due = load.stale;
  for (std::size_t i = 0; i < by_effect.size(); ++i) {
    Operation& one = *by_effect[i];
    Item& item = items[one.key];
    if (one.kind == EventKind::kRead) {
      one.text = item.now;
      if (stale_due && i > by_effect.size() / 3 && !item.before.empty() && one.call > item.before_ended) {
        one.text = item.before;
        stale_due = false;
      }
      continue;
    }
    item.before = item.now;
    item.before_ended = one.unknown ? UINT32_MAX : one.end;
    item.now = one.kind == EventKind::kWrite ? one.text : item.now + one.text;
  }
  TIDEMARK_ASSERT(!stale_due, "some read can be stale");
}

History make_store(const Load& load) {
  std::vector<Operation> all = draw(load);
  carry_out(load, all);
  std::stable_sort(all.begin(), all.end(), [](const Operation& a, const Operation& b) { return a.end < b.end; });
  HistoryBuilder builder;
  for (const Operation& one : all) {
    builder.begin(builder.session(builder.integer(one.client)));
    builder.event(one.kind, builder.key(builder.integer(one.key)), builder.text(one.text));
    HistoryBuilder::End end;
    end.outcome = one.unknown ? Outcome::kInfo : Outcome::kOk;
    end.call = one.call;
    end.ret = one.end;
    builder.finish(end);
  }
  return builder.build(true);
}

/// Transactions on registers with unique writes; those that only read lag behind, sessions never go back.
History make_registers(std::uint32_t transactions, std::uint32_t events) {
  constexpr std::uint32_t kSessions = 50;
  constexpr std::uint32_t kKeys = 1'000;
  constexpr std::size_t kLag = 20;
  Random random{3};
  std::vector<std::vector<std::int64_t>> states{std::vector<std::int64_t>(kKeys, 0)};
  std::vector<std::size_t> seen(kSessions, 0);
  std::int64_t next = 0;
  HistoryBuilder builder;
  for (std::uint32_t i = 0; i < transactions; ++i) {
    const std::uint32_t session = random.below(kSessions);
    const bool reads = random.below(2) == 0;
    const std::size_t newest = states.size() - 1;
    const std::size_t lagging = newest > kLag ? newest - random.below(kLag) : newest;
    seen[session] = reads ? std::max(seen[session], lagging) : newest;
    std::vector<std::int64_t> view = states[seen[session]];
    builder.begin(builder.session(builder.integer(session)));
    for (std::uint32_t event = 0; event < events; ++event) {
      const std::uint32_t at = random.below(kKeys);
      const std::uint32_t key = builder.key(builder.integer(at));
      if (reads || random.below(2) == 0) {
        builder.event(EventKind::kRead, key, view[at] == 0 ? Value{} : builder.integer(view[at]));
      } else {
        view[at] = ++next;
        builder.event(EventKind::kWrite, key, builder.integer(next));
      }
    }
    if (!reads) {
      seen[session] = states.size();
      states.push_back(std::move(view));
    }
    builder.finish({});
  }
  return builder.build(false);
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string filter;

void report(const std::string& name, const std::function<History()>& make,
            const std::function<Validity(const History&)>& work, Validity expected) {
  if (name.find(filter) == std::string::npos) return;
  const History history = make();
  std::vector<double> rounds;
  for (int i = 0; i < kRounds; ++i) {
    const double start = cpu_seconds();
    TIDEMARK_ASSERT(work(history) == expected, name.c_str());
    rounds.push_back(cpu_seconds() - start);
  }
  std::sort(rounds.begin(), rounds.end());
  const double median = rounds[kRounds / 2];
  const auto operations = static_cast<double>(history.transactions().size());
  std::printf("| %s | %.0f | %.1f | %.2f | %.0f %% |\n", name.c_str(), operations, median * 1e3,
              median * 1e6 / operations, (rounds.back() - rounds.front()) / median * 100);
  std::fflush(stdout);
}

Validity linearizable(const History& history) {
  return search::judge_linearizable(history).validity;
}

void report_store(const std::string& name, const Load& load) {
  Load stale = load;
  stale.stale = true;
  report(
      name, [&] { return make_store(load); }, linearizable, Validity::kValid);
  report(
      name + ", a stale read", [&] { return make_store(stale); }, linearizable, Validity::kInvalid);
}

void run() {
  std::printf("| search | operations | ms | us/operation | spread |\n|---|---|---|---|---|\n");
  report_store("key-value, 50 clients, 10 keys", {});
  report_store("key-value, 50 clients, 10 keys, no puts", {5'000, 50, 10, 0, 0, false});
  report_store("key-value, 50 clients, 10 keys, 1 % unknown", {5'000, 50, 10, 5, 10, false});
  report_store("key-value, 50 clients, 3 keys", {5'000, 50, 3, 5, 0, false});
  report_store("key-value, 50 clients, 10 keys", {100'000, 50, 10, 5, 0, false});
  report_store("key-value, 50 clients, 10 keys", {1'000'000, 50, 10, 5, 0, false});
  const auto sequential = [](const History& history) {
    return search::judge_by_search(history, search::Constraint::kSession).validity;
  };
  report(
      "sequential, 10 clients, 10 keys",
      [] {
        return make_store({1'000, 10, 10, 5, 0, false});
      },
      sequential, Validity::kValid);
  const auto registers = [](const History& history) {
    return search::search_register_order(history, {}, true, {}).validity;
  };
  report(
      "registers, 20 events a transaction, nothing known", [] { return make_registers(10'000, 20); }, registers,
      Validity::kValid);
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  if (count > 1) tidemark::bench::filter = arguments[1];
  tidemark::bench::run();
}
