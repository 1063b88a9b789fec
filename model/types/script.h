// ScriptedOperation: one operation of a client that is written down instead of drawn ([[operation]] of a scenario). The
// client plays it as if its generator had decided on it: same session, bookmark, connection and records.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/types/value.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// One statement of an operation.
struct ScriptedStep {
  enum class Kind : std::uint8_t {
    kList,    // orders: the whole table
    kOrder,   // orders: inserts one row and lists
    kReset,   // orders: makes the table anew
    kRead,    // register, append: one key
    kWrite,   // register: `value` to `key`
    kAppend,  // append: `value` to the list of `key`
    kAction,  // sql, application: `action` with `values`
  };
  Kind kind = Kind::kList;
  std::int64_t key = 0;
  std::int64_t value = 0;  // written or appended; kOrder: the quantity
  std::string customer;    // kOrder
  std::string order;       // kOrder, without padding
  std::string action;      // kAction
  std::vector<SqlValue> values;
  /// kAction: it may.
  bool writes() const { return kind != Kind::kList && kind != Kind::kRead; }
  friend bool operator==(const ScriptedStep&, const ScriptedStep&) = default;
};

struct ScriptedOperation {
  enum class Session : std::uint8_t {
    kSame,          // hands the bookmark on that the client holds
    kNew,           // drops it first
    kFirstPrimary,  // and begins with the constraint in its place
  };
  std::uint32_t client = 0;
  /// Since the clients started. A client that is busy then begins as soon as it is not.
  sim::Duration at;
  Session session = Session::kSame;
  /// Every step is a query of its own, all at the same time in one session, instead of one transaction.
  bool together = false;
  /// Site whose PoP the client enters at from now on; empty: where it is.
  std::string via;
  std::vector<ScriptedStep> steps;  // at least one

  friend bool operator==(const ScriptedOperation&, const ScriptedOperation&) = default;
};

}  // namespace tidemark::model
