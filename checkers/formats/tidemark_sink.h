// TidemarkSink: what both readers of our JSON Lines make of an operation.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/format.h"

namespace tidemark::checkers {

class TidemarkSink {
 public:
  TidemarkSink(ModelKind model, ReadSummary& summary);

  HistoryBuilder& builder() { return builder_; }

  /// One operation: begin(), its micro-operations, end().
  void begin(std::uint32_t session) { builder_.begin(session_of(session)); }
  void append(std::int64_t key, std::int64_t element) {
    builder_.event(EventKind::kAppend, key_of(key), builder_.integer(element));
  }
  void read_list(std::int64_t key, std::span<const Value> elements) {
    builder_.read_elements(EventKind::kReadList, key_of(key), elements);
  }
  void unknown_list(std::int64_t key) { builder_.unknown_read(EventKind::kReadList, key_of(key)); }
  void write(std::int64_t key, std::int64_t value, std::int64_t version = -1) {
    builder_.event(EventKind::kWrite, key_of(key), builder_.integer(value), version);
  }
  void read(std::int64_t key, std::int64_t value, std::int64_t version = -1) {
    builder_.event(EventKind::kRead, key_of(key), value == 0 ? Value{} : builder_.integer(value), version);
  }
  void unknown_register(std::int64_t key) { builder_.unknown_read(EventKind::kRead, key_of(key)); }
  /// The element that a row is: "customer/order/quantity", with \ before / and \ inside the names.
  Value row(std::string_view customer, std::string_view order, std::int64_t quantity);
  void insert(Value row) { builder_.event(EventKind::kAppend, orders_, row); }
  void found_there() { ++summary_.conflicting_inserts; }
  void list(std::span<const Value> rows) { builder_.read_elements(EventKind::kReadList, orders_, rows); }
  void unknown_rows() { builder_.unknown_read(EventKind::kReadList, orders_); }
  void reset() { builder_.event(EventKind::kClear, orders_, Value{}); }

  struct Tail {
    Outcome outcome = Outcome::kOk;
    std::uint64_t index = 0;
    std::int64_t invoke_ns = 0;
    std::int64_t complete_ns = 0;
    std::string_view region;
  };
  /// Operations come in the order of their completion.
  void end(const Tail& tail);
  std::uint64_t operations() const { return operations_; }
  History build();

 private:
  static constexpr std::uint32_t kFewSessions = 1U << 16;
  std::uint32_t session_of(std::uint32_t name);
  std::uint32_t key_of(std::int64_t key) { return builder_.key(builder_.integer(key)); }

  HistoryBuilder builder_;
  ReadSummary& summary_;
  std::uint32_t orders_ = 0;
  std::vector<std::uint32_t> few_sessions_;  // by name, of small numbers: of the builder, + 1
  std::vector<std::int64_t> completions_;    // the different ones
  std::string region_;                       // the last one
  std::uint32_t region_id_ = kNever;
  std::string text_;
  std::uint64_t operations_ = 0;
};

}  // namespace tidemark::checkers
