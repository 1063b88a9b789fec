#include "model/types/bookmark.h"

#include <gtest/gtest.h>

namespace tidemark::model {
namespace {

TEST(Bookmark, HasTheTextOfItsPartsWithEveryDigit) {
  const Bookmark bookmark{0x0123'4567, 0x89ab'cdef, 0x0000'4e20, {0xfedc'ba98'7654'3210, 0x0000'0000'0000'00ff}};
  EXPECT_EQ(bookmark.text(), "01234567-89abcdef-00004e20-fedcba987654321000000000000000ff");
  Bookmark parsed;
  ASSERT_TRUE(Bookmark::parse(bookmark.text(), parsed));
  EXPECT_EQ(parsed, bookmark);
}

}  // namespace
}  // namespace tidemark::model
