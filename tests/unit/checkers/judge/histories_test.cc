// Every file with a known verdict: the project's own, and a folder of published ones where there is one (the CMake
// cache variable or environment variable TIDEMARK_HISTORIES).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "checkers/formats/format.h"
#include "checkers/judge/models.h"

namespace tidemark::checkers {
namespace {

struct Expected {
  std::string file;
  std::string format;
  std::string model;
  std::string verdict;
  std::string anomaly;  // empty: not said
  std::string witness;
};

std::vector<Expected> expectations(const std::string& folder, bool own) {
  std::vector<Expected> all;
  std::ifstream in(folder + "/expected.tsv");
  std::string line;
  std::getline(in, line);  // the names of the columns
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    Expected one;
    for (std::string* field : {&one.file, &one.format, &one.model, &one.verdict}) std::getline(fields, *field, '\t');
    if (own) {
      std::getline(fields, one.anomaly, '\t');
      std::getline(fields, one.witness, '\t');
    }
    all.push_back(one);
  }
  return all;
}

std::string witness_of(const History& history, const Anomaly& anomaly) {
  std::string text;
  for (const std::uint32_t number : anomaly.transactions) {
    if (!text.empty()) text += ' ';
    text += std::to_string(history.transactions()[number].index);
  }
  return text;
}

void expect(const std::string& folder, const Expected& expected) {
  SCOPED_TRACE(expected.file + ", model " + expected.model);
  const std::optional<Format> format = find_format(expected.format);
  const ModelInfo* model = find_model(expected.model);
  ASSERT_TRUE(format.has_value()) << expected.format;
  ASSERT_NE(model, nullptr);
  const std::string path = folder + "/" + expected.file;
  const History history = read_history_file(path, *format);
  const Judgement judgement = judge(history, model->model);
  EXPECT_EQ(to_text(judgement.validity), expected.verdict) << judgement.reason;
  EXPECT_EQ(judgement.observations == 0, history.transactions().empty()) << "a check that saw nothing proves nothing";
  EXPECT_EQ(judgement.validity == Validity::kInvalid, !judgement.anomalies.empty());
  if (expected.anomaly.empty()) return;
  EXPECT_EQ(judgement.anomalies.empty() ? "-" : judgement.anomalies[0].name, expected.anomaly);
  EXPECT_EQ(judgement.anomalies.empty() ? "-" : witness_of(history, judgement.anomalies[0]), expected.witness);
}

std::string published_folder() {
  const char* named = std::getenv("TIDEMARK_HISTORIES");
  const std::string folder = named != nullptr ? named : TIDEMARK_HISTORIES;
  return std::filesystem::exists(folder + "/expected.tsv") ? folder : "";
}

TEST(Histories, OfTheProjectHaveTheirVerdictAndWitness) {
  const std::vector<Expected> all = expectations(TIDEMARK_OWN_HISTORIES, true);
  ASSERT_GE(all.size(), 80U);
  for (const Expected& one : all) expect(TIDEMARK_OWN_HISTORIES, one);
}

TEST(Histories, GuessTheirFormat) {
  for (const Expected& one : expectations(TIDEMARK_OWN_HISTORIES, true)) {
    if (one.file.find("empty") != std::string::npos) continue;
    const std::string path = std::string(TIDEMARK_OWN_HISTORIES) + "/" + one.file;
    EXPECT_STREQ(to_text(guess_format(path)), one.format.c_str()) << one.file;
  }
}

class PublishedHistories : public testing::TestWithParam<std::string> {};

TEST_P(PublishedHistories, HaveTheirVerdict) {
  for (const Expected& one : expectations(GetParam(), false)) expect(GetParam(), one);
}

std::vector<std::string> published() {
  const std::string folder = published_folder();
  return folder.empty() ? std::vector<std::string>{} : std::vector<std::string>{folder};
}

// Without the folder there is no such test: the list of tests says so.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(PublishedHistories);
INSTANTIATE_TEST_SUITE_P(OfTheFolder, PublishedHistories, testing::ValuesIn(published()),
                         [](const auto&) { return std::string("Found"); });

}  // namespace
}  // namespace tidemark::checkers
