// The way of a new user through README.md: its lines are run as they stand there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The first block of commands below this heading, a line each, without remarks.
std::vector<std::string> commands_below(const std::string& heading) {
  std::istringstream text(read(TIDEMARK_README));
  std::vector<std::string> commands;
  std::string line;
  while (std::getline(text, line) && line != heading) {
  }
  while (std::getline(text, line) && line != "```sh") {
  }
  while (std::getline(text, line) && line != "```")
    commands.push_back(line.substr(0, line.find_last_not_of(' ', line.find(" #")) + 1));
  return commands;
}

/// What follows `word` on the last line that begins with it.
std::string told(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  std::string line, rest;
  while (std::getline(lines, line))
    if (line.starts_with(word)) rest = line.substr(word.size());
  return rest;
}

TEST(Readme, TheWayFromARunToTheCauseOfItsFailureIsAsWritten) {
  const std::vector<std::string> lines = commands_below("## When a run fails");
  ASSERT_EQ(lines.size(), 7U) << "the steps that follow";
  const std::string folder = scratch_folder();
  std::filesystem::create_directories(folder + "/build");
  std::filesystem::create_directory_symlink(std::filesystem::path(TIDEMARK_PROGRAM).parent_path(),
                                            folder + "/build/release");
  ASSERT_THAT(lines[0], StartsWith("export PATH="));
  const auto step = [&](std::size_t i, const std::string& begins) {
    EXPECT_THAT(lines[i], StartsWith(begins));
    return shell(lines[0] + "\n" + lines[i], folder);
  };

  const Said clean = step(1, "tidemark run ");
  EXPECT_EQ(clean.code, 0) << clean.out << clean.err;
  EXPECT_THAT(clean.out, HasSubstr("verdict valid"));

  const Said failed = step(2, "tidemark run ");
  EXPECT_THAT(lines[2], StartsWith(lines[1] + " --set bugs="));
  EXPECT_EQ(failed.code, 1) << failed.out << failed.err;
  EXPECT_THAT(failed.out, HasSubstr("HIDE                 VIOLATED"));
  const std::string printed = told(failed.out, "reproduce: ");
  EXPECT_EQ(printed.substr(0, printed.find("   #")), lines[3]) << "what is copied is what was printed";

  const Said again = step(3, "tidemark run ");
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(told(again.out, "digest "), "");
  EXPECT_EQ(told(again.out, "digest "), told(failed.out, "digest "));
  EXPECT_NE(told(again.out, "digest "), told(clean.out, "digest "));

  const Said shrunk = step(4, "tidemark shrink ");
  EXPECT_EQ(shrunk.code, 0) << shrunk.out << shrunk.err;
  EXPECT_THAT(told(shrunk.out, "fails as"), HasSubstr("HIDE: "));
  int faults = 0, operations = 0;
  ASSERT_EQ(std::sscanf(told(shrunk.out, "before").c_str(), " %d faults, %d operations", &faults, &operations), 2);
  EXPECT_GE(operations, 100);
  ASSERT_EQ(std::sscanf(told(shrunk.out, "after").c_str(), " %d faults, %d operations", &faults, &operations), 2);
  EXPECT_LE(operations, 10);
  EXPECT_EQ(told(shrunk.out, "reproduce: "), lines[5]);

  const Said small = step(5, "tidemark run ");
  EXPECT_EQ(small.code, 1);
  EXPECT_THAT(small.out, HasSubstr("HIDE                 VIOLATED"));

  const Said why = step(6, "tidemark explain ");
  EXPECT_EQ(why.code, 0) << why.out << why.err;
  EXPECT_THAT(why.out, HasSubstr("Broken first: HIDE, at "));
  EXPECT_THAT(why.out, HasSubstr("What led to it"));
  EXPECT_THAT(why.out, HasSubstr("digest " + told(small.out, "digest ")));
}

}  // namespace
}  // namespace tidemark::cli
