// The published confirm-lag table comes out of the real program: all six cells within 10 % with one set of global
// parameters, at five seeds, from at least 1,000 samples a cell, never faster than light in fibre.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "program.h"

namespace tidemark::cli {
namespace {

/// "db-a WNAM" -> ms, as Cloudflare published it (blog, 2025-04-10).
const std::map<std::string, double> kPublished = {{"db-a WNAM", 45}, {"db-a WEUR", 55}, {"db-a EEUR", 67},
                                                  {"db-b ENAM", 30}, {"db-b WEUR", 75}, {"db-b EEUR", 75}};

class ConfirmLag : public testing::TestWithParam<int> {};

TEST_P(ConfirmLag, ReproducesEveryPublishedCellWithinTenPercent) {
  const Said said = tidemark(
      {"report", "confirm-lag", "published/confirm_lag", "--seed", std::to_string(GetParam()), "--format", "json"});
  ASSERT_EQ(said.code, 0) << said.err;
  simdjson::dom::parser parser;
  const simdjson::dom::element report = parser.parse(said.out);
  std::size_t compared = 0;
  std::map<std::string, int> regions;
  for (const simdjson::dom::element cell : report["cells"]) {
    const std::string name =
        std::string(std::string_view(cell["database"])) + " " + std::string(std::string_view(cell["replica_region"]));
    ++regions[std::string(std::string_view(cell["replica_region"]))];
    EXPECT_GE(std::uint64_t(cell["samples"]), 1000U) << name;
    EXPECT_EQ(std::uint64_t(cell["below_floor"]), 0U) << name;
    EXPECT_GT(double(cell["p50_ms"]), double(cell["floor_ms"])) << name;
    EXPECT_LE(double(cell["p50_ms"]), double(cell["p95_ms"])) << name;
    EXPECT_LE(double(cell["p95_ms"]), double(cell["p99_ms"])) << name;
    const auto published = kPublished.find(name);
    if (published == kPublished.end()) {
      EXPECT_TRUE(cell["published_ms"].is_null()) << name;
      continue;
    }
    ++compared;
    EXPECT_DOUBLE_EQ(double(cell["published_ms"]), published->second) << name;
    EXPECT_LE(std::abs(double(cell["p50_ms"]) / published->second - 1), 0.10)
        << name << " p50 " << double(cell["p50_ms"]);
    // The causes add up to the mean, which lies within the distribution.
    double sum = 0;
    for (const auto& [cause, ms] : simdjson::dom::object(cell["mean_causes"])) sum += double(ms);
    EXPECT_GT(sum, double(cell["floor_ms"])) << name;
    EXPECT_LT(sum, double(cell["p95_ms"])) << name;
  }
  EXPECT_EQ(compared, kPublished.size());
  EXPECT_EQ(regions.count("APAC") + regions.count("OC"), 2U) << "rows without a published figure are shown too";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ConfirmLag, testing::Values(1, 2, 3, 4, 5));

}  // namespace
}  // namespace tidemark::cli
