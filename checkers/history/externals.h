// What a transaction says about the state before it: its reads without the effects of its own earlier writes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/transaction.h"

namespace tidemark::checkers {

/// The first read of a key: before the transaction, the key held exactly the first `count` elements of `op` (lists), or
/// op's value and version (registers).
struct ExternalRead {
  const MicroOp* op = nullptr;
  std::uint32_t count = 0;
};

/// Reusable, so that deriving costs no allocation in the long run.
class Externals {
 public:
  /// Fills reads() and noops() from an ok transaction. False when the transaction contradicts itself; then error() says
  /// how.
  bool derive(const Batch& batch, const Transaction& transaction);

  const std::vector<ExternalRead>& reads() const { return reads_; }
  /// Inserts that found their row in the state before the transaction.
  const std::vector<const MicroOp*>& noops() const { return noops_; }
  const std::string& error() const { return error_; }

 private:
  struct Local {
    std::int64_t key = 0;
    std::int64_t read = -1;  // index in reads_
    bool written = false;    // registers: own_value holds
    bool reset = false;
    std::int64_t own_value = 0;
    std::int64_t own_version = -1;
    std::vector<std::int64_t> own;         // lists: own appends since the reset or the start
    std::vector<std::int64_t> identities;  // orders: likewise
  };

  Local& local(std::int64_t key);
  bool read_list(const Batch& batch, const MicroOp& op);
  bool get_register(const Batch& batch, const MicroOp& op);
  bool insert_row(const Batch& batch, const MicroOp& op);
  bool fail(std::string text);

  std::vector<ExternalRead> reads_;
  std::vector<const MicroOp*> noops_;
  std::vector<Local> locals_;
  std::size_t used_ = 0;
  std::string error_;
};

}  // namespace tidemark::checkers
