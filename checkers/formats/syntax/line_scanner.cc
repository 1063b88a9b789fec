#include "checkers/formats/syntax/line_scanner.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace tidemark::checkers {

bool LineScanner::next() {
  const char* from = next_ == nullptr ? source_.begin() : next_;
  if (from == source_.end()) return false;
  const void* newline = std::memchr(from, '\n', static_cast<std::size_t>(source_.end() - from));
  stop_ = newline == nullptr ? source_.end() : static_cast<const char*>(newline);
  next_ = newline == nullptr ? stop_ : stop_ + 1;
  at_ = from;
  if (number_ == UINT32_MAX) fail("more than 4294967295 lines");
  ++number_;
  if (static_cast<std::size_t>(stop_ - from) > kMaxLineBytes) fail("a line that is too long");
  while (stop_ > at_ && (stop_[-1] == '\r' || stop_[-1] == ' ' || stop_[-1] == '\t')) --stop_;
  return true;
}

void LineScanner::skip_blanks() {
  while (at_ < stop_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
}

bool LineScanner::take(char c) {
  if (peek() != c || at_ == stop_) return false;
  ++at_;
  return true;
}

bool LineScanner::take(std::string_view word) {
  if (static_cast<std::size_t>(stop_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
    return false;
  at_ += word.size();
  return true;
}

void LineScanner::need(char c, const char* what) {
  if (!take(c)) fail(std::string(what) + " expected");
}

std::int64_t LineScanner::integer(const char* what) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(at_, stop_, number);
  if (error == std::errc::result_out_of_range) fail(std::string(what) + " does not fit into 64 bits");
  if (error != std::errc()) fail(std::string(what) + " expected");
  at_ = end;
  return number;
}

bool LineScanner::rest_is(char c) const {
  return std::all_of(at_, stop_, [c](char other) { return other == c; });
}

}  // namespace tidemark::checkers
