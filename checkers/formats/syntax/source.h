// Source: the whole text of a history, readable up to kPadding bytes beyond its end, and places in it.
//
// A regular file is mapped; what is none (a pipe) is read to its end, at most kMostPiped bytes. The padding is zero
// bytes: a scanner may stop at a zero and then ask whether it is the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "checkers/history/history_io.h"

namespace tidemark::checkers {

class Source {
 public:
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kMostPiped = std::size_t{4} << 30;

  /// Throws HistoryError.
  static Source file(const std::string& path);
  /// Copies the text.
  Source(std::string name, std::string_view text);
  Source(Source&& other) noexcept;
  Source& operator=(Source&&) = delete;
  ~Source();

  const std::string& name() const { return name_; }
  /// Without the mark of byte order that may stand before it.
  std::string_view text() const { return text_; }
  const char* begin() const { return text_.data(); }
  const char* end() const { return text_.data() + text_.size(); }

  /// Throws HistoryError with the line and column of `at`.
  [[noreturn]] void fail(const char* at, std::string message) const;
  /// Throws when the text is not UTF-8, with the place of the first wrong byte.
  void require_utf8() const;

 private:
  explicit Source(std::string name) : name_(std::move(name)) {}
  void map(int descriptor, std::size_t size);
  void slurp(int descriptor);
  void skip_mark();

  std::string name_;
  std::string_view text_;
  std::unique_ptr<char[]> copy_;
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
};

/// The number of the line that a place is in, for places that only move forward.
class LineCounter {
 public:
  explicit LineCounter(const Source& source) : source_(source), at_(source.begin()) {}
  /// From 1. Throws HistoryError beyond 2^32 - 1 lines.
  std::uint32_t line(const char* at);

 private:
  const Source& source_;
  const char* at_;
  std::uint64_t line_ = 1;
};

}  // namespace tidemark::checkers
