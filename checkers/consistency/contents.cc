#include "checkers/consistency/contents.h"

#include <fmt/core.h>

#include <boost/unordered/unordered_flat_map.hpp>
#include <utility>
#include <variant>

#include "checkers/formats/tidemark_sink.h"

namespace tidemark::checkers {
namespace {

constexpr std::uint64_t kMostClears = 1U << 22;  // events

using RowName = std::pair<std::string, std::string>;

/// Of one row of the table, whatever its quantity.
struct Attempts {
  std::uint32_t inserts = 0;  // that did, or may have
  std::uint32_t found = 0;    // that found it there
  std::int64_t quantity = 0;  // of the inserts
  bool one_quantity = true;
  std::uint32_t key = kNever;  // of its register, once there is one
};

class Converter {
 public:
  explicit Converter(const std::vector<Operation>& operations)
      : operations_(operations), sink_(model_of(operations), summary_) {}

  Contents convert() {
    for (const Operation& operation : operations_) note_rows(operation);
    for (const Operation& operation : operations_) make_registers(operation);
    if (resets_ * registers_.size() > kMostClears) {
      leave_out("too many rows were inserted again");
      doubt(contents_.left_out);
      registers_.clear();
    }
    for (const Operation& operation : operations_) add(operation);
    if (resets_ > 0 && unknown_writes_)
      doubt("a write of unknown outcome may have been carried out again after the table was reset");
    contents_.history = sink_.build();
    return std::move(contents_);
  }

 private:
  static ModelKind model_of(const std::vector<Operation>& operations) {
    if (operations.empty()) return ModelKind::kAppend;
    if (std::holds_alternative<std::vector<OrdersOp>>(operations.front().value)) return ModelKind::kOrders;
    const bool lists = std::holds_alternative<std::vector<ListOp>>(operations.front().value);
    return lists ? ModelKind::kAppend : ModelKind::kRegister;
  }

  void leave_out(std::string why) {
    if (contents_.left_out.empty()) contents_.left_out = std::move(why);
  }
  void doubt(std::string why) {
    if (contents_.doubtful.empty()) contents_.doubtful = std::move(why);
  }

  void note_rows(const Operation& operation) {
    const auto* ops = std::get_if<std::vector<OrdersOp>>(&operation.value);
    if (ops == nullptr || operation.outcome == Outcome::kFail) return;
    for (const OrdersOp& op : *ops) {
      if (op.kind == OrdersOp::Kind::kList) continue;
      unknown_writes_ = unknown_writes_ || operation.outcome == Outcome::kInfo;
      if (op.kind == OrdersOp::Kind::kReset) {
        ++resets_;
        continue;
      }
      Attempts& row = rows_[RowName{op.row.customer, op.row.order}];
      if (operation.outcome == Outcome::kOk && !op.inserted) {
        ++row.found;
        continue;
      }
      row.one_quantity = row.one_quantity && (row.inserts == 0 || row.quantity == op.row.quantity);
      row.quantity = op.row.quantity;
      ++row.inserts;
    }
  }

  /// In the order of the history, so that it is the same on every machine.
  void make_registers(const Operation& operation) {
    const auto* ops = std::get_if<std::vector<OrdersOp>>(&operation.value);
    if (ops == nullptr || operation.outcome == Outcome::kFail) return;
    for (const OrdersOp& op : *ops) {
      if (op.kind != OrdersOp::Kind::kInsert) continue;
      Attempts& row = rows_[RowName{op.row.customer, op.row.order}];
      if (row.key != kNever || (row.inserts < 2 && row.found == 0)) continue;
      row.key = sink_.builder().key(sink_.builder().text(fmt::format("orders/{}/{}", op.row.customer, op.row.order)));
      registers_.push_back(row.key);
    }
  }

  void add(const Operation& operation) {
    sink_.begin(operation.session);
    if (const auto* lists = std::get_if<std::vector<ListOp>>(&operation.value)) add(*lists);
    if (const auto* registers = std::get_if<std::vector<RegisterOp>>(&operation.value)) add(*registers);
    if (const auto* orders = std::get_if<std::vector<OrdersOp>>(&operation.value)) add(*orders, operation.outcome);
    sink_.end(
        {operation.outcome, operation.index, operation.invoke_ns, operation.complete_ns, operation.served_by_region});
  }

  void add(const std::vector<ListOp>& ops) {
    for (const ListOp& op : ops) {
      if (op.is_append) {
        sink_.append(op.key, op.element);
      } else if (!op.known) {
        sink_.unknown_list(op.key);
      } else {
        elements_.clear();
        for (const std::int64_t element : op.elements) elements_.push_back(sink_.builder().integer(element));
        sink_.read_list(op.key, elements_);
      }
    }
  }

  void add(const std::vector<RegisterOp>& ops) {
    for (const RegisterOp& op : ops) {
      if (op.is_write) {
        if (op.value == 0) doubt("0 is written, which stands for a register never written");
        sink_.write(op.key, op.value, op.version);
      } else if (op.known) {
        sink_.read(op.key, op.value, op.version);
      } else {
        sink_.unknown_register(op.key);
      }
    }
  }

  void add(const std::vector<OrdersOp>& ops, Outcome outcome) {
    std::size_t inserts = 0;
    for (const OrdersOp& op : ops) inserts += op.kind == OrdersOp::Kind::kInsert ? 1 : 0;
    for (const OrdersOp& op : ops) {
      if (op.kind == OrdersOp::Kind::kReset) {
        reset();
      } else if (op.kind == OrdersOp::Kind::kInsert) {
        insert(op, outcome, inserts);
      } else if (op.rows == nullptr) {
        sink_.unknown_rows();
      } else {
        elements_.clear();
        for (const OrderRow& row : *op.rows) elements_.push_back(sink_.row(row.customer, row.order, row.quantity));
        sink_.list(elements_);
      }
    }
  }

  void insert(const OrdersOp& op, Outcome outcome, std::size_t inserts) {
    const Value element = sink_.row(op.row.customer, op.row.order, op.row.quantity);
    const auto tried = rows_.find(RowName{op.row.customer, op.row.order});
    if (outcome == Outcome::kFail || tried == rows_.end() || tried->second.key == kNever) return sink_.insert(element);
    const Attempts& row = tried->second;
    if (outcome == Outcome::kOk && !op.inserted) {
      if (!row.one_quantity) return leave_out("an insert found its row, of which the quantity is not known");
      const std::int64_t quantity = row.inserts > 0 ? row.quantity : op.row.quantity;
      return sink_.builder().event(EventKind::kRead, row.key, sink_.row(op.row.customer, op.row.order, quantity));
    }
    if (outcome == Outcome::kInfo && inserts > 1) {  // each of its inserts may have found its row, or not
      leave_out("a request of unknown outcome may have inserted some of its rows and found others");
      doubt(contents_.left_out);
    }
    sink_.builder().cas(row.key, Value{}, element);
    sink_.insert(element);
  }

  void reset() {
    sink_.reset();
    for (const std::uint32_t key : registers_) sink_.builder().event(EventKind::kClear, key, Value{});
  }

  const std::vector<Operation>& operations_;
  Contents contents_;
  ReadSummary summary_;
  TidemarkSink sink_;
  boost::unordered_flat_map<RowName, Attempts> rows_;
  std::vector<std::uint32_t> registers_;  // of rows that several inserts tried
  std::uint64_t resets_ = 0;
  bool unknown_writes_ = false;
  std::vector<Value> elements_;
};

}  // namespace

Contents contents_of(const std::vector<Operation>& operations) {
  return Converter(operations).convert();
}

}  // namespace tidemark::checkers
