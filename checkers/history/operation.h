// Operation: one record of a history, and the values that workloads read and write.
//
// A history is the list of operations in completion order. `process` is a logically single-threaded client, `session`
// the chain of operations whose order must hold (a bookmark is handed from one to the next). Fail means "surely had no
// effect", info "unknown": it may have taken effect at any time after its invocation, or never.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace tidemark::checkers {

enum class Outcome : std::uint8_t { kOk, kFail, kInfo };

/// Micro-operations of the list-append model: append `element` to the list `key`, or read the whole list.
struct ListOp {
  bool is_append = false;
  std::int64_t key = 0;
  std::int64_t element = 0;            // appends only
  bool known = true;                   // reads: false when the result is unknown (fail, info)
  std::vector<std::int64_t> elements;  // reads only
};

/// Micro-operations of the register model; `version` is the value of the version column where the workload has one.
struct RegisterOp {
  bool is_write = false;
  std::int64_t key = 0;
  std::int64_t value = 0;     // 0 = never written
  std::int64_t version = -1;  // -1 = unknown
  bool known = true;          // reads: false when the result is unknown
};

/// One row of the Orders table of the starter template. Ordered as a scan of the table returns it.
struct OrderRow {
  std::string customer;
  std::string order;
  std::int64_t quantity = 0;
  friend bool operator==(const OrderRow&, const OrderRow&) = default;
};

/// A whole-table read. Immutable and shared: equal consecutive reads may point to one object.
using OrderRows = std::shared_ptr<const std::vector<OrderRow>>;

struct OrdersOp {
  enum class Kind : std::uint8_t { kList, kInsert, kReset };
  Kind kind = Kind::kList;
  OrderRow row;           // inserts
  bool inserted = false;  // inserts that are ok: false when the conflict clause made it a no-op
  OrderRows rows;         // reads that are ok: the whole table in scan order
};

/// Micro-operations of one transaction, in program order.
using MicroOps = std::variant<std::vector<ListOp>, std::vector<RegisterOp>, std::vector<OrdersOp>>;

struct Operation {
  std::uint64_t index = 0;  // position in the history, from 0
  std::uint32_t session = 0;
  std::uint32_t process = 0;
  Outcome outcome = Outcome::kInfo;
  std::string f;  // "txn", "read", "append", "list", "insert", "reset", ...
  MicroOps value;
  std::int64_t invoke_ns = 0;    // virtual time
  std::int64_t complete_ns = 0;  // info: when the client gave up
  std::string bookmark_in;       // as sent: a bookmark, "first-primary", "first-unconstrained" or empty
  std::string bookmark_out;      // as received; empty when none
  std::string served_by_region;  // "ENAM", ...; empty when unknown
  bool served_by_primary = false;
  std::string error;  // fail and info: the text the client saw
  /// Time Travel, an operation of an administrator: the whole database went back to its state at this bookmark, at the
  /// place bookmark_out; `value` has no micro-operations. Empty in all other operations.
  std::string restored_to;
  /// Of a write without bookmark_out: the bookmark of the entry that it made, where ground truth knows it. If the write
  /// took effect, it did so there; a later state of the same epoch that was shown proves that it did. Never in a file:
  /// no client knows it.
  std::string entry;
  /// The shop carries out a handler again that got no answer: what the same write made afterwards, in order.
  std::vector<std::string> later_entries;
};

}  // namespace tidemark::checkers
