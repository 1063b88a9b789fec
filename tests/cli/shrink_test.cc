// `tidemark shrink` through the program: a file that fails again, limits and --resume, refusals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> shrink(const std::string& folder, std::vector<std::string> more) {
  std::vector<std::string> arguments = {"shrink", "faults/mistakes/swarm", "--bug",  "C2", "--seed", "1",
                                        "--out",  folder + "/least.toml",  "--jobs", "2"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// The line of the head about the class, without "fails as".
std::string class_of(const std::string& file) {
  const std::size_t begin = file.find("fails as") + 8;
  const std::string line = file.substr(begin, file.find('\n', begin) - begin);
  return line.substr(line.find_first_not_of(' '));
}

TEST(Shrink, WritesAFileThatFailsInTheSameWay) {
  const std::string folder = scratch_folder();
  const Said said = tidemark(shrink(folder, {}));
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, HasSubstr("reproduce: tidemark run " + folder + "/least.toml"));
  const std::string file = read(folder + "/least.toml");
  EXPECT_THAT(class_of(file), HasSubstr("TXN: "));
  EXPECT_FALSE(std::filesystem::exists(folder + "/least.toml.state"));
  const Said run = tidemark({"run", folder + "/least.toml"});
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.out, HasSubstr("TXN                  VIOLATED"));
  EXPECT_EQ(tidemark({"scenario", "check", folder + "/least.toml"}).code, 0);
}

TEST(Shrink, ARunFolderWillDo) {
  const std::string folder = scratch_folder();
  tidemark({"run", "faults/mistakes/swarm", "--set", "bugs=C2", "--seed", "1", "--out", folder + "/run"});
  const Said said = tidemark({"shrink", folder + "/run", "--out", folder + "/folder.toml", "--jobs", "2"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(read(folder + "/folder.toml"), HasSubstr("bugs = \"C2\""));
}

TEST(Shrink, StopsAtALimitAndResumes) {
  const std::string folder = scratch_folder();
  const Said part = tidemark(shrink(folder, {"--runs", "4"}));
  EXPECT_EQ(part.code, 0) << part.err;
  EXPECT_THAT(part.out, HasSubstr("in 4 runs"));
  EXPECT_THAT(part.out, HasSubstr("--resume goes on"));
  EXPECT_EQ(tidemark({"run", folder + "/least.toml"}).code, 1);
  const std::string state = read(folder + "/least.toml.state");

  const Said rest = tidemark(shrink(folder, {"--resume"}));
  EXPECT_EQ(rest.code, 0) << rest.err;
  const std::string resumed = read(folder + "/least.toml");
  EXPECT_THAT(rest.out, Not(HasSubstr("--resume goes on")));
  ASSERT_EQ(tidemark(shrink(folder, {})).code, 0);
  EXPECT_EQ(read(folder + "/least.toml"), resumed) << "as if it had not been stopped";

  write(folder + "/least.toml.state", state);
  std::vector<std::string> other = shrink(folder, {"--resume"});
  other[5] = "2";
  const Said refused = tidemark(other);
  EXPECT_EQ(refused.code, 64);
  EXPECT_THAT(refused.err, HasSubstr("is the state of another scenario, seed or plan"));
}

TEST(Shrink, SaysWhenThereIsNothingToShrink) {
  const std::string folder = scratch_folder();
  const Said valid = tidemark({"shrink", "smoke/mistakes_orders", "--out", folder + "/none.toml"});
  EXPECT_EQ(valid.code, 64);
  EXPECT_THAT(valid.err, HasSubstr("this run does not fail"));
  EXPECT_FALSE(std::filesystem::exists(folder + "/none.toml"));
  EXPECT_EQ(tidemark({"shrink", "no/such/scenario"}).code, 64);
  EXPECT_EQ(tidemark({"shrink", "smoke/orders", "--time", "soon"}).code, 64);
}

}  // namespace
}  // namespace tidemark::cli
