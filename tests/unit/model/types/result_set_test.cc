#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model/types/value.h"

namespace tidemark::model {
namespace {

ResultSetRef rows_of(int rows, const std::string& text, ResultSize hint) {
  static const ColumnNames names = column_names({"number", "text"});
  ResultSet::Builder builder(names, hint);
  for (int row = 0; row < rows; ++row) {
    builder.add_integer(row);
    builder.add_text(text + std::to_string(row));
  }
  return builder.finish();
}

void expect_rows(const ResultSet& set, int rows, const std::string& text) {
  ASSERT_EQ(set.rows(), static_cast<std::uint32_t>(rows));
  for (int row = 0; row < rows; ++row) {
    const std::span<const Cell> cells = set.row(static_cast<std::uint32_t>(row));
    EXPECT_EQ(cells[0].integer, row);
    EXPECT_EQ(cells[1].text(), text + std::to_string(row));
  }
}

TEST(ResultSet, KeepsItsRowsWhateverSetsCameAndWentBefore) {
  std::vector<ResultSetRef> kept;
  const std::vector<int> sizes{3, 0, 500, 1, 40, 2'000, 7, 499, 64};
  for (std::size_t round = 0; round < sizes.size(); ++round) {
    const int rows = sizes[round];
    const std::string text(round * 5 + 1, static_cast<char>('a' + round));
    const auto cells = static_cast<std::size_t>(rows) * 2;
    // Some guesses of the size are right, some too small, some too large; every third set dies at once.
    rows_of(rows, text, {cells, cells * 8});
    kept.push_back(rows_of(rows, text, {round % 2 == 0 ? cells : cells / 3, round % 3 == 0 ? 10 : cells * 20}));
  }
  for (std::size_t round = 0; round < sizes.size(); ++round)
    expect_rows(*kept[round], sizes[round], std::string(round * 5 + 1, static_cast<char>('a' + round)));
}

TEST(ResultSet, DigestsOfEqualContentAreEqualInReusedMemory) {
  const Digest128 first = rows_of(100, "x", {})->digest();
  rows_of(3'000, "something else", {6'000, 60'000});
  EXPECT_EQ(rows_of(100, "x", {200, 400})->digest(), first);
  EXPECT_NE(rows_of(100, "y", {200, 400})->digest(), first);
}

}  // namespace
}  // namespace tidemark::model
