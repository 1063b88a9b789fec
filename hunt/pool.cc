#include "hunt/pool.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <utility>

#include "base/assert.h"

namespace tidemark::hunt {
namespace {

/// How often time and memory of the workers are looked at.
constexpr double kLookEvery = 0.1;

struct Job {
  std::uint64_t id = 0;
  std::string request;
};

struct Worker {
  std::unique_ptr<WorkerProcess> process;
  std::uint64_t number = 0;
  std::deque<Job> jobs;  // the first is under way since `since`
  double since = 0;
};

}  // namespace

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Pool::State {
  PoolOptions options;
  Work work;
  std::vector<Worker> workers;
  std::uint64_t processes = 0;
  double looked = 0;

  void start(Worker& worker) {
    worker.process.reset();
    std::vector<int> others;
    for (const Worker& other : workers)
      if (other.process) others.push_back(other.process->descriptor());
    worker.process = std::make_unique<WorkerProcess>(work, options.bytes_per_job, others);
    worker.number = ++processes;
    worker.since = wall_seconds();
    for (const Job& job : worker.jobs) worker.process->send(job.request);
  }

  void complete(Worker& worker, std::string answer, std::vector<Completion>& done) {
    TIDEMARK_ASSERT(!worker.jobs.empty(), "a worker answered what it was not asked");
    const double now = wall_seconds();
    done.push_back(
        {worker.jobs.front().id, JobEnd::kDone, 0, std::move(answer), "", now - worker.since, worker.number});
    worker.jobs.pop_front();
    worker.since = now;
  }

  /// The worker has ended, or must: `killed_for` says why, kDone that it ended by itself.
  void lose(Worker& worker, JobEnd killed_for, std::vector<Completion>& done) {
    const WorkerEnd ended = worker.process->end();
    if (!worker.jobs.empty()) {
      Completion lost{worker.jobs.front().id,        killed_for,   ended.code, "", ended.message,
                      wall_seconds() - worker.since, worker.number};
      if (killed_for == JobEnd::kDone) lost.end = ended.signalled ? JobEnd::kSignal : JobEnd::kExit;
      if (killed_for == JobEnd::kDone && !ended.signalled && ended.code == kExitMemory) lost.end = JobEnd::kMemory;
      done.push_back(std::move(lost));
      worker.jobs.pop_front();
    }
    start(worker);
  }

  void receive(Worker& worker, std::vector<Completion>& done) {
    std::vector<std::string> answers;
    const bool alive = worker.process->receive(answers);
    for (std::string& answer : answers) complete(worker, std::move(answer), done);
    if (!alive) lose(worker, JobEnd::kDone, done);
  }

  void look_at_limits(std::vector<Completion>& done) {
    const double now = wall_seconds();
    if (now - looked < kLookEvery) return;
    looked = now;
    for (Worker& worker : workers) {
      if (worker.jobs.empty()) continue;
      if (options.seconds_per_job > 0 && now - worker.since > options.seconds_per_job) {
        lose(worker, JobEnd::kHang, done);
      } else if (options.bytes_per_job > 0 && worker.process->resident_bytes() > options.bytes_per_job) {
        lose(worker, JobEnd::kMemory, done);
      }
    }
  }
};

Pool::Pool(PoolOptions options, Work work) : state_(std::make_unique<State>()) {
  TIDEMARK_ASSERT(options.jobs > 0 && options.jobs_ahead > 0);
  state_->options = options;
  state_->work = std::move(work);
  state_->workers.resize(options.jobs);
  for (Worker& worker : state_->workers) state_->start(worker);
}

Pool::~Pool() = default;

std::size_t Pool::workers() const {
  return state_->workers.size();
}
bool Pool::has_room(std::size_t worker) const {
  return state_->workers[worker].jobs.size() < state_->options.jobs_ahead;
}
bool Pool::is_idle(std::size_t worker) const {
  return state_->workers[worker].jobs.empty();
}
std::uint64_t Pool::process(std::size_t worker) const {
  return state_->workers[worker].number;
}

void Pool::give(std::size_t index, std::uint64_t id, std::string request) {
  TIDEMARK_ASSERT(has_room(index));
  Worker& worker = state_->workers[index];
  if (worker.jobs.empty()) worker.since = wall_seconds();
  worker.process->send(request);
  worker.jobs.push_back({id, std::move(request)});
}

void Pool::replace(std::size_t worker) {
  TIDEMARK_ASSERT(is_idle(worker));
  state_->start(state_->workers[worker]);
}

std::vector<Completion> Pool::wait(double seconds) {
  std::vector<Completion> done;
  const double until = wall_seconds() + seconds;
  while (done.empty()) {
    state_->look_at_limits(done);
    const double left = until - wall_seconds();
    if (!done.empty() || left <= 0) break;
    std::vector<pollfd> watched;
    for (const Worker& worker : state_->workers) watched.push_back({worker.process->descriptor(), POLLIN, 0});
    const int ready = poll(watched.data(), watched.size(), static_cast<int>(std::min(left, kLookEvery) * 1000) + 1);
    if (ready < 0) break;  // a signal
    for (std::size_t i = 0; i < watched.size(); ++i)
      if (watched[i].revents != 0) state_->receive(state_->workers[i], done);
  }
  return done;
}

std::vector<std::uint64_t> Pool::in_flight() const {
  std::vector<std::uint64_t> ids;
  for (const Worker& worker : state_->workers)
    for (const Job& job : worker.jobs) ids.push_back(job.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace tidemark::hunt
