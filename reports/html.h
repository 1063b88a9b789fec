// Escaping for the HTML reports. User text (names, witnesses) never reaches a page unescaped.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::reports {

/// `text` with & < > " and ' escaped, for element content and attribute values.
std::string html_text(std::string_view text);

}  // namespace tidemark::reports
