#include "reports/html.h"

#include <fmt/core.h>

namespace tidemark::reports {

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string html_page(std::string_view title, std::string_view body) {
  constexpr const char* kStyle =
      "body{font:15px/1.45 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:2rem auto;max-width:1140px;"
      "padding:0 1rem}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:.3rem "
      ".6rem;text-align:right;border-bottom:1px solid #e2e2e2;white-space:nowrap}th{border-bottom:2px solid "
      "#999}.l{text-align:left}.scroll{overflow-x:auto}";
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{}</title><style>{}</style></head><body>\n{}</body></html>\n",
      html_text(title), kStyle, body);
}

}  // namespace tidemark::reports
