#include "shrink/trial.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "reports/failure_class.h"
#include "scenarios/loader.h"
#include "scenarios/run/runner.h"

namespace tidemark::shrink {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kOutOfMemory = 117;  // exit code of a trial process, used by nobody else

void limit_memory(std::uint64_t bytes) {
#if !defined(__SANITIZE_ADDRESS__)
  if (bytes == 0) return;
  const rlimit limit{bytes, bytes};
  setrlimit(RLIMIT_AS, &limit);
#else
  (void)bytes;  // the sanitizer reserves most of the address space
#endif
}

void write_all(int file, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = write(file, at, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) _exit(1);
    at += written;
    size -= static_cast<std::size_t>(written);
  }
}

// On the pipe: virtual seconds, operations, then texts with their lengths before them: the failure, the files.

std::string bytes_of(const Outcome& outcome) {
  std::string bytes;
  const auto add = [&bytes](const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); };
  const auto add_text = [&](const std::string& text) {
    const std::uint64_t size = text.size();
    add(&size, sizeof size);
    add(text.data(), text.size());
  };
  add(&outcome.virtual_seconds, sizeof outcome.virtual_seconds);
  add(&outcome.operations, sizeof outcome.operations);
  add_text(outcome.failure);
  for (const std::string& file : outcome.files) add_text(file);
  return bytes;
}

Outcome parse_outcome(std::string_view bytes) {
  Outcome outcome;
  const auto take = [&bytes](void* data, std::size_t size) {
    TIDEMARK_ASSERT(bytes.size() >= size, "a trial process said too little");
    std::memcpy(data, bytes.data(), size);
    bytes.remove_prefix(size);
  };
  const auto take_text = [&] {
    std::uint64_t size = 0;
    take(&size, sizeof size);
    std::string text(size, ' ');
    take(text.data(), size);
    return text;
  };
  take(&outcome.virtual_seconds, sizeof outcome.virtual_seconds);
  take(&outcome.operations, sizeof outcome.operations);
  outcome.failure = take_text();
  while (!bytes.empty()) outcome.files.push_back(take_text());
  return outcome;
}

/// The trial process: never returns.
[[noreturn]] void serve(const Trial& trial, const std::string& text, const TrialLimits& limits, int out) {
  std::signal(SIGINT, SIG_IGN);  // the parent decides
  limit_memory(limits.memory_bytes);
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);  // what a failed assertion says belongs to nobody here
  try {
    const Outcome outcome = trial(text);
    const std::string bytes = bytes_of(outcome);
    write_all(out, bytes.data(), bytes.size());
  } catch (const std::bad_alloc&) {
    _exit(kOutOfMemory);
  } catch (...) {
    _exit(kExitDefect);
  }
  _exit(0);
}

/// From what the process wrote and how it ended.
Outcome outcome_of(const std::string& bytes, int status, bool killed) {
  Outcome outcome;
  if (killed) {
    outcome.failure = reports::hang_class().text();
  } else if (WIFSIGNALED(status)) {
    outcome.failure = reports::crash_class(WTERMSIG(status)).text();
  } else if (WEXITSTATUS(status) == kOutOfMemory) {
    outcome.failure = reports::memory_class().text();
  } else if (WEXITSTATUS(status) != 0) {
    outcome.failure = reports::exit_class(WEXITSTATUS(status)).text();
  } else {
    outcome = parse_outcome(bytes);
  }
  return outcome;
}

}  // namespace

struct Trials::Running {
  std::size_t index = 0;
  pid_t process = 0;
  int pipe = -1;
  Clock::time_point deadline;
  std::string bytes;

  /// False at the end of the pipe.
  bool read_some() {
    char buffer[4096];
    const ssize_t count = read(pipe, buffer, sizeof buffer);
    if (count > 0) bytes.append(buffer, static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
  }
  Outcome end(bool killed) {
    if (killed) kill(process, SIGKILL);
    close(pipe);
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return outcome_of(bytes, status, killed);
  }
};

void Trials::start(std::vector<Running>& running, std::size_t index, const std::string& text) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t process = fork();
  if (process < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (process == 0) {
    close(ends[0]);
    serve(trial_, text, limits_, ends[1]);
  }
  close(ends[1]);
  ++started_;
  const auto limit = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(limits_.seconds));
  running.push_back({index, process, ends[0], Clock::now() + limit, {}});
}

std::optional<Trials::Found> Trials::first(std::size_t count, const Texts& text, const Wanted& wanted,
                                           const std::function<bool()>& stop) {
  std::vector<Running> running;  // in the order of their indexes
  std::optional<Found> best;     // nothing behind it counts any more
  std::size_t next = 0;
  const auto most = std::max(limits_.jobs, 1U);
  while (true) {
    const bool stopped = stop();
    while (!stopped && !best && running.size() < most && next < count) {
      const std::size_t index = next++;
      if (const std::optional<std::string> one = text(index)) start(running, index, *one);
    }
    if (running.empty() || stopped) break;
    std::vector<pollfd> polls;
    for (const Running& one : running) polls.push_back({one.pipe, POLLIN, 0});
    poll(polls.data(), polls.size(), 50);
    for (std::size_t i = running.size(); i-- > 0;) {
      const bool late = Clock::now() >= running[i].deadline;
      const bool ended = (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !running[i].read_some();
      if (!late && !ended) continue;
      const Outcome outcome = running[i].end(late && !ended);
      const std::size_t index = running[i].index;
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      if (wanted(outcome) && (!best || index < best->index)) best = Found{index, outcome};
    }
    if (!best) continue;
    // Only what comes before it can still be the first.
    for (std::size_t i = running.size(); i-- > 0;) {
      if (running[i].index < best->index) continue;
      running[i].end(true);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  const bool undecided = !running.empty();
  for (Running& one : running) one.end(true);
  if (undecided) return std::nullopt;
  return best;
}

Outcome run_trial(const std::string& text) {
  const scenarios::LoadResult loaded = scenarios::load_scenario(text, "candidate");
  Outcome outcome;
  if (!loaded.ok()) return outcome;
  try {
    const scenarios::RunResult result =
        scenarios::run_scenario({loaded.scenario, loaded.scenario.seed, "", "", nullptr, nullptr});
    const auto failure = reports::failure_class(result.verdicts, loaded.scenario.expect);
    if (failure) outcome.failure = failure->text();
    outcome.virtual_seconds = result.virtual_seconds;
    outcome.operations = result.operations;
  } catch (const scenarios::ScenarioError&) {
    return {};
  }
  return outcome;
}

}  // namespace tidemark::shrink
