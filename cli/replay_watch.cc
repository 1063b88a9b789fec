#include "cli/replay_watch.h"

#include <fmt/core.h>

#include <csignal>
#include <fstream>
#include <iostream>

#include "cli/commands.h"
#include "cli/output.h"

namespace tidemark::cli {
namespace {

/// Linux says who traces a process; elsewhere nobody is supposed to.
bool debugger_is_there() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.rfind("TracerPid:", 0) == 0) return line.find_first_of("123456789") != std::string::npos;
  return false;
}

}  // namespace

// TraceComparison.

void TraceComparison::on_event(const sim::EventRecord& event) {
  if (differs_at_ != 0) return;
  const std::optional<sim::EventRecord> stored = next();
  if (!stored || !same_event(*stored, event)) {
    differ(stored, event);
  } else {
    events_.push_back(event);
  }
}

void TraceComparison::finish(bool cut) {
  if (differs_at_ != 0 || cut) return;
  const std::optional<sim::EventRecord> stored = next();
  if (stored) differ(stored, std::nullopt);
}

std::optional<sim::EventRecord> TraceComparison::next() {
  std::optional<sim::EventRecord> stored = reader_.next();
  if (!stored && !reader_.error().empty()) throw UsageError(reader_.error());
  return stored;
}

void TraceComparison::differ(const std::optional<sim::EventRecord>& stored,
                             const std::optional<sim::EventRecord>& replayed) {
  differs_at_ = events_.size() + 1;
  const auto show = [this](const char* who, const std::optional<sim::EventRecord>& event) {
    if (!event) return fmt::format("  {} no event: the run had ended\n", who);
    return fmt::format("  {} {}\n{}", who, describe(*event, name_of_), describe_parents(*event, events_, name_of_));
  };
  difference_ = fmt::format("first differing event: number {}\n{}{}", differs_at_, show("stored  ", stored),
                            show("replayed", replayed));
}

// PeopleLog.

void PeopleLog::attach(model::Cluster* cluster) {
  cluster_ = cluster;
  log_.reset();
}

bool PeopleLog::on() {
  if (cluster_ == nullptr || cluster_->scheduler().now() < from_) return false;
  if (log_ == nullptr) {
    log_ = std::make_unique<sim::Log>(cluster_->scheduler());
    log_->write_to(std::cerr, least_);
  }
  return true;
}

void PeopleLog::on_event(const sim::EventRecord& event) {
  if (least_ != sim::LogLevel::kDebug || !on()) return;
  const std::string text = fmt::format("event {}, {}, tag {}, scheduled by event {}", event.sequence,
                                       to_text(event.kind), event.tag, event.cause);
  if (event.process == 0) {
    log_->line(text, sim::LogLevel::kDebug);
  } else {
    log_->line(cluster_->process(event.process), text, sim::LogLevel::kDebug);
  }
}

void PeopleLog::on_line(const explain::Line& line) {
  if (!on()) return;
  const sim::LogLevel level = line.rank == explain::Rank::kTurn     ? sim::LogLevel::kWarning
                              : line.rank == explain::Rank::kDetail ? sim::LogLevel::kDebug
                                                                    : sim::LogLevel::kInfo;
  if (line.process == 0) {
    log_->line(line.text, level);
  } else {
    log_->line(cluster_->process(line.process), line.text, level);
  }
}

// Breakpoint.

void Breakpoint::on_event(const sim::EventRecord& event) {
  if (event.sequence != event_) return;
  print_message(
      fmt::format("event {} happens next: {} at {}\n", event.sequence, to_text(event.kind), to_text(event.when)));
  if (debugger_is_there()) {
    std::raise(SIGTRAP);
  } else {
    print_message("nobody to stop for: run this under a debugger, as in gdb --args tidemark replay ...\n");
  }
}

// ReplayWatch.

ReplayWatch::ReplayWatch(std::optional<std::string> trace, std::unique_ptr<PeopleLog> log, std::uint64_t break_at_event)
    : log_(std::move(log)), narrator_(false, log_.get()), breakpoint_(break_at_event) {
  sinks_.add(checkpoints_);
  if (trace) {
    trace_.emplace(*trace, name_of());
    sinks_.add(*trace_);
  }
  sinks_.add(narrator_);
  if (break_at_event != 0) sinks_.add(breakpoint_);
}

sim::NameOf ReplayWatch::name_of() const {
  return [this](std::uint32_t process) {
    return process < narrator_.nodes().size() ? narrator_.nodes()[process].name : std::string("a process");
  };
}

void ReplayWatch::watch(scenarios::RunRequest& request) {
  if (log_ != nullptr) narrator_.watch(request);
  request.events = &sinks_;
  request.watcher = this;
}

void ReplayWatch::on_world(model::Cluster& cluster, const scenarios::Scenario& scenario) {
  checkpoints_.on_world(cluster, scenario);
  narrator_.on_world(cluster, scenario);
  if (log_ != nullptr) log_->attach(&cluster);
}

void ReplayWatch::on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>& faults) {
  checkpoints_.on_rest(cluster, faults);
  narrator_.on_rest(cluster, faults);
  if (log_ != nullptr) log_->attach(nullptr);
}

}  // namespace tidemark::cli
