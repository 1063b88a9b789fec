// Cells, their names, and their texts.
#include "steer/cells.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/core/random.h"

namespace tidemark::steer {
namespace {

constexpr std::uint8_t number(Step step) {
  return static_cast<std::uint8_t>(step);
}

TEST(Cells, HaveNames) {
  constexpr auto kSealing = static_cast<std::uint8_t>(static_cast<std::uint8_t>(Phase::kBeside0) + 1);
  EXPECT_EQ(cell_name(make_cell(Role::kFollower, kSealing, number(Step::kPromise), number_of(sim::FaultKind::kN4))),
            "follower | leader sealing | promise | N4 loss");
  EXPECT_EQ(cell_name(make_cell(Role::kReplica, 3, static_cast<std::uint8_t>(sim::EventKind::kDeliver), 0)),
            "replica | booting | deliver | none");
  EXPECT_EQ(cell_name(make_cell(Role::kHost, 12, number(Step::kFrom0) + 9, 0)), "host | serving | from sealing | none");
}

/// Whose phase it can be.
bool fits(Role role, std::uint32_t phase) {
  if (phase >= static_cast<std::uint32_t>(Phase::kControl0)) return role == Role::kControl;
  if (phase >= static_cast<std::uint32_t>(Phase::kBeside0)) return role == Role::kFollower || role == Role::kReplica;
  if (phase >= static_cast<std::uint32_t>(Phase::kHost0)) return role == Role::kHost;
  return true;
}

TEST(Cells, HaveANameEachAndOddOnesAQuestionMark) {
  std::map<std::string, Cell> names;
  for (Cell cell = 0; cell < 1U << 24; cell += fault_of(cell) == 2 ? 126 : 1) {
    const std::string name = cell_name(cell);
    const auto role = static_cast<Role>(cell >> 20);
    const std::uint32_t step = cell >> 7 & 127, from = static_cast<std::uint32_t>(Step::kFrom0);
    if (name.find('?') != std::string::npos || !fits(role, cell >> 14 & 63)) continue;
    if (step >= from && !fits(role, step - from)) continue;
    const auto [known, is_new] = names.emplace(name, cell);
    ASSERT_TRUE(is_new) << name << " is " << known->second << " and " << cell;
  }
  EXPECT_GT(names.size(), 5'000U);
}

TEST(Cells, EveryFaultKindFits) {
  EXPECT_LT(sim::fault_kinds().size(), 127U);
  EXPECT_EQ(fault_of(make_cell(Role::kHost, 1, 2, number_of(sim::FaultKind::kB6))), number_of(sim::FaultKind::kB6));
}

TEST(CellMap, CountsInBuckets) {
  CellMap map;
  const Cell once = make_cell(Role::kHost, 8, 16, 0), often = make_cell(Role::kHost, 8, 17, 3);
  map.count(once);
  for (int i = 0; i < 9; ++i) map.count(often);
  EXPECT_EQ(map.cells(), 2U);
  const std::vector<Feature> expected = {make_feature(once, 0), make_feature(often, 0), make_feature(often, 1),
                                         make_feature(often, 2)};
  EXPECT_EQ(map.features(), expected);
}

TEST(CellMap, DropsWhatHasNoRoomAndSaysSo) {
  CellMap map;
  for (Cell cell = 0; cell < CellMap::kSlots + 10; ++cell) map.count(cell);
  EXPECT_EQ(map.cells(), CellMap::kSlots - 1);
  EXPECT_EQ(map.dropped(), 11U);
  map.count(5);  // what is known is still counted
  EXPECT_EQ(map.dropped(), 11U);
}

TEST(Features, AreReadBack) {
  sim::RandomStream random(7, "features");
  for (int round = 0; round < 200; ++round) {
    std::set<Feature> drawn;
    const std::uint64_t count = random.below(40);
    for (std::uint64_t i = 0; i < count; ++i)
      drawn.insert(static_cast<Feature>(random.below(std::uint64_t{1} << (1 + random.below(27)))));
    const std::vector<Feature> features(drawn.begin(), drawn.end());
    std::vector<Feature> read;
    ASSERT_TRUE(unpack_features(pack_features(features), read));
    EXPECT_EQ(read, features);
  }
}

TEST(Features, RefuseOtherText) {
  std::vector<Feature> read;
  for (const char* text : {"?", "a b", "zzzzzzzzzzzz", "w", "10"}) EXPECT_FALSE(unpack_features(text, read)) << text;
}

}  // namespace
}  // namespace tidemark::steer
