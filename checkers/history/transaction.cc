#include "checkers/history/transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace tidemark::checkers {
namespace {

constexpr std::size_t kShownElements = 12;

template <typename Show>
std::string show_list(std::size_t count, const Show& show) {
  std::string text = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (count > kShownElements && i == kShownElements / 2) {
      const std::size_t skipped = count - kShownElements;
      text += fmt::format(" ...{} more...", skipped);
      i += skipped;
    }
    if (text.size() > 1) text += ' ';
    text += show(i);
  }
  return text + "]";
}

bool has_effect(MicroKind kind) {
  return kind == MicroKind::kAppend || kind == MicroKind::kSet || kind == MicroKind::kReset ||
         kind == MicroKind::kRestore;
}

}  // namespace

std::int64_t row_identity(const OrderRow& row) {
  return static_cast<std::int64_t>(hash_name(row.order, hash_name(row.customer, row.customer.size())));
}

std::int64_t row_element(const OrderRow& row) {
  const Digest128 hash = mix({0x9ae16a3b2f90404fULL, static_cast<std::uint64_t>(row_identity(row))},
                             static_cast<std::uint64_t>(row.quantity));
  return static_cast<std::int64_t>(hash.low ^ hash.high);
}

std::string show_time(std::int64_t ns) {
  return fmt::format("{:.6f} s", static_cast<double>(ns) / 1e9);
}

bool Batch::add(const Operation& operation) {
  const bool restore = !operation.restored_to.empty();
  const auto model = static_cast<ModelOf>(operation.value.index() + 1);
  if (model_ == ModelOf::kNone && !restore) model_ = model;
  if (model_ != model && !restore) return false;
  Transaction& transaction = transactions_.emplace_back();
  transaction.index = operation.index;
  transaction.session = operation.session;
  transaction.process = operation.process;
  transaction.outcome = operation.outcome;
  transaction.by_primary = operation.served_by_primary;
  transaction.region = intern_region(operation.served_by_region);
  transaction.invoke_ns = operation.invoke_ns;
  transaction.complete_ns = operation.complete_ns;
  transaction.first_op = static_cast<std::uint32_t>(ops_.size());
  if (operation.outcome == Outcome::kOk) transaction.bookmark = BookmarkKey(operation.bookmark_out);
  if (const auto* lists = std::get_if<std::vector<ListOp>>(&operation.value)) add_list(*lists, operation.outcome);
  if (const auto* registers = std::get_if<std::vector<RegisterOp>>(&operation.value))
    add_register(*registers, operation.outcome);
  if (const auto* orders = std::get_if<std::vector<OrdersOp>>(&operation.value)) add_orders(*orders, operation.outcome);
  if (restore) add_restore(operation);
  transaction.op_count = static_cast<std::uint32_t>(ops_.size()) - transaction.first_op;
  for (const MicroOp& op : ops(transaction)) transaction.effect = transaction.effect || has_effect(op.kind);
  return true;
}

void Batch::add_list(const std::vector<ListOp>& ops, Outcome outcome) {
  for (const ListOp& from : ops) {
    MicroOp& op = ops_.emplace_back();
    op.kind = from.is_append ? MicroKind::kAppend : MicroKind::kRead;
    op.key = from.key;
    op.element = from.element;
    op.known = from.known && outcome == Outcome::kOk;
    if (from.is_append || !op.known) continue;
    op.first = static_cast<std::uint32_t>(elements_.size());
    op.count = static_cast<std::uint32_t>(from.elements.size());
    elements_.insert(elements_.end(), from.elements.begin(), from.elements.end());
  }
}

void Batch::add_register(const std::vector<RegisterOp>& ops, Outcome outcome) {
  for (const RegisterOp& from : ops) {
    MicroOp& op = ops_.emplace_back();
    op.kind = from.is_write ? MicroKind::kSet : MicroKind::kGet;
    op.key = from.key;
    op.element = from.value;
    op.extra = from.version;
    op.known = from.known && outcome == Outcome::kOk;
  }
}

void Batch::add_orders(const std::vector<OrdersOp>& ops, Outcome outcome) {
  for (const OrdersOp& from : ops) {
    MicroOp& op = ops_.emplace_back();
    op.known = outcome == Outcome::kOk;
    switch (from.kind) {
      case OrdersOp::Kind::kReset:
        op.kind = MicroKind::kReset;
        break;
      case OrdersOp::Kind::kInsert:
        op.kind = from.inserted || outcome != Outcome::kOk ? MicroKind::kAppend : MicroKind::kNoop;
        op.element = row_element(from.row);
        op.extra = row_identity(from.row);
        rows_.push_back(std::make_shared<const HashedRows>(
            HashedRows{std::make_shared<const std::vector<OrderRow>>(1, from.row), {}, {}}));
        op.rows = static_cast<std::uint32_t>(rows_.size());
        break;
      case OrdersOp::Kind::kList:
        op.kind = MicroKind::kRead;
        op.known = op.known && from.rows != nullptr;
        if (op.known) add_rows(op, from.rows);
        break;
    }
  }
}

void Batch::add_restore(const Operation& operation) {
  const BookmarkKey target(operation.restored_to);
  MicroOp& op = ops_.emplace_back();
  op.kind = MicroKind::kRestore;
  op.known = target.canonical();
  op.element = static_cast<std::int64_t>(target.position());
}

std::shared_ptr<const HashedRows> Batch::hashed(const OrderRows& rows) {
  for (const auto& known : recent_)
    if (known != nullptr && known->rows == rows) return known;
  auto fresh = std::make_shared<HashedRows>();
  fresh->rows = rows;
  fresh->elements.reserve(rows->size());
  fresh->prefix.reserve(rows->size() + 1);
  // The table mostly grows at its end: what it has in common with the one before needs no hashing.
  const auto& before = recent_[(next_recent_ + recent_.size() - 1) % recent_.size()];
  std::size_t common = 0;
  if (before != nullptr) {
    const std::size_t limit = std::min(rows->size(), before->rows->size());
    while (common < limit && (*rows)[common] == (*before->rows)[common]) ++common;
    const auto length = static_cast<std::ptrdiff_t>(common);
    fresh->elements.assign(before->elements.begin(), before->elements.begin() + length);
    fresh->prefix.assign(before->prefix.begin(), before->prefix.begin() + length + 1);
  } else {
    fresh->prefix.emplace_back();
  }
  for (std::size_t i = common; i < rows->size(); ++i) {
    fresh->elements.push_back(row_element((*rows)[i]));
    fresh->prefix.push_back(extend(fresh->prefix.back(), fresh->elements.back()));
  }
  return recent_[next_recent_++ % recent_.size()] = std::move(fresh);
}

void Batch::add_rows(MicroOp& op, const OrderRows& rows) {
  rows_.push_back(hashed(rows));
  op.count = static_cast<std::uint32_t>(rows->size());
  op.rows = static_cast<std::uint32_t>(rows_.size());
}

void Batch::forget_before(std::size_t count) {
  TIDEMARK_ASSERT(count <= transactions_.size());
  if (count == 0) return;
  if (count == transactions_.size()) {
    transactions_.clear();
    ops_.clear();
    elements_.clear();
    rows_.clear();
    return;
  }
  // Parts are in the order of their transactions, so what is dropped is a prefix of each pool.
  transactions_.erase(transactions_.begin(), transactions_.begin() + static_cast<std::ptrdiff_t>(count));
  const std::uint32_t first_op = transactions_.front().first_op;
  std::uint32_t first_element = static_cast<std::uint32_t>(elements_.size());
  std::uint32_t first_rows = static_cast<std::uint32_t>(rows_.size());
  for (std::size_t i = ops_.size(); i-- > first_op;) {
    if (ops_[i].rows != 0) first_rows = ops_[i].rows - 1;
    if (ops_[i].rows == 0 && ops_[i].count > 0) first_element = ops_[i].first;
  }
  const auto drop = [](auto& pool, std::uint32_t length) {
    TIDEMARK_ASSERT(length <= pool.size());
    pool.erase(pool.begin(), pool.begin() + static_cast<std::ptrdiff_t>(length));
  };
  drop(ops_, first_op);
  drop(elements_, first_element);
  drop(rows_, first_rows);
  for (Transaction& transaction : transactions_) transaction.first_op -= first_op;
  for (MicroOp& op : ops_) {
    if (op.rows != 0) op.rows -= first_rows;
    if (op.rows == 0) op.first = op.count > 0 ? op.first - first_element : 0;
  }
}

std::uint16_t Batch::intern_region(const std::string& name) {
  for (std::size_t i = 0; i < regions_.size(); ++i)
    if (regions_[i] == name) return static_cast<std::uint16_t>(i);
  if (regions_.size() > 4096) return 0;  // a hostile history; the region is only shown
  regions_.push_back(name);
  return static_cast<std::uint16_t>(regions_.size() - 1);
}

/// Long texts are cut: they pad the rows, the beginning tells them apart.
std::string Batch::show_row(const OrderRow& row) {
  constexpr std::size_t kMostShown = 24;
  const auto cut = [](const std::string& text) {
    return text.size() <= kMostShown ? text : text.substr(0, kMostShown) + "...";
  };
  return fmt::format("({},{},{})", cut(row.customer), cut(row.order), row.quantity);
}

std::string Batch::show_read(const MicroOp& op) const {
  if (op.rows != 0) {
    const std::vector<OrderRow>& rows = *rows_[op.rows - 1]->rows;
    return show_list(rows.size(), [&](std::size_t i) { return show_row(rows[i]); });
  }
  const auto list = elements(op);
  return show_list(list.size(), [&](std::size_t i) { return std::to_string(list[i]); });
}

std::string Batch::show(const MicroOp& op) const {
  const bool orders = model_ == ModelOf::kOrders;
  const std::string version = op.extra >= 0 && !orders ? fmt::format(" (version {})", op.extra) : "";
  switch (op.kind) {
    case MicroKind::kAppend:
      if (orders) return "insert " + show_row(rows_[op.rows - 1]->rows->front());
      return fmt::format("append {} to list {}", op.element, op.key);
    case MicroKind::kNoop:
      return "insert " + show_row(rows_[op.rows - 1]->rows->front()) + ", which was there already";
    case MicroKind::kReset:
      return "reset Orders";
    case MicroKind::kRead:
      if (!op.known) return orders ? "read Orders" : fmt::format("read list {}", op.key);
      return (orders ? std::string("read Orders: ") : fmt::format("read list {}: ", op.key)) + show_read(op);
    case MicroKind::kSet:
      return fmt::format("write {} = {}{}", op.key, op.element, version);
    case MicroKind::kGet:
      if (!op.known) return fmt::format("read {}", op.key);
      return fmt::format("read {} = {}{}", op.key, op.element, version);
    case MicroKind::kRestore: {
      const auto to = static_cast<std::uint64_t>(op.element);
      return fmt::format("restore the state at bookmark {:08x}-{:08x}", to >> 32, to & 0xffffffffU);
    }
  }
  return "";
}

std::string Batch::show(const Transaction& transaction) const {
  std::string text;
  for (const MicroOp& op : ops(transaction)) {
    if (!text.empty()) text += "; ";
    text += show(op);
  }
  return text;
}

}  // namespace tidemark::checkers
