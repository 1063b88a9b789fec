// Text for SVG and HTML. Private to this room.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::checkers::why {

/// & < > " ' escaped, control characters and bytes that are no UTF-8 replaced by U+FFFD: a well-formed document
/// whatever the history holds.
std::string escaped(std::string_view text);

/// At most `most` characters, the last one an ellipsis if some were left out. Never cuts a character.
std::string shortened(std::string_view text, std::size_t most);

/// Characters, not bytes: how wide a text in a fixed-width font is.
std::size_t width_of(std::string_view text);

}  // namespace tidemark::checkers::why
