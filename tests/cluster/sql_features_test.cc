// What SQLite has beyond plain tables goes through replication as what it is on disk: pages. A run of apps/sql_library
// (FTS5 with its shadow tables, triggers, a view that is written to, recursive queries, foreign keys that cascade)
// under faults, held against the log page by page and answer by answer.
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "model/client/client_observer.h"
#include "model/types/null_observer.h"
#include "model/types/sql_workload.h"
#include "scenarios/loader.h"
#include "scenarios/run/log_images.h"
#include "scenarios/run/pages_vfs.h"
#include "scenarios/run/runner.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

using scenarios::PageList;

constexpr std::uint32_t kPageSize = 4096;

bool equal(const sim::BufferRef& a, const sim::BufferRef& b) {
  const bool both = a != nullptr && b != nullptr;
  return both && a->size() == b->size() && std::memcmp(a->data(), b->data(), a->size()) == 0;
}

/// Every state of the log, and every page that any copy shows of it.
class PageWitness final : public model::NullObserver {
 public:
  void on_commit(std::uint32_t, const model::EntryRef& entry) override {
    const PageList* const pages = images_.add(*entry);
    ASSERT_NE(pages, nullptr);
    states[entry->bookmark()] = *pages;
  }
  void on_confirmed(std::uint32_t, const model::Bookmark& bookmark) override {
    images_.confirm(bookmark);
    confirmed = bookmark;
  }
  void on_replica_boot(std::uint32_t, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override {
    compare(fmt::format("a boot of process {}", replica), at, pages);
  }
  void on_published(std::uint32_t, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override {
    compare(fmt::format("process {}", replica), entry->bookmark(), pages);
    shown[replica] = entry->bookmark();
  }
  void on_snapshot(std::uint32_t, const model::Bookmark& label, const model::PageReader& pages) override {
    compare("a snapshot", label, pages);
    ++snapshots;
  }

  std::map<model::Bookmark, PageList> states;
  model::Bookmark confirmed;
  std::map<std::uint32_t, model::Bookmark> shown;  // by replica
  std::uint64_t compared = 0;                      // pages
  std::uint64_t snapshots = 0;
  std::string different;  // the first page that is
 private:
  void compare(const std::string& who, const model::Bookmark& at, const model::PageReader& pages) {
    const auto state = states.find(at);
    if (state == states.end() || !different.empty()) return;
    if (pages.pages() != state->second.size())
      different = fmt::format("{} shows {} pages of {}, not {}", who, pages.pages(), at.text(), state->second.size());
    for (std::uint32_t page = 1; page <= pages.pages() && different.empty(); ++page) {
      ++compared;
      if (!equal(pages.page(page), state->second[page - 1]))
        different = fmt::format("page {} of {} at {} is another", page, at.text(), who);
    }
  }
  scenarios::LogImages images_;
};

/// What a user was answered: an action that only reads gives one text.
struct Answer {
  const model::SqlStatement* statement = nullptr;
  std::vector<model::SqlValue> values;
  model::Bookmark at;
  std::string text;
  bool by_replica = false;
};

class AnswerWitness final : public model::ClientObserver {
 public:
  explicit AnswerWitness(const model::SqlWorkload& workload) {
    for (const model::SqlStatement& statement : workload.statements)
      if (!statement.writes) reads_[statement.name] = &statement;
  }
  void on_invoke(const model::ClientInvocation&) override {}
  void on_complete(const model::ClientOperation& operation) override {
    const model::ActionBody& action = *operation.invocation.action;
    const bool ok = operation.outcome == model::OperationOutcome::kOk && reads_.contains(action.name);
    if (!ok) return;
    const model::Cell cell = operation.results.front()->row(0)[0];
    answers.push_back({reads_.at(action.name), action.values, operation.bookmark_out->bookmark(),
                       std::string(cell.text()), !operation.served_by_primary});
  }
  std::vector<Answer> answers;

 private:
  std::map<std::string, const model::SqlStatement*> reads_;
};

/// The first cell that stock SQLite, opened anew, answers with in this state.
std::string ask(const PageList& pages, const std::string& sql, const std::vector<model::SqlValue>& values) {
  scenarios::PagesVfs vfs(kPageSize);
  vfs.show(pages);
  sqlite3* handle = nullptr;
  EXPECT_EQ(sqlite3_open_v2("state", &handle, SQLITE_OPEN_READONLY, vfs.name()), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_prepare_v2(handle, model::ordered_sql(sql).text.c_str(), -1, &statement, nullptr), SQLITE_OK)
      << sqlite3_errmsg(handle);
  for (int i = 0; i < static_cast<int>(values.size()); ++i) {
    const model::SqlValue& value = values[static_cast<std::size_t>(i)];
    if (const auto* text = std::get_if<std::string>(&value))
      sqlite3_bind_text(statement, i + 1, text->c_str(), -1, SQLITE_TRANSIENT);
    if (const auto* number = std::get_if<std::int64_t>(&value)) sqlite3_bind_int64(statement, i + 1, *number);
  }
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW) << sqlite3_errmsg(handle);
  const auto* const text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  std::string answer = text == nullptr ? "" : text;
  sqlite3_finalize(statement);
  sqlite3_close(handle);
  return answer;
}

struct Library {
  explicit Library(std::uint64_t seed, const std::vector<std::string>& settings = {})
      : loaded(scenarios::load_scenario(shipped(), "sql_library.toml", settings)),
        answers(*loaded.scenario.workload.sql) {
    EXPECT_TRUE(loaded.ok()) << loaded.diagnostics.text();
    scenarios::RunRequest request{loaded.scenario, seed, "", ""};
    request.observer = &pages;
    request.clients = &answers;
    result = scenarios::run_scenario(request);
  }
  static std::string shipped() {
    std::string error;
    return scenarios::find_scenario("apps/sql_library", error)->text;
  }
  /// Those that are not what their state says.
  std::vector<std::string> wrong_answers() const {
    std::vector<std::string> wrong;
    for (const Answer& answer : answers.answers) {
      const auto state = pages.states.find(answer.at);
      if (state == pages.states.end()) continue;
      const std::string due = ask(state->second, answer.statement->sql.front(), answer.values);
      if (due != answer.text)
        wrong.push_back(
            fmt::format("{} at {}: \"{}\", not \"{}\"", answer.statement->name, answer.at.text(), answer.text, due));
    }
    return wrong;
  }
  std::string at_the_end(const std::string& sql) const { return ask(pages.states.at(pages.confirmed), sql, {}); }

  scenarios::LoadResult loaded;
  PageWitness pages;
  AnswerWitness answers;
  scenarios::RunResult result;
};

class SqlFeatures : public testing::TestWithParam<std::uint64_t> {};

TEST_P(SqlFeatures, ReplicateByteForByte) {
  const Library library(GetParam());
  for (const checkers::Verdict& verdict : library.result.verdicts)
    EXPECT_EQ(verdict.validity, checkers::Validity::kValid) << verdict.name << ": " << verdict.witness;
  EXPECT_EQ(library.pages.different, "");
  // Enough was looked at, everywhere, and every feature was at work.
  EXPECT_GT(library.result.faults.size(), 0U);
  EXPECT_GT(library.pages.compared, 10'000U);
  std::size_t complete = 0;  // a fault may have replaced one
  for (const auto& [replica, newest] : library.pages.shown) complete += newest == library.pages.confirmed;
  EXPECT_GE(complete, 4U);
  EXPECT_EQ(library.at_the_end("SELECT count(*) FROM tally WHERE times = 0"), "0") << "each trigger has fired";
  EXPECT_EQ(library.at_the_end("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'search\\__%' ESCAPE '\\'"), "4");
  EXPECT_NE(library.at_the_end("SELECT count(*) FROM search_idx"), "0");
  EXPECT_EQ(library.wrong_answers(), std::vector<std::string>());
  std::map<std::string, int> answered;
  for (const Answer& answer : library.answers.answers)
    if (answer.by_replica && !answer.text.empty()) ++answered[answer.statement->name];
  for (const char* const name : {"find", "series", "at_desk"}) EXPECT_GT(answered[name], 10) << name;
}

INSTANTIATE_TEST_SUITE_P(Seeds, SqlFeatures, testing::Values(1, 2, 3));

TEST(SqlFeaturesControl, APageThatIsLeftOutIsSeen) {
  const Library library(1, {"bugs=D5", "swarm.faults=false"});
  EXPECT_NE(library.pages.different, "");
}

TEST(SqlFeaturesControl, AnAnswerFromPagesOfThePastIsSeen) {
  const Library library(1, {"bugs=F11", "swarm.faults=false"});
  EXPECT_FALSE(library.wrong_answers().empty());
}

}  // namespace
}  // namespace tidemark
