// The simulation log: lines for people, each beginning with virtual time and the name of the process. Off until it is
// given a place to write to. It reads the clock of the run and nothing else, so it changes no digest.
#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>

#include "sim/core/process.h"

namespace tidemark::sim {

enum class LogLevel { kDebug, kInfo, kWarning };

class Log {
 public:
  /// `scheduler` is the clock; it must outlive the log.
  explicit Log(const Scheduler& scheduler);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Lines of `least` and above go to `stream` (not owned) from now on.
  void write_to(std::ostream& stream, LogLevel least = LogLevel::kInfo);
  void off();
  /// Ask before making an expensive text.
  bool on(LogLevel level = LogLevel::kInfo) const;

  /// "    0.005000 s  primary: text"
  void line(const Process& process, std::string_view text, LogLevel level = LogLevel::kInfo);
  /// A line of the world itself.
  void line(std::string_view text, LogLevel level = LogLevel::kInfo);

 private:
  void write(std::string_view who, std::string_view text, LogLevel level);
  struct Impl;
  const Scheduler& scheduler_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::sim
