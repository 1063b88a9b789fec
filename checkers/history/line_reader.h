// LineReader: the lines of a file or of a text, one at a time, with room behind each line for the JSON parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/history/history_io.h"

namespace tidemark::checkers {

class LineReader {
 public:
  /// Opens `path`. Throws HistoryError.
  explicit LineReader(std::string path);
  LineReader(std::string name, std::string_view text);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// Next line without its newline; at least kPadding readable bytes follow. False at the end. Throws HistoryError for
  /// a line that is too long or that the end of the file cuts.
  bool next(std::string_view& line);
  std::uint64_t number() const { return number_; }  // of the line that next() gave last, from 1
  const std::string& name() const { return name_; }

  static constexpr std::size_t kPadding = 64;

  /// Throws HistoryError for a line that is too long, or that has no newline.
  static void require_line(const std::string& name, std::uint64_t number, std::size_t length, bool newline) {
    if (length > kMaxLineBytes || !newline) refuse_line(name, number, length);
  }

 private:
  [[noreturn]] static void refuse_line(const std::string& name, std::uint64_t number, std::size_t length);
  std::size_t refill();

  std::string name_;
  std::FILE* file_ = nullptr;
  std::string_view rest_;     // text mode: what is not in buffer_ yet
  std::vector<char> buffer_;  // [begin_, end_) holds unread bytes; capacity end_ + kPadding
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace tidemark::checkers
