#include "cli/hunt_progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cmath>

#include "cli/output.h"

namespace tidemark::cli {
namespace {

constexpr double kLineEvery = 10;  // seconds, where there is no terminal
constexpr int kBar = 24;

volatile std::sig_atomic_t g_interrupted = 0;

void note_signal(int) {
  g_interrupted = 1;
}

void take(int signal, struct sigaction& old) {
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, &old);
}

std::string duration_text(double seconds) {
  if (seconds < 100) return fmt::format("{:.0f} s", seconds);
  if (seconds < 6000) return fmt::format("{:.0f} min", seconds / 60);
  return fmt::format("{:.1f} h", seconds / 3600);
}

double part_done(const hunt::HuntProgress& progress) {
  const auto done = static_cast<double>(progress.done);
  return progress.left == UINT64_MAX ? 0 : done / std::max(1.0, done + static_cast<double>(progress.left));
}

}  // namespace

std::string progress_text(const hunt::HuntProgress& progress) {
  const double wall = std::max(progress.wall_seconds, 1e-3);
  const double speed = static_cast<double>(progress.done) / wall;
  const bool endless = progress.left == UINT64_MAX;
  std::string text = fmt::format("{}", progress.done);
  if (!endless) text += fmt::format("/{}", progress.done + progress.left);
  text +=
      fmt::format(" {}, {:.1f}/s, {:.0f} virtual seconds a second, {} {}", progress.cells > 0 ? "runs" : "seeds", speed,
                  progress.virtual_seconds / wall, progress.failed, progress.failed == 1 ? "failure" : "failures");
  if (progress.cells > 0) text += fmt::format(", {} cells, {} in the corpus", progress.cells, progress.corpus);
  if (!endless && speed > 0)
    text += fmt::format(", {} left", duration_text(static_cast<double>(progress.left) / speed));
  return text;
}

HuntDisplay::HuntDisplay() : terminal_(isatty(STDERR_FILENO) != 0) {
  g_interrupted = 0;
  take(SIGINT, old_interrupt_);
  take(SIGTERM, old_terminate_);
}

HuntDisplay::~HuntDisplay() {
  sigaction(SIGINT, &old_interrupt_, nullptr);
  sigaction(SIGTERM, &old_terminate_, nullptr);
}

bool HuntDisplay::interrupted() {
  return g_interrupted != 0;
}

void HuntDisplay::on_progress(const hunt::HuntProgress& progress) {
  if (!terminal_) {
    if (progress.wall_seconds - shown_s_ < kLineEvery) return;
    shown_s_ = progress.wall_seconds;
    print_message(progress_text(progress) + "\n");
    return;
  }
  const int full = static_cast<int>(std::lround(part_done(progress) * kBar));
  print_message(fmt::format("\r\033[K[{:#<{}}{:.<{}}] {}", "", full, "", kBar - full, progress_text(progress)));
  has_bar_ = true;
}

void HuntDisplay::on_failure(const hunt::Outcome& outcome) {
  if (!told_.insert(outcome.failure->id()).second) return;
  finish();
  print_message(fmt::format("seed {}: {}\n", outcome.seed, outcome.failure->text()));
}

void HuntDisplay::finish() {
  if (has_bar_) print_message("\r\033[K");
  has_bar_ = false;
}

}  // namespace tidemark::cli
