#include "checkers/formats/tidemark_fast.h"

namespace tidemark::checkers {

const char* FastOperations::read(const char* at, Sequence::Place& place, TidemarkSink::Tail& tail) {
  begun_ = zero_written_ = false;
  found_there_ = 0;
  const char* newline = scanner_.scan(at, *this, line_);
  if (newline == nullptr || zero_written_) {  // the strict path says what is wrong with a zero
    if (begun_) sink_.builder().abandon();
    return nullptr;
  }
  for (; found_there_ > 0; --found_there_) sink_.found_there();
  place = {line_.index, line_.process, line_.invoke_ns, line_.complete_ns};
  tail = {line_.outcome, line_.index, line_.invoke_ns, line_.complete_ns, line_.served_by_region.raw};
  if (line_.served_by_region.escaped) {
    line_.served_by_region.copy_to(region_);
    tail.region = region_;
  }
  return newline;
}

void FastOperations::begin(std::uint32_t session) {
  sink_.begin(session);
  begun_ = true;
}

void FastOperations::read_list(std::int64_t key, std::span<const std::int64_t> elements) {
  values_.clear();
  for (const std::int64_t element : elements)
    values_.push_back(Value::fits(element) ? Value::integer(element) : sink_.builder().integer(element));
  sink_.read_list(key, values_);
}

void FastOperations::write(std::int64_t key, std::int64_t value, std::int64_t version) {
  zero_written_ = zero_written_ || value == 0;
  sink_.write(key, value, version);
}

void FastOperations::insert(const OrderRow& row, Inserted inserted) {
  if (inserted == Inserted::kNo) {
    ++found_there_;
  } else {
    sink_.insert(sink_.row(row.customer, row.order, row.quantity));
  }
}

void FastOperations::list(std::span<const OrderRow> rows, std::size_t same) {
  table_.resize(same);
  for (const OrderRow& row : rows.subspan(same)) table_.push_back(sink_.row(row.customer, row.order, row.quantity));
  sink_.list(table_);
}

}  // namespace tidemark::checkers
