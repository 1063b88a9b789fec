#include "reports/bookstore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kMs = 1'000'000;

BookstoreReport store_sample() {
  BookstoreReport report;
  report.scenario = "a<b";
  report.seed = 7;
  StorePlacement& replicas = report.placements.emplace_back();
  replicas.name = "replicas";
  replicas.digest = "d0";
  replicas.virtual_seconds = 20;
  for (int i = 1; i <= 10; ++i) replicas.add({"FRA", StoreKind::kSearch, i * kMs});
  replicas.add({"FRA", StoreKind::kCheckout, 120 * kMs});
  replicas.add({"SYD", StoreKind::kCart, 55 * kMs});
  StorePlacement& alone = report.placements.emplace_back();
  alone.name = "primary alone";
  for (int i = 1; i <= 10; ++i) alone.add({"FRA", StoreKind::kSearch, (90 + i) * kMs});
  return report;
}

TEST(BookstoreReport, PutsCitiesNextToTheClaim) {
  const std::string text = render(store_sample(), Format::kText);
  EXPECT_THAT(text, HasSubstr("Bookstore: scenario a<b, seed 7, 20 virtual seconds\n"));
  EXPECT_THAT(text,
              HasSubstr("p90 below 55 ms from almost everywhere in the world (Macrometa-Cloudflare Bookstore Demo "
                        "App, README"));
  const std::string markdown = render(store_sample(), Format::kMarkdown);
  EXPECT_THAT(markdown,
              HasSubstr("| all actions | 12 | 6.0 | 55.0 | 120.0 | 1 of 2 | 10 | 95.0 | 99.0 | 100.0 | 0 of 1 "
                        "|\n"));
  EXPECT_THAT(markdown, HasSubstr("| reads | 11 | 6.0 | 10.0 | 55.0 | 1 of 2 |"));
  EXPECT_THAT(markdown, HasSubstr("| writes | 1 | 120.0 | 120.0 | 120.0 | 0 of 1 | 0 | - | - | - | 0 of 0 |\n"));
  EXPECT_THAT(markdown, HasSubstr("| checkout | 1 | 120.0 | 120.0 | 120.0 | 0 of 1 | 0 |"));
  EXPECT_THAT(markdown,
              HasSubstr("| FRA | 6.0 / 10.0 / 120.0 | yes | 5.0 / 9.0 / 10.0 | yes | 95.0 / 99.0 / 100.0 | no "
                        "|"));
  // 55 ms are not below 55 ms, and who asked for nothing has no figure.
  EXPECT_THAT(markdown, HasSubstr("| SYD | 55.0 / 55.0 / 55.0 | no | 55.0 / 55.0 / 55.0 | no | - | - | - | - |\n"));
}

TEST(BookstoreReport, HasTheSameFiguresInEveryFormat) {
  EXPECT_THAT(render(store_sample(), Format::kText),
              AllOf(HasSubstr("\n  SYD      55.0 / 55.0 / 55.0                   no"),
                    HasSubstr("Latency per city and kind of action in ms, "
                              "primary alone: p50 / p90 / p99:\n")));
  EXPECT_THAT(render(store_sample(), Format::kMarkdown),
              HasSubstr("| city | browse | search | look at the cart | list orders | best sellers | recommendations | "
                        "change the cart | checkout |\n| --- | ---: |"));
  EXPECT_THAT(render(store_sample(), Format::kCsv),
              AllOf(HasSubstr("placement,city,action,count,p50_ms,p90_ms,p99_ms,p90_below_claim\n"),
                    HasSubstr("replicas,all,all actions,12,6.000,55.000,120.000,no\n"),
                    HasSubstr("replicas,FRA,search,10,5.000,9.000,10.000,yes\n"),
                    HasSubstr("primary alone,FRA,checkout,0,,,,\n")));
  EXPECT_THAT(render(store_sample(), Format::kJson),
              AllOf(HasSubstr("\"claim\": {\n    \"p90_ms\": 55,"), HasSubstr("\"city\": \"SYD\""),
                    HasSubstr("\"digest\": \"d0\""), HasSubstr("\"p90_ms\": 120.000"), HasSubstr("\"p50_ms\": null"),
                    HasSubstr("\"p90_below_claim\": true")));
  EXPECT_THAT(
      render(store_sample(), Format::kHtml),
      AllOf(HasSubstr("Bookstore: scenario a&lt;b"), HasSubstr("<title>Bookstore: a&lt;b</title>"),
            HasSubstr("<td class=\"l\">SYD</td><td>55.0 / 55.0 / 55.0</td><td>no</td>"), Not(HasSubstr("a<b"))));
}

TEST(BookstoreReport, SaysWhenThereIsNothing) {
  for (const Format format : {Format::kText, Format::kMarkdown, Format::kCsv, Format::kJson, Format::kHtml}) {
    EXPECT_NE(render(BookstoreReport(), format), "");
    BookstoreReport report;
    report.placements.emplace_back().name = "replicas";
    EXPECT_THAT(render(report, format), HasSubstr("replicas"));
    EXPECT_EQ(render(report, format), render(report, format));
  }
}

}  // namespace
}  // namespace tidemark::reports
