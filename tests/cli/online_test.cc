// `tidemark run --online` and `tidemark check --online` as a user runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

TEST(RunOnline, StopsSaysWhereAndReplaysToTheSamePlace) {
  const std::string folder = scratch_folder();
  const Said stopped =
      tidemark({"run", "smoke/mistakes_txn", "--seed", "1", "--set", "bugs=G2", "--online", "--out", folder + "/run"});
  EXPECT_EQ(stopped.code, 1) << stopped.err;
  EXPECT_THAT(stopped.out, HasSubstr("stopped at the first violation: after "));
  EXPECT_THAT(read(folder + "/run/run.json"), HasSubstr("\"stopped_at_violation\""));
  const Said replay = tidemark({"replay", folder + "/run"});
  EXPECT_EQ(replay.code, 1);
  EXPECT_THAT(replay.err, HasSubstr("the replay is equal to the stored run"));
}

TEST(CheckOnline, SaysTheSameAsCheckWhereNothingIsWrong) {
  const std::string folder = scratch_folder();
  ASSERT_EQ(tidemark({"run", "smoke/append", "--seed", "3", "--out", folder + "/run"}).code, 0);
  const std::string file = folder + "/run/history.jsonl";
  const Said online = tidemark({"check", "--online", file});
  EXPECT_EQ(online.code, 0) << online.err;
  EXPECT_EQ(online.out, tidemark({"check", file}).out);
}

TEST(CheckOnline, StopsAtTheFirstViolation) {
  const std::string folder = scratch_folder();
  ASSERT_EQ(tidemark({"run", "smoke/mistakes_txn", "--set", "bugs=G4", "--out", folder + "/run"}).code, 1);
  const std::string file = folder + "/run/history.jsonl";
  const Said online = tidemark({"check", "--online", file, "--longest-operation", "5"});
  EXPECT_EQ(online.code, 1);
  EXPECT_THAT(online.err, HasSubstr("stopped at the first violation, after "));
  EXPECT_THAT(online.out, HasSubstr("read-your-writes     invalid"));
}

TEST(CheckOnline, IsUnknownWhenAnOperationLastedTooLong) {
  const std::string folder = scratch_folder();
  ASSERT_EQ(tidemark({"run", "smoke/append", "--seed", "3", "--out", folder + "/run"}).code, 0);
  const Said online = tidemark({"check", "--online", folder + "/run/history.jsonl", "--longest-operation", "0.001"});
  EXPECT_EQ(online.code, 2) << online.out;
  EXPECT_THAT(online.out, HasSubstr("longer than --longest-operation"));
}

TEST(CheckOnline, RefusesWhatItCannotDo) {
  EXPECT_EQ(tidemark({"check", "--online", "a.edn", "--format", "edn"}).code, 64);
  EXPECT_EQ(tidemark({"check", "--online", "a.jsonl", "--explain"}).code, 64);
}

}  // namespace
}  // namespace tidemark::cli
