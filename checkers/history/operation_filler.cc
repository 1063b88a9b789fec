#include "checkers/history/operation_filler.h"

namespace tidemark::checkers {

void OperationFiller::into(Operation& operation, ModelKind model) {
  operation_ = &operation;
  count_ = 0;
  const std::size_t index = model == ModelKind::kAppend ? 0 : model == ModelKind::kRegister ? 1 : 2;
  if (operation.value.index() == index) return;
  if (index == 0) operation.value.emplace<std::vector<ListOp>>();
  if (index == 1) operation.value.emplace<std::vector<RegisterOp>>();
  if (index == 2) operation.value.emplace<std::vector<OrdersOp>>();
}

/// The next micro-operation; what an earlier line left in it is overwritten by the caller.
template <typename Op>
Op& OperationFiller::next() {
  auto& ops = *std::get_if<std::vector<Op>>(&operation_->value);
  if (count_ == ops.size()) ops.emplace_back();
  return ops[count_++];
}

void OperationFiller::append(std::int64_t key, std::int64_t element) {
  ListOp& op = next<ListOp>();
  op.is_append = true;
  op.key = key;
  op.element = element;
  op.known = true;
  op.elements.clear();
}

void OperationFiller::read_list(std::int64_t key, std::span<const std::int64_t> elements) {
  ListOp& op = next<ListOp>();
  op.is_append = false;
  op.key = key;
  op.element = 0;
  op.known = true;
  op.elements.assign(elements.begin(), elements.end());
}

void OperationFiller::unknown_list(std::int64_t key) {
  read_list(key, {});
  std::get_if<std::vector<ListOp>>(&operation_->value)->at(count_ - 1).known = false;
}

void OperationFiller::write(std::int64_t key, std::int64_t value, std::int64_t version) {
  next<RegisterOp>() = {true, key, value, version, true};
}

void OperationFiller::read(std::int64_t key, std::int64_t value, std::int64_t version) {
  next<RegisterOp>() = {false, key, value, version, true};
}

void OperationFiller::unknown_read(std::int64_t key, std::int64_t version) {
  next<RegisterOp>() = {false, key, 0, version, false};
}

void OperationFiller::insert(const OrderRow& row, Inserted inserted) {
  next<OrdersOp>() = {OrdersOp::Kind::kInsert, row, inserted == Inserted::kYes, nullptr};
}

void OperationFiller::list(std::span<const OrderRow> rows, std::size_t same) {
  if (table_ == nullptr || same != rows.size() || same != table_->size())
    table_ = std::make_shared<std::vector<OrderRow>>(rows.begin(), rows.end());
  next<OrdersOp>() = {OrdersOp::Kind::kList, {}, false, table_};
}

void OperationFiller::unknown_rows() {
  next<OrdersOp>() = {OrdersOp::Kind::kList, {}, false, nullptr};
}

void OperationFiller::reset() {
  next<OrdersOp>() = {OrdersOp::Kind::kReset, {}, false, nullptr};
}

void OperationFiller::finish(const ScannedLine& line) {
  std::visit([this](auto& ops) { ops.resize(count_); }, operation_->value);
  operation_->index = line.index;
  operation_->process = line.process;
  operation_->outcome = line.outcome;
  line.f.copy_to(operation_->f);
  operation_->invoke_ns = line.invoke_ns;
  operation_->complete_ns = line.complete_ns;
  line.bookmark_in.copy_to(operation_->bookmark_in);
  line.bookmark_out.copy_to(operation_->bookmark_out);
  line.served_by_region.copy_to(operation_->served_by_region);
  operation_->served_by_primary = line.served_by_primary;
  line.error.copy_to(operation_->error);
  operation_->restored_to.clear();
}

}  // namespace tidemark::checkers
