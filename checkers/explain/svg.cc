#include "checkers/explain/svg.h"

#include <fmt/core.h>

#include <algorithm>

#include "checkers/explain/markup.h"

namespace tidemark::checkers::why {
namespace {

constexpr const char* kStyle =
    "svg{--ink:#1b1f24;--dim:#59636e;--paper:#ffffff;--box:#f3f5f7;--edge:#8c959f;--mark:#c4231c;--soft:#fdecea}\n"
    "@media(prefers-color-scheme:dark){svg{--ink:#e6e9ec;--dim:#9aa4ae;--paper:#14171a;--box:#23282d;--edge:#6b757f;"
    "--mark:#ff7b72;--soft:#3a1f1f}}\n"
    ".paper{fill:var(--paper)}\n"
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:var(--ink);white-space:pre}\n"
    ".strong{font-weight:bold}.dim{fill:var(--dim)}.bad{fill:var(--mark)}.middle{text-anchor:middle}\n"
    ".box{fill:var(--box);stroke:var(--edge)}.marked{fill:var(--soft);stroke:var(--mark);stroke-width:2}\n"
    ".faint{stroke-dasharray:3 3;fill:var(--paper)}\n"
    ".lane{stroke:var(--edge);stroke-dasharray:1 4}\n"
    ".way{fill:none;stroke:var(--ink);stroke-width:1.5;marker-end:url(#head)}\n"
    ".back{stroke:var(--mark);marker-end:url(#bad-head)}\n"
    "#head path{fill:var(--ink)}#bad-head path{fill:var(--mark)}\n";

std::string head(std::string_view id) {
  return fmt::format(
      "<marker id=\"{}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" "
      "orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker>",
      id);
}

}  // namespace

void Sheet::reach(int x, int y) {
  width_ = std::max(width_, x);
  height_ = std::max(height_, y);
}

void Sheet::box(int x, int y, int width, int height, std::string_view style) {
  body_ += fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\n", style, x, y,
                       width, height);
  reach(x + width, y + height);
}

void Sheet::text(int x, int y, std::string_view text, std::string_view style) {
  const std::string attribute = style.empty() ? "" : fmt::format(" class=\"{}\"", style);
  body_ += fmt::format("<text{} x=\"{}\" y=\"{}\">{}</text>\n", attribute, x, y, escaped(text));
  const int width = static_cast<int>(width_of(text)) * kCharacter;
  const bool middle = style.find("middle") != std::string_view::npos;
  reach(x + (middle ? width / 2 : width), y + 4);
}

void Sheet::line(int x1, int y1, int x2, int y2, std::string_view style) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", style, x1, y1, x2, y2);
  reach(std::max(x1, x2), std::max(y1, y2));
}

void Sheet::arrow(const std::string& path, std::string_view style) {
  body_ += fmt::format("<path class=\"{}\" d=\"{}\"/>\n", style, path);
}

std::string Sheet::finish(std::string_view title) const {
  const int width = width_ + 16;
  const int height = height_ + 16;
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\">\n",
      width, height, width, height);
  text += fmt::format("<title>{}</title>\n<style>\n{}</style>\n<defs>{}{}</defs>\n", escaped(title), kStyle,
                      head("head"), head("bad-head"));
  text += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n", width, height);
  return text + body_ + "</svg>\n";
}

}  // namespace tidemark::checkers::why
