// Escaping for the HTML reports, and the page around their tables. User text (names, witnesses) never reaches a page
// unescaped.
#pragma once

#include <string>
#include <string_view>

namespace tidemark::reports {

/// `text` with & < > " and ' escaped, for element content and attribute values.
std::string html_text(std::string_view text);

/// A whole page. `title` is escaped here, `body` is HTML.
std::string html_page(std::string_view title, std::string_view body);

}  // namespace tidemark::reports
