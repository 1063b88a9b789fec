#include "checkers/consistency/dependency_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>

#include "base/assert.h"
#include "checkers/history/externals.h"

namespace tidemark::checkers {
namespace {

using ElementOf = std::pair<std::int64_t, std::int64_t>;  // key, element

constexpr std::size_t kMaxDirect = 64;

struct Attempt {
  std::uint32_t transaction = 0;
  bool last_of_key = true;  // no later append of the same transaction to the key
};

}  // namespace

DependencyGraph::DependencyGraph(const Batch& batch)
    : batch_(batch), transactions_(static_cast<std::uint32_t>(batch.transactions().size())) {
  present_.resize(transactions_);
  edges_.resize(transactions_);
  for (std::uint32_t t = 0; t < transactions_; ++t) present_[t] = batch.transactions()[t].outcome == Outcome::kOk;
  if (batch.model() == ModelOf::kRegisters) {
    build_registers();
  } else {
    build_lists();
  }
  if (direct_.empty()) add_sessions();
}

void DependencyGraph::fail(const std::string& name, std::uint32_t transaction, const std::string& text) {
  if (!direct_.empty()) return;
  const Transaction& t = batch_.transactions()[transaction];
  direct_ = fmt::format("{}: operation {} of session {} ({} to {}) says: {}. However, {}.", name, t.index, t.session,
                        show_time(t.invoke_ns), show_time(t.complete_ns), batch_.show(t), text);
}

void DependencyGraph::build_lists() {
  boost::unordered_flat_map<ElementOf, Attempt> attempts;
  std::map<std::int64_t, std::vector<std::pair<std::int64_t, std::uint32_t>>> appended;  // key -> element, transaction
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    const auto ops = batch_.ops(batch_.transactions()[t]);
    for (std::size_t i = 0; i < ops.size(); ++i) {
      if (ops[i].kind == MicroKind::kReset || ops[i].kind == MicroKind::kNoop)
        undecidable_ = "the Orders table was reset or an insert found its row there; only the bookmark order was tried";
      if (ops[i].kind != MicroKind::kAppend) continue;
      const bool later =
          std::any_of(ops.begin() + static_cast<std::ptrdiff_t>(i) + 1, ops.end(),
                      [&](const MicroOp& op) { return op.kind == MicroKind::kAppend && op.key == ops[i].key; });
      if (!attempts.try_emplace(ElementOf{ops[i].key, ops[i].element}, Attempt{t, !later}).second)
        undecidable_ = fmt::format("the workload wrote the same element twice ('{}')", batch_.show(ops[i]));
      if (batch_.transactions()[t].outcome != Outcome::kFail) appended[ops[i].key].push_back({ops[i].element, t});
    }
  }
  if (!undecidable_.empty()) return;

  struct Read {
    std::uint32_t transaction;
    std::span<const std::int64_t> elements;
  };
  std::map<std::int64_t, std::vector<Read>> reads;
  Externals externals;
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    const Transaction& transaction = batch_.transactions()[t];
    if (transaction.outcome != Outcome::kOk) continue;
    if (!externals.derive(batch_, transaction)) return fail("internal", t, externals.error());
    for (const ExternalRead& read : externals.reads())
      reads[read.op->key].push_back({t, batch_.elements(*read.op).first(read.count)});
  }
  for (auto& [key, writes] : appended) reads.try_emplace(key);
  for (const auto& [key, of_key] : reads)  // seen through any key = it took place with all its writes
    for (const Read& read : of_key)
      for (const std::int64_t element : read.elements) {
        const auto attempt = attempts.find(ElementOf{key, element});
        if (attempt != attempts.end()) present_[attempt->second.transaction] = true;
      }
  for (const auto& entry : reads) {
    const std::int64_t key = entry.first;
    const std::vector<Read>& of_key = entry.second;
    const Read* longest = nullptr;
    for (const Read& read : of_key)
      if (longest == nullptr || read.elements.size() > longest->elements.size()) longest = &read;
    std::vector<Version> order;
    boost::unordered_flat_map<std::int64_t, std::size_t> place;
    if (longest != nullptr) {
      for (const std::int64_t element : longest->elements) {
        const auto attempt = attempts.find(ElementOf{key, element});
        if (attempt == attempts.end())
          return fail("garbage-read", longest->transaction,
                      fmt::format("nobody ever wrote element {} of list {}", element, key));
        const Transaction& writer = batch_.transactions()[attempt->second.transaction];
        if (writer.outcome == Outcome::kFail)
          return fail("G1a", longest->transaction,
                      fmt::format("element {} of list {} comes from operation {}, which surely failed", element, key,
                                  writer.index));
        if (!place.try_emplace(element, order.size()).second)
          return fail("duplicate-elements", longest->transaction,
                      fmt::format("element {} of list {} is there twice", element, key));
        order.push_back({element, attempt->second.transaction});
      }
    }
    for (const Read& read : of_key) {
      for (std::size_t i = 0; i < read.elements.size(); ++i) {
        if (order[i].writer == read.transaction)
          return fail("future-read", read.transaction,
                      fmt::format("it wrote element {} itself, later", order[i].element));
        if (read.elements[i] == order[i].element) continue;
        if (!attempts.contains(ElementOf{key, read.elements[i]}))
          return fail("garbage-read", read.transaction,
                      fmt::format("nobody ever wrote element {} of list {}", read.elements[i], key));
        const Transaction& writer = batch_.transactions()[attempts[ElementOf{key, read.elements[i]}].transaction];
        if (writer.outcome == Outcome::kFail)
          return fail("G1a", read.transaction,
                      fmt::format("element {} of list {} comes from operation {}, which surely failed",
                                  read.elements[i], key, writer.index));
        return fail("incompatible-order", read.transaction,
                    fmt::format("operation {} read list {} with {} at place {}, where this one has {}",
                                batch_.transactions()[longest->transaction].index, key, order[i].element, i + 1,
                                read.elements[i]));
      }
      if (!read.elements.empty()) {
        const Attempt& last = attempts[ElementOf{key, read.elements.back()}];
        if (!last.last_of_key && last.transaction != read.transaction)
          return fail("G1b", read.transaction,
                      fmt::format("it ends with {}, which operation {} appended before it appended more to list {}",
                                  read.elements.back(), batch_.transactions()[last.transaction].index, key));
      }
    }
    std::vector<Version> unread;
    for (const auto& [element, t] : appended[key])
      if (!place.contains(element) && present_[t]) unread.push_back({element, t});
    for (std::size_t i = 1; i < order.size(); ++i)
      if (order[i].writer != order[i - 1].writer)
        edges_[order[i - 1].writer].push_back(
            {order[i].writer, kWw, key, order[i - 1].element, order[i].element, false});
    for (const Read& read : of_key) link_read(read.transaction, key, order, read.elements.size());
    if (unread.empty()) continue;
    // Nobody read these, so they come after all that was read: through two helpers, so that it stays linear.
    const std::uint32_t after_write = add_helper();
    const std::uint32_t after_read = add_helper();
    boost::unordered_flat_map<std::uint32_t, bool> unread_writers;
    for (const Version& version : unread) unread_writers[version.writer] = true;
    std::size_t own_and_unread = 0;
    const auto connect = [&](std::uint32_t from, std::uint32_t helper, EdgeKind kind) {
      const std::int64_t last = order.empty() ? 0 : order.back().element;
      const bool own = unread_writers.contains(from);
      if (!own) return edges_[from].push_back({helper, kind, key, last, 0, order.empty()});
      // Through the helper it would come before itself. Of these, a history without a cycle has only one per key.
      if (++own_and_unread > kMaxDirect) return;
      for (const Version& version : unread)
        if (version.writer != from)
          edges_[from].push_back({version.writer, kind, key, last, version.element, order.empty()});
    };
    if (!order.empty()) connect(order.back().writer, after_write, kWw);
    for (const Read& read : of_key)
      if (read.elements.size() == order.size()) connect(read.transaction, after_read, kRw);
    for (const Version& version : unread) {
      edges_[after_write].push_back({version.writer, kWw, key, 0, version.element, false});
      edges_[after_read].push_back({version.writer, kRw, key, 0, version.element, false});
    }
  }
}

void DependencyGraph::link_read(std::uint32_t reader, std::int64_t key, const std::vector<Version>& order,
                                std::size_t length) {
  if (length > 0 && order[length - 1].writer != reader)
    edges_[order[length - 1].writer].push_back(
        {reader, kWr, key, order[length - 1].element, order[length - 1].element, false});
  if (length < order.size() && order[length].writer != reader)
    edges_[reader].push_back({order[length].writer, kRw, key, length == 0 ? 0 : order[length - 1].element,
                              order[length].element, length == 0});
}

void DependencyGraph::build_registers() {
  struct Write {
    std::uint32_t transaction;
    std::int64_t version;
  };
  boost::unordered_flat_map<ElementOf, Write> writes;  // key, value
  Externals externals;
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    for (const MicroOp& op : batch_.ops(batch_.transactions()[t])) {
      if (op.kind != MicroKind::kSet) continue;
      if (!writes.try_emplace(ElementOf{op.key, op.element}, Write{t, op.extra}).second)
        undecidable_ = fmt::format("the workload wrote the same value twice ('{}')", batch_.show(op));
      if (op.extra < 0 && batch_.transactions()[t].outcome == Outcome::kOk)
        undecidable_ = "registers without a version column: the order of the writes is not known";
    }
  }
  struct Read {
    std::uint32_t transaction;
    const MicroOp* op;
  };
  std::vector<Read> reads;
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    if (batch_.transactions()[t].outcome != Outcome::kOk) continue;
    if (!externals.derive(batch_, batch_.transactions()[t])) return fail("internal", t, externals.error());
    for (const ExternalRead& read : externals.reads()) reads.push_back({t, read.op});
  }
  for (const Read& read : reads) {
    if (read.op->element == 0) continue;
    const auto write = writes.find(ElementOf{read.op->key, read.op->element});
    if (write == writes.end())
      return fail("garbage-read", read.transaction,
                  fmt::format("nobody ever wrote {} = {}", read.op->key, read.op->element));
    const Transaction& writer = batch_.transactions()[write->second.transaction];
    if (writer.outcome == Outcome::kFail)
      return fail("G1a", read.transaction,
                  fmt::format("{} = {} comes from operation {}, which surely failed", read.op->key, read.op->element,
                              writer.index));
    if (write->second.transaction == read.transaction)
      return fail("future-read", read.transaction,
                  fmt::format("it wrote {} = {} itself, later", read.op->key, read.op->element));
    present_[write->second.transaction] = true;
    if (read.op->extra < 0) undecidable_ = "registers without a version column: the order of the writes is not known";
    if (write->second.version < 0) write->second.version = read.op->extra;
    if (read.op->extra >= 0 && write->second.version != read.op->extra)
      return fail("version-mismatch", read.transaction,
                  fmt::format("operation {} wrote {} = {} with version {}", writer.index, read.op->key,
                              read.op->element, write->second.version));
  }
  if (!undecidable_.empty()) return;
  std::map<std::int64_t, std::map<std::int64_t, Version>> orders;  // key -> version -> value, writer
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    if (!present_[t]) continue;
    for (const MicroOp& op : batch_.ops(batch_.transactions()[t])) {
      if (op.kind != MicroKind::kSet) continue;
      const std::int64_t version = writes[ElementOf{op.key, op.element}].version;
      if (version < 0) continue;  // of an unknown transaction that was seen through another key
      const auto [other, fresh] = orders[op.key].try_emplace(version, Version{op.element, t});
      if (!fresh && other->second.writer != t)
        return fail("version-twice", t,
                    fmt::format("operation {} got version {} of {} too",
                                batch_.transactions()[other->second.writer].index, version, op.key));
      other->second = {op.element, t};
    }
  }
  std::map<std::int64_t, std::vector<Version>> lists;
  boost::unordered_flat_map<ElementOf, std::size_t> length_of;
  for (const auto& [key, versions] : orders)
    for (const auto& [version, write] : versions) {
      auto& order = lists[key];
      if (!order.empty() && order.back().writer != write.writer)
        edges_[order.back().writer].push_back({write.writer, kWw, key, order.back().element, write.element, false});
      order.push_back(write);
      length_of[ElementOf{key, write.element}] = order.size();
    }
  for (const Read& read : reads)
    link_read(read.transaction, read.op->key, lists[read.op->key],
              read.op->element == 0 ? 0 : length_of[ElementOf{read.op->key, read.op->element}]);
}

void DependencyGraph::add_sessions() {
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> last;  // session -> its last ok transaction
  for (std::uint32_t t = 0; t < transactions_; ++t) {
    if (!present_[t]) continue;
    const Transaction& transaction = batch_.transactions()[t];
    const auto before = last.find(transaction.session);
    if (before != last.end()) edges_[before->second].push_back({t, kSo, 0, 0, 0, false});
    if (transaction.outcome == Outcome::kOk) last[transaction.session] = t;
  }
}

std::uint32_t DependencyGraph::add_helper() {
  edges_.emplace_back();
  return static_cast<std::uint32_t>(edges_.size() - 1);
}

}  // namespace tidemark::checkers
