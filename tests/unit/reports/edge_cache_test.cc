#include "reports/edge_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;

EdgeCacheReport sample() {
  EdgeCacheReport report;
  report.scenario = "a<b";
  report.seed = 7;
  EdgeStrategy& off = report.strategies.emplace_back();
  off.name = "off";
  off.digest = "d0";
  off.virtual_seconds = 20;
  off.queries = 400;
  for (int i = 1; i <= 10; ++i) off.add({"FRA", false, i * 10'000'000, std::nullopt, 0});
  EdgeStrategy& expiry = report.strategies.emplace_back();
  expiry.name = "expiry";
  expiry.queries = 100;
  for (int i = 1; i <= 3; ++i) expiry.add({"FRA", true, 12'000'000, std::nullopt, 0});
  expiry.add({"SYD", true, 14'000'000, 2'500'000'000, 2});
  expiry.add({"SYD", false, 200'000'000, std::nullopt, 0});
  return report;
}

TEST(EdgeCacheReport, PutsStrategiesNextToEachOther) {
  const std::string text = render(sample(), Format::kText);
  EXPECT_THAT(text, HasSubstr("Edge cache: scenario a<b, seed 7, 20 virtual seconds\n"));
  EXPECT_THAT(
      text,
      HasSubstr("  strategy  reads    hits   p50    p90    p99  stale  of reads  age p50     max  broken guarantees  "
                "queries   of off\n"
                "  off          10   0.0 %  50.0   90.0  100.0      0     0.0 %        -       -                  0  "
                "    400  100.0 %\n"
                "  expiry        5  80.0 %  12.0  200.0  200.0      1    20.0 %   2500.0  2500.0                  2  "
                "    100   25.0 %\n"));
  EXPECT_THAT(text, HasSubstr("  FRA   50.0 / 90.0 / 100.0    12.0 / 12.0 / 12.0\n"));
  EXPECT_THAT(text, HasSubstr("  SYD                     -  14.0 / 200.0 / 200.0\n"));
}

TEST(EdgeCacheReport, HasTheSameFiguresInEveryFormat) {
  EXPECT_THAT(render(sample(), Format::kMarkdown),
              AllOf(HasSubstr("| expiry | 5 | 80.0 % | 12.0 | 200.0 | 200.0 | 1 | 20.0 % | 2500.0 | 2500.0 | 2 | 100 | "
                              "25.0 % |\n"),
                    HasSubstr("| city | off | expiry |\n| --- | ---: | ---: |\n")));
  EXPECT_THAT(
      render(sample(), Format::kCsv),
      AllOf(HasSubstr("strategy,city,reads,hits,p50_ms,"), HasSubstr("off,all,10,0,50.000,90.000,100.000,0,,,0,400\n"),
            HasSubstr("expiry,SYD,2,1,14.000,200.000,200.000,1,2500.000,2500.000,2,\n")));
  EXPECT_THAT(
      render(sample(), Format::kJson),
      AllOf(HasSubstr("\"hit_rate\": 0.8000"), HasSubstr("\"age_max_ms\": 2500.000"),
            HasSubstr("\"broken_guarantees\": 2"), HasSubstr("\"city\": \"SYD\""), HasSubstr("\"digest\": \"d0\"")));
  EXPECT_THAT(
      render(sample(), Format::kHtml),
      AllOf(HasSubstr("Edge cache: a&lt;b"), HasSubstr("<td class=\"l\">expiry</td><td>5</td><td>80.0 %</td>")));
}

TEST(EdgeCacheReport, SaysWhenThereIsNothing) {
  EXPECT_THAT(render(EdgeCacheReport(), Format::kText), HasSubstr("strategy"));
  EdgeCacheReport report;
  report.strategies.emplace_back().name = "off";
  EXPECT_THAT(render(report, Format::kText), HasSubstr("  off           0"));
  EXPECT_THAT(render(report, Format::kJson), HasSubstr("\"hit_rate\": null"));
  EXPECT_EQ(render(report, Format::kCsv), render(report, Format::kCsv));
}

}  // namespace
}  // namespace tidemark::reports
