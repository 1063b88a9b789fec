#include "reports/confirm_lag.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "reports/published.h"

namespace tidemark::reports {
namespace {

/// Two databases, a few replicas, samples from a little formula: fixed input of the golden files.
ConfirmLagReport fixed_report() {
  ConfirmLagCollector collector;
  const std::uint32_t a = collector.add_database("A", "IAD", "ENAM");
  const std::uint32_t b = collector.add_database("B <\"&>", "DFW", "WNAM");
  const std::uint32_t replicas[] = {
      collector.add_replica(a, "SJC", "WNAM", 18'800'000), collector.add_replica(a, "DEN", "WNAM", 11'700'000),
      collector.add_replica(a, "NRT", "APAC", 53'000'000), collector.add_replica(b, "FRA", "EEUR", 40'000'000),
      collector.add_replica(b, "LHR", "WEUR", 37'400'000)};
  for (std::int64_t i = 0; i < 1000; ++i) {
    for (std::int64_t r = 0; r < 5; ++r) {
      LagRecord lag;
      lag.replica = replicas[r];
      lag.flush_wait_ns = i * 20'000;
      lag.wire_base_ns = 30'000'000 + r * 8'000'000;
      lag.wire_extra_ns = i % 7 * 300'000;
      lag.gap_ns = i % 100 == 0 ? 2'000'000 : 0;
      lag.publish_ns = 1'500'000;
      lag.clock_ns = (r - 2) * 250'000;
      collector.add_lag(lag);
    }
    collector.add_commit(a, 1'000'000 + i * 10'000);
    collector.add_commit(b, 2'000'000 + i * 10'000);
  }
  collector.add_run("fixed", 7, "00112233445566778899aabbccddeeff", 150);
  return collector.report();
}

class Golden : public testing::TestWithParam<std::pair<const char*, Format>> {};

TEST_P(Golden, FixedInputGivesTheKeptBytes) {
  const auto& [file, format] = GetParam();
  const std::string path = std::string(TIDEMARK_GOLDEN) + "/" + file;
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream kept;
  kept << stream.rdbuf();
  const std::string made = render(fixed_report(), format);
  if (made != kept.str()) std::ofstream(std::string("actual_") + file, std::ios::binary) << made;
  EXPECT_EQ(made, kept.str()) << "the present bytes are in actual_" << file << ", in the folder of the test";
}

TEST(ConfirmLagReport, ShowsNoMinusZero) {
  ConfirmLagCollector collector;
  const std::uint32_t database = collector.add_database("A", "IAD", "ENAM");
  LagRecord lag;
  lag.replica = collector.add_replica(database, "SJC", "WNAM", 18'800'000);
  lag.wire_base_ns = 30'000'000;
  lag.clock_ns = -20'000;
  for (int i = 0; i < 10; ++i) collector.add_lag(lag);
  for (const Format format : {Format::kText, Format::kMarkdown, Format::kHtml}) {
    const std::string text = render(collector.report(), format);
    for (std::size_t at = text.find("-0.0"); at != std::string::npos; at = text.find("-0.0", at + 1))
      EXPECT_TRUE(text[at + 4] >= '0' && text[at + 4] <= '9') << text.substr(at > 60 ? at - 60 : 0, 80);
  }
}

INSTANTIATE_TEST_SUITE_P(ConfirmLag, Golden,
                         testing::Values(std::pair("confirm_lag.txt", Format::kText),
                                         std::pair("confirm_lag.md", Format::kMarkdown),
                                         std::pair("confirm_lag.csv", Format::kCsv),
                                         std::pair("confirm_lag.json", Format::kJson),
                                         std::pair("confirm_lag.html", Format::kHtml)));

TEST(ConfirmLag, CellPoolsTheReplicasOfARegionAndComparesTheMedian) {
  const ConfirmLagReport report = fixed_report();
  ASSERT_EQ(report.cells.size(), 4U);
  const LagCell& cell = report.cells[0];
  EXPECT_EQ(cell.replica_region, "WNAM");
  EXPECT_EQ(cell.samples, 2000U);
  EXPECT_EQ(cell.sites, 2U);
  EXPECT_EQ(cell.published_ms, 45.0);
  EXPECT_NEAR(*cell.error_pct, (cell.p50_ms / 45.0 - 1) * 100, 1e-9);
  EXPECT_EQ(cell.floor_ms, 11.7);
  EXPECT_EQ(cell.below_floor, 0U);
}

TEST(ConfirmLag, RowsWithoutPublishedFigureHaveNoError) {
  const ConfirmLagReport report = fixed_report();
  const LagCell& apac = report.cells[1];
  EXPECT_EQ(apac.replica_region, "APAC");
  EXPECT_FALSE(apac.published_ms);
  EXPECT_FALSE(apac.error_pct);
}

TEST(ConfirmLag, CausesAddUpToTheMeanLag) {
  ConfirmLagCollector collector;
  const std::uint32_t replica = collector.add_replica(collector.add_database("A", "IAD", "ENAM"), "SJC", "WNAM", 0);
  for (int i = 1; i <= 4; ++i)
    collector.add_lag({replica, i * 1'000'000, 20'000'000, 100'000 * i, 0, 1'000'000, -500'000});
  const LagCell cell = collector.report().cells.at(0);
  EXPECT_NEAR(cell.causes.total_ms(), 2.5 + 20 + 0.25 + 1 - 0.5, 1e-9);
  EXPECT_NEAR(cell.p50_ms, 2 + 20 + 0.2 + 1 - 0.5, 1e-9);
}

TEST(ConfirmLag, CountsSamplesThatBeatLightWhateverTheClockSays) {
  ConfirmLagCollector collector;
  const std::uint32_t replica =
      collector.add_replica(collector.add_database("A", "IAD", "ENAM"), "SJC", "WNAM", 10'000'000);
  collector.add_lag({replica, 0, 9'999'999, 0, 0, 0, 5'000'000});    // too fast, a fast clock hides it
  collector.add_lag({replica, 0, 10'000'000, 0, 0, 0, -5'000'000});  // possible, a slow clock makes it look too fast
  EXPECT_EQ(collector.report().cells.at(0).below_floor, 1U);
}

TEST(ConfirmLag, RunsOfSeveralSeedsPool) {
  ConfirmLagCollector collector;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::uint32_t replica = collector.add_replica(collector.add_database("A", "IAD", "ENAM"), "SJC", "WNAM", 0);
    collector.add_lag({replica, 0, static_cast<std::int64_t>(seed) * 1'000'000, 0, 0, 0, 0});
    collector.add_run("s", seed, "d", 10);
  }
  const ConfirmLagReport report = collector.report();
  EXPECT_EQ(report.cells.at(0).samples, 3U);
  EXPECT_EQ(report.cells.at(0).p50_ms, 2.0);
  EXPECT_EQ(report.seeds, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(report.virtual_seconds, 30);
}

TEST(ConfirmLag, AnEmptyReportRendersInEveryFormat) {
  for (const char* name : {"text", "md", "csv", "json", "html"}) {
    Format format{};
    ASSERT_TRUE(parse_format(name, format));
    EXPECT_FALSE(render(ConfirmLagReport{}, format).empty());
  }
  Format format{};
  EXPECT_FALSE(parse_format("pdf", format));
}

TEST(Published, HoldsTheSixCellsOfTheTable) {
  EXPECT_EQ(published_confirm_lag_ms("ENAM", "WNAM"), 45);
  EXPECT_EQ(published_confirm_lag_ms("ENAM", "WEUR"), 55);
  EXPECT_EQ(published_confirm_lag_ms("ENAM", "EEUR"), 67);
  EXPECT_EQ(published_confirm_lag_ms("WNAM", "ENAM"), 30);
  EXPECT_EQ(published_confirm_lag_ms("WNAM", "WEUR"), 75);
  EXPECT_EQ(published_confirm_lag_ms("WNAM", "EEUR"), 75);
  EXPECT_FALSE(published_confirm_lag_ms("ENAM", "ENAM"));
  EXPECT_FALSE(published_confirm_lag_ms("ENAM", "APAC"));
}

}  // namespace
}  // namespace tidemark::reports
