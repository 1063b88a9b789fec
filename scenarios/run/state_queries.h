// StateQueries: assertions of an application, asked of one state of its database after the other, with stock SQLite and
// outside of virtual time. Nothing of the run is touched; SQLite's generator is put back where it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/types/sql_workload.h"
#include "scenarios/run/pages_vfs.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tidemark::scenarios {

class StateQueries {
 public:
  StateQueries(std::vector<model::Assertion> assertions, std::uint32_t page_size);
  ~StateQueries();
  StateQueries(const StateQueries&) = delete;
  StateQueries& operator=(const StateQueries&) = delete;

  const std::vector<model::Assertion>& assertions() const { return assertions_; }

  /// What a state says to one assertion that does not hold in it.
  struct Broken {
    std::size_t assertion = 0;
    /// The assertion's sentence and the rows: "the total is 990. Rows that break it: (total = 990)".
    std::string text;
    /// SQLite could not answer: the query failed, or took too long. `text` says why.
    bool unanswered = false;
  };
  /// Of the assertions that were not dropped.
  std::vector<Broken> judge(const PageList& pages);
  /// It is not asked again.
  void drop(std::size_t assertion) { dropped_[assertion] = true; }

 private:
  bool ask(std::size_t assertion, Broken& broken);
  std::string problem() const;
  static int look(void* self);

  const std::vector<model::Assertion> assertions_;
  std::vector<bool> dropped_;
  PagesVfs vfs_;
  sqlite3* handle_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;  // nullptr: not compiled yet
  std::uint64_t steps_ = 0;
};

}  // namespace tidemark::scenarios
