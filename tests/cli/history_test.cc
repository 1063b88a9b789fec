// `tidemark history convert` as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kEdn =
    "{:type :invoke, :process 0, :value [[:append 1 2]]}\n"
    "{:type :info, :process :nemesis}\n"
    "{:type :ok, :process 0, :value [[:append 1 2]]}\n";

TEST(HistoryConvert, WritesByTheEndingAndTellsWhatIsLeftOut) {
  const std::string folder = scratch_folder();
  write(folder + "/a.edn", kEdn);
  const Said said = tidemark({"history", "convert", folder + "/a.edn", folder + "/a.json"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.err, StartsWith("note: 1 records of processes that are no clients are left out\n"));
  EXPECT_THAT(said.err, HasSubstr("a.edn: 1 transactions, edn to json\n"));
  EXPECT_EQ(read(folder + "/a.json"),
            "[{\"index\":0,\"type\":\"invoke\",\"process\":0,\"f\":\"txn\",\"value\":[[\"append\",1,2]]},\n"
            "{\"index\":1,\"type\":\"ok\",\"process\":0,\"f\":\"txn\",\"value\":[[\"append\",1,2]]}]\n");
}

TEST(HistoryConvert, WritesToStdout) {
  const std::string folder = scratch_folder();
  write(folder + "/a.txt", "w(1,2,0,0)\nr(1,2,1,1)\n");
  const Said said = tidemark({"history", "convert", folder + "/a.txt", "-", "--to", "plume"});
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, "w(1,2,0,0)\nr(1,2,1,1)\n");
}

TEST(HistoryConvert, RefusesWithThePlaceAndWritesNothing) {
  const std::string folder = scratch_folder();
  write(folder + "/a.edn", kEdn);
  const Said said = tidemark({"history", "convert", folder + "/a.edn", folder + "/a.plume"});
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("a.edn:3: cannot be converted: transaction 0: Plume's text knows"));
  EXPECT_EQ(tidemark({"history", "convert", folder + "/a.plume", "-", "--to", "edn"}).code, 64) << "it does not exist";
}

TEST(HistoryConvert, BadInputEndsWith64) {
  const std::string folder = scratch_folder();
  write(folder + "/bad.edn", "{:type :ok\n");
  write(folder + "/odd", "what is this");
  const Said said = tidemark({"history", "convert", folder + "/bad.edn", "-", "--to", "json"});
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("bad.edn:1:1: the text ends before this bracket is closed"));
  EXPECT_THAT(tidemark({"history", "convert", folder + "/odd", "-", "--to", "json"}).err, HasSubstr("name it"));
  EXPECT_THAT(tidemark({"history", "convert", folder + "/bad.edn", folder + "/x.y"}).err, HasSubstr("say --to"));
  EXPECT_EQ(tidemark({"history", "convert", folder, "-", "--to", "json"}).code, 64) << "a folder";
}

TEST(HistoryConvert, AWholeRunSurvivesTheWayThroughEdn) {
  const std::string folder = scratch_folder();
  const Said run = tidemark({"run", "smoke/append", "--seed", "5", "--set", "scenario.duration=2 s", "--set",
                             "cluster.late_boot=500 ms", "--out", folder + "/run"});
  ASSERT_EQ(run.code, 0) << run.err;
  const std::string history = folder + "/run/history.jsonl";
  ASSERT_EQ(tidemark({"history", "convert", history, folder + "/a.edn"}).code, 0);
  ASSERT_EQ(tidemark({"history", "convert", folder + "/a.edn", folder + "/b.json"}).code, 0);
  const Said back = tidemark({"history", "convert", folder + "/b.json", folder + "/c.edn"});
  ASSERT_EQ(back.code, 0) << back.err;
  EXPECT_EQ(read(folder + "/a.edn"), read(folder + "/c.edn"));
}

}  // namespace
}  // namespace tidemark::cli
