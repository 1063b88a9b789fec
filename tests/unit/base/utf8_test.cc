#include "base/utf8.h"

#include <gtest/gtest.h>

namespace tidemark {
namespace {

TEST(Utf8, KnowsWhereACharacterEnds) {
  EXPECT_EQ(utf8_length("a"), 1U);
  EXPECT_EQ(utf8_length("\xc3\xa4 b"), 2U);
  EXPECT_EQ(utf8_length("\xe2\x82\xac"), 3U);
  EXPECT_EQ(utf8_length("\xf0\x9f\x98\x80"), 4U);
  for (const char* wrong :
       {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    EXPECT_EQ(utf8_length(wrong), 0U) << wrong;
}

TEST(Printable, LeavesTextAndLinesAndShowsTheRestAsHex) {
  EXPECT_EQ(printable("one\ntwo \xe2\x82\xac"), "one\ntwo \xe2\x82\xac");
  EXPECT_EQ(printable("\x1b[0m\t\r\x7f"), "\\x1b[0m\\x09\\x0d\\x7f");
  EXPECT_EQ(printable("cut \xe2\x82"), "cut \\xe2\\x82");
}

}  // namespace
}  // namespace tidemark
