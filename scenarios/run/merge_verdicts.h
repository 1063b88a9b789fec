// One verdict per name, although every database of a run is judged by checkers of its own.
#pragma once

#include <vector>

#include "checkers/history/verdict.h"

namespace tidemark::scenarios {

/// Adds a verdict, or makes the one of that name the worse of the two, and of two violations the earlier (otherwise the
/// first witness stays; observations add up).
void merge_verdict(std::vector<checkers::Verdict>& verdicts, const checkers::Verdict& verdict);

}  // namespace tidemark::scenarios
