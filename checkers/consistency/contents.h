// What the operations of one of our own histories say without their bookmarks, as a History that every checker reads.
#pragma once

#include <string>
#include <vector>

#include "checkers/history/operation.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {

/// The readers of formats/ leave out inserts that found their row; here they count: a row that several inserts tried is
/// a register beside the list "orders", set from nil by the insert that took effect and read by those that found it.
struct Contents {
  History history;
  /// Why something that the operations say is not in it, so that "valid" of it proves nothing; empty: all is there.
  std::string left_out;
  /// Why it may say more than happened, so that "invalid" of it proves nothing; empty: it does not. The shop carries a
  /// handler without an answer out again: after a reset its insert takes effect once more.
  std::string doubtful;
};

/// Of operations of one model, without Time Travel, in the order of their completion.
Contents contents_of(const std::vector<Operation>& operations);

}  // namespace tidemark::checkers
