// Text that may hold anything, as text that can be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tidemark {

/// Bytes of the character at the start of `text`; 0 when none begins there (RFC 3629: no overlong forms, no surrogates,
/// nothing beyond U+10FFFF). `text` is not empty.
std::size_t utf8_length(std::string_view text);

/// For a terminal: control characters but the end of a line, and bytes that are no UTF-8, as \xNN.
std::string printable(std::string_view text);

}  // namespace tidemark
