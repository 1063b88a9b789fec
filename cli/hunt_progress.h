// Shows on stderr how far a hunt is: a bar on a terminal, else a line now and then. Notices Ctrl-C and SIGTERM.
#pragma once

#include <csignal>
#include <set>
#include <string>

#include "hunt/hunt.h"

namespace tidemark::cli {

class HuntDisplay : public hunt::HuntObserver {
 public:
  /// Takes the signals while it lives.
  HuntDisplay();
  ~HuntDisplay() override;
  HuntDisplay(const HuntDisplay&) = delete;
  HuntDisplay& operator=(const HuntDisplay&) = delete;

  void on_progress(const hunt::HuntProgress& progress) override;
  /// The first of each class is told.
  void on_failure(const hunt::Outcome& outcome) override;
  bool interrupted() override;
  /// Takes the bar back.
  void finish();

 private:
  const bool terminal_;
  bool has_bar_ = false;
  double shown_s_ = 0;
  std::set<std::string> told_;
  struct sigaction old_interrupt_ {};
  struct sigaction old_terminate_ {};
};

/// "412/1000 seeds, 18.3/s, 620 virtual seconds a second, 2 failures, 32 s left".
std::string progress_text(const hunt::HuntProgress& progress);

}  // namespace tidemark::cli
