#include "checkers/staleness/staleness.h"

#include <gtest/gtest.h>

#include "notation.h"

namespace tidemark::checkers {
namespace {

constexpr std::int64_t kMs = 1'000'000;

/// A history with times in ms and regions, by hand.
class Log {
 public:
  Log& append(const char* session, std::int64_t from_ms, std::int64_t to_ms, std::int64_t value,
              Outcome outcome = Outcome::kOk) {
    begin(session);
    builder_.event(EventKind::kAppend, key(), builder_.integer(value));
    return end(from_ms, to_ms, "ENAM", outcome);
  }
  Log& clear(std::int64_t from_ms, std::int64_t to_ms) {
    begin("admin");
    builder_.event(EventKind::kClear, key(), Value{});
    return end(from_ms, to_ms, "ENAM", Outcome::kOk);
  }
  Log& read(const char* session, std::int64_t from_ms, const std::vector<std::int64_t>& values,
            const char* region = "WEUR") {
    begin(session);
    std::vector<Value> elements;
    for (const std::int64_t value : values) elements.push_back(builder_.integer(value));
    builder_.read_elements(EventKind::kReadList, key(), elements);
    return end(from_ms, from_ms + 1, region, Outcome::kOk);
  }
  Log& write(const char* session, std::int64_t from_ms, std::int64_t to_ms, std::int64_t value) {
    begin(session);
    builder_.event(EventKind::kWrite, key(), builder_.integer(value));
    return end(from_ms, to_ms, "ENAM", Outcome::kOk);
  }
  Log& find(const char* session, std::int64_t from_ms, std::int64_t value) {
    begin(session);
    builder_.event(EventKind::kRead, key(), value == 0 ? Value{} : builder_.integer(value));
    return end(from_ms, from_ms + 1, "WEUR", Outcome::kOk);
  }
  History build() { return builder_.build(false); }

 private:
  std::uint32_t key() { return builder_.key(builder_.text("x")); }
  void begin(const char* session) { builder_.begin(builder_.session(builder_.text(session))); }
  Log& end(std::int64_t from_ms, std::int64_t to_ms, const char* region, Outcome outcome) {
    HistoryBuilder::End end;
    end.outcome = outcome;
    end.times = {from_ms * kMs, to_ms * kMs};
    end.region = builder_.text(region).text_id();
    builder_.finish(end);
    return *this;
  }
  HistoryBuilder builder_;
};

Quantiles ms(std::uint64_t p50, std::uint64_t p90, std::uint64_t p99, std::uint64_t most) {
  const auto scale = static_cast<std::uint64_t>(kMs);
  return {p50 * scale, p90 * scale, p99 * scale, most * scale};
}

TEST(Staleness, CountsTheAcknowledgedWritesThatAReadMissed) {
  const StalenessReport report = measure_staleness(Log()
                                                       .append("w", 0, 100, 1)
                                                       .append("w", 110, 200, 2)
                                                       .append("w", 210, 300, 3)
                                                       .read("a", 350, {1})          // misses 2 (acked at 200) and 3
                                                       .read("a", 360, {1, 2, 3})    // misses nothing
                                                       .read("b", 250, {1}, "APAC")  // 3 is not acknowledged yet
                                                       .build());
  EXPECT_EQ(report.all.reads, 3U);
  EXPECT_EQ(report.all.stale, 2U);
  EXPECT_EQ(report.all.versions, (Quantiles{1, 2, 2, 2}));
  EXPECT_EQ(report.all.ns, ms(50, 150, 150, 150));
  ASSERT_EQ(report.regions.size(), 3U);
  EXPECT_EQ(report.regions[0].name, "APAC");
  EXPECT_EQ(report.regions[0].figures.versions, (Quantiles{1, 1, 1, 1}));
  EXPECT_EQ(report.regions[1].figures.reads, 0U) << "ENAM served writes only";
  EXPECT_EQ(report.regions[2].figures.ns, ms(0, 150, 150, 150));
  ASSERT_EQ(report.sessions.size(), 2U) << "only sessions that read";
  EXPECT_EQ(report.sessions[0].name, "a");
  EXPECT_EQ(report.sessions[1].figures.versions.most, 1U);
}

TEST(Staleness, TellsHowSoonWritesAreSeen) {
  const StalenessReport report = measure_staleness(Log()
                                                       .append("w", 0, 100, 1)
                                                       .read("a", 100, {})    // 0 ms after: not seen
                                                       .read("a", 109, {1})   // 9 ms after: seen
                                                       .read("a", 110, {})    // 10 ms
                                                       .read("a", 500, {1})   // 400 ms
                                                       .read("a", 1100, {1})  // 1000 ms
                                                       .read("a", 3099, {1})  // 2999 ms
                                                       .read("a", 3100, {1})  // too long ago to tell anything
                                                       .build());
  const auto& curve = report.all.visibility;
  EXPECT_EQ(curve[0].pairs, 2U);
  EXPECT_EQ(curve[0].seen, 1U);
  EXPECT_EQ(curve[1].pairs, 1U);
  EXPECT_EQ(curve[1].seen, 0U);
  EXPECT_EQ(curve[2].pairs, 0U);
  EXPECT_EQ(curve[4].seen, 1U);
  EXPECT_EQ(curve[5].pairs, 2U);
}

TEST(Staleness, MissesNothingThatWasNotAcknowledged) {
  const StalenessReport report = measure_staleness(
      Log().append("w", 0, 100, 1, Outcome::kInfo).append("v", 0, 100, 2, Outcome::kFail).read("a", 500, {}).build());
  EXPECT_EQ(report.all.reads, 1U);
  EXPECT_EQ(report.all.stale, 0U);
}

TEST(Staleness, CountsWhatNobodyEverRead) {
  const StalenessReport report = measure_staleness(Log().append("w", 0, 100, 1).read("a", 500, {}).build());
  EXPECT_EQ(report.all.versions.most, 1U);
  EXPECT_EQ(report.all.ns.most, 400U * kMs);
}

TEST(Staleness, PlacesReadsBetweenClearings) {
  const StalenessReport report = measure_staleness(Log()
                                                       .append("w", 0, 10, 1)
                                                       .append("w", 20, 30, 2)
                                                       .clear(40, 50)
                                                       .append("w", 60, 70, 3)
                                                       .append("w", 80, 90, 4)
                                                       .read("a", 100, {1})     // misses 2, 3, 4
                                                       .read("a", 110, {3})     // misses 4
                                                       .read("a", 120, {3, 4})  //
                                                       .read("a", 130, {1, 2})  // misses 3, 4
                                                       .read("a", 140, {})      // of which life?
                                                       .build());
  EXPECT_EQ(report.all.reads, 4U);
  EXPECT_EQ(report.unmeasured_reads, 1U);
  EXPECT_EQ(report.all.versions, (Quantiles{1, 3, 3, 3}));
  EXPECT_EQ(report.all.ns.most, 70U * kMs) << "the read at 100 missed what was acknowledged at 30";
}

TEST(Staleness, MeasuresRegistersWhoseOrderIsKnown) {
  const History one_writer = Log().write("w", 0, 10, 5).write("w", 20, 30, 6).find("a", 40, 5).find("b", 50, 0).build();
  EXPECT_EQ(measure_staleness(one_writer).all.versions, (Quantiles{1, 2, 2, 2}));
  const History two_writers = Log().write("w", 0, 10, 5).write("v", 20, 30, 6).find("a", 40, 5).build();
  EXPECT_EQ(measure_staleness(two_writers).all.reads, 0U);
  EXPECT_EQ(measure_staleness(two_writers).unmeasured_reads, 1U);
  const std::vector<std::int64_t> versions{1, 2, 1};
  EXPECT_EQ(measure_staleness(two_writers, versions).all.versions, (Quantiles{1, 1, 1, 1}));
}

TEST(Staleness, FollowsComparisonsAndReadsBeforeWrites) {
  const StalenessReport chain = measure_staleness(testing::history_of(R"(
    s1: w x 1, cas x 1 2   @1-2)"));
  EXPECT_EQ(chain.all.reads, 0U);
  const StalenessReport report = measure_staleness(testing::history_of(R"(
    s1: cas x nil 1    @1-2
    s2: r x 1, w x 2   @3-4
    s3: cas x 2 3      @5-6
    s4: r x 1          @7-8
    s4: r x 3          @9-10)"));
  EXPECT_EQ(report.all.reads, 3U);
  EXPECT_EQ(report.all.stale, 1U);
  EXPECT_EQ(report.all.versions.most, 2U);
  EXPECT_FALSE(report.has_times);
}

TEST(Staleness, MeasuresSets) {
  const StalenessReport report = measure_staleness(testing::history_of(R"(
    s1: add t 1      @1-2
    s2: add t 2      @1-2
    s3: r t {2}      @3-4
    s3: r t {1 2}    @5-6)"));
  EXPECT_EQ(report.all.reads, 2U);
  EXPECT_EQ(report.all.stale, 1U);
}

TEST(Staleness, SaysNothingWithoutTime) {
  EXPECT_EQ(measure_staleness(testing::history_of("s1: a x 1\ns1: r x []")).all.reads, 0U);
  EXPECT_EQ(measure_staleness(testing::history_of("")).all.reads, 0U);
}

}  // namespace
}  // namespace tidemark::checkers
