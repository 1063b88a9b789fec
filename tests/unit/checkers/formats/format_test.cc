// Names and guesses of formats, and how files come into memory.
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "format_samples.h"

namespace tidemark::checkers {
namespace {

using testing::ElementsAre;

TEST(FormatNames, AreFoundAgain) {
  for (const Format format : kFormats) EXPECT_EQ(find_format(to_text(format)), format);
  EXPECT_EQ(find_format("tidemark"), Format::kTidemark);
  EXPECT_EQ(find_format("xml"), std::nullopt);
}

TEST(FormatGuess, LooksAtTheContentFirst) {
  const auto guess = [](std::string_view head, std::string_view path = "history") { return guess_format(path, head); };
  EXPECT_EQ(guess("{\"format\":\"tidemark-history\""), Format::kTidemark);
  EXPECT_EQ(guess("{:type :invoke}"), Format::kEdn);
  EXPECT_EQ(guess("; a remark\n\n[{:type :invoke}]"), Format::kEdn);
  EXPECT_EQ(guess("({:type :ok})"), Format::kEdn);
  EXPECT_EQ(guess("#jepsen.history.Op{:type :ok}"), Format::kEdn);
  EXPECT_EQ(guess("{:process 0, :type :ok, :f :get, :key \"7\", :value \"\"}"), Format::kKv);
  EXPECT_EQ(guess("[{ \"type\" : \"ok\"}]"), Format::kJson);
  EXPECT_EQ(guess("{\"index\":0,"), Format::kJson);
  EXPECT_EQ(guess("INFO  jepsen.util - 4\t:invoke"), Format::kJepsenLog);
  EXPECT_EQ(guess("w(1,1,0,0)"), Format::kPlume);
  EXPECT_EQ(guess("r 1 1\n"), Format::kAwdit);
  EXPECT_EQ(guess("====\nw 1 1\n"), Format::kAwdit);
  EXPECT_EQ(guess("---\n[x:=1]", "a.hist"), Format::kDbcopText);
  EXPECT_EQ(guess("// s\n[x:=1 y==2]"), Format::kDbcopText);
  EXPECT_EQ(guess("[[{\"events\":["), Format::kDbcopJson);
  EXPECT_EQ(guess("{\"params\":{"), Format::kDbcopJson);
}

TEST(FormatGuess, ThenAtTheEnding) {
  EXPECT_EQ(guess_format("a/b.edn", ""), Format::kEdn);
  EXPECT_EQ(guess_format("a.hist", "\n"), Format::kDbcopText);
  EXPECT_EQ(guess_format("a", ""), std::nullopt);
  EXPECT_EQ(guess_format("a", "hello"), std::nullopt);
}

class Files : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() / ("format_test." + std::to_string(::getpid()));
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::string holding(const std::string& text) const {
    std::FILE* file = std::fopen(path_.c_str(), "wb");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    return path_.string();
  }
  std::filesystem::path path_;
};

TEST_F(Files, MayEndAtTheEndOfAPage) {
  const std::string tail = "\nw(7,12345,0,1)";
  for (const std::size_t size : {4095U, 4096U, 4097U, 8192U}) {
    const std::string text = std::string(size - tail.size(), ' ') + tail;
    EXPECT_THAT(lines_of(read_history_file(holding(text), Format::kPlume)), ElementsAre("0 ok: write 7 = 12345"));
    const std::string map = "{:type :ok :process 0 :f :write :value 123456}";
    const std::string edn = std::string(size - map.size(), '\n') + map;
    const History history = read_history_file(holding(edn), Format::kEdn);
    EXPECT_THAT(lines_of(history), ElementsAre("0 ok: write register = 123456"));
    EXPECT_EQ(history.transactions()[0].line, size - map.size() + 1);
    EXPECT_THROW(read_history_file(holding(std::string(size, '[')), Format::kJson), HistoryError);
    EXPECT_THROW(read_history_file(holding(std::string(size - 2, ' ') + "\"\\"), Format::kEdn), HistoryError);
    EXPECT_THROW(read_history_file(holding("{\"format\":\"" + std::string(size - 11, 'x')), Format::kTidemark),
                 HistoryError);
  }
}

TEST_F(Files, AnEmptyFileIsRead) {
  EXPECT_TRUE(read_history_file(holding(""), Format::kEdn).transactions().empty());
}

TEST_F(Files, APipeIsReadToItsEnd) {
  int ends[2] = {};
  ASSERT_EQ(::pipe(ends), 0);
  const std::string text = "w(1,2,0,0)\nr(1,2,1,1)\n";
  ASSERT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  const std::string path = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_THROW(guess_format(path), HistoryError) << "it would lose what was looked at";
  EXPECT_THAT(lines_of(read_history_file(path, Format::kPlume)), ElementsAre("0 ok: write 1 = 2", "1 ok: read 1 = 2"));
  ::close(ends[0]);
}

TEST_F(Files, WhatCannotBeReadIsSaid) {
  EXPECT_THROW(read_history_file(path_.string(), Format::kEdn), HistoryError);
  EXPECT_THROW(read_history_file("/", Format::kEdn), HistoryError);
  EXPECT_THROW(guess_format(path_.string()), HistoryError);
  EXPECT_THROW(guess_format(std::string("/")), HistoryError);
}

}  // namespace
}  // namespace tidemark::checkers
