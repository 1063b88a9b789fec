#include "cli/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include "cli/output.h"

namespace tidemark::cli {

Progress::Progress() : terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::running(std::uint64_t seed) const {
  print_message(fmt::format("running seed {}{}", seed, terminal_ ? "" : "\n"));
}

void Progress::done() const {
  if (terminal_) print_message("\r\033[K");
}

}  // namespace tidemark::cli
