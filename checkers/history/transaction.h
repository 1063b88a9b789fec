// Compact form of operations, shared by the checkers: integers only, elements in one pool, orders mapped to lists.
//
// The Orders table is a list with key 0: its rows in scan order, each row a 64-bit hash of its columns. Scan order is
// the order of the commits, because the table has hidden row numbers that only grow between two resets.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "checkers/history/bookmark.h"
#include "checkers/history/operation.h"

namespace tidemark::checkers {

enum class MicroKind : std::uint8_t {
  kAppend,   // list: element; orders: an insert that took (or may take) effect, `extra` = identity of the row
  kRead,     // list: elements
  kNoop,     // orders: an insert that found its row there, `extra` = identity
  kReset,    // orders: the table starts anew
  kSet,      // register: element = value, extra = version
  kGet,      // register: element = value, extra = version
  kRestore,  // of any model: the whole database is as at `element`, BookmarkKey::position() of a canonical bookmark;
             // !known: of a text that is none
};

struct MicroOp {
  MicroKind kind = MicroKind::kRead;
  bool known = true;  // reads
  std::int64_t key = 0;
  std::int64_t element = 0;
  std::int64_t extra = -1;
  std::uint32_t first = 0;  // range of Batch::elements()
  std::uint32_t count = 0;
  std::uint32_t rows = 0;  // orders: index in Batch::rows + 1
};

struct Transaction {
  std::uint64_t index = 0;
  std::uint32_t session = 0;
  std::uint32_t process = 0;
  Outcome outcome = Outcome::kInfo;
  bool effect = false;  // has an append, a set, a reset or a restore
  bool by_primary = false;
  std::uint16_t region = 0;
  std::uint32_t first_op = 0;
  std::uint32_t op_count = 0;
  std::int64_t invoke_ns = 0;
  std::int64_t complete_ns = 0;
  BookmarkKey bookmark;
};

enum class ModelOf : std::uint8_t { kNone, kLists, kRegisters, kOrders };

/// A whole-table read with what the checkers compare. Immutable and shared by the reads of the same rows.
struct HashedRows {
  OrderRows rows;
  std::vector<std::int64_t> elements;  // of each row
  std::vector<Digest128> prefix;       // prefix[n]: rolling hash of the first n elements
};

/// Transactions with their parts. Grows by add(); forget_before() drops a prefix.
class Batch {
 public:
  /// False when the operation's model differs from that of the operations before it.
  bool add(const Operation& operation);
  /// Drops the first `count` transactions and what only they used.
  void forget_before(std::size_t count);

  std::vector<Transaction>& transactions() { return transactions_; }
  const std::vector<Transaction>& transactions() const { return transactions_; }
  std::span<const MicroOp> ops(const Transaction& transaction) const {
    return {ops_.data() + transaction.first_op, transaction.op_count};
  }
  std::span<const std::int64_t> elements(const MicroOp& op) const {
    return {(op.rows == 0 ? elements_.data() : rows_[op.rows - 1]->elements.data()) + op.first, op.count};
  }
  /// Rolling hashes of a whole-table read; empty for other reads.
  std::span<const Digest128> prefix(const MicroOp& op) const {
    if (op.rows == 0) return {};
    return rows_[op.rows - 1]->prefix;
  }
  /// The rows of a whole-table read, or the one row of an insert.
  const OrderRows& rows(const MicroOp& op) const { return rows_[op.rows - 1]->rows; }
  ModelOf model() const { return model_; }
  const std::string& region(std::uint16_t number) const { return regions_[number]; }

  /// "[1 2 3]", "[(c1,o9,3) ...]"; long lists are cut in the middle.
  std::string show_read(const MicroOp& op) const;
  static std::string show_row(const OrderRow& row);
  /// "append 3 to list 1", "insert (c1,o9,3)", "read list 1: [1 2]".
  std::string show(const MicroOp& op) const;
  /// All micro-operations of the transaction, separated by "; ".
  std::string show(const Transaction& transaction) const;

 private:
  void add_list(const std::vector<ListOp>& ops, Outcome outcome);
  void add_register(const std::vector<RegisterOp>& ops, Outcome outcome);
  void add_orders(const std::vector<OrdersOp>& ops, Outcome outcome);
  void add_rows(MicroOp& op, const OrderRows& rows);
  void add_restore(const Operation& operation);
  std::shared_ptr<const HashedRows> hashed(const OrderRows& rows);
  std::uint16_t intern_region(const std::string& name);

  std::vector<Transaction> transactions_;
  std::vector<MicroOp> ops_;
  std::vector<std::int64_t> elements_;
  std::vector<std::shared_ptr<const HashedRows>> rows_;  // inserts have no elements, only the row for witness texts
  // The newest different tables, found again by identity: copies of a database show one of a few states.
  std::array<std::shared_ptr<const HashedRows>, 16> recent_;
  std::size_t next_recent_ = 0;
  std::vector<std::string> regions_{""};
  ModelOf model_ = ModelOf::kNone;
};

std::int64_t row_identity(const OrderRow& row);
std::int64_t row_element(const OrderRow& row);

/// Rolling hash of a list: fold with extend() from {}.
constexpr Digest128 extend(Digest128 hash, std::int64_t element) {
  return mix(hash, static_cast<std::uint64_t>(element) + 0x632be59bd9b4e019ULL);
}

/// "3.204 s"
std::string show_time(std::int64_t ns);

}  // namespace tidemark::checkers
