// witness_shape: what is left of a witness when everything that differs from seed to seed is taken out of it.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::reports {

/// The claim of the first sentence, with placeholders: `#` for numbers, times and sizes; `<entry>` for bookmarks,
/// places in the log and the empty database; `<digest>`; `[..]` and '..' for lists and quoted operations; the role
/// alone for a node ("follower" for "shop/follower-3", "primary" for standbys too: each may lead); `<region>`.
/// Instants, database names, remarks in parentheses and all after the first sentence or semicolon are dropped. A shape
/// is not longer than 200 bytes. Empty for an empty witness.
std::string witness_shape(std::string_view witness);

}  // namespace tidemark::reports
