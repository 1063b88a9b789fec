// What the reference log forgets, and what it must go on to know: every page of every state that it retains.
#include "checkers/replication/chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace tidemark::checkers {
namespace {

Position at(Ordinal ordinal) {
  return {1, static_cast<std::uint32_t>(ordinal), {ordinal, ordinal}};
}

/// A page as the entry `ordinal` made it.
Digest128 image(std::uint32_t pgno, Ordinal ordinal) {
  return {pgno, ordinal};
}

/// Page 1 changes with every entry, page 2 with every seventh, page 3 with the first alone.
std::vector<std::uint32_t> pages_of(Ordinal ordinal) {
  std::vector<std::uint32_t> pages{1};
  if (ordinal % 7 == 1) pages.push_back(2);
  if (ordinal == 1) pages.push_back(3);
  return pages;
}

void append(Chain& chain, Ordinal ordinal) {
  std::vector<PageImage> images;
  for (const std::uint32_t pgno : pages_of(ordinal)) images.push_back({pgno, image(pgno, ordinal)});
  EntryCommitted entry;
  entry.position = at(ordinal);
  entry.previous = ordinal == 1 ? Position() : at(ordinal - 1);
  entry.pages = images;
  entry.size_pages = 3;
  ASSERT_EQ(chain.append(entry, 0), Chain::Appended::kMain);
}

/// The newest entry up to `ordinal` that changed the page.
Ordinal changed_last(std::uint32_t pgno, Ordinal ordinal) {
  if (pgno == 1) return ordinal;
  return pgno == 2 ? ordinal - (ordinal - 1) % 7 : 1;
}

TEST(Chain, KnowsEveryPageOfWhatItRetains) {
  Chain chain;
  for (Ordinal head = 1; head <= 60; ++head) {
    append(chain, head);
    if (head > 5) chain.forget_before(head - 5);
    for (Ordinal ordinal = std::max<Ordinal>(chain.oldest(), 1); ordinal <= head; ++ordinal)
      for (const std::uint32_t pgno : {1U, 2U, 3U}) {
        const Digest128* const page = chain.page_at(pgno, ordinal);
        ASSERT_NE(page, nullptr) << "page " << pgno << " at " << ordinal << " of " << head;
        EXPECT_EQ(*page, image(pgno, changed_last(pgno, ordinal))) << "page " << pgno << " at " << ordinal;
      }
  }
  EXPECT_EQ(chain.oldest(), 55U);
}

}  // namespace
}  // namespace tidemark::checkers
