#include "scenarios/quantity.h"

#include <gtest/gtest.h>

namespace tidemark::scenarios {
namespace {

std::int64_t integer(Unit unit, std::string_view text) {
  std::int64_t value = -1;
  std::string error;
  EXPECT_TRUE(parse_quantity(unit, text, value, error)) << error;
  return value;
}

double real(Unit unit, std::string_view text) {
  double value = -1;
  std::string error;
  EXPECT_TRUE(parse_quantity(unit, text, value, error)) << error;
  return value;
}

std::string complaint(Unit unit, std::string_view text) {
  std::int64_t value = 0;
  std::string error;
  EXPECT_FALSE(parse_quantity(unit, text, value, error)) << text;
  return error;
}

TEST(Quantity, ReadsEveryUnitExactly) {
  EXPECT_EQ(integer(Unit::kDuration, "55 ms"), 55'000'000);
  EXPECT_EQ(integer(Unit::kDuration, "55ms"), 55'000'000);
  EXPECT_EQ(integer(Unit::kDuration, "1.5 s"), 1'500'000'000);
  EXPECT_EQ(integer(Unit::kDuration, "0.1 us"), 100);
  EXPECT_EQ(integer(Unit::kDuration, "0.250 min"), 15'000'000'000);
  EXPECT_EQ(integer(Unit::kDuration, "2 h"), 7'200'000'000'000);
  EXPECT_EQ(integer(Unit::kDuration, "1 d"), 86'400'000'000'000);
  EXPECT_EQ(integer(Unit::kSize, "10 MiB"), 10'485'760);
  EXPECT_EQ(integer(Unit::kSize, "16 MB"), 16'000'000);
  EXPECT_EQ(integer(Unit::kBitRate, "1 Gbit/s"), 1'000'000'000);
  EXPECT_EQ(integer(Unit::kByteRate, "90 MB/s"), 90'000'000);
}

TEST(Quantity, PercentIsTheNearestDouble) {
  EXPECT_EQ(real(Unit::kRatio, "7 %"), 0.07);
  EXPECT_EQ(real(Unit::kRatio, "0.01%"), 1e-4);
  EXPECT_EQ(real(Unit::kRatio, "100 %"), 1.0);
  EXPECT_EQ(real(Unit::kRate, "50 /s"), 50.0);
  EXPECT_EQ(real(Unit::kRate, "90 /min"), 1.5);
}

TEST(Quantity, SaysWhatIsWrong) {
  EXPECT_NE(complaint(Unit::kDuration, "").find("expected a duration"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "5").find("no unit"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "5  s").find("not a unit"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, ".5 s").find("expected a duration"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "5. s").find("expected a duration"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "1e3 s").find("not a unit"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "0.0000000001 s").find("finer than 1 ns"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "9223372036855 s").find("too large"), std::string::npos);
  EXPECT_NE(complaint(Unit::kDuration, "9999999999999999999999999999999999999999 d").find("too large"),
            std::string::npos);
  EXPECT_NE(complaint(Unit::kSize, "1.5 B").find("finer than 1 B"), std::string::npos);
}

TEST(Quantity, PrintsTheLargestUnitThatKeepsTheNumberWhole) {
  EXPECT_EQ(print_quantity(Unit::kDuration, std::int64_t{0}), "0 s");
  EXPECT_EQ(print_quantity(Unit::kDuration, std::int64_t{1'500'000'000}), "1500 ms");
  EXPECT_EQ(print_quantity(Unit::kDuration, std::int64_t{60'000'000'000}), "1 min");
  EXPECT_EQ(print_quantity(Unit::kSize, std::int64_t{4096}), "4 KiB");
  EXPECT_EQ(print_quantity(Unit::kSize, std::int64_t{16'000'000}), "16 MB");
  EXPECT_EQ(print_quantity(Unit::kRatio, 0.07), "7 %");
  EXPECT_EQ(print_quantity(Unit::kRatio, 1e-4), "0.01 %");
  EXPECT_EQ(print_quantity(Unit::kRate, 0.5), "0.5 /s");
}

TEST(Quantity, PrintingAndParsingAreInverse) {
  for (std::int64_t value = 1; value < 4'000'000'000'000'000'000; value = value * 7 + 3) {
    for (const Unit unit : {Unit::kDuration, Unit::kSize, Unit::kBitRate, Unit::kByteRate}) {
      EXPECT_EQ(integer(unit, print_quantity(unit, value)), value);
    }
    const double fraction = 1.0 / static_cast<double>(value);
    EXPECT_EQ(real(Unit::kRatio, print_quantity(Unit::kRatio, fraction)), fraction);
    EXPECT_EQ(real(Unit::kRate, print_quantity(Unit::kRate, fraction)), fraction);
    if (value > 500'000'000'000'000'000) break;
  }
}

TEST(Number, HasNoUnitNoSignAndNoExponent) {
  double value = 0;
  std::string error;
  EXPECT_TRUE(parse_number("1.37", value, error));
  EXPECT_EQ(value, 1.37);
  for (const char* bad : {"", "-1", "1 ", "1e5", "0x10", "1,5", "nan", "1 %"})
    EXPECT_FALSE(parse_number(bad, value, error)) << bad;
  EXPECT_EQ(print_number(1e21), "1000000000000000000000");
  EXPECT_EQ(print_number(0.000001), "0.000001");
}

}  // namespace
}  // namespace tidemark::scenarios
