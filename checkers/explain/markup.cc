#include "checkers/explain/markup.h"

#include "base/utf8.h"

namespace tidemark::checkers::why {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

/// Bytes of the character that begins here; 0: none does that a document may hold.
std::size_t length_of(std::string_view rest) {
  const bool control = static_cast<unsigned char>(rest.front()) < 0x20;
  if (control || rest.starts_with("\xef\xbf\xbe") || rest.starts_with("\xef\xbf\xbf")) return 0;
  return utf8_length(rest);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_of(text.substr(at));
    const char c = text[at];
    if (c == '\n') {
      result += c;
    } else if (length == 0) {
      result += kReplacement;
    } else if (c == '&') {
      result += "&amp;";
    } else if (c == '<') {
      result += "&lt;";
    } else if (c == '>') {
      result += "&gt;";
    } else if (c == '"') {
      result += "&quot;";
    } else if (c == '\'') {
      result += "&#39;";
    } else {
      result += text.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t most) {
  if (width_of(text) <= most) return std::string(text);
  std::size_t at = 0;
  for (std::size_t shown = 0; shown + 1 < most; ++shown) {
    const std::size_t length = length_of(text.substr(at));
    at += length == 0 ? 1 : length;
  }
  return std::string(text.substr(0, at)) + "\xe2\x80\xa6";
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); ++width) {
    const std::size_t length = length_of(text.substr(at));
    at += length == 0 ? 1 : length;
  }
  return width;
}

}  // namespace tidemark::checkers::why
