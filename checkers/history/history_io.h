// Reading and writing `history.jsonl`. The format is described in docs/history_format.md.
//
// The reader is strict: whatever it returns can be judged. It holds one line in memory at a time, and a line may have
// at most kMaxLineBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/history/operation.h"

namespace tidemark::checkers {

inline constexpr std::string_view kHistoryFormat = "tidemark-history";
inline constexpr std::int64_t kHistoryVersion = 1;
inline constexpr std::size_t kMaxLineBytes = 16U << 20;

enum class ModelKind : std::uint8_t { kOrders, kAppend, kRegister };
const char* to_text(ModelKind model);  // "orders", "append", "register"

struct HistoryHeader {
  std::string scenario;
  std::uint64_t seed = 0;
  ModelKind model = ModelKind::kOrders;
};

/// What is wrong with a history file, and where. what() is "file:line:column: message", or
/// "file: message" when it is about the file as a whole (line 0).
class HistoryError : public std::runtime_error {
 public:
  HistoryError(std::string file, std::uint64_t line, std::uint64_t column, std::string message);
  const std::string& file() const { return file_; }
  std::uint64_t line() const { return line_; }      // from 1; 0 = the whole file
  std::uint64_t column() const { return column_; }  // byte offset in the line + 1
  const std::string& message() const { return message_; }

 private:
  std::string file_;
  std::uint64_t line_;
  std::uint64_t column_;
  std::string message_;
};

/// Formats lines into a buffer. Append-only; the caller drains `buffer()` when it likes.
class HistoryFormatter {
 public:
  HistoryFormatter();
  ~HistoryFormatter();
  void header(const HistoryHeader& header);
  void operation(const Operation& operation);
  std::string& buffer() { return buffer_; }

 private:
  struct Tables;

  char* room(std::size_t bytes);  // of the scratch buffer, from its start
  void take(const char* end);     // appends the scratch buffer up to `end`
  template <typename Op>
  void put_ops(const std::vector<Op>& ops, Outcome outcome);
  void put_ops(const std::vector<OrdersOp>& ops, Outcome outcome);
  void tail(const Operation& operation);

  std::string buffer_;
  std::vector<char> scratch_;
  std::unique_ptr<Tables> tables_;
};

/// Writes a file through a buffer of 1 MiB. Throws HistoryError when the file cannot be written.
class HistoryWriter {
 public:
  HistoryWriter(std::string path, const HistoryHeader& header);
  ~HistoryWriter();
  HistoryWriter(const HistoryWriter&) = delete;
  HistoryWriter& operator=(const HistoryWriter&) = delete;

  void write(const Operation& operation);
  /// Flushes and closes; errors are thrown here. The destructor closes without a word.
  void close();

 private:
  void drain();

  std::string path_;
  std::FILE* file_ = nullptr;
  HistoryFormatter formatter_;
};

/// Streams a file (or a text in memory) operation by operation.
class HistoryReader {
 public:
  explicit HistoryReader(std::string path);
  /// `text` must outlive the reader. `name` stands for the file in messages.
  HistoryReader(std::string name, std::string_view text);
  ~HistoryReader();

  const HistoryHeader& header() const;
  /// Fills `operation`; false at the end of the file. Throws HistoryError.
  bool next(Operation& operation);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The whole file. Throws HistoryError.
std::vector<Operation> read_history(const std::string& path, HistoryHeader* header = nullptr);

}  // namespace tidemark::checkers
