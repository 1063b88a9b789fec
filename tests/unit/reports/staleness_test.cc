#include "reports/staleness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

using testing::HasSubstr;
using testing::Not;

checkers::StalenessReport sample() {
  checkers::StalenessReport report;
  report.has_times = true;
  report.all.reads = 200;
  report.all.stale = 3;
  report.all.versions = {0, 0, 1, 4};
  report.all.ns = {0, 0, 20'400'000, 45'123'456};
  report.all.visibility[1] = {8, 6};
  report.regions.push_back({"ENAM", {}});
  report.regions.push_back({"WEUR", report.all});
  for (int i = 0; i < 12; ++i) {
    report.sessions.push_back({std::to_string(i), report.all});
    report.sessions.back().figures.ns.most = static_cast<std::uint64_t>(i) * 1'000'000;
  }
  report.unmeasured_reads = 7;
  return report;
}

TEST(StalenessReport, TellsAgesAndVisibility) {
  const std::string text = render(sample(), "a.jsonl", Format::kText);
  EXPECT_THAT(text, HasSubstr("a.jsonl: 3 of 200 reads missed something that was acknowledged before they were issued "
                              "(1.5 %)\n"));
  EXPECT_THAT(text, HasSubstr("  all            200  1.5 %             0    0    1    4     0.0  0.0  20.4  45.1\n"));
  EXPECT_THAT(text, HasSubstr("  region WEUR           -  75.0 %      -       -       -        -\n"));
  EXPECT_THAT(text, Not(HasSubstr("ENAM"))) << "no read was served there";
  EXPECT_THAT(text, HasSubstr("Of 12 sessions these are the 10 with the oldest reads."));
  EXPECT_THAT(text, Not(HasSubstr("session 1 "))) << "its reads are among the youngest";
  EXPECT_THAT(text, HasSubstr("7 reads are of keys whose versions have no known order"));
}

TEST(StalenessReport, WritesMarkdownAndJson) {
  EXPECT_THAT(render(sample(), "a", Format::kMarkdown), HasSubstr("| region WEUR | 200 | 1.5 % | 0 | 0 | 1 | 4 |"));
  const std::string json = render(sample(), "a", Format::kJson);
  EXPECT_THAT(json, HasSubstr("\"max\": 45.123"));
  EXPECT_THAT(json, HasSubstr("\"after_ms\": 10,\n      \"pairs\": 8,\n      \"seen\": 6"));
  EXPECT_EQ(json, render(sample(), "a", Format::kJson));
}

TEST(StalenessReport, SaysWhenThereIsNothingToTell) {
  EXPECT_EQ(render({}, "a", Format::kText), "a: no read whose age can be told\n");
  checkers::StalenessReport untimed = sample();
  untimed.has_times = false;
  EXPECT_THAT(render(untimed, "a", Format::kText), Not(HasSubstr("ms")));
}

}  // namespace
}  // namespace tidemark::reports
