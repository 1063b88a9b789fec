#include "checkers/history/sequence.h"

namespace tidemark::checkers {

std::string Sequence::objection(const Place& place) const {
  if (place.index < next_index_)
    return "index " + std::to_string(place.index) + " after index " + std::to_string(next_index_ - 1) +
           ": indexes must increase";
  if (place.complete_ns < place.invoke_ns) return "the operation ends before it begins";
  if (place.complete_ns < last_complete_ns_) return "operations must be in the order of their completion";
  return "process " + std::to_string(place.process) + " begins an operation while its last one is still open";
}

}  // namespace tidemark::checkers
