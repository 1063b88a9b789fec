#include "model/srs/log_search.h"

#include <gtest/gtest.h>

#include <deque>

namespace tidemark::model::srs {
namespace {

Bookmark at(std::uint32_t epoch, std::uint32_t sequence, std::uint32_t day = 7) {
  return {epoch, sequence, day, {}};
}

std::size_t found(const std::deque<Bookmark>& log, const Bookmark& bookmark) {
  return first_after(log, bookmark, [](const Bookmark& b) -> const Bookmark& { return b; });
}

std::size_t counted(const std::deque<Bookmark>& log, const Bookmark& bookmark) {
  std::size_t place = 0;
  while (place < log.size() && log[place] <= bookmark) ++place;
  return place;
}

void expect_every_place(const std::deque<Bookmark>& log) {
  for (std::uint32_t epoch = 0; epoch < 5; ++epoch)
    for (std::uint32_t sequence = 0; sequence < 14; ++sequence)
      for (std::uint32_t day : {6U, 7U, 8U})
        EXPECT_EQ(found(log, at(epoch, sequence, day)), counted(log, at(epoch, sequence, day)))
            << log.size() << " entries, " << epoch << "-" << sequence << " of day " << day;
}

TEST(LogSearch, AgreesWithCountingInLogsOfOneLeader) {
  std::deque<Bookmark> log;
  expect_every_place(log);
  for (std::uint32_t sequence = 3; sequence < 11; ++sequence) {
    log.push_back(at(2, sequence));
    expect_every_place(log);
  }
}

TEST(LogSearch, AgreesWithCountingWhereNumbersWereSkippedAndLeadersChanged) {
  expect_every_place({at(1, 2), at(1, 3), at(1, 7), at(1, 8)});
  expect_every_place({at(1, 4), at(1, 5), at(2, 1), at(2, 2), at(2, 3)});
  expect_every_place({at(1, 9), at(2, 0), at(2, 6), at(3, 1), at(3, 12)});
  expect_every_place({at(2, 5, 6), at(2, 5, 7), at(2, 5, 8)});
}

}  // namespace
}  // namespace tidemark::model::srs
