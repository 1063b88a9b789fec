// SQL values as text, in scripted operations: 7, 1.5, 'it''s', x'00ff', null.
#pragma once

#include <string>
#include <string_view>

#include "model/types/value.h"

namespace tidemark::scenarios {

std::string literal_of(const model::SqlValue& value);
/// Takes a literal from the front of `text`. False, and `text` is somewhere behind, when there is none.
bool eat_literal(std::string_view& text, model::SqlValue& value);

}  // namespace tidemark::scenarios
