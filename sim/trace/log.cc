#include "sim/trace/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

namespace tidemark::sim {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
  }
  return spdlog::level::info;
}

}  // namespace

// A logger without registry and without threads; its pattern has no wall clock.
struct Log::Impl {
  std::unique_ptr<spdlog::logger> logger;
};

Log::Log(const Scheduler& scheduler) : scheduler_(scheduler), impl_(std::make_unique<Impl>()) {}
Log::~Log() = default;

void Log::write_to(std::ostream& stream, LogLevel least) {
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(stream);
  impl_->logger = std::make_unique<spdlog::logger>("tidemark", std::move(sink));
  impl_->logger->set_pattern("%v");
  impl_->logger->set_level(level_of(least));
  impl_->logger->flush_on(spdlog::level::trace);
}

void Log::off() {
  impl_->logger.reset();
}

bool Log::on(LogLevel level) const {
  return impl_->logger != nullptr && impl_->logger->should_log(level_of(level));
}

void Log::line(const Process& process, std::string_view text, LogLevel level) {
  write(process.name(), text, level);
}
void Log::line(std::string_view text, LogLevel level) {
  write("world", text, level);
}

void Log::write(std::string_view who, std::string_view text, LogLevel level) {
  if (!on(level)) return;
  impl_->logger->log(level_of(level), "{:>14}  {}: {}", to_text(scheduler_.now()), who, text);
}

}  // namespace tidemark::sim
