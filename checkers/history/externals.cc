#include "checkers/history/externals.h"

#include <algorithm>

namespace tidemark::checkers {

bool Externals::fail(std::string text) {
  error_ = std::move(text);
  return false;
}

Externals::Local& Externals::local(std::int64_t key) {
  for (std::size_t i = 0; i < used_; ++i)
    if (locals_[i].key == key) return locals_[i];
  if (used_ == locals_.size()) locals_.emplace_back();
  Local& fresh = locals_[used_++];
  fresh.key = key;
  fresh.read = -1;
  fresh.written = fresh.reset = false;
  fresh.own.clear();
  fresh.identities.clear();
  return fresh;
}

bool Externals::derive(const Batch& batch, const Transaction& transaction) {
  reads_.clear();
  noops_.clear();
  error_.clear();
  used_ = 0;
  const auto ops = batch.ops(transaction);
  if (ops.size() == 1) {  // the common case needs no bookkeeping
    const MicroOp& op = ops.front();
    if ((op.kind == MicroKind::kRead || op.kind == MicroKind::kGet) && op.known) reads_.push_back({&op, op.count});
    if (op.kind == MicroKind::kNoop) noops_.push_back(&op);
    return true;
  }
  const auto reads = [](const MicroOp& op) { return op.kind == MicroKind::kRead || op.kind == MicroKind::kGet; };
  // Without a read only an insert can say something about the state before.
  if (batch.model() != ModelOf::kOrders && std::none_of(ops.begin(), ops.end(), reads)) return true;
  for (const MicroOp& op : ops) {
    bool fits = true;
    switch (op.kind) {
      case MicroKind::kAppend:
      case MicroKind::kNoop:
        fits = insert_row(batch, op);
        break;
      case MicroKind::kReset: {
        Local& table = local(op.key);
        table.reset = true;
        table.own.clear();
        table.identities.clear();
        break;
      }
      case MicroKind::kRead:
        fits = !op.known || read_list(batch, op);
        break;
      case MicroKind::kSet: {
        Local& own = local(op.key);
        own.written = true;
        own.own_value = op.element;
        own.own_version = op.extra;
        break;
      }
      case MicroKind::kGet:
        fits = !op.known || get_register(batch, op);
        break;
      case MicroKind::kRestore:
        break;
    }
    if (!fits) return false;
  }
  return true;
}

bool Externals::insert_row(const Batch& batch, const MicroOp& op) {
  Local& table = local(op.key);
  const bool orders = batch.model() == ModelOf::kOrders;
  const auto& mine = table.identities;
  const bool there = orders && std::find(mine.begin(), mine.end(), op.extra) != mine.end();
  if (op.kind == MicroKind::kNoop) {
    if (there) return true;
    if (table.reset)
      return fail("it says '" + batch.show(op) + "', but the same transaction had just emptied the table");
    noops_.push_back(&op);
    return true;
  }
  if (there)
    return fail("it says '" + batch.show(op) + "' took effect, but the same transaction had inserted that row");
  table.own.push_back(op.element);
  if (orders) table.identities.push_back(op.extra);
  return true;
}

bool Externals::read_list(const Batch& batch, const MicroOp& op) {
  Local& list = local(op.key);
  const auto seen = batch.elements(op);
  const auto own = list.own.size();
  const bool ends_with_own =
      seen.size() >= own && std::equal(list.own.begin(), list.own.end(), seen.end() - static_cast<std::ptrdiff_t>(own));
  if (!ends_with_own)
    return fail("it says '" + batch.show(op) +
                "', which does not end with what the same transaction had written before");
  const auto prefix = seen.first(seen.size() - own);
  if (list.reset) {
    if (prefix.empty()) return true;
    return fail("it says '" + batch.show(op) + "', but the same transaction had emptied the table before");
  }
  if (list.read < 0) {
    list.read = static_cast<std::int64_t>(reads_.size());
    reads_.push_back({&op, static_cast<std::uint32_t>(prefix.size())});
    return true;
  }
  const ExternalRead& first = reads_[static_cast<std::size_t>(list.read)];
  const auto before = batch.elements(*first.op).first(first.count);
  if (std::equal(before.begin(), before.end(), prefix.begin(), prefix.end())) return true;
  return fail("it says '" + batch.show(*first.op) + "' and then '" + batch.show(op) +
              "', and nothing it wrote in between explains the difference");
}

bool Externals::get_register(const Batch& batch, const MicroOp& op) {
  Local& mine = local(op.key);
  const auto same = [&](std::int64_t value, std::int64_t version) {
    return value == op.element && (version < 0 || op.extra < 0 || version == op.extra);
  };
  if (mine.written) {
    if (same(mine.own_value, mine.own_version)) return true;
    return fail("it says '" + batch.show(op) + "' after the same transaction had written another value");
  }
  if (mine.read < 0) {
    mine.read = static_cast<std::int64_t>(reads_.size());
    reads_.push_back({&op, 0});
    return true;
  }
  const MicroOp& first = *reads_[static_cast<std::size_t>(mine.read)].op;
  if (same(first.element, first.extra)) return true;
  return fail("it says '" + batch.show(first) + "' and then '" + batch.show(op) + "'");
}

}  // namespace tidemark::checkers
