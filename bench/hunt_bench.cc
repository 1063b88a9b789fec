// Hunts: seeds per second of a worker, what a second worker adds, and what other ways to start a run would cost.
//
//   hunt_bench [seeds of smoke/tiny = 600] [seeds of faults/swarm = 60]
//
// "Per core" is CPU time of the workers. One and two workers take turns, wall clock, median of the ratios; so do one
// and two processes that only count, which shows what the machine itself gives a second process. The two ways that are
// not taken: a process for each seed, forked from the warm parent; and a node's database opened from an image instead
// of made by statements (stock SQLite, files in memory).
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "hunt/hunt.h"
#include "scenarios/loader.h"
#include "scenarios/run/memory_vfs.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr int kRounds = 5;

scenarios::Scenario load(const std::string& name) {
  std::string error;
  const auto text = scenarios::find_scenario(name, error);
  if (!text) {
    std::fprintf(stderr, "%s\n", error.c_str());
    std::exit(64);
  }
  return scenarios::load_scenario(text->text, text->file).scenario;
}

/// CPU time of this process (RUSAGE_SELF) or of workers that have ended (RUSAGE_CHILDREN).
double cpu_seconds(int of_whom) {
  rusage usage{};
  getrusage(of_whom, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Speed {
  double per_second = 0;  // wall clock
  double per_core = 0;    // CPU time of the workers
  double parent = 0;      // CPU time of the parent, as a part of theirs
  std::uint64_t failed = 0;
};

Speed hunt_speed(const scenarios::Scenario& scenario, std::uint64_t seeds, std::size_t jobs, bool process_each) {
  hunt::HuntOptions options;
  options.range = {1, seeds};
  options.pool.jobs = jobs;
  if (process_each) options.pool.jobs_ahead = 1;
  const double cpu = cpu_seconds(RUSAGE_CHILDREN), own_cpu = cpu_seconds(RUSAGE_SELF), begin = hunt::wall_seconds();
  Speed speed;
  double runs = 0;
  if (process_each) {
    hunt::Pool pool(options.pool,
                    [&](const std::string& seed) { return pack(hunt::run_seed(scenario, std::stoull(seed))); });
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      pool.give(0, seed, std::to_string(seed));
      while (pool.wait(1).empty()) {
      }
      pool.replace(0);
    }
    runs = static_cast<double>(seeds);
  } else {
    hunt::Results results("", {});
    hunt::HuntObserver observer;
    const hunt::RunSeed run = [&](std::uint64_t seed) { return hunt::run_seed(scenario, seed); };
    runs = static_cast<double>(hunt::hunt(options, results, run, observer).progress.runs);
    speed.failed = results.totals().failed;
    for (const hunt::ClassRow& row : results.classes())
      std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(row.cheapest.seed),
                   row.failure.text().c_str());
  }
  speed.per_second = runs / (hunt::wall_seconds() - begin);
  speed.per_core = runs / (cpu_seconds(RUSAGE_CHILDREN) - cpu);
  speed.parent = (cpu_seconds(RUSAGE_SELF) - own_cpu) / (cpu_seconds(RUSAGE_CHILDREN) - cpu);
  return speed;
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Steps per second, wall clock, of `processes` that share nothing and touch no memory.
double counting_speed(int processes) {
  constexpr std::uint64_t kSteps = 400'000'000;
  const double begin = hunt::wall_seconds();
  for (int i = 0; i < processes; ++i) {
    if (fork() != 0) continue;
    volatile std::uint64_t result = 0;
    std::uint64_t state = 1;
    for (std::uint64_t step = 0; step < kSteps; ++step) state = state * 6364136223846793005 + 1442695040888963407;
    result = state;
    _exit(result == 0 ? 1 : 0);
  }
  for (int i = 0; i < processes; ++i) wait(nullptr);
  return static_cast<double>(kSteps) * processes / (hunt::wall_seconds() - begin);
}

void measure(const char* name, std::uint64_t seeds, double target) {
  const scenarios::Scenario scenario = load(name);
  std::vector<double> per_core, ratios, machine, parent, forked;
  std::uint64_t failed = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Speed one = hunt_speed(scenario, seeds, 1, false);
    const Speed two = hunt_speed(scenario, seeds, 2, false);
    const Speed each = hunt_speed(scenario, seeds / 4, 1, true);
    per_core.push_back(one.per_core);
    ratios.push_back(two.per_second / one.per_second);
    machine.push_back(counting_speed(2) / counting_speed(1));
    parent.push_back(two.parent);
    forked.push_back(each.per_core / one.per_core);
    failed += one.failed;
  }
  std::printf("| %s: runs per second and core (target %.0f) | %.1f |\n", name, target, median(per_core));
  std::printf("| %s: two workers / one, wall clock (target 1.8) | %.2f |\n", name, median(ratios));
  std::printf("| %s: two processes that only count / one, in the same minutes | %.2f |\n", name, median(machine));
  std::printf("| %s: CPU time of the parent of two workers / theirs | %.3f |\n", name, median(parent));
  std::printf("| %s: a forked process for each seed / one process for all | %.2f |\n", name, median(forked));
  std::printf("| %s: runs that were not as they should be | %llu |\n", name, static_cast<unsigned long long>(failed));
}

void run_sql(sqlite3* db, const char* sql) {
  if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return;
  std::fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
  std::exit(70);
}

/// Opens a database, makes its tables unless the image has them, writes one row, closes it; microseconds.
double start_node(std::vector<std::byte>& image, bool from_image) {
  constexpr char kSchema[] =
      "PRAGMA journal_mode=WAL; CREATE TABLE lists(list INTEGER, position INTEGER, element INTEGER, PRIMARY KEY(list, "
      "position)); CREATE TABLE notes(id INTEGER PRIMARY KEY, text TEXT); CREATE INDEX by_text ON notes(text)";
  const double begin = hunt::wall_seconds();
  scenarios::MemoryVfs vfs(from_image ? image : std::vector<std::byte>(), {});
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(scenarios::MemoryVfs::kFile, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.name()) != 0)
    std::exit(70);
  run_sql(db, "PRAGMA locking_mode=EXCLUSIVE");
  if (!from_image) run_sql(db, kSchema);
  run_sql(db, "INSERT INTO notes(text) VALUES('a row')");
  if (!from_image && image.empty()) run_sql(db, "PRAGMA wal_checkpoint(TRUNCATE)");
  sqlite3_close(db);
  const double seconds = hunt::wall_seconds() - begin;
  if (image.empty()) image = vfs.take_database();
  return seconds * 1e6;
}

void measure_starts() {
  std::vector<std::byte> image;
  std::vector<double> fresh, from_image;
  start_node(image, false);
  for (int i = 0; i < 500; ++i) {
    fresh.push_back(start_node(image, false));
    from_image.push_back(start_node(image, true));
  }
  std::printf("| a node's database: tables made by statements, one row | %.0f us |\n", median(fresh));
  std::printf("| a node's database: opened from an image, one row | %.0f us |\n", median(from_image));
}

int run(int argc, char** argv) {
  const auto count = [&](int index, std::uint64_t usual) {
    return argc > index ? static_cast<std::uint64_t>(std::atoll(argv[index])) : usual;
  };
  std::printf("| figure | value |\n|---|---|\n");
  measure("smoke/tiny", count(1, 600), 300);
  measure("faults/swarm", count(2, 60), 5);
  measure_starts();
  return 0;
}

}  // namespace
}  // namespace tidemark

int main(int argc, char** argv) {
  return tidemark::run(argc, argv);
}
