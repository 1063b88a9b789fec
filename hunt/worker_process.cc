#include "hunt/worker_process.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <system_error>

#include "base/assert.h"

namespace tidemark::hunt {
namespace {

/// A frame is four bytes of length, in the order of this machine, and the text.
constexpr std::size_t kHead = 4;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;  // maps terabytes of shadow memory
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string framed(const std::string& text) {
  const auto length = static_cast<std::uint32_t>(text.size());
  std::string frame(kHead, '\0');
  std::memcpy(frame.data(), &length, kHead);
  return frame + text;
}

/// Takes the first complete frame out of `buffer`.
std::optional<std::string> take_frame(std::string& buffer) {
  if (buffer.size() < kHead) return std::nullopt;
  std::uint32_t length = 0;
  std::memcpy(&length, buffer.data(), kHead);
  if (buffer.size() < kHead + length) return std::nullopt;
  std::string text = buffer.substr(kHead, length);
  buffer.erase(0, kHead + length);
  return text;
}

/// False when the other end is gone.
bool send_all(int socket, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

/// Appends what is there, waiting for some; false at the end.
bool read_some(int socket, std::string& buffer) {
  char bytes[1 << 16];
  ssize_t n = 0;
  do n = ::read(socket, bytes, sizeof bytes);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(n));
  return true;
}

/// One of the numbers of /proc/PID/statm, in bytes; 0 when it cannot be read.
std::uint64_t memory_of(const std::string& process, int field) {
  std::FILE* file = std::fopen(("/proc/" + process + "/statm").c_str(), "re");
  if (file == nullptr) return 0;
  unsigned long long size = 0, resident = 0;
  const int read = std::fscanf(file, "%llu %llu", &size, &resident);
  std::fclose(file);
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return read != 2 ? 0 : (field == 0 ? size : resident) * page;
}

void limit_memory(std::uint64_t bytes) {
  std::set_new_handler([] { _exit(kExitMemory); });
  if (bytes == 0 || kSanitized) return;
  // Twice: the parent looks at what is resident; this is for what grows faster than it looks.
  const rlim_t most = memory_of("self", 0) + 2 * bytes;
  const rlimit limit{most, most};
  setrlimit(RLIMIT_AS, &limit);
}

/// One run after another needs the same memory: giving it back to the system in between costs page faults.
void keep_freed_memory() {
  constexpr int kKept = 256 << 20;
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most that it takes
  mallopt(M_TOP_PAD, 16 << 20);
}

void become_worker(pid_t parent, int output, std::uint64_t bytes) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);  // it died before this was said
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  keep_freed_memory();
  limit_memory(bytes);
}

[[noreturn]] void serve(int socket, const Work& work) {
  std::string buffer;
  for (;;) {
    const std::optional<std::string> request = take_frame(buffer);
    if (!request) {
      if (!read_some(socket, buffer)) _exit(0);
      continue;
    }
    try {
      if (!send_all(socket, framed(work(*request)))) _exit(0);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s\n", error.what());
      std::fflush(stderr);
      _exit(kExitDefect);
    }
  }
}

std::string tail_of(int file) {
  constexpr off_t kMost = 2000;
  const off_t size = lseek(file, 0, SEEK_END);
  const off_t from = std::max<off_t>(0, size - kMost);
  std::string text(static_cast<std::size_t>(std::max<off_t>(0, size - from)), '\0');
  const ssize_t n = pread(file, text.data(), text.size(), from);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, n)));
  return text;
}

}  // namespace

WorkerProcess::WorkerProcess(const Work& work, std::uint64_t bytes, const std::vector<int>& close_in_child) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) fail("socketpair");
  output_ = memfd_create("output of a worker", MFD_CLOEXEC);
  if (output_ < 0) fail("memfd_create");
  // What waits in the buffers would be written twice.
  std::fflush(nullptr);
  const pid_t parent = getpid();
  process_ = fork();
  if (process_ < 0) fail("fork");
  if (process_ == 0) {
    close(ends[0]);
    for (const int descriptor : close_in_child) close(descriptor);
    become_worker(parent, output_, bytes);
    serve(ends[1], work);
  }
  close(ends[1]);
  socket_ = ends[0];
}

WorkerProcess::~WorkerProcess() {
  if (process_ > 0) end();
}

void WorkerProcess::send(const std::string& request) {
  send_all(socket_, framed(request));
}

bool WorkerProcess::receive(std::vector<std::string>& answers) {
  const bool alive = read_some(socket_, buffer_);
  while (std::optional<std::string> answer = take_frame(buffer_)) answers.push_back(std::move(*answer));
  return alive;
}

WorkerEnd WorkerProcess::end() {
  TIDEMARK_ASSERT(process_ > 0);
  // One that has closed its socket is past the point where a signal changes how it ended.
  kill(process_, SIGKILL);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
  WorkerEnd ended;
  ended.signalled = WIFSIGNALED(status);
  ended.code = ended.signalled ? WTERMSIG(status) : WEXITSTATUS(status);
  ended.message = tail_of(output_);
  close(socket_);
  close(output_);
  process_ = -1;
  return ended;
}

std::uint64_t WorkerProcess::resident_bytes() const {
  return memory_of(std::to_string(process_), 1);
}

}  // namespace tidemark::hunt
