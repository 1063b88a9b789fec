// `tidemark check` with the options of models, and on our own histories.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;

std::string op(const std::string& process, const std::string& rest) {
  return "{:type :invoke, :process " + process + ", " + rest + "}\n{:type :ok, :process " + process + ", " + rest +
         "}\n";
}

Said check(const std::string& text, std::vector<std::string> options) {
  const std::string file = scratch_folder() + "/h.edn";
  write(file, text);
  options.insert(options.begin(), {"check", file});
  return tidemark(options);
}

TEST(CheckOptions, OfBanksTellTheTotalTheAccountsAndWhetherTheyMayBeOverdrawn) {
  const std::string reads = op("0", ":f :read, :value {0 10, 1 -4}") +
                            op("0", ":f :transfer, :value {:from 0, :to 1, :amount 4}") +
                            op("1", ":f :read, :value {0 6, 1 0}");
  EXPECT_EQ(check(reads, {"--model", "bank"}).code, 1) << "overdrawn";
  EXPECT_EQ(check(reads, {"--model", "bank", "--negative-balances"}).code, 0);
  EXPECT_EQ(check(reads, {"--model", "bank", "--negative-balances", "--total", "6"}).code, 0);
  const Said wrong = check(reads, {"--model", "bank", "--negative-balances", "--total", "7"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("found a total of 6, not 7"));
  EXPECT_EQ(check(reads, {"--model", "bank", "--accounts", "0,1", "--negative-balances"}).code, 0);
  EXPECT_EQ(check(reads, {"--model", "bank", "--accounts", "0,1,2", "--negative-balances"}).code, 2)
      << "nobody reads 2";
  EXPECT_THAT(check(reads, {"--model", "bank", "--accounts", "0"}).out, HasSubstr("wrong-total")) << "1 is no account";
}

TEST(CheckOptions, OfCountersTellTheStartAndRealTime) {
  const std::string counted = op("0", ":f :inc, :value 1") + op("0", ":f :read, :value 6");
  EXPECT_EQ(check(counted, {"--model", "counter"}).code, 1);
  EXPECT_EQ(check(counted, {"--model", "counter", "--start", "5"}).code, 0);
  const Said wrong = check(counted, {"--model", "counter", "--start", "3"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("it must be from 4 to 4"));
  const std::string stale = op("0", ":f :inc, :value 1") + op("1", ":f :read, :value 0");
  EXPECT_EQ(check(stale, {"--model", "counter"}).code, 0) << "another client may lag behind";
  EXPECT_EQ(check(stale, {"--model", "counter", "--real-time"}).code, 1);
}

TEST(CheckOptions, OfSetsTellRealTime) {
  const std::string stale = op("0", ":f :add, :value 1") + op("1", ":f :read, :value #{}");
  EXPECT_EQ(check(stale, {"--model", "set"}).code, 0);
  EXPECT_EQ(check(stale, {"--model", "set", "--real-time"}).code, 1);
}

TEST(CheckOptions, ThatTheModelWouldPassOverAreRefused) {
  const std::string text = op("0", ":f :txn, :value [[:append 1 2]]");
  const Said said = check(text, {"--total", "5"});
  EXPECT_EQ(said.code, 64);
  EXPECT_THAT(said.err, HasSubstr("--total is an option of the model bank, not of sequential"));
  EXPECT_EQ(check(text, {"--model", "bank", "--start", "5"}).code, 64);
  EXPECT_EQ(check(text, {"--model", "counter", "--accounts", "5"}).code, 64);
  EXPECT_EQ(check(text, {"--model", "bank", "--real-time"}).code, 64);
  EXPECT_EQ(check(text, {"--negative-balances"}).code, 64);
}

/// One line of a register history of ours; the write's version is its place in the order.
std::string line(int index, int session, const std::string& value, int bookmark, int invoke_ns, int complete_ns) {
  char text[400];
  std::snprintf(
      text, sizeof text,
      "{\"index\":%d,\"session\":%d,\"process\":%d,\"type\":\"ok\",\"f\":\"txn\",\"value\":[%s],\"invoke_ns\":%d,"
      "\"complete_ns\":%d,\"bookmark_in\":\"\",\"bookmark_out\":\"00000001-%08x-00004e20-%032x\","
      "\"served_by_region\":\"WEUR\",\"served_by_primary\":false}\n",
      index, session, index, value.c_str(), invoke_ns, complete_ns, bookmark, bookmark);
  return text;
}

constexpr const char* kHeader =
    "{\"format\":\"tidemark-history\",\"version\":1,\"scenario\":\"x\",\"seed\":1,\"model\":\"register\"}\n";

TEST(CheckOwn, TheContentsDecideWhereTheBookmarksDoNotFit) {
  const std::string file = scratch_folder() + "/h.jsonl";
  const std::string writes = line(0, 1, "[\"w\",1,5,1]", 2, 0, 5) + line(1, 2, "[\"w\",1,6,2]", 1, 10, 15);
  write(file, kHeader + writes + line(2, 3, "[\"r\",1,5,1]", 2, 20, 25) + line(3, 3, "[\"r\",1,6,2]", 2, 30, 35));
  const Said legal = tidemark({"check", file});
  EXPECT_EQ(legal.code, 1) << "the bookmarks are a promise, too";
  EXPECT_THAT(legal.out, HasSubstr("sequential           valid"));
  EXPECT_THAT(legal.out, HasSubstr("bookmark-order       invalid"));
  write(file, kHeader + writes + line(2, 3, "[\"r\",1,6,2]", 2, 20, 25) + line(3, 3, "[\"r\",1,5,1]", 2, 30, 35));
  const Said illegal = tidemark({"check", file, "--explain"});
  EXPECT_EQ(illegal.code, 1);
  EXPECT_THAT(illegal.out, HasSubstr("sequential           invalid"));
  EXPECT_THAT(illegal.out, HasSubstr("version 1"));
  EXPECT_EQ(tidemark({"check", file, "--model", "serializable"}).code, 0) << "without sessions it is";
  EXPECT_EQ(tidemark({"check", file, "--model", "monotonic-reads"}).code, 1);
}

TEST(CheckOwn, TheLeastThatFailsSaysWhenItsFormatCannotTellWhy) {
  const std::string folder = scratch_folder();
  const std::string file = folder + "/h.jsonl";
  write(file, kHeader + line(0, 1, "[\"w\",1,5,1]", 2, 0, 5) + line(1, 2, "[\"w\",1,6,2]", 1, 10, 15) +
                  line(2, 3, "[\"r\",1,6,2]", 2, 20, 25) + line(3, 3, "[\"r\",1,5,1]", 2, 30, 35));
  const Said edn = tidemark({"check", file, "--minimal", folder + "/least.edn"});
  EXPECT_THAT(edn.err, HasSubstr("it does not say which version a register had"));
  EXPECT_THAT(edn.err, HasSubstr("do not fail by what edn tells of them: name the file *.jsonl"));
  EXPECT_EQ(tidemark({"check", folder + "/least.edn"}).code, 0) << "6 may have been overwritten by 5";
  const Said lines = tidemark({"check", file, "--minimal", folder + "/least.jsonl"});
  EXPECT_THAT(lines.err, HasSubstr("transactions that fail with"));
  EXPECT_THAT(tidemark({"check", folder + "/least.jsonl"}).out, HasSubstr("sequential           invalid"));
}

TEST(CheckOwn, TwoQueriesOfASessionAtATimeHaveNoOrder) {
  const std::string file = scratch_folder() + "/h.jsonl";
  const std::string writes = line(0, 1, "[\"w\",1,5,1]", 1, 0, 5) + line(1, 1, "[\"w\",1,6,2]", 2, 10, 15);
  write(file, kHeader + writes + line(2, 3, "[\"r\",1,6,2]", 2, 20, 30) + line(3, 3, "[\"r\",1,5,1]", 1, 20, 30));
  EXPECT_THAT(tidemark({"check", file}).out, HasSubstr("sequential           valid"));
  EXPECT_EQ(tidemark({"check", file, "--model", "monotonic-reads"}).code, 0);
  write(file, kHeader + writes + line(2, 3, "[\"r\",1,6,2]", 2, 20, 30) + line(3, 3, "[\"r\",1,5,1]", 1, 30, 40));
  EXPECT_THAT(tidemark({"check", file}).out, HasSubstr("sequential           invalid"));
}

}  // namespace
}  // namespace tidemark::cli
