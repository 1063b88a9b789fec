// The reader of our own JSON Lines (docs/history_format.md) into a History.
//
// Two paths. The fast one expects the lines exactly as our writer makes them; at the first byte that differs it gives
// up. The strict one is HistoryReader: it reads everything that the format allows and says what is wrong with the rest.
// Both give the same History.
//
// What happens to the models: append: lists. register: registers; value 0 is nil, the initial state; versions are left
// out. orders: the list "orders", an element "customer/order/quantity" for each row; a reset clears it; an insert that
// found its row is left out (counted). Bookmarks are left out; regions and times are kept, and call and ret follow from
// the times. Time Travel is refused: a History has no such event.
#pragma once

#include <optional>

#include "checkers/formats/format.h"
#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

History read_tidemark(const Source& source, ReadSummary& summary);

/// The paths by themselves, for tests and benchmarks. None: the lines are not as our writer makes them, or wrong.
std::optional<History> read_tidemark_fast(const Source& source, ReadSummary& summary);
History read_tidemark_strict(const Source& source, ReadSummary& summary);

}  // namespace tidemark::checkers
