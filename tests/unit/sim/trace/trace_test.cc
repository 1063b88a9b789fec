#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <sstream>

#include "sim/core/wait.h"
#include "sim/trace/checkpoints.h"
#include "sim/trace/log.h"
#include "sim/trace/trace_file.h"
#include "sim/trace/trace_format.h"

namespace tidemark::sim {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

struct Recorder : EventSink {
  std::vector<EventRecord> events;
  void on_event(const EventRecord& event) override { events.push_back(event); }
};

Task<void> ticker(Process& process, int count, int odd_one, Log* log) {
  for (int i = 1; i <= count; ++i) {
    co_await sleep(process, Duration::microseconds(10), i == odd_one ? 999U : 1U);
    if (log != nullptr) log->line(process, "tick " + std::to_string(i));
  }
}

/// A world with a run of `count` events; the one numbered `odd_one` has another tag.
struct World {
  Scheduler scheduler;
  Process process{scheduler, 3, "primary"};
  Log log{scheduler};
  Digest128 go(int count, EventSink* sink, int odd_one = 0) {
    process.start();
    scheduler.set_sink(sink);
    process.spawn(ticker(process, count, odd_one, &log));
    scheduler.run_until(Instant::from_ns(3'600'000'000'000));
    return scheduler.digest();
  }
};

std::string scratch(const char* name) {
  return testing::TempDir() + "tidemark_trace_test_" + name;
}

std::string write_trace(const char* name, int count) {
  const std::string path = scratch(name);
  TraceWriter writer(path);
  World().go(count, &writer);
  EXPECT_TRUE(writer.finish());
  return path;
}
std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
std::string error_of(std::string bytes) {
  const std::string path = scratch("damaged");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  TraceReader reader(path);
  while (reader.next()) {
  }
  std::remove(path.c_str());
  return reader.error();
}

TEST(Trace, ReaderGivesBackWhatTheWriterGot) {
  const std::string path = write_trace("whole", 50);
  Recorder recorder;
  World().go(50, &recorder);
  TraceReader reader(path);
  for (const EventRecord& expected : recorder.events) {
    const auto event = reader.next();
    ASSERT_TRUE(event) << reader.error();
    EXPECT_EQ(event->sequence, expected.sequence);
    EXPECT_EQ(event->when, expected.when);
    EXPECT_EQ(event->kind, expected.kind);
    EXPECT_EQ(event->process, expected.process);
    EXPECT_EQ(event->tag, expected.tag);
    EXPECT_EQ(event->digest, expected.digest);
    EXPECT_EQ(event->cause, expected.cause);
  }
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.error(), "");
  std::remove(path.c_str());
}

TEST(Trace, EveryTruncationAndEveryDamagedByteIsNoticed) {
  const std::string path = write_trace("small", 3);
  const std::string bytes = bytes_of(path);
  std::remove(path.c_str());
  ASSERT_EQ(bytes.size(), trace_format::kHeaderBytes + 3 * trace_format::kRecordBytes + trace_format::kFooterBytes);
  EXPECT_EQ(error_of(bytes), "");
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT(error_of(bytes.substr(0, size)), HasSubstr("offset ")) << size;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    EXPECT_THAT(error_of(damaged), HasSubstr("offset ")) << at;
  }
  EXPECT_THAT(error_of(bytes.substr(0, 100)), EndsWith("offset 100: the file ends within a record"));
  EXPECT_THAT(error_of(bytes + "x"), HasSubstr("bytes after the footer"));
  std::string damaged = bytes;
  damaged[16 + trace_format::kRecordBytes + 24] = 'x';
  EXPECT_THAT(error_of(damaged), EndsWith("offset 80: record 2 is damaged (checksum)"));
}

TEST(Trace, MissingFileIsAnErrorNotACrash) {
  TraceReader reader(scratch("does_not_exist"));
  EXPECT_FALSE(reader.next());
  EXPECT_THAT(reader.error(), EndsWith("cannot be opened"));
}

TEST(Checkpoints, StayBoundedAndAtMultiplesOfTheStride) {
  DigestCheckpoints checkpoints;
  for (std::uint64_t i = 1; i <= 100'000; ++i) checkpoints.on_event({i, Instant(), EventKind::kBench, 0, 0, {i, i}});
  EXPECT_LE(checkpoints.points().size(), DigestCheckpoints::kMost);
  EXPECT_EQ(checkpoints.stride(), 32U);
  ASSERT_EQ(checkpoints.points().size(), 100'000U / 32);
  for (std::size_t i = 0; i < checkpoints.points().size(); ++i)
    EXPECT_EQ(checkpoints.points()[i].sequence, (i + 1) * 32);
}

TEST(Checkpoints, FirstDifferenceGivesTheIntervalToReplay) {
  DigestCheckpoints a, b, longer;
  World().go(20'000, &a);
  World().go(20'000, &b, 12'345);
  World().go(40'000, &longer, 12'345);
  EXPECT_EQ(first_difference(a.points(), a.points()), std::nullopt);
  const auto interval = first_difference(a.points(), b.points());
  ASSERT_TRUE(interval);
  EXPECT_EQ(*interval, (DifferingInterval{12'344, 12'352})) << "the stride is 8";
  const auto coarse = first_difference(a.points(), longer.points());
  ASSERT_TRUE(coarse);
  EXPECT_EQ(*coarse, (DifferingInterval{12'336, 12'352})) << "the coarser stride is 16";
}

TEST(Divergence, ReplayStopsAtTheFirstDifferingEventAndNamesIt) {
  Recorder recorder;
  World().go(100, &recorder);
  World replay;
  DivergenceFinder finder(recorder.events, replay.scheduler, [](std::uint32_t) { return "primary"; });
  replay.go(100, &finder, 17);
  EXPECT_TRUE(finder.diverged());
  EXPECT_EQ(finder.sequence(), 17U);
  EXPECT_EQ(replay.scheduler.events(), 17U) << "stopped";
  EXPECT_THAT(finder.report(),
              HasSubstr("event 17 differs: recorded timer of primary (process 3) at 0.000170 s (170000 ns), tag 1"));
  EXPECT_THAT(finder.report(), HasSubstr("replayed timer of primary (process 3) at 0.000170 s (170000 ns), tag 999"));
}

TEST(Divergence, MissingAndSurplusEventsAreDifferences) {
  Recorder recorder;
  World().go(10, &recorder);
  World shorter, longer, equal;
  DivergenceFinder misses(recorder.events, shorter.scheduler), surplus(recorder.events, longer.scheduler),
      none(recorder.events, equal.scheduler);
  shorter.go(9, &misses);
  misses.finish();
  EXPECT_EQ(misses.sequence(), 10U);
  longer.go(11, &surplus);
  surplus.finish();
  EXPECT_EQ(surplus.sequence(), 11U);
  equal.go(10, &none);
  none.finish();
  EXPECT_FALSE(none.diverged()) << none.report();
}

TEST(Log, LinesBeginWithTimeAndProcessAndChangeNoDigest) {
  const Digest128 silent = World().go(3, nullptr);
  World run;
  std::ostringstream text;
  run.log.write_to(text);
  EXPECT_EQ(run.go(2, nullptr), World().go(2, nullptr));
  EXPECT_EQ(text.str(), "    0.000010 s  primary: tick 1\n    0.000020 s  primary: tick 2\n");
  run.log.line("hidden", LogLevel::kDebug);
  run.log.off();
  run.log.line("silent");
  EXPECT_THAT(text.str(), EndsWith("tick 2\n"));
  World with_sinks;
  TraceWriter writer(scratch("sinks"));
  DigestCheckpoints checkpoints;
  SinkList sinks;
  sinks.add(writer);
  sinks.add(checkpoints);
  EXPECT_EQ(with_sinks.go(3, &sinks), silent);
  EXPECT_EQ(checkpoints.points().size(), 3U);
  EXPECT_TRUE(writer.finish());
  std::remove(scratch("sinks").c_str());
}

}  // namespace
}  // namespace tidemark::sim
