// The keys of one operation's line of `history.jsonl`. Private to its two readers, OperationScanner and StrictLine.
#pragma once

#include <cstdint>

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

inline constexpr unsigned kRequired = (1U << kError) - 1;         // bits of those that every line has
inline constexpr std::int64_t kMostTime = std::int64_t{1} << 62;  // of times, versions and the index

}  // namespace tidemark::checkers::line_keys
