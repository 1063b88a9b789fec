// The kill matrix as text, as a Markdown table, or as JSON.
#pragma once

#include <string>
#include <vector>

#include "matrix/kill_matrix.h"

namespace tidemark::matrix {

/// One line per row, then how many of each tier died and who survived, with the reason if one is known. Wall times are
/// in it, unless `wall` is false: then two runs of the same matrix give the same text.
std::string as_text(const std::vector<Row>& rows, bool wall = true);
std::string as_markdown(const std::vector<Row>& rows, bool wall = true);
std::string as_json(const std::vector<Row>& rows);

/// The lines behind the table.
std::vector<std::string> summary(const std::vector<Row>& rows, bool wall = true);

/// True if every mistake was killed in at least one of its rows.
bool all_killed(const std::vector<Row>& rows);

}  // namespace tidemark::matrix
