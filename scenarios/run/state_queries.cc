#include "scenarios/run/state_queries.h"

#include <fmt/core.h>
#include <sqlite3.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "scenarios/literals.h"

namespace tidemark::scenarios {
namespace {

constexpr int kStepsBetweenLooks = 10'000;
constexpr std::uint64_t kMostSteps = 20'000'000;  // some tenths of a second
constexpr int kMostRows = 5;
constexpr std::size_t kLongestValue = 100;

std::string value_text(sqlite3_stmt* row, int column) {
  const int type = sqlite3_column_type(row, column);
  if (type == SQLITE_NULL) return "NULL";
  if (type == SQLITE_BLOB) {
    const auto* const bytes = static_cast<const char*>(sqlite3_column_blob(row, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(row, column));
    const std::string_view shown(bytes, std::min(size, kLongestValue));
    return literal_of(model::Blob{std::string(shown)}) + (shown.size() < size ? "..." : "");
  }
  std::string value = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  if (value.size() > kLongestValue) value = value.substr(0, kLongestValue) + "...";
  return type == SQLITE_TEXT ? "'" + value + "'" : value;
}

std::string row_text(sqlite3_stmt* row) {
  std::string text;
  for (int i = 0; i < sqlite3_column_count(row); ++i)
    text += fmt::format("{}{} = {}", i == 0 ? "" : ", ", sqlite3_column_name(row, i), value_text(row, i));
  return "(" + text + ")";
}

/// The sentence with the values of this row in the places of {column}.
std::string filled(std::string says, sqlite3_stmt* row) {
  for (int i = 0; i < sqlite3_column_count(row); ++i) {
    const std::string place = fmt::format("{{{}}}", sqlite3_column_name(row, i));
    const std::string value = value_text(row, i);
    for (std::size_t at = says.find(place); at != std::string::npos; at = says.find(place, at + value.size()))
      says.replace(at, place.size(), value);
  }
  return says;
}

}  // namespace

StateQueries::StateQueries(std::vector<model::Assertion> assertions, std::uint32_t page_size)
    : assertions_(std::move(assertions)),
      dropped_(assertions_.size()),
      vfs_(page_size),
      statements_(assertions_.size()) {}

StateQueries::~StateQueries() {
  for (sqlite3_stmt* const statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

std::vector<StateQueries::Broken> StateQueries::judge(const PageList& pages) {
  std::vector<Broken> all;
  vfs_.show(pages);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SAVE);
  if (handle_ == nullptr) {
    const int status = sqlite3_open_v2("state", &handle_, SQLITE_OPEN_READONLY, vfs_.name());
    TIDEMARK_ASSERT(status == SQLITE_OK, "a state can always be opened: nothing is read yet");
    sqlite3_progress_handler(handle_, kStepsBetweenLooks, &StateQueries::look, this);
  }
  for (std::size_t i = 0; i < assertions_.size(); ++i) {
    Broken broken;
    broken.assertion = i;
    if (!dropped_[i] && !ask(i, broken)) all.push_back(std::move(broken));
  }
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_RESTORE);
  return all;
}

/// True when it holds.
bool StateQueries::ask(std::size_t assertion, Broken& broken) {
  const model::Assertion& asked = assertions_[assertion];
  sqlite3_stmt*& statement = statements_[assertion];
  steps_ = 0;
  broken.unanswered = true;
  if (statement == nullptr && sqlite3_prepare_v2(handle_, asked.sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
    broken.text = problem();
    return false;
  }
  int status = sqlite3_step(statement);
  if (status == SQLITE_ROW) {
    broken.unanswered = false;
    broken.text = filled(asked.says.empty() ? "it does not hold" : asked.says, statement) + ". Rows that break it:";
    int rows = 0;
    for (; status == SQLITE_ROW && rows < kMostRows; ++rows, status = sqlite3_step(statement))
      broken.text += " " + row_text(statement);
    if (status == SQLITE_ROW) broken.text += " and more";
  } else if (status != SQLITE_DONE) {
    broken.text = problem();
  }
  const bool holds = broken.text.empty();
  sqlite3_reset(statement);
  return holds;
}

std::string StateQueries::problem() const {
  return steps_ > kMostSteps ? "the query runs for too long" : std::string(sqlite3_errmsg(handle_));
}

int StateQueries::look(void* self) {
  auto& queries = *static_cast<StateQueries*>(self);
  queries.steps_ += kStepsBetweenLooks;
  return queries.steps_ > kMostSteps ? 1 : 0;
}

}  // namespace tidemark::scenarios
