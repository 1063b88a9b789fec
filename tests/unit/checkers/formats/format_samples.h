// Helpers of the tests of readers: a history as lines, and a table of mistakes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/format.h"

namespace tidemark::checkers {

inline std::string outcome_text(Outcome outcome) {
  return outcome == Outcome::kOk ? "ok" : outcome == Outcome::kFail ? "fail" : "info";
}

/// "7 ok 1..2: append 3 to x": session, outcome, call..ret where there is real time.
inline std::vector<std::string> lines_of(const History& history) {
  std::vector<std::string> lines;
  for (const Txn& txn : history.transactions()) {
    std::string line = history.show_session(txn.session) + " " + outcome_text(txn.outcome);
    if (history.has_real_time())
      line += " " + std::to_string(txn.call) + ".." + (txn.ret == kNever ? "" : std::to_string(txn.ret));
    lines.push_back(line + ": " + history.show(txn));
  }
  return lines;
}

inline std::vector<std::string> lines_of(std::string_view text, Format format, ReadSummary* summary = nullptr) {
  return lines_of(read_history_text("h", text, format, summary));
}

struct Mistake {
  std::string_view text;
  std::uint64_t line;
  std::uint64_t column;
  std::string_view message;  // a part of it
};

/// Each text is refused at its place.
inline void expect_refused(Format format, const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    try {
      read_history_text("h", mistake.text, format);
      ADD_FAILURE() << "accepted: " << mistake.text;
    } catch (const HistoryError& error) {
      EXPECT_EQ(error.line(), mistake.line) << mistake.text << "\n" << error.what();
      EXPECT_EQ(error.column(), mistake.column) << mistake.text << "\n" << error.what();
      EXPECT_NE(error.message().find(mistake.message), std::string::npos) << mistake.text << "\n" << error.what();
    }
  }
}

}  // namespace tidemark::checkers
