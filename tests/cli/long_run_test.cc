// What only the whole program can show: memory that does not grow with the length of a run, and database files that the
// stock library opens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "program.h"

namespace tidemark::cli {
namespace {

namespace fs = std::filesystem;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;  // freed memory is kept in quarantine: peaks say nothing
#else
constexpr bool kSanitized = false;
#endif

TEST(LongRun, TenTimesTheVirtualTimePeaksAtMostThirtyPercentHigher) {
  if (kSanitized) GTEST_SKIP() << "an address sanitizer keeps freed memory";
  const std::string folder = scratch_folder();
  const auto peak = [&](const std::string& duration) {
    const Said said = tidemark({"run", "smoke/orders", "--seed", "1", "--set", "scenario.duration=" + duration, "--out",
                                folder + "/" + duration.substr(0, duration.find(' '))});
    EXPECT_EQ(said.code, 0) << said.out;
    return said.peak_kib;
  };
  for (const long seconds : {60L, 200L}) {
    const long shorter = peak(std::to_string(seconds) + " s");
    const long longer = peak(std::to_string(10 * seconds) + " s");
    EXPECT_GT(shorter, 1000);
    EXPECT_LE(longer * 10, shorter * 13) << shorter << " KiB for " << seconds << " s, " << longer
                                         << " KiB for ten times";
  }
  // The longer history is really on disk.
  EXPECT_GT(fs::file_size(folder + "/600/history.jsonl"), 5 * fs::file_size(folder + "/60/history.jsonl"));
}

/// Every row of every table as text, and what integrity_check says.
std::map<std::string, std::string> contents(const fs::path& file) {
  sqlite3* database = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
  const auto ask = [&](const std::string& sql) {
    std::string text;
    const auto row = [](void* into, int count, char** cells, char**) {
      for (int i = 0; i < count; ++i)
        *static_cast<std::string*>(into) += std::string(cells[i] == nullptr ? "NULL" : cells[i]) + "|";
      *static_cast<std::string*>(into) += "\n";
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), row, &text, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    return text;
  };
  std::map<std::string, std::string> found;
  found["integrity"] = ask("PRAGMA integrity_check");
  found["schema"] = ask("SELECT type, name, sql FROM sqlite_schema ORDER BY name");
  for (const char* table : {"Orders", "registers", "lists"}) {
    if (found["schema"].find(std::string("|") + table + "|") != std::string::npos) {
      found[table] = ask("SELECT rowid, * FROM " + std::string(table) + " ORDER BY rowid");
    }
  }
  sqlite3_close(database);
  return found;
}

TEST(KeptDatabases, OpenWithStockSqliteAndAreEqual) {
  for (const std::string scenario : {"smoke/orders", "smoke/register", "smoke/append"}) {
    const std::string folder = scratch_folder() + "/" + scenario.substr(6);
    const Said said = tidemark(
        {"run", scenario, "--seed", "3", "--set", "scenario.duration=10 s", "--keep-databases", "--out", folder});
    ASSERT_EQ(said.code, 0) << said.out;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder + "/databases")) {
      if (entry.path().extension() == ".sqlite") files.push_back(entry.path());
    }
    ASSERT_GE(files.size(), 4U) << scenario;
    const auto first = contents(files.front());
    EXPECT_EQ(first.at("integrity"), "ok|\n");
    EXPECT_GE(first.size(), 3U) << "no table of the workload was found";
    for (const fs::path& file : files) EXPECT_EQ(contents(file), first) << file;
  }
}

}  // namespace
}  // namespace tidemark::cli
