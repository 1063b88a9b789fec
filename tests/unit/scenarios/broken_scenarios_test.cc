// Every file of tests/cli/broken_scenarios has a line or more in expected.tsv: name, line:column, fragment of the
// message.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "scenarios/loader.h"

namespace tidemark::scenarios {
namespace {

const std::filesystem::path kFolder = TIDEMARK_BROKEN_SCENARIOS;

struct Expectation {
  std::string name;
  std::string place;
  std::string fragment;
};

std::vector<Expectation> expectations() {
  std::vector<Expectation> rows;
  std::ifstream file(kFolder / "expected.tsv");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    rows.push_back({line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1)});
  }
  return rows;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(BrokenScenarios, EachGivesItsMessageAtItsPlace) {
  for (const Expectation& row : expectations()) {
    const std::string file = row.name + ".toml";
    const LoadResult result = load_scenario(text_of(kFolder / file), file);
    ASSERT_FALSE(result.ok()) << file;
    const std::string place = file + ":" + row.place + ": ";
    bool found = false;
    for (const Diagnostic& diagnostic : result.diagnostics.sorted()) {
      const std::string text = diagnostic.text();
      found = found || (text.rfind(place, 0) == 0 && text.find(row.fragment) != std::string::npos);
    }
    EXPECT_TRUE(found) << "expected " << place << row.fragment << "\nfound:\n" << result.diagnostics.text();
  }
}

TEST(BrokenScenarios, AreManyAndEachHasAnExpectation) {
  std::set<std::string> expected;
  for (const Expectation& row : expectations()) expected.insert(row.name + ".toml");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() != ".toml") continue;
    ++files;
    EXPECT_TRUE(expected.count(entry.path().filename().string()) == 1) << entry.path();
  }
  EXPECT_GE(files, 120U);
}

}  // namespace
}  // namespace tidemark::scenarios
