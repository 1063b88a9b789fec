// The keys of one operation's line of `history.jsonl`. Private to its two readers, OperationScanner and StrictLine.
#pragma once

namespace tidemark::checkers::line_keys {

enum Key : unsigned {
  kIndex,
  kSession,
  kProcess,
  kType,
  kF,
  kValue,
  kInvoke,
  kComplete,
  kBookmarkIn,
  kBookmarkOut,
  kRegion,
  kPrimary,
  kError,  // every line has those before it, this one only where the operation is not ok
  kRestoredTo,
  kKeys  // so many
};

}  // namespace tidemark::checkers::line_keys
