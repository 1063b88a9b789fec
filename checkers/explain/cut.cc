#include "checkers/explain/cut.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "checkers/explain/facts_of.h"

namespace tidemark::checkers::why {

Cutter::Cutter(const History& history, const Orders& orders)
    : history_(history), real_time_(orders.real_time && history.has_real_time()) {
  for (std::uint32_t i = 0; i < history.transactions().size(); ++i) {
    const Txn& txn = history.transactions()[i];
    for (std::uint32_t event = txn.first_event; event < txn.first_event + txn.event_count; ++event) {
      const Event& what = history.events()[event];
      if (puts(what)) puts_.push_back({what.key, event, what.value, i});
      const bool change =
          what.kind == EventKind::kAppendText || what.kind == EventKind::kIncrement || what.kind == EventKind::kClear;
      if (change) changes_.push_back({what.key, event, what.value, i});
    }
  }
  std::sort(puts_.begin(), puts_.end(), [](const Put& a, const Put& b) {
    return std::tie(a.key, a.value, a.event) < std::tie(b.key, b.value, b.event);
  });
  std::stable_sort(changes_.begin(), changes_.end(), [](const Put& a, const Put& b) { return a.key < b.key; });
  if (real_time_) note_overwriting();
}

void Cutter::note_overwriting() {
  for (const Put& put : puts_) {
    const Txn& txn = history_.transactions()[put.transaction];
    if (txn.outcome == Outcome::kOk) overwriting_.push_back({put.key, txn.ret, txn.call});
  }
  std::sort(overwriting_.begin(), overwriting_.end(), [](const Overwriting& a, const Overwriting& b) {
    return std::tie(a.key, a.ret, a.latest_call) < std::tie(b.key, b.ret, b.latest_call);
  });
  for (std::size_t i = 1; i < overwriting_.size(); ++i) {
    if (overwriting_[i].key != overwriting_[i - 1].key) continue;
    overwriting_[i].latest_call = std::max(overwriting_[i].latest_call, overwriting_[i - 1].latest_call);
  }
}

/// What had ended before this instant is overwritten when something begins at `call`.
std::uint32_t Cutter::overwritten_before(std::uint32_t key, std::uint32_t call) const {
  const auto behind = std::lower_bound(
      overwriting_.begin(), overwriting_.end(), Overwriting{key, call, 0},
      [](const Overwriting& a, const Overwriting& b) { return std::tie(a.key, a.ret) < std::tie(b.key, b.ret); });
  if (behind == overwriting_.begin() || (behind - 1)->key != key) return 0;
  return (behind - 1)->latest_call;
}

/// All writes that `reader` may have read this value from. What failed is no source.
bool Cutter::sources_kept(const Kept& kept, const Txn& reader, std::uint32_t key, Value value) const {
  const std::uint32_t overwritten = real_time_ ? overwritten_before(key, reader.call) : 0;
  auto put = std::lower_bound(puts_.begin(), puts_.end(), Put{key, 0, value, 0}, [](const Put& a, const Put& b) {
    return std::tie(a.key, a.value) < std::tie(b.key, b.value);
  });
  for (; put != puts_.end() && put->key == key && put->value == value; ++put) {
    const Txn& writer = history_.transactions()[put->transaction];
    if (kept[put->event] != 0 || writer.outcome == Outcome::kFail) continue;
    if (real_time_ && (writer.call > reader.ret || writer.ret < overwritten)) continue;
    return false;
  }
  return true;
}

/// True also of a value that nobody put there.
bool Cutter::all_kept(const Kept& kept, std::uint32_t key, Value value) const {
  auto put = std::lower_bound(puts_.begin(), puts_.end(), Put{key, 0, value, 0}, [](const Put& a, const Put& b) {
    return std::tie(a.key, a.value) < std::tie(b.key, b.value);
  });
  for (; put != puts_.end() && put->key == key && put->value == value; ++put) {
    if (kept[put->event] == 0) return false;
  }
  return true;
}

bool Cutter::changes_kept(const Kept& kept, const Event& read) const {
  auto change = std::lower_bound(changes_.begin(), changes_.end(), read.key,
                                 [](const Put& a, std::uint32_t key) { return a.key < key; });
  for (; change != changes_.end() && change->key == read.key; ++change) {
    if (kept[change->event] != 0) continue;
    const bool text = history_.events()[change->event].kind == EventKind::kAppendText;
    if (!text || !read.value.is_text() || !change->value.is_text()) return false;
    if (history_.text(read.value).find(history_.text(change->value)) != std::string::npos) return false;
  }
  return true;
}

bool Cutter::must_go(const Kept& kept, const Txn& txn, const Event& event) const {
  if (event.kind == EventKind::kAppend || event.kind == EventKind::kAdd) {
    return !all_kept(kept, event.key, event.value);
  }
  const bool compares = event.kind == EventKind::kCas;
  if (compares && !sources_kept(kept, txn, event.key, history_.expected(event))) return true;
  if (!compares && !(event.is_read() && event.known)) return false;
  if (event.kind == EventKind::kRead && !sources_kept(kept, txn, event.key, event.value)) return true;
  return !changes_kept(kept, event);
}

void Cutter::close(Kept& kept, std::vector<std::uint32_t>& transactions) const {
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::uint32_t transaction : transactions) {
      const Txn& txn = history_.transactions()[transaction];
      for (std::uint32_t event = txn.first_event; event < txn.first_event + txn.event_count; ++event) {
        if (kept[event] == 0 || !must_go(kept, txn, history_.events()[event])) continue;
        kept[event] = 0;
        changed = true;
      }
    }
  }
  const auto empty = [&](std::uint32_t transaction) {
    const Txn& txn = history_.transactions()[transaction];
    const auto first = kept.begin() + txn.first_event;
    return std::none_of(first, first + txn.event_count, [](std::uint8_t keep) { return keep != 0; });
  };
  transactions.erase(std::remove_if(transactions.begin(), transactions.end(), empty), transactions.end());
}

Value Cutter::copy(Value value, HistoryBuilder& builder) const {
  return value.is_text() ? builder.text(history_.text(value)) : value;
}

void Cutter::copy_event(const Kept& kept, const Event& event, HistoryBuilder& builder,
                        std::vector<Value>& elements) const {
  const std::uint32_t key = builder.key(copy(history_.key_value(event.key), builder));
  if (event.is_read() && !event.known) return builder.unknown_read(event.kind, key);
  switch (event.kind) {
    case EventKind::kReadList:
    case EventKind::kReadSet:
      elements.clear();
      for (const Value element : history_.elements(event)) {
        if (all_kept(kept, event.key, element)) elements.push_back(copy(element, builder));
      }
      builder.read_elements(event.kind, key, elements);
      return;
    case EventKind::kCas:
      return builder.cas(key, copy(history_.expected(event), builder), copy(event.value, builder));
    case EventKind::kTransfer: {
      const auto other = static_cast<std::uint32_t>(event.other);
      return builder.transfer(key, builder.key(copy(history_.key_value(other), builder)), copy(event.value, builder));
    }
    default:
      return builder.event(event.kind, key, copy(event.value, builder), event.version());
  }
}

History Cutter::cut(const Kept& kept, const std::vector<std::uint32_t>& transactions) const {
  HistoryBuilder builder;
  std::vector<Value> elements;
  for (const std::uint32_t transaction : transactions) {
    const Txn& txn = history_.transactions()[transaction];
    builder.begin(builder.session(copy(history_.session_value(txn.session), builder)));
    for (std::uint32_t event = txn.first_event; event < txn.first_event + txn.event_count; ++event) {
      if (kept[event] != 0) copy_event(kept, history_.events()[event], builder, elements);
    }
    HistoryBuilder::End end;
    end.outcome = txn.outcome;
    end.line = txn.line;
    end.index = txn.index;
    end.call = txn.call;
    end.ret = txn.ret;
    if (!history_.times().empty()) end.times = history_.times()[transaction];
    if (!history_.regions().empty() && history_.regions()[transaction] != kNever) {
      end.region = builder.text(history_.text(history_.regions()[transaction])).text_id();
    }
    builder.finish(end);
  }
  return builder.build(history_.has_real_time());
}

}  // namespace tidemark::checkers::why
