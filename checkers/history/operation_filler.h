// OperationFiller: makes Operations of what an OperationScanner finds.
#pragma once

#include <cstddef>

#include "checkers/history/operation_scanner.h"

namespace tidemark::checkers {

class OperationFiller : public MicroOpSink {
 public:
  /// The operation that the next line goes to. Its old micro-operations are filled anew, so that memory is used again.
  void into(Operation& operation, ModelKind model);
  /// The rest of the line, after the scan succeeded.
  void finish(const ScannedLine& line);

  void begin(std::uint32_t session) override { operation_->session = session; }
  void append(std::int64_t key, std::int64_t element) override;
  void read_list(std::int64_t key, std::span<const std::int64_t> elements) override;
  void unknown_list(std::int64_t key) override;
  void write(std::int64_t key, std::int64_t value, std::int64_t version) override;
  void read(std::int64_t key, std::int64_t value, std::int64_t version) override;
  void unknown_read(std::int64_t key, std::int64_t version) override;
  void insert(const OrderRow& row, Inserted inserted) override;
  void list(std::span<const OrderRow> rows, std::size_t same) override;
  void unknown_rows() override;
  void reset() override;

 private:
  template <typename Op>
  Op& next();

  Operation* operation_ = nullptr;
  std::size_t count_ = 0;  // micro-operations of this line
  OrderRows table_;        // the last one: equal ones share it
};

}  // namespace tidemark::checkers
