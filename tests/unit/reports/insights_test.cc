#include "reports/insights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(StatementShape, HasNoValues) {
  EXPECT_EQ(shape_of("SELECT * FROM t WHERE a = 5 AND b='it''s' AND c >= -1.5e-3"),
            "SELECT * FROM t WHERE a = ? AND b = ? AND c >= - ?");
  EXPECT_EQ(shape_of("SELECT x'00ff', ?1, ?, :name, @a, $b2, .5, 0x1F"), "SELECT ?");
  EXPECT_EQ(shape_of("INSERT INTO \"Order\" VALUES (1, 'a', NULL)"), "INSERT INTO \"Order\" VALUES (?, NULL)");
  EXPECT_EQ(shape_of("SELECT t1.a2, \"x 1\", [b c], `d` FROM t1"), "SELECT t1.a2, \"x 1\", [b c], `d` FROM t1");
}

TEST(StatementShape, FoldsLists) {
  EXPECT_EQ(shape_of("SELECT a FROM t WHERE b IN (1,2,3)"), "SELECT a FROM t WHERE b IN (?)");
  EXPECT_EQ(shape_of("INSERT INTO t VALUES (1,2), (3,4),(5,6)"), "INSERT INTO t VALUES (?)");
  EXPECT_EQ(shape_of("SELECT f(1, a, 2, 3)"), "SELECT f(?, a, ?)");
}

TEST(StatementShape, OverlooksBlanksAndComments) {
  const std::string plain = shape_of("SELECT count(*) FROM t WHERE a||'x' <> 1");
  EXPECT_EQ(plain, "SELECT count(*) FROM t WHERE a || ? <> ?");
  EXPECT_EQ(shape_of("SELECT\n  count( * )  -- all\n FROM t /* here */ WHERE a || 'y'<>2"), plain);
}

TEST(StatementShape, TakesAnyText) {
  for (const char* text : {"", "'", "\"", "[", "--", "/*", "x'", "?", ":", "1e", "((((", ",,,", "\xff\xfe", "a.b.c;"})
    EXPECT_EQ(shape_of(text), shape_of(text)) << text;
  EXPECT_EQ(shape_of("SELECT 'never closed"), "SELECT ?");
  EXPECT_EQ(shape_of("/* never closed"), "");
}

InsightsReport sample() {
  InsightsReport report;
  report.scenario = "a<b";
  report.seed = 7;
  report.digest = "d0";
  report.virtual_seconds = 20;
  for (int i = 1; i <= 20; ++i) report.add("SELECT a FROM t WHERE id = " + std::to_string(i), i * 100'000, 1, 0);
  report.add("SELECT \"a|b\" FROM big", 30'000'000, 2'155, 0);
  report.add("UPDATE t SET a = 'x'", 1'500'000, 40, 40);
  report.add("UPDATE t SET a = 'y'", 500'000, 40, 40);
  return report;
}

TEST(Insights, AddUpByShape) {
  const std::string text = render(sample(), Format::kText);
  EXPECT_THAT(text, HasSubstr("Query insights: scenario a<b, seed 7, 20 virtual seconds, 23 statements of 3 shapes\n\n"
                              "The first 3 by total time. Times in ms of SQL alone:\n"));
  EXPECT_THAT(text,
              HasSubstr("  statement                     count  total ms    mean     p50     p95  rows read  per "
                        "call  rows written\n"
                        "  SELECT \"a|b\" FROM big             1      30.0  30.000  30.000  30.000       2155    "
                        "2155.0             0\n"
                        "  SELECT a FROM t WHERE id = ?     20      21.0   1.050   1.000   1.900         20       "
                        "1.0             0\n"));
}

TEST(Insights, ComeInTheOrderThatWasAskedFor) {
  InsightsReport report = sample();
  report.top = 1;
  EXPECT_THAT(render(report, Format::kCsv),
              "statement,count,total_ms,mean_ms,p50_ms,p95_ms,rows_read,rows_written\n"
              "\"SELECT \"\"a|b\"\" FROM big\",1,30.000,30.000,30.000,30.000,2155,0\n");
  EXPECT_TRUE(parse_order("count", report.order));
  EXPECT_THAT(render(report, Format::kCsv),
              AllOf(HasSubstr("id = ?\",20,21.000,1.050,1.000,1.900,20,0\n"), Not(HasSubstr("big"))));
  report.top = 2;
  EXPECT_TRUE(parse_order("reads", report.order));
  EXPECT_THAT(render(report, Format::kCsv), HasSubstr("\"UPDATE t SET a = ?\",2,2.000,1.000,0.500,1.500,80,80\n"));
  EXPECT_FALSE(parse_order("rows", report.order));
}

TEST(Insights, HaveTheSameFiguresInEveryFormat) {
  EXPECT_THAT(render(sample(), Format::kMarkdown),
              AllOf(HasSubstr("# Query insights\n"), HasSubstr("| SELECT \"a\\|b\" FROM big | 1 | 30.0 | 30.000 |"),
                    HasSubstr("| UPDATE t SET a = ? | 2 | 2.0 | 1.000 | 0.500 | 1.500 | 80 | 40.0 | 80 |\n")));
  EXPECT_THAT(render(sample(), Format::kJson),
              AllOf(HasSubstr("\"digest\": \"d0\""), HasSubstr("\"shapes\": 3"),
                    HasSubstr("\"statement\": \"UPDATE t SET a = ?\""), HasSubstr("\"total_ms\": 2.000"),
                    HasSubstr("\"rows_written\": 80")));
  EXPECT_THAT(
      render(sample(), Format::kHtml),
      AllOf(HasSubstr("scenario a&lt;b"), HasSubstr("<td class=\"l\">UPDATE t SET a = ?</td><td>2</td><td>2.0</td>"),
            HasSubstr("&quot;a|b&quot;")));
}

TEST(Insights, SayWhenThereIsNothing) {
  EXPECT_THAT(render(InsightsReport(), Format::kText), HasSubstr("0 statements of 0 shapes"));
  EXPECT_THAT(render(InsightsReport(), Format::kJson), HasSubstr("\"statements\": []"));
}

TEST(Insights, CutLongStatementsInTables) {
  InsightsReport report;
  report.add("SELECT \"" + std::string(91, 'a') + "\xc3\xa9\xc3\xa9\" FROM t", 1, 1, 0);
  EXPECT_THAT(render(report, Format::kText), HasSubstr("aaa..."));
  EXPECT_THAT(render(report, Format::kCsv), HasSubstr("\xc3\xa9\"\" FROM t"));
}

}  // namespace
}  // namespace tidemark::reports
