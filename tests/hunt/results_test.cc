// The results file: what is refused, what survives.
#include "hunt/results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "small_hunt.h"

namespace tidemark::hunt {
namespace {

using testing::HasSubstr;

void write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
}

std::string made_file(const std::string& name = "hunt.db") {
  const std::string path = scratch_file(name);
  hunted(small_options(1, 200), plain_run, path);
  return path;
}

/// Why this file is refused; it must be left as it is.
std::string refusal(const std::string& path, const Campaign& here = campaign()) {
  const std::string before = bytes_of(path);
  std::string cause = "accepted";
  try {
    const Results results(path, here);
  } catch (const ResultsError& error) {
    cause = error.what();
  }
  EXPECT_TRUE(cause == "accepted" || bytes_of(path) == before) << "the file was changed";
  return cause;
}

void change(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

TEST(Results, GoOnWhereTheyWere) {
  const std::string path = scratch_file("hunt.db");
  hunted(small_options(1, 100), plain_run, path);
  EXPECT_EQ(hunted(small_options(1, 200), plain_run, path), hunted(small_options(1, 200), plain_run));
}

TEST(Results, AreOneFileWhenClosed) {
  const std::string path = made_file();
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-journal"));
}

TEST(Results, TakeAnEmptyFile) {
  const std::string path = scratch_file("empty.db");
  write(path, "");
  EXPECT_EQ(hunted(small_options(1, 20), plain_run, path), hunted(small_options(1, 20), plain_run));
}

TEST(Results, RefuseForeignFiles) {
  const std::string text = scratch_file("notes.txt");
  write(text, "my notes, which nobody may overwrite\n");
  EXPECT_THAT(refusal(text), HasSubstr("is no results file"));
  const std::string database = scratch_file("mine.db");
  change(database, "CREATE TABLE mine(a); INSERT INTO mine VALUES(1)");
  EXPECT_THAT(refusal(database), HasSubstr("is no results file"));
  EXPECT_THAT(refusal(std::filesystem::path(database).parent_path()), HasSubstr("is no results file"));
}

TEST(Results, RefuseDamagedFiles) {
  const std::string path = made_file();
  const std::string whole = bytes_of(path);
  write(path, whole.substr(0, whole.size() / 2));
  EXPECT_THAT(refusal(path), HasSubstr("is damaged"));
  // One letter of one row: SQLite would not notice.
  std::string changed = whole;
  const std::size_t at = changed.find(plain_run(10).digest);
  ASSERT_NE(at, std::string::npos);
  changed[at] = changed[at] == '0' ? '1' : '0';
  write(path, changed);
  EXPECT_THAT(refusal(path), HasSubstr("is damaged: the row of seed 10"));
  write(path, whole);
  EXPECT_EQ(refusal(path), "accepted");
}

TEST(Results, RefuseNewerFiles) {
  const std::string path = made_file();
  change(path, "PRAGMA user_version=3");
  EXPECT_THAT(refusal(path), HasSubstr("newer Tidemark"));
}

TEST(Results, RefuseOtherCampaigns) {
  const std::string path = made_file();
  EXPECT_THAT(refusal(path, campaign("beef")), HasSubstr("commit c0ffee there, beef here"));
  Campaign other = campaign();
  other.resolved = "[scenario]\nname = \"large\"\n";
  EXPECT_THAT(refusal(path, other), HasSubstr("name = \"small\" there, name = \"large\" here"));
  Campaign same = campaign();
  same.scenario = "./small.toml";
  EXPECT_EQ(refusal(path, same), "accepted");
}

TEST(Results, RefuseAFileInUse) {
  const std::string path = made_file();
  int ready[2], stop[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(stop), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    Results results(path, campaign());
    char byte = 'r';
    if (::write(ready[1], &byte, 1) != 1 || ::read(stop[0], &byte, 1) != 1) _exit(1);
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_THAT(refusal(path), HasSubstr("is in use"));
  ASSERT_EQ(::write(stop[1], &byte, 1), 1);
  waitpid(holder, nullptr, 0);
  EXPECT_EQ(refusal(path), "accepted");
}

TEST(Results, CountAndGroup) {
  Results results(made_file());
  const Totals totals = results.totals();
  EXPECT_EQ(totals.seeds, 200U);
  EXPECT_EQ(totals.failed, 11U);
  EXPECT_EQ(totals.invalid, 11U);
  EXPECT_EQ(totals.valid, 189U);
  const std::vector<ClassRow> classes = results.classes();
  ASSERT_EQ(classes.size(), 2U);
  EXPECT_EQ(classes[0].failure.text(), "LIVE: shape");
  EXPECT_EQ(classes[0].count, 6U);
  // 119 ends with 9, so it has the fewest events.
  EXPECT_EQ(classes[0].cheapest.seed, 119U);
  EXPECT_EQ(classes[0].cheapest.witness, "witness of 119");
  EXPECT_EQ(results.failing().front(), 119U);
  EXPECT_EQ(exit_code_of(classes), 1);
}

TEST(Results, KeepSeedsOfAnySize) {
  Results results("", campaign());
  for (const std::uint64_t seed : {UINT64_MAX, std::uint64_t{1}, std::uint64_t{1} << 63}) results.add(plain_run(seed));
  std::vector<std::uint64_t> seeds;
  results.each([&](const Outcome& outcome) { seeds.push_back(outcome.seed); });
  EXPECT_EQ(seeds, (std::vector<std::uint64_t>{1, std::uint64_t{1} << 63, UINT64_MAX}));
}

TEST(Merge, OfShardsIsOneHunt) {
  const std::string out = scratch_file("all.db");
  std::vector<std::string> parts;
  for (std::uint64_t index = 1; index <= 4; ++index) {
    HuntOptions options = small_options(1, 300, 1 + index % 2);
    options.shard = {index, 4};
    parts.push_back(scratch_file("part" + std::to_string(index)));
    hunted(options, plain_run, parts.back());
  }
  parts.push_back(parts[1]);  // rows that are there twice do no harm
  EXPECT_TRUE(merge_results(out, parts).empty());
  EXPECT_EQ(export_text(Results(out)), hunted(small_options(1, 300), plain_run));
  EXPECT_THROW(merge_results(out, parts), ResultsError) << "overwrites what is there";
}

TEST(Merge, TellsResultsThatContradict) {
  const std::string first = made_file("first"), second = scratch_file("second"), out = scratch_file("all.db");
  hunted(
      small_options(150, 250),
      [](std::uint64_t seed) {
        Outcome outcome = plain_run(seed);
        if (seed == 199) outcome.digest = "other";
        return outcome;
      },
      second);
  const std::vector<Contradiction> found = merge_results(out, {first, second});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].seed, 199U);
  EXPECT_EQ(found[0].second.digest, "other");
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(Merge, RefusesPartsOfOtherCampaigns) {
  const std::string first = made_file("first"), second = scratch_file("second"), out = scratch_file("all.db");
  { Results other(second, campaign("beef")); }
  EXPECT_THROW(merge_results(out, {first, second}), ResultsError);
  EXPECT_THROW(merge_results(out, {first, scratch_file("none")}), ResultsError);
  EXPECT_FALSE(std::filesystem::exists(out));
}

}  // namespace
}  // namespace tidemark::hunt
