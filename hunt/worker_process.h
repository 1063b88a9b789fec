// WorkerProcess: a forked copy of this process that answers requests, one after another, until it is told to end.
//
// What happens in it stays in it: a crash, a failed assertion or a full memory ends the worker, never its parent. Its
// output (stdout and stderr) is kept aside for the message of a crash. It dies with its parent, and ignores Ctrl-C: the
// parent decides. Parent and worker must be single-threaded.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tidemark::hunt {

/// Runs in the worker. What it throws ends the worker with kExitDefect and the exception's text as its output.
using Work = std::function<std::string(const std::string& request)>;

/// Of a worker whose memory ran out.
inline constexpr int kExitMemory = 71;

/// How a worker ended.
struct WorkerEnd {
  bool signalled = false;
  int code = 0;         // signal or exit code
  std::string message;  // the end of what it printed
};

class WorkerProcess {
 public:
  /// Forks. `bytes` = memory that the worker may map beyond what the parent has mapped now; 0 = any. `close_in_child`:
  /// descriptors of the parent that the worker must not keep open. Throws std::system_error.
  WorkerProcess(const Work& work, std::uint64_t bytes, const std::vector<int>& close_in_child);
  /// Kills the worker if it runs.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Readable when there is an answer, or the worker has ended.
  int descriptor() const { return socket_; }
  /// Up to 100 kB may wait unread in the worker; more would block. A worker that has ended is not told.
  void send(const std::string& request);
  /// Reads what is there; appends complete answers. False when the worker has ended.
  bool receive(std::vector<std::string>& answers);
  /// Kills it unless it has ended, and waits for it. Once.
  WorkerEnd end();
  /// Resident memory now; 0 when it cannot be known.
  std::uint64_t resident_bytes() const;

 private:
  pid_t process_ = -1;
  int socket_ = -1;
  int output_ = -1;
  std::string buffer_;
};

}  // namespace tidemark::hunt
