// Tables of the reports as text, Markdown and HTML: the first column to the left, the others to the right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tidemark::reports {

/// Lines of equal length; the first is the head.
using Cells = std::vector<std::vector<std::string>>;

/// Each line indented by two spaces. Widths are counted in bytes.
std::string as_text(const Cells& cells);
std::string as_markdown(const Cells& cells);
/// With what the cells say escaped.
std::string as_html(const Cells& cells);

/// "12.3 %"; "-" of nothing.
std::string percent(std::uint64_t part, std::uint64_t whole);

}  // namespace tidemark::reports
