#include "reports/text_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "reports/html.h"

namespace tidemark::reports {

std::string as_text(const Cells& cells) {
  std::vector<std::size_t> widths(cells[0].size(), 0);
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : cells) {
    text += fmt::format("  {:<{}}", line[0], widths[0]);
    for (std::size_t i = 1; i < line.size(); ++i) text += fmt::format("  {:>{}}", line[i], widths[i]);
    text += "\n";
  }
  return text;
}

std::string as_markdown(const Cells& cells) {
  std::string text;
  for (std::size_t number = 0; number < cells.size(); ++number) {
    text += "|";
    for (const std::string& cell : cells[number]) {
      text += " ";
      for (const char c : cell) text += c == '|' ? std::string("\\|") : std::string(1, c);
      text += " |";
    }
    text += "\n";
    if (number > 0) continue;
    text += "| --- |";
    for (std::size_t i = 1; i < cells[0].size(); ++i) text += " ---: |";
    text += "\n";
  }
  return text;
}

std::string as_html(const Cells& cells) {
  std::string html = "<div class=\"scroll\"><table>";
  for (std::size_t number = 0; number < cells.size(); ++number) {
    const char* const tag = number == 0 ? "th" : "td";
    html += number == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t i = 0; i < cells[number].size(); ++i)
      html += fmt::format("<{0}{1}>{2}</{0}>", tag, i == 0 ? " class=\"l\"" : "", html_text(cells[number][i]));
    html += number == 0 ? "</tr></thead><tbody>\n" : "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

}  // namespace tidemark::reports
