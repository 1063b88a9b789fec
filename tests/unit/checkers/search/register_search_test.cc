#include "checkers/search/register_search.h"

#include <gtest/gtest.h>

#include "small_record.h"

namespace tidemark::checkers::search {
namespace {

using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

History two_writers_two_readers() {
  SmallRecord record;
  record("a ok 0 1 w x 1")("b ok 0 1 w x 2")("c ok 0 1 r x 1")("d ok 0 1 r x 2");
  return record.build(false);
}

TEST(RegisterSearch, FindsAnOrderThatKeepsTheKnownEdges) {
  const History history = two_writers_two_readers();
  const RegisterSearchResult free = search_register_order(history, {}, true, {});
  EXPECT_EQ(free.validity, Validity::kValid);
  EXPECT_EQ(free.order.size(), 4U);
  const RegisterSearchResult bound = search_register_order(history, Edges{{3, 2}}, true, {});
  ASSERT_EQ(bound.validity, Validity::kValid);
  EXPECT_EQ(bound.order, (std::vector<std::uint32_t>{1, 3, 0, 2}));
}

TEST(RegisterSearch, RefutesEdgesThatHaveNoExtension) {
  const History history = two_writers_two_readers();
  const RegisterSearchResult result = search_register_order(history, Edges{{2, 1}, {3, 0}}, true, {});
  EXPECT_EQ(result.validity, Validity::kInvalid);
  EXPECT_FALSE(result.stuck.empty());
}

TEST(RegisterSearch, KeepsSessionsOnlyWhenAsked) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a ok 2 3 w x 2")("b ok 4 5 r x 2")("b ok 6 7 r x 1");
  const History history = record.build(false);
  EXPECT_EQ(search_register_order(history, {}, true, {}).validity, Validity::kInvalid);
  EXPECT_EQ(search_register_order(history, {}, false, {}).validity, Validity::kValid);
}

TEST(RegisterSearch, PassesOverEdgesOfTransactionsThatDidNotHappen) {
  SmallRecord record;
  record("a ok 0 1 w x 1")("a fail 2 3 w x 2")("b ok 4 5 r x 1");
  const RegisterSearchResult result = search_register_order(record.build(false), Edges{{1, 0}}, true, {});
  ASSERT_EQ(result.validity, Validity::kValid);
  EXPECT_EQ(result.order, (std::vector<std::uint32_t>{0, 2}));
}

TEST(RegisterSearch, SaysHowFarItCameWhenItGivesUp) {
  SmallRecord record;  // a set hides its members' order from the search: it must try them
  for (int i = 0; i < 16; ++i) record("s" + std::to_string(i) + " ok 0 1 add x " + std::to_string(i));
  record("r ok 0 1 set x 1 17");
  JudgeOptions options;
  options.step_budget = 1'000;
  const RegisterSearchResult result = search_register_order(record.build(false), {}, true, options);
  EXPECT_EQ(result.validity, Validity::kUnknown);
  EXPECT_NE(result.reason.find("of 17 transactions"), std::string::npos) << result.reason;
}

}  // namespace
}  // namespace tidemark::checkers::search
