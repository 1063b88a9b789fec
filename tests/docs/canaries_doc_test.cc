// docs/canaries.md against the tests: every canary and negative control has a row, and the tests that it names exist.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::string all_tests() {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(TIDEMARK_DOCS) / ".." / "tests"))
    if (entry.path().extension() == ".cc") text += read(entry.path());
  return text;
}

/// The last part of each test's name in the last column: of "Suite.Name", "Group/Suite.*/Name".
std::vector<std::string> tests_of(const std::string& row) {
  const std::string cell = row.substr(row.rfind(" | ", row.size() - 3));
  std::vector<std::string> names;
  const std::regex test("`[a-z_]+`: [A-Za-z/*]+\\.(?:\\*/)?([A-Za-z0-9_]+|\\*)");
  for (std::sregex_iterator at(cell.begin(), cell.end(), test), end; at != end; ++at) names.push_back((*at)[1]);
  return names;
}

TEST(CanariesPage, NamesAnExistingTestForEachCanaryAndNegativeControl) {
  const std::string page = read(fs::path(TIDEMARK_DOCS) / "canaries.md");
  const std::string tests = all_tests();
  std::vector<std::string> ids;
  for (int i = 1; i <= 13; ++i) ids.push_back("K" + std::to_string(i));
  for (int i = 1; i <= 10; ++i) ids.push_back("NC" + std::to_string(i));
  for (const std::string& id : ids) {
    const std::size_t begin = page.find("\n| " + id + " |");
    ASSERT_NE(begin, std::string::npos) << id << " has no row";
    const std::vector<std::string> named = tests_of(page.substr(begin + 1, page.find('\n', begin + 1) - begin - 1));
    EXPECT_FALSE(named.empty()) << id << " names no test";
    for (const std::string& name : named)
      EXPECT_TRUE(name == "*" || tests.find(name) != std::string::npos) << id << " names " << name;
  }
}

}  // namespace
}  // namespace tidemark
