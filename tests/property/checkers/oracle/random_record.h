// Small random histories of any kind of data from a string of choices, so that RapidCheck can shrink them.
//
// A serial store is run; transactions overlap in time around the instant of their effect. Reads come from the newest
// state or from an older one, and some results are spoilt, so that valid and invalid histories are both plentiful.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::oracle {

enum class Theme : std::uint8_t {
  kUniqueRegisters,  // every write writes a value of its own
  kRegisters,        // values recur; compare-and-set
  kLists,
  kTexts,
  kSets,
  kCounters,
  kMixed,              // each key of another kind
  kUniqueComparisons,  // compare-and-set beside them, every value written once
};

struct Shape {
  Theme theme = Theme::kLists;
  bool single_events = false;  // transactions of one event
  bool clears = false;
  bool recurring = false;    // lists: an element may be appended twice
  bool torn = false;         // every read may come from a state of its own, none is spoilt otherwise
  bool overlapping = false;  // sessions do several things at a time
};

/// For a property: enough choices for a history of full size.
std::vector<std::uint8_t> random_choices();

History random_record(const std::vector<std::uint8_t>& bytes, const Shape& shape);

}  // namespace tidemark::checkers::oracle
