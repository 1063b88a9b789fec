// The reader of our own JSON Lines (docs/history_format.md) into a History.
//
// Each line goes to OperationScanner first; what that does not know goes to StrictLine, which says what is wrong.
//
// What happens to the models: append: lists. register: registers; value 0 is nil, the initial state; the version
// column is kept. orders: the list "orders", an element "customer/order/quantity" for each row; a reset clears it; an
// insert that found its row is left out (counted). Bookmarks are left out; regions and times are kept, and call and ret
// follow from the times. Time Travel is refused: a History has no such event.
#pragma once

#include <cstdint>

#include "checkers/formats/format.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

History read_tidemark(const Source& source, ReadSummary& summary);

/// The strict path alone, for tests and benchmarks.
History read_tidemark_strict(const Source& source, ReadSummary& summary);
/// read_tidemark(), and how many lines the fast path left to the strict one.
History read_tidemark_counted(const Source& source, ReadSummary& summary, std::uint64_t& left);

}  // namespace tidemark::checkers
