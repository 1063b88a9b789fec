// The four session guarantees by their definitions, for histories of lists whose elements are appended once and that
// are read committed (so that the longest read of a list is the order of its versions).
#pragma once

#include "oracle.h"

namespace tidemark::checkers::oracle {

enum class Guarantee : std::uint8_t { kReadYourWrites, kMonotonicReads, kMonotonicWrites, kWritesFollowReads };

bool guarantee_holds(const History& history, Guarantee guarantee);

}  // namespace tidemark::checkers::oracle
