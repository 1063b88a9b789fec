// OperationScanner: the fast reader of one operation's line of `history.jsonl`, in whatever layout: any order of keys,
// any white space, escapes.
//
// It knows no messages and no rare forms (escapes in names of keys, pairs of UTF-16, -0, Time Travel): what it refuses,
// right or wrong, goes to StrictLine, which reads all that the format allows and says what is wrong with the rest. What
// it accepts, StrictLine accepts, as the same operation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/history/history_io.h"
#include "checkers/history/line_keys.h"
#include "checkers/history/operation.h"

namespace tidemark::checkers {

/// A string as the line writes it, between its quotes. Lives as long as the line.
struct ScannedText {
  std::string_view raw;
  bool escaped = false;
  /// What it says.
  void copy_to(std::string& out) const;
};

/// A line without its micro-operations.
struct ScannedLine {
  std::uint64_t index = 0;
  std::uint32_t session = 0;
  std::uint32_t process = 0;
  Outcome outcome = Outcome::kInfo;
  std::int64_t invoke_ns = 0;
  std::int64_t complete_ns = 0;
  ScannedText f;
  ScannedText bookmark_in;
  ScannedText bookmark_out;
  ScannedText served_by_region;
  ScannedText error;  // empty when ok
  bool served_by_primary = false;
};

/// Gets the micro-operations of a line while it is scanned; they count only if the scan succeeds.
class MicroOpSink {
 public:
  virtual ~MicroOpSink() = default;
  /// Before the first, when the session is known; not called for every line that is refused.
  virtual void begin(std::uint32_t session) = 0;
  virtual void append(std::int64_t key, std::int64_t element) = 0;
  virtual void read_list(std::int64_t key, std::span<const std::int64_t> elements) = 0;
  virtual void unknown_list(std::int64_t key) = 0;
  /// Versions: -1 = unknown.
  virtual void write(std::int64_t key, std::int64_t value, std::int64_t version) = 0;
  virtual void read(std::int64_t key, std::int64_t value, std::int64_t version) = 0;
  virtual void unknown_read(std::int64_t key, std::int64_t version) = 0;
  enum class Inserted : std::uint8_t { kUnknown, kNo, kYes };
  virtual void insert(const OrderRow& row, Inserted inserted) = 0;
  /// The first `same` rows are those of the last list() of this scanner.
  virtual void list(std::span<const OrderRow> rows, std::size_t same) = 0;
  virtual void unknown_rows() = 0;
  virtual void reset() = 0;
};

class OperationScanner {
 public:
  explicit OperationScanner(ModelKind model) : model_(model) {}

  /// The line begins at `at`, ends with a newline, and has kScanAhead readable bytes behind that. Returns the newline;
  /// null when it refuses. Whether operations may follow each other like this, it does not ask.
  const char* scan(const char* at, MicroOpSink& sink, ScannedLine& line);

 private:
  using Key = line_keys::Key;
  using enum line_keys::Key;

  void skip_space();
  bool eat(char c);
  template <std::size_t N>
  bool literal(const char (&text)[N]);
  template <std::size_t N>
  bool word(const char (&text)[N]);
  template <std::size_t N>
  bool name(const char (&text)[N], Key key);
  bool integer(std::int64_t& number);
  template <typename Number>
  bool integer(Number& number, std::int64_t high);
  bool string(ScannedText& text);
  bool escape();
  bool truth(bool& value);
  bool type(Outcome& outcome);
  bool fields(MicroOpSink& sink, ScannedLine& line);
  bool field(MicroOpSink& sink, ScannedLine& line);
  bool complete(const ScannedLine& line) const;
  bool any_order(MicroOpSink& sink, ScannedLine& line);
  bool long_text(const char*& at, Key key);
  bool scalars(ScannedLine& line);
  template <typename Number>
  bool number_of(Key key, Number& number, std::int64_t high);
  void note_order();
  bool value(MicroOpSink& sink, const ScannedLine& line);
  bool session_ahead(std::uint32_t& session);
  bool micro_ops(MicroOpSink& sink);
  bool list_op(MicroOpSink& sink);
  bool elements();
  bool register_op(MicroOpSink& sink);
  bool orders_op(MicroOpSink& sink);
  bool insert_op(MicroOpSink& sink);
  bool insert_row();
  bool rows(std::size_t& same);
  bool row(OrderRow& row);
  bool text(std::string& out);

  ModelKind model_;
  const char* at_ = nullptr;
  unsigned seen_ = 0;           // keys of this line
  std::uint64_t order_ = 0;     // the same in their order, without errors, which come and go
  std::uint32_t value_of_ = 0;  // the session that the sink was told
  std::uint64_t last_order_ = 0;
  unsigned unsteady_ = 0;  // how often orders changed of late
  // Of a line whose order is not foreseen: where each scalar stands, and which of them have quotes or escapes.
  std::array<std::string_view, kKeys> scalars_;
  unsigned quoted_ = 0;
  unsigned escaped_ = 0;
  bool non_ascii_ = false;
  bool insert_known_ = false;  // an insert of this line said true or false
  bool result_open_ = false;   // a read or an insert of this line said null
  std::vector<std::int64_t> elements_;
  OrderRow inserted_;
  // The last whole table: rows that stand at the same place in the next one need not be understood again.
  std::string table_;
  std::vector<std::size_t> table_ends_;  // of each row
  std::vector<OrderRow> rows_;
};

}  // namespace tidemark::checkers
