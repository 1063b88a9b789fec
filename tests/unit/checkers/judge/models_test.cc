#include "checkers/judge/models.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "notation.h"

namespace tidemark::checkers {
namespace {

using testing::history_of;

TEST(Models, HaveNamesThatFindThem) {
  std::set<std::string> names;
  for (const ModelInfo& model : models()) {
    EXPECT_EQ(find_model(model.name), &model);
    EXPECT_EQ(&info(model.model), &model);
    EXPECT_TRUE(names.insert(model.name).second) << model.name;
    for (const char* text : {model.guarantee, model.assumes, model.unknown, model.cost}) {
      EXPECT_EQ(std::string(text).back(), '.') << model.name;
    }
  }
  EXPECT_EQ(names.size(), 13U);
  EXPECT_EQ(find_model("causal"), nullptr);
}

/// Without line breaks and runs of spaces.
std::string flowing(const std::string& text) {
  std::istringstream words(text);
  std::string result;
  for (std::string word; words >> word;) result += word + " ";
  return result;
}

TEST(Models, AreDescribedOnTheirPageInTheSameWords) {
  std::ifstream in(TIDEMARK_DOCS "/checkers.md");
  const std::string page = flowing(std::string(std::istreambuf_iterator<char>(in), {}));
  for (const ModelInfo& model : models()) {
    EXPECT_NE(page.find("### `" + std::string(model.name) + "`"), std::string::npos) << model.name;
    for (const char* text : {model.guarantee, model.assumes, model.unknown, model.cost}) {
      EXPECT_NE(page.find(flowing(text)), std::string::npos) << model.name << ": " << text;
    }
  }
}

TEST(Models, JudgeEveryKindThatTheyNameAndAnEmptyHistory) {
  for (const ModelInfo& model : models()) {
    const Judgement judgement = judge(HistoryBuilder().build(true), model.model);
    EXPECT_NE(judgement.validity, Validity::kInvalid) << model.name;
  }
}

TEST(Models, ASerialOrderIsSearchedWhereTheGraphLeavesItOpen) {
  const History history = history_of("s1: w x 1\ns2: w x 2\ns1: w x 1\ns3: r x 1\ns3: r x 2\ns3: r x 1");
  JudgeOptions options;
  options.want_order = true;
  const Judgement judgement = judge(history, Model::kSequential, options);
  EXPECT_EQ(judgement.validity, Validity::kValid);
  EXPECT_EQ(judgement.order.size(), 6U);
  EXPECT_EQ(judge(history_of("s1: inc c 1\ns2: r c #1"), Model::kSequential).validity, Validity::kValid);
  EXPECT_EQ(judge(history_of("s1: inc c 1\ns1: r c #0"), Model::kSequential).anomalies.at(0).name, "no-order");
}

constexpr Model kWeak[] = {Model::kSessionSnapshot, Model::kReadCommitted,   Model::kReadYourWrites,
                           Model::kMonotonicReads,  Model::kMonotonicWrites, Model::kWritesFollowReads};

TEST(Models, WeakOnesHoldWhereASearchFindsASerialOrder) {
  const char* const kHistories[] = {
      "s1: a x 1\ns1: clear x\ns2: r x [1]\ns2: r x []\ns1: a x 2\ns2: r x [2]",
      "s1: w x 1\ns2: w x 1\ns3: r x 1",
      "s1: inc c 1\ns2: r c #1",
  };
  for (const char* const text : kHistories) {
    for (const Model model : kWeak) {
      const Judgement judgement = judge(history_of(text), model);
      EXPECT_EQ(judgement.validity, Validity::kValid) << info(model).name << ": " << text << ": " << judgement.reason;
      EXPECT_EQ(judgement.observations, history_of(text).transactions().size());
    }
  }
}

TEST(Models, WeakOnesSayWhatIsMissingWhereThereIsNoSerialOrder) {
  const History history = history_of("s1: a x 1\ns1: clear x\ns1: r x [1]\ns2: a y 1");
  for (const Model model : kWeak) {
    const Judgement judgement = judge(history, model);
    EXPECT_EQ(judgement.validity, model == Model::kReadCommitted ? Validity::kValid : Validity::kUnknown);
    if (model == Model::kReadCommitted) continue;  // sessions do not count: the read may stand between
    EXPECT_EQ(judgement.reason,
              "x is cleared by T1: no order of versions follows where a key begins again; that it is sequential, which "
              "would be enough, is not so")
        << info(model).name;
  }
  JudgeOptions options;
  options.step_budget = 1;
  EXPECT_EQ(judge(history, Model::kSessionSnapshot, options).validity, Validity::kUnknown);
  const auto reason = [](const char* text) { return judge(history_of(text), Model::kMonotonicReads).reason; };
  EXPECT_EQ(reason("s1: inc c 1\ns1: r c #0").substr(0, 42), "c is a counter: no order of versions follo");
  EXPECT_EQ(reason("s1: w x 1\ns1: add x 1\ns1: r x 1").substr(0, 36), "x is used as several kinds of data: ");
}

TEST(Models, AFailedComparisonCountsOnRequest) {
  const History history = history_of("s1: w x 1\ns1: cas x 1 2 !\ns1: r x 1");
  JudgeOptions options;
  EXPECT_EQ(judge(history, Model::kSequential, options).validity, Validity::kValid);
  options.failed_cas_compared = true;
  EXPECT_EQ(judge(history, Model::kSequential, options).validity, Validity::kInvalid);
}

TEST(Models, RealTimeMustBeInTheHistory) {
  const History history = history_of("s1: a x 1\ns2: r x []");
  EXPECT_EQ(judge(history, Model::kStrictSerializable).validity, Validity::kUnknown);
  EXPECT_EQ(judge(history, Model::kLinearizable).validity, Validity::kUnknown);
}

}  // namespace
}  // namespace tidemark::checkers
