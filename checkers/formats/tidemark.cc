#include "checkers/formats/tidemark.h"

#include <simdjson.h>

#include <variant>

#include "checkers/formats/tidemark_sink.h"

namespace tidemark::checkers {
namespace {

void put(TidemarkSink& sink, const std::vector<ListOp>& ops, std::vector<Value>& scratch) {
  for (const ListOp& op : ops) {
    if (op.is_append) {
      sink.append(op.key, op.element);
    } else if (!op.known) {
      sink.unknown_list(op.key);
    } else {
      scratch.clear();
      for (const std::int64_t element : op.elements) scratch.push_back(sink.builder().integer(element));
      sink.read_list(op.key, scratch);
    }
  }
}

/// False when 0 is written: it stands for the initial state.
bool put(TidemarkSink& sink, const std::vector<RegisterOp>& ops) {
  for (const RegisterOp& op : ops) {
    if (op.is_write && op.value == 0) return false;
    if (op.is_write) {
      sink.write(op.key, op.value);
    } else if (op.known) {
      sink.read(op.key, op.value);
    } else {
      sink.unknown_register(op.key);
    }
  }
  return true;
}

void put(TidemarkSink& sink, const std::vector<OrdersOp>& ops, bool ok, std::vector<Value>& scratch) {
  for (const OrdersOp& op : ops) {
    if (op.kind == OrdersOp::Kind::kReset) {
      sink.reset();
    } else if (op.kind == OrdersOp::Kind::kInsert) {
      if (ok && !op.inserted) {
        sink.found_there();
      } else {
        sink.insert(sink.row(op.row.customer, op.row.order, op.row.quantity));
      }
    } else if (op.rows == nullptr) {
      sink.unknown_rows();
    } else {
      scratch.clear();
      for (const OrderRow& row : *op.rows) scratch.push_back(sink.row(row.customer, row.order, row.quantity));
      sink.list(scratch);
    }
  }
}

}  // namespace

History read_tidemark_strict(const Source& source, ReadSummary& summary) {
  HistoryReader reader(source.name(), source.text());
  TidemarkSink sink(reader.header().model, summary);
  Operation operation;
  std::vector<Value> scratch;
  while (reader.next(operation)) {
    const std::uint64_t line = sink.operations() + 2;
    if (line >= kNever) throw HistoryError(source.name(), line, 1, "more than 4294967293 operations");
    if (!operation.restored_to.empty())
      throw HistoryError(source.name(), line, 1, "Time Travel: only the model sequential of a run judges it");
    sink.begin(operation.session);
    bool fine = true;
    if (const auto* lists = std::get_if<std::vector<ListOp>>(&operation.value)) put(sink, *lists, scratch);
    if (const auto* registers = std::get_if<std::vector<RegisterOp>>(&operation.value)) fine = put(sink, *registers);
    if (const auto* orders = std::get_if<std::vector<OrdersOp>>(&operation.value))
      put(sink, *orders, operation.outcome == Outcome::kOk, scratch);
    if (!fine) throw HistoryError(source.name(), line, 1, "0 is written: it stands for a register never written");
    sink.end(
        {operation.outcome, operation.index, operation.invoke_ns, operation.complete_ns, operation.served_by_region});
  }
  return sink.build();
}

History read_tidemark(const Source& source, ReadSummary& summary) {
  if (std::optional<History> history = read_tidemark_fast(source, summary)) return std::move(*history);
  summary = ReadSummary{};
  return read_tidemark_strict(source, summary);
}

}  // namespace tidemark::checkers
