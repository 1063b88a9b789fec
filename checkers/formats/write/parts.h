// What the writers share: numbers of sessions, the order of invocations and completions, refusals.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/write/write.h"

namespace tidemark::checkers {

[[noreturn]] void refuse(const Txn& txn, const std::string& message);

/// Collects text and hands it on in large pieces.
class Output {
 public:
  explicit Output(const std::function<void(std::string_view)>& out) : out_(out) {}
  std::string& text() { return text_; }
  void line_is_done() {
    if (text_.size() >= kPiece) flush();
  }
  void flush() {
    if (!text_.empty()) out_(text_);
    text_.clear();
  }

 private:
  static constexpr std::size_t kPiece = std::size_t{1} << 20;
  const std::function<void(std::string_view)>& out_;
  std::string text_;
};

/// The number that stands for each session: its own name, if all names are integers from 0 to 2^32 - 1.
struct SessionNumbers {
  explicit SessionNumbers(const History& history);
  std::vector<std::int64_t> numbers;
  bool renamed = false;
};

/// One record of a log: a transaction begins, or ends.
struct LogRecord {
  std::uint64_t place = 0;
  std::uint32_t txn = 0;
  bool end = false;
};
/// All records in the order of the log. `together`: how many begin at the instant at which an operation of their
/// session ends, which a log cannot say.
std::vector<LogRecord> log_of(const History& history, std::uint64_t& together);

/// Some reads that are ok are known and others are not, or all are not.
enum class Known : std::uint8_t { kAll, kNone, kSome };
Known reads_known(const History& history, const Txn& txn);

// Each writer: refusals and losses, then the text.
std::vector<std::string> map_losses(const History& history, Format format);
void write_maps(const History& history, Format format, Output& out);
std::vector<std::string> lines_losses(const History& history);
void write_lines(const History& history, std::string_view name, Output& out);
std::vector<std::string> plume_losses(const History& history);
void write_plume(const History& history, Output& out);

}  // namespace tidemark::checkers
