// Growth: CPU time and memory of the checkers and readers from 100,000 to 10 million micro-operations.
//
// Each size runs several times, each time in a process of its own; the median counts: the fastest would favour small
// sizes, which are over before somebody else gets the processor and its caches. Making the input is not timed.
//
// In these runs the allocator has at hand what the work takes: that much was touched and freed before. What the first
// touch of a page costs is the matter of the machine; in a virtual one whose host takes back what is free it varies
// thirtyfold from one run to the next. One run more, with fresh memory, tells what is to be added today, and the bytes
// that are touched: the peak of that process beyond what it had before the timed part, and what it had for the input.
//
// A size that needs more than kMostSeconds is given up, and so are larger ones. An argument selects the rows whose name
// contains it; a second one the largest number of micro-operations. Output: one Markdown table.
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "append_workload.h"
#include "base/assert.h"
#include "checkers/consistency/known_order.h"
#include "checkers/formats/format.h"
#include "checkers/graph/transactional.h"
#include "checkers/session/session_checker.h"
#include "register_workload.h"

/// Of tcmalloc, with which the benchmarks are linked (malloc_extension_c.h).
extern "C" void MallocExtension_ReleaseFreeMemory() __attribute__((weak));

namespace tidemark::bench {
namespace {

using namespace checkers;

constexpr rlim_t kMostSeconds = 60;  // CPU, with making the input
// More than any of these cases takes: bytes for each micro-operation, and for what does not grow with them.
constexpr std::size_t kWarm = 192;
constexpr std::size_t kWarmAtLeast = std::size_t{64} << 20;
struct Size {
  std::size_t operations;
  int rounds;
};
constexpr Size kSizes[] = {{100'000, 15}, {1'000'000, 5}, {10'000'000, 3}};

/// Not getrusage(): its user time is counted in ticks, too coarse for pieces.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// Of /proc/self/status, in bytes: "VmRSS:" now, "VmHWM:" at most so far.
double memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.compare(0, name.size(), name) == 0) return std::strtod(line.c_str() + name.size(), nullptr) * 1024;
  return 0;
}

struct Figures {
  double seconds = 0;
  double input = 0;  // bytes
  double peak = 0;   // bytes beyond the input
};

/// What a case calls around its timed parts. Pauses are for making the next piece of input.
class Clock {
 public:
  /// `warm`: bytes that the allocator shall have at hand.
  explicit Clock(std::size_t warm) : warm_(warm) {}

  void start() {
    if (!started_) {
      // What making the input left behind would serve a small size and not a large one, as memory that need not be
      // asked for.
      ::malloc_trim(0);
      if (MallocExtension_ReleaseFreeMemory != nullptr) MallocExtension_ReleaseFreeMemory();
      figures_.input = memory("VmRSS:");
      touch();
    }
    started_ = true;
    began_ = cpu_seconds();
  }
  void stop() { figures_.seconds += cpu_seconds() - began_; }
  /// Of the peak, bytes of a mapped file: pages that the system may take back.
  void mapped(double bytes) { mapped_ = bytes; }
  Figures figures() {
    figures_.peak = memory("VmHWM:") - figures_.input - mapped_;
    return figures_;
  }

 private:
  void touch() const {
    constexpr std::size_t kPage = 4096;
    const std::unique_ptr<char[]> block(new char[warm_ + 1]);
    for (std::size_t i = 0; i < warm_; i += kPage) static_cast<volatile char*>(block.get())[i] = 1;
  }

  Figures figures_;
  std::size_t warm_;
  bool started_ = false;
  double began_ = 0;
  double mapped_ = 0;
};

using Case = std::function<void(std::size_t operations, Clock& clock)>;

/// In a child; none when it took too long.
std::optional<Figures> measure(const Case& work, std::size_t operations, std::size_t warm) {
  int channel[2];
  TIDEMARK_ASSERT(::pipe(channel) == 0);
  const pid_t child = ::fork();
  TIDEMARK_ASSERT(child >= 0);
  if (child == 0) {
    const rlimit limit{kMostSeconds, kMostSeconds};
    ::setrlimit(RLIMIT_CPU, &limit);
    Clock clock(warm);
    work(operations, clock);
    const Figures figures = clock.figures();
    const bool told = ::write(channel[1], &figures, sizeof figures) == static_cast<ssize_t>(sizeof figures);
    ::_exit(told ? 0 : 1);
  }
  ::close(channel[1]);
  Figures figures;
  const bool told = ::read(channel[0], &figures, sizeof figures) == static_cast<ssize_t>(sizeof figures);
  ::close(channel[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (told) return figures;
  TIDEMARK_ASSERT(WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU),
                  "a case that ends without figures took too long");
  return std::nullopt;
}

void report(const std::string& name, const Case& work, std::size_t most) {
  double before = 0;
  for (const auto [operations, rounds] : kSizes) {
    if (operations > most) break;
    const std::optional<Figures> fresh = measure(work, operations, 0);
    std::vector<double> all;
    for (int i = 0; i < rounds && fresh; ++i) {
      const std::optional<Figures> one = measure(work, operations, std::max(kWarm * operations, kWarmAtLeast));
      if (!one) break;
      all.push_back(one->seconds);
    }
    if (all.empty()) {
      std::printf("| %s | %zu | > %u | | | | | |\n", name.c_str(), operations, static_cast<unsigned>(kMostSeconds));
      return;
    }
    std::sort(all.begin(), all.end());
    const double middle = all[all.size() / 2];
    const auto count = static_cast<double>(operations);
    const std::string factor = before > 0 ? std::to_string(middle / before).substr(0, 4) : "";
    std::printf("| %s | %zu | %.3f | %s | %.0f | %.0f | %.0f | %.0f |\n", name.c_str(), operations, middle,
                factor.c_str(), middle / count * 1e9, fresh->seconds / count * 1e9, fresh->input / count,
                std::max(0.0, fresh->peak) / count);
    std::fflush(stdout);
    before = middle;
  }
}

// Of the two workloads: a transaction of lists has 2.5 micro-operations, one of registers 20.

void lists(std::size_t operations, Clock& clock, std::size_t stale, std::size_t skews) {
  checkers::testing::AppendWorkload workload;
  workload.transactions = operations / 5 * 2;
  workload.stale_reads = stale;
  workload.write_skews = skews;
  const History history = checkers::testing::make_append_history(workload);
  clock.start();
  const graph::TransactionalModel model{graph::Isolation::kSerializable, true, false};
  const Judgement judgement = graph::judge_transactional(history, model, {});
  clock.stop();
  TIDEMARK_ASSERT(judgement.validity == (stale + skews > 0 ? Validity::kInvalid : Validity::kValid));
}

void registers(std::size_t operations, Clock& clock, std::size_t skews) {
  checkers::testing::RegisterWorkload workload;
  workload.transactions = operations / 20;
  workload.keys = 1000;
  workload.sessions = 50;
  workload.write_skews = skews;
  const History history = checkers::testing::make_register_history(workload);
  clock.start();
  const graph::TransactionalModel model{graph::Isolation::kSerializable, true, false};
  const Judgement judgement = graph::judge_transactional(history, model, {});
  clock.stop();
  TIDEMARK_ASSERT(judgement.validity == (skews > 0 ? Validity::kInvalid : Validity::kValid));
}

/// Single appends and reads of whole lists with bookmarks, as a run records them, piece by piece.
class Stream {
 public:
  void next(Operation& operation) {
    operation.index = count_;
    operation.session = operation.process = static_cast<std::uint32_t>(count_ % 50);
    operation.outcome = Outcome::kOk;
    operation.f = "txn";
    operation.invoke_ns = static_cast<std::int64_t>(count_) * 1000;
    operation.complete_ns = operation.invoke_ns + 900;
    operation.served_by_region = "WEUR";
    std::vector<ListOp> ops(1);
    const std::size_t slot = below(kKeys);
    std::vector<std::int64_t>& list = lists_[slot];
    ops[0].is_append = below(2) == 0;
    if (ops[0].is_append && list.size() >= 24) {  // another key takes its place
      list.clear();
      names_[slot] += static_cast<std::int64_t>(kKeys);
    }
    ops[0].key = names_[slot] + static_cast<std::int64_t>(slot);
    if (ops[0].is_append) {
      ops[0].element = static_cast<std::int64_t>(++appends_);
      list.push_back(ops[0].element);
    } else {
      ops[0].elements = list;
    }
    operation.value = std::move(ops);
    char text[80];
    std::snprintf(text, sizeof text, "%08x-%08x-%08x-%032llx", 1U, static_cast<unsigned>(appends_), 20000U,
                  static_cast<unsigned long long>(appends_));
    operation.bookmark_in = "first-unconstrained";
    operation.bookmark_out = text;
    ++count_;
  }

 private:
  static constexpr std::size_t kKeys = 16;

  std::size_t below(std::size_t limit) {
    state_ += 0x9e3779b97f4a7c15ULL;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<std::size_t>((mixed ^ (mixed >> 31)) % limit);
  }

  std::uint64_t state_ = 1;
  std::uint64_t count_ = 0;
  std::uint64_t appends_ = 0;
  std::vector<std::vector<std::int64_t>> lists_ = std::vector<std::vector<std::int64_t>>(kKeys);
  std::vector<std::int64_t> names_ = std::vector<std::int64_t>(kKeys);
};

// Small enough to stay in the cache: a run records and feeds one operation after the other, and what is measured is the
// checker, not how far the allocator has scattered the input.
constexpr std::size_t kPiece = 250;

/// Feeds a streaming checker; returns when all was judged.
template <typename Checker>
void feed(Checker& checker, std::size_t operations, Clock& clock) {
  Stream stream;
  std::vector<Operation> piece(kPiece);
  for (std::size_t done = 0; done < operations; done += kPiece) {
    for (Operation& operation : piece) stream.next(operation);
    clock.start();
    for (const Operation& operation : piece) {
      checker.on_operation(operation);
      checker.advance(operation.invoke_ns);
    }
    clock.stop();
  }
}

void known_order(std::size_t operations, Clock& clock) {
  KnownOrderChecker checker;
  feed(checker, operations, clock);
  clock.start();
  TIDEMARK_ASSERT(checker.finish().validity == Validity::kValid);
  clock.stop();
}

void sessions(std::size_t operations, Clock& clock) {
  SessionChecker checker;
  feed(checker, operations, clock);
  clock.start();
  TIDEMARK_ASSERT(worst(checker.finish()) == Validity::kValid);
  clock.stop();
}

/// A file of our lines, gone with the process that made it.
class File {
 public:
  explicit File(std::size_t operations)
      : path_(std::filesystem::temp_directory_path() / ("growth_bench." + std::to_string(::getpid()))) {
    HistoryWriter writer(path_.string(), {"bench", 1, ModelKind::kAppend});
    Stream stream;
    Operation operation;
    for (std::size_t i = 0; i < operations; ++i) {
      stream.next(operation);
      writer.write(operation);
    }
    writer.close();
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void stream_lines(std::size_t operations, Clock& clock) {
  const File file(operations);
  clock.start();
  HistoryReader reader(file.path());
  Operation operation;
  std::size_t count = 0;
  while (reader.next(operation)) ++count;
  clock.stop();
  TIDEMARK_ASSERT(count == operations);
}

void read_lines(std::size_t operations, Clock& clock) {
  const File file(operations);
  clock.start();
  const History history = read_history_file(file.path(), Format::kTidemark);
  clock.stop();
  clock.mapped(static_cast<double>(std::filesystem::file_size(file.path())));
  TIDEMARK_ASSERT(history.transactions().size() == operations);
}

int run(const std::string& only, std::size_t most) {
  std::printf(
      "| what | micro-operations | CPU seconds | factor | ns each | ns each, fresh memory | bytes each: input | bytes "
      "each: peak beyond it |\n"
      "|---|---|---|---|---|---|---|---|\n");
  const auto row = [&](const char* name, const Case& work) {
    if (std::string(name).find(only) != std::string::npos) report(name, work, most);
  };
  row("lists, valid", [](std::size_t n, Clock& clock) { lists(n, clock, 0, 0); });
  row("lists, 100 stale reads", [](std::size_t n, Clock& clock) { lists(n, clock, 100, 0); });
  row("lists, 100 write skews", [](std::size_t n, Clock& clock) { lists(n, clock, 0, 100); });
  row("known order, streamed", known_order);
  row("four session guarantees, streamed", sessions);
  row("our lines, streamed", stream_lines);
  row("our lines into a History", read_lines);
  row("registers, 1,000 keys, valid", [](std::size_t n, Clock& clock) { registers(n, clock, 0); });
  row("registers, 1,000 keys, write skew", [](std::size_t n, Clock& clock) { registers(n, clock, 1); });
  return 0;
}

}  // namespace
}  // namespace tidemark::bench

int main(int argc, char** argv) {
  // tcmalloc would give back what the next table needs. It reads this before main(): the program starts itself again.
  static char again[] = "growth_bench, again";
  if (argc > 0 && std::strcmp(argv[0], again) != 0) {
    argv[0] = again;
    ::setenv("TCMALLOC_RELEASE_RATE", "0", 1);
    ::execv("/proc/self/exe", argv);
  }
  const std::size_t most = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : SIZE_MAX;
  return tidemark::bench::run(argc > 1 ? argv[1] : "", most);
}
