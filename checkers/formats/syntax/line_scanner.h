// LineScanner: the lines of a source, and simple parts of each.
#pragma once

#include <cstdint>
#include <string_view>

#include "checkers/formats/syntax/source.h"

namespace tidemark::checkers {

class LineScanner {
 public:
  explicit LineScanner(const Source& source) : source_(source), stop_(source.begin()) {}

  /// The next line, without its end (LF, CRLF, or that of the file) and the blanks before that; false at the end.
  bool next();
  std::uint32_t number() const { return number_; }  // from 1
  bool at_end() const { return at_ == stop_; }
  char peek() const { return at_ < stop_ ? *at_ : '\0'; }
  const char* at() const { return at_; }
  void skip_blanks();
  bool take(char c);
  bool take(std::string_view word);
  /// Throws HistoryError: `what` says what was expected.
  void need(char c, const char* what);
  std::int64_t integer(const char* what);
  [[noreturn]] void fail(std::string message) const { source_.fail(at_, std::move(message)); }
  /// What the rest of the line is made of.
  bool rest_is(char c) const;

 private:
  const Source& source_;
  const char* at_ = nullptr;    // in the line
  const char* stop_ = nullptr;  // its end
  const char* next_ = nullptr;  // the line after
  std::uint32_t number_ = 0;
};

}  // namespace tidemark::checkers
