#include "sim/net/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/net/csv.h"

namespace tidemark::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string row(const std::string& line) {
  return "site,city,region,lat,lon,host,source\n" + line + "\n";
}

TEST(SiteTable, ShippedTableHasAllSites) {
  const SiteTable& sites = SiteTable::shipped();
  EXPECT_EQ(sites.metros(), 82);
  EXPECT_EQ(sites.hosts().size(), 32U);
  EXPECT_EQ(sites.hosts("WNAM").size(), 5U);
  EXPECT_EQ(sites.hosts("ENAM").size(), 5U);
  EXPECT_EQ(sites.hosts("WEUR").size(), 6U);
  EXPECT_EQ(sites.hosts("EEUR").size(), 7U);
  EXPECT_EQ(sites.hosts("APAC").size(), 5U);
  EXPECT_EQ(sites.hosts("OC").size(), 4U);
  EXPECT_TRUE(sites.hosts("SAM").empty());
  EXPECT_THAT(sites.regions(), ElementsAre("WNAM", "ENAM", "WEUR", "EEUR", "APAC", "OC", "SAM", "AFR", "ME"));
  EXPECT_EQ(sites.site(sites.at("FRA")).region, "EEUR");
  EXPECT_EQ(sites.site(sites.at("DFW")).region, "WNAM");
}

TEST(SiteTable, NamesAndIdsAreInverse) {
  const SiteTable& sites = SiteTable::shipped();
  for (const char* name : {"IAD", "IAD/1", "IAD/63", "GRU"}) EXPECT_EQ(sites.name(sites.at(name)), name);
  EXPECT_NE(sites.at("IAD"), sites.at("IAD/1"));
  EXPECT_EQ(sites.at("IAD").metro(), sites.at("IAD/1").metro());
  for (const char* name : {"", "iad", "XXX", "IAD/", "IAD/0", "IAD/01", "IAD/64", "IAD/-1", "IAD/1/2", "/1"})
    EXPECT_FALSE(sites.find(name)) << name;
}

TEST(SiteTable, NearestHostIsByGreatCircle) {
  const SiteTable& sites = SiteTable::shipped();
  EXPECT_EQ(sites.name(sites.nearest_host(sites.at("DUB"))), "LHR");
  EXPECT_EQ(sites.name(sites.nearest_host(sites.at("HNL"))), "SJC");
  EXPECT_EQ(sites.name(sites.nearest_host(GeoPoint{-41'290'000, -174'780'000})), "AKL");  // across the date line
  EXPECT_EQ(sites.name(sites.nearest_site(GeoPoint{53'000'000, -6'000'000})), "DUB");
  EXPECT_EQ(sites.nearest_host(sites.at("IAD/3")), sites.at("IAD"));
}

TEST(SiteTable, BrokenTablesAreRefusedWithAPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "line 0: the header is missing"},
      {"site,city\n", "line 1: expected the header"},
      {row("IAD,Ashburn,ENAM,1,2,1"), "line 2: expected 7 columns, found 6"},
      {row("iad,Ashburn,ENAM,1,2,1,x"), "three capital letters"},
      {row("IAD,Ashburn,ENAM,91,2,1,x"), "lat must be"},
      {row("IAD,Ashburn,ENAM,1,-180.1,1,x"), "lon must be"},
      {row("IAD,Ashburn,ENAM,1,2,yes,x"), "host must be 0 or 1"},
      {row("IAD,Ashburn,ENAM,1e3,2,1,x"), "lat must be"},
      {row("IAD,,ENAM,1,2,1,x"), "must not be empty"},
      {row("IAD,Ashburn,ENAM,1,2,1,x\nIAD,Ashburn,ENAM,1,2,1,x"), "line 3: site IAD is there twice"},
      {row("IAD,\"Ashburn\",ENAM,1,2,1,x"), "quotes"},
      {row("IAD,Ashburn,ENAM,1,2,1,x\n"), "line 3: blank line"},
      {"site,city,region,lat,lon,host,source\n", "no sites"},
      {"site,city,region,lat,lon,host,source\nIAD,Ashburn,ENAM,1,2,1,x", "line 2: the last line has no end"},
  };
  for (const auto& [text, expected] : cases) {
    std::string problem;
    EXPECT_FALSE(SiteTable::parse(text, problem)) << expected;
    EXPECT_THAT(problem, HasSubstr(expected));
  }
}

TEST(Csv, DecimalsAreExactIntegers) {
  EXPECT_EQ(parse_decimal("10.47", 6), 10'470'000);
  EXPECT_EQ(parse_decimal("-0.5", 1), -5);
  EXPECT_EQ(parse_decimal("7", 0), 7);
  for (const char* text : {"", "-", ".", "1.", ".5", "1.23", "+1", "1e3", " 1", "1 ", "0x1", "1234567890"})
    EXPECT_FALSE(parse_decimal(text, 1)) << text;
}

// The numbers are the same with every compiler: pinned here, and the tests run with gcc and clang.
TEST(Geography, FibreFloorsArePinned) {
  const SiteTable& sites = SiteTable::shipped();
  const auto floor = [&](const char* a, const char* b) { return sites.floor(sites.at(a), sites.at(b)).ns(); };
  EXPECT_EQ(floor("IAD", "IAD/5"), 0);
  EXPECT_EQ(floor("IAD", "DFW"), floor("DFW", "IAD"));
  EXPECT_EQ(floor("IAD", "DFW"), 9'218'435);
  EXPECT_EQ(floor("IAD", "FRA"), 32'078'535);
  EXPECT_EQ(floor("AKL", "MAD"), 96'002'236);
  std::uint64_t sum = 0;
  for (int a = 0; a < sites.metros(); ++a)
    for (int b = 0; b < sites.metros(); ++b)
      sum = sum * 31 + static_cast<std::uint64_t>(sites.floor(SiteId(a), SiteId(b)).ns());
  EXPECT_EQ(sum, 17212372222365224562U);
}

TEST(Geography, GreatCirclesAreRightAtTheCorners) {
  const double quarter = 6371.0 * 3.14159265358979323846 / 2;
  EXPECT_NEAR(great_circle_km({0, 0}, {0, 90'000'000}), quarter, 1e-6);
  EXPECT_NEAR(great_circle_km({0, 0}, {90'000'000, 12'000'000}), quarter, 1e-6);
  EXPECT_NEAR(great_circle_km({0, 0}, {0, 180'000'000}), 2 * quarter, 1e-6);
  EXPECT_NEAR(great_circle_km({0, 179'500'000}, {0, -179'500'000}), quarter / 90, 1e-6);
  EXPECT_EQ(great_circle_km({51'000'000, 3'000'000}, {51'000'000, 3'000'000}), 0.0);
}

}  // namespace
}  // namespace tidemark::sim
