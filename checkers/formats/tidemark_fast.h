// FastOperations: lines of ours into a TidemarkSink by way of OperationScanner.
#pragma once

#include <vector>

#include "checkers/formats/tidemark_sink.h"
#include "checkers/history/operation_scanner.h"
#include "checkers/history/sequence.h"

namespace tidemark::checkers {

class FastOperations : private MicroOpSink {
 public:
  FastOperations(ModelKind model, TidemarkSink& sink) : scanner_(model), sink_(sink) {}

  /// The operation whose line begins at `at` (see OperationScanner::scan) goes into the sink up to its end(), which the
  /// caller calls with `tail`. Returns the newline; null: not read, and nothing of it is in the sink.
  const char* read(const char* at, Sequence::Place& place, TidemarkSink::Tail& tail);

 private:
  void begin(std::uint32_t session) override;
  void append(std::int64_t key, std::int64_t element) override { sink_.append(key, element); }
  void read_list(std::int64_t key, std::span<const std::int64_t> elements) override;
  void unknown_list(std::int64_t key) override { sink_.unknown_list(key); }
  void write(std::int64_t key, std::int64_t value, std::int64_t version) override;
  void read(std::int64_t key, std::int64_t value, std::int64_t version) override { sink_.read(key, value, version); }
  void unknown_read(std::int64_t key, std::int64_t /*version*/) override { sink_.unknown_register(key); }
  void insert(const OrderRow& row, Inserted inserted) override;
  void list(std::span<const OrderRow> rows, std::size_t same) override;
  void unknown_rows() override { sink_.unknown_rows(); }
  void reset() override { sink_.reset(); }

  OperationScanner scanner_;
  TidemarkSink& sink_;
  ScannedLine line_;
  bool begun_ = false;
  bool zero_written_ = false;
  std::uint64_t found_there_ = 0;  // inserts of this line
  std::vector<Value> values_;
  std::vector<Value> table_;  // of the last list()
  std::string region_;
};

}  // namespace tidemark::checkers
