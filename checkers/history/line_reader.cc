#include "checkers/history/line_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace tidemark::checkers {
namespace {

constexpr std::size_t kChunk = 256U << 10;

}  // namespace

LineReader::LineReader(std::string path) : name_(std::move(path)) {
  file_ = std::fopen(name_.c_str(), "rb");
  if (file_ == nullptr) throw HistoryError(name_, 0, 0, std::string("cannot be opened: ") + std::strerror(errno));
}

LineReader::LineReader(std::string name, std::string_view text) : name_(std::move(name)), rest_(text) {}

LineReader::~LineReader() {
  if (file_ != nullptr) std::fclose(file_);
}

void LineReader::refuse_line(const std::string& name, std::uint64_t number, std::size_t length) {
  if (length <= kMaxLineBytes)
    throw HistoryError(name, number, length + 1, "the file ends in the middle of a line (truncated?)");
  throw HistoryError(name, number, kMaxLineBytes + 1,
                     "line is longer than " + std::to_string(kMaxLineBytes) + " bytes");
}

std::size_t LineReader::refill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t want = std::max(kChunk, end_);  // doubling, so that a long line costs linear time
  if (buffer_.size() < end_ + want + kPadding) buffer_.resize(end_ + want + kPadding);
  std::size_t got = 0;
  if (file_ != nullptr) {
    got = std::fread(buffer_.data() + end_, 1, want, file_);
    if (got == 0 && std::ferror(file_) != 0)
      throw HistoryError(name_, number_ + 1, 1, std::string("read failed: ") + std::strerror(errno));
  } else {
    got = std::min(want, rest_.size());
    if (got > 0) std::memcpy(buffer_.data() + end_, rest_.data(), got);
    rest_.remove_prefix(got);
  }
  end_ += got;
  return got;
}

bool LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  for (;;) {
    const char* from = buffer_.data() + begin_;
    const std::size_t have = end_ - begin_;
    const void* newline = have > searched ? std::memchr(from + searched, '\n', have - searched) : nullptr;
    const std::size_t length =
        newline == nullptr ? have : static_cast<std::size_t>(static_cast<const char*>(newline) - from);
    require_line(name_, number_ + 1, length, true);
    if (newline != nullptr) {
      ++number_;
      line = {from, length};
      begin_ += length + 1;
      return true;
    }
    searched = have;
    if (refill() > 0) continue;
    if (have == 0) return false;
    require_line(name_, number_ + 1, have, false);
  }
}

}  // namespace tidemark::checkers
