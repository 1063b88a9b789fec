#include "model/types/bookmark.h"

#include "base/hex.h"

namespace tidemark::model {
namespace {

constexpr std::string_view kFirstPrimaryText = "first-primary";
constexpr std::string_view kFirstUnconstrainedText = "first-unconstrained";
constexpr std::string_view kBlanks = " \t\r\n\v\f";

bool parse_hex(std::string_view text, std::uint32_t& out) {
  out = 0;
  for (const char c : text) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit && !(c >= 'a' && c <= 'f')) return false;
    out = out << 4 | static_cast<std::uint32_t>(digit ? c - '0' : c - 'a' + 10);
  }
  return true;
}

}  // namespace

std::string Bookmark::text() const {
  std::string text(kTextLength, '-');
  char* at = put_hex(text.data(), epoch);
  at = put_hex(at + 1, sequence);
  at = put_hex(at + 1, day);
  put_hex(put_hex(at + 1, digest.high), digest.low);
  return text;
}

bool Bookmark::parse(std::string_view text, Bookmark& out) {
  if (text.size() != kTextLength || text[8] != '-' || text[17] != '-' || text[26] != '-') return false;
  return parse_hex(text.substr(0, 8), out.epoch) && parse_hex(text.substr(9, 8), out.sequence) &&
         parse_hex(text.substr(18, 8), out.day) && Digest128::parse(text.substr(27), out.digest);
}

SessionToken SessionToken::parse(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  if (text == kFirstPrimaryText) return first_primary();
  if (text == kFirstUnconstrainedText) return first_unconstrained();
  Bookmark bookmark;
  if (Bookmark::parse(text, bookmark)) return of(bookmark);
  SessionToken token(Kind::kForeign);
  token.foreign_ = std::string(text);
  return token;
}

std::string SessionToken::text() const {
  switch (kind_) {
    case Kind::kNone:
      return "";
    case Kind::kFirstPrimary:
      return std::string(kFirstPrimaryText);
    case Kind::kFirstUnconstrained:
      return std::string(kFirstUnconstrainedText);
    case Kind::kBookmark:
      return bookmark_.text();
    case Kind::kForeign:
      return foreign_;
  }
  return "";
}

bool SessionToken::text_less(const SessionToken& other) const {
  if (kind_ == Kind::kBookmark && other.kind_ == Kind::kBookmark) return bookmark_ < other.bookmark_;
  return text() < other.text();
}

}  // namespace tidemark::model
