// How small the runs become in which mistakes were seen.
#pragma once

#include <functional>
#include <vector>

#include "matrix/kill_matrix.h"

namespace tidemark::matrix {

struct ShrinkLimits {
  unsigned jobs = 1;    // trials at a time
  double seconds = 60;  // wall clock for each row
};

/// Shrinks the first kill of every killed row, one row after the other, and sets Row::shrunk. `stop` is asked before
/// each; true: the rest stays as it is.
void shrink_rows(std::vector<Row>& rows, const ShrinkLimits& limits, const std::function<void(const Row&)>& on_row = {},
                 const Stop& stop = {});

}  // namespace tidemark::matrix
