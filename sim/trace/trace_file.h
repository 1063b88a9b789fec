// Writing and reading trace files (sim/trace/trace_format.h).
#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/scheduler.h"

namespace tidemark::sim {

/// Sink that writes every event. Not complete before finish() (a reader says so). Errors are kept: ok() tells.
class TraceWriter : public EventSink {
 public:
  explicit TraceWriter(const std::string& path);
  /// Finishes if finish() was not called.
  ~TraceWriter() override;
  void on_event(const EventRecord& event) override;
  /// Writes the footer and closes; false when anything could not be written.
  bool finish();
  bool ok() const { return static_cast<bool>(file_); }

 private:
  std::ofstream file_;
  std::uint64_t records_ = 0;
  bool finished_ = false;
};

/// Reads one record after the other. After next() returned nothing, error() is empty at the regular end, else it says
/// what is wrong at which byte offset of the file.
class TraceReader {
 public:
  explicit TraceReader(const std::string& path);
  std::optional<EventRecord> next();
  const std::string& error() const { return error_; }

 private:
  std::optional<EventRecord> fail(std::uint64_t offset, const std::string& what);
  std::optional<EventRecord> read_footer(const char* bytes, std::size_t size);

  std::string path_;
  std::ifstream file_;
  std::uint64_t offset_ = 0;
  std::uint64_t records_ = 0;
  std::optional<EventRecord> previous_;
  bool done_ = false;
  std::string error_;
};

/// Gives every event to several sinks, in order. Not owned.
class SinkList : public EventSink {
 public:
  void add(EventSink& sink) { sinks_.push_back(&sink); }
  void on_event(const EventRecord& event) override {
    for (EventSink* sink : sinks_) sink->on_event(event);
  }

 private:
  std::vector<EventSink*> sinks_;
};

}  // namespace tidemark::sim
