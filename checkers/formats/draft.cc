#include "checkers/formats/draft.h"

#include <algorithm>

namespace tidemark::checkers {
namespace {

// What happened to a key.
enum : unsigned {
  kAppended = 1,
  kWritten = 2,
  kCompared = 4,
  kAdded = 8,
  kIncremented = 16,
  kTextual = 32,  // put, get
  kShownPlain = 64,
  kShownSequence = 128,
  kShownSet = 256,
  kMoney = 512,
  kZeroWritten = 1024,
  kTouched = 2048,
  kShownText = 4096,  // plainly, and no integer
};

constexpr std::size_t kMostEvents = UINT32_MAX - 1;
constexpr std::uint64_t kCountMask = (1U << 24) - 1;

unsigned bits_of(const Micro& micro) {
  unsigned bits = kTouched;
  switch (micro.verb) {
    case Verb::kAppend:
      bits |= kAppended;
      break;
    case Verb::kPut:
      bits |= kTextual | kWritten;
      break;
    case Verb::kWrite:
      bits |= kWritten;
      break;
    case Verb::kCas:
      bits |= kCompared;
      break;
    case Verb::kAdd:
      bits |= kAdded;
      break;
    case Verb::kIncrement:
      bits |= kIncremented;
      break;
    case Verb::kTransfer:
    case Verb::kBalance:
      return bits | kMoney;
    case Verb::kGet:
      bits |= kTextual;
      break;
    case Verb::kRead:
      break;
  }
  if (micro.shown == Shown::kPlain) bits |= micro.value.is_integer() ? kShownPlain : kShownPlain | kShownText;
  if (micro.shown == Shown::kSequence) bits |= kShownSequence;
  if (micro.shown == Shown::kSet) bits |= kShownSet;
  const bool writes = micro.verb == Verb::kWrite || micro.verb == Verb::kCas;
  if (writes && micro.value.is_integer() && micro.value.number() == 0) bits |= kZeroWritten;
  return bits;
}

}  // namespace

void fail_line(const Source& source, std::uint32_t line, std::string message) {
  throw HistoryError(source.name(), line, 1, std::move(message));
}

void Draft::add(std::uint32_t session, const HistoryBuilder::End& end, std::span<const Micro> micros) {
  for (const Micro& micro : micros) {
    if (micro.key != kOnlyKey) keys_ = std::max(keys_, micro.key + 1);
    if (micro.verb == Verb::kTransfer) keys_ = std::max(keys_, static_cast<std::uint32_t>(micro.range) + 1);
  }
  micros_.insert(micros_.end(), micros.begin(), micros.end());
  pending_.push_back({session, static_cast<std::uint32_t>(micros.size()), end});
}

void Draft::note_all() {
  seen_.assign(std::size_t{keys_} + 1, 0);
  for (const Micro& micro : micros_) {
    std::uint16_t& seen = seen_[slot(micro.key)];
    seen = static_cast<std::uint16_t>(seen | bits_of(micro));
    if (micro.verb == Verb::kTransfer) seen_[micro.range] |= static_cast<std::uint16_t>(kTouched | kMoney);
  }
}

/// The first transaction that did to the key what does not fit.
void Draft::conflict(const Source& source, std::uint32_t key, unsigned unwanted, const char* what) const {
  std::size_t at = 0;
  for (const Pending& pending : pending_) {
    for (std::uint32_t i = 0; i < pending.count; ++i, ++at) {
      if (slot(micros_[at].key) == key && (bits_of(micros_[at]) & unwanted) != 0)
        fail_line(source, pending.end.line, what);
    }
  }
  fail_line(source, 0, what);
}

Draft::Kind Draft::kind_of(const Source& source, std::uint32_t key, const Options& options, Kind add, Kind none) const {
  const unsigned seen = seen_[key];
  const auto refuse = [&](unsigned unwanted, const char* what) {
    if ((seen & unwanted) != 0) conflict(source, key, unwanted, what);
  };
  constexpr unsigned kCollections = kShownSequence | kShownSet;
  constexpr unsigned kChanges = kAppended | kWritten | kCompared | kAdded | kIncremented;
  if ((seen & kMoney) != 0) {
    refuse(kChanges | kCollections | kShownPlain, "an account of a bank is also used as something else");
    return Kind::kBank;
  }
  if ((seen & kAppended) != 0) {
    refuse(kCompared | kAdded | kIncremented | kShownSet, "what is appended to is also used as something else");
    const bool text = options.texts || (seen & kShownPlain) != 0;
    if (text) {
      refuse(kShownSequence, "a text is read as a list");
      return Kind::kText;
    }
    refuse(kWritten, "a list is written as a whole");
    return Kind::kList;
  }
  if ((seen & (kAdded | kIncremented)) != 0) {
    refuse(kWritten | kCompared, "a set or counter is also written as a register");
    const bool set = (seen & kCollections) != 0;
    if (set) {
      refuse(kIncremented, "a counter is read as a set");
      refuse(kShownPlain, "a set is read as a plain value");
      return Kind::kSet;
    }
    refuse(kShownText, "a counter is read as something that is no integer");
    return (seen & (kIncremented | kShownPlain)) != 0 ? Kind::kCounter : add;
  }
  if ((seen & (kWritten | kCompared | kShownPlain)) != 0) {
    refuse(kCollections, "a register is read as a list or set");
    return (seen & kTextual) != 0 ? Kind::kText : Kind::kRegister;
  }
  if ((seen & kCollections) == kCollections) conflict(source, key, kShownSet, "a list is read as a set");
  if ((seen & kShownSet) != 0) return Kind::kSet;
  if ((seen & kShownSequence) != 0) return Kind::kList;
  return (seen & kTextual) != 0 ? Kind::kText : none;
}

void Draft::decide(const Source& source, Options options) {
  note_all();
  for (const std::uint16_t seen : seen_) options.texts = options.texts || (seen & kTextual) != 0;
  unsigned all = 0;
  bool lists = false;
  bool counters = false;
  for (const std::uint16_t seen : seen_) {
    all |= seen;
    const bool appended = (seen & kAppended) != 0;
    lists = lists || (appended && !options.texts && (seen & kShownPlain) == 0) ||
            ((seen & kShownSequence) != 0 && (seen & kAdded) == 0);
    counters = counters || (seen & kIncremented) != 0 || ((seen & kAdded) != 0 && (seen & kShownPlain) != 0);
  }
  const Kind add = counters ? Kind::kCounter : Kind::kSet;
  const bool sets = (all & kShownSet) != 0 || ((all & kAdded) != 0 && !counters);
  const Kind none = lists ? Kind::kList : sets ? Kind::kSet : counters ? Kind::kCounter : Kind::kRegister;
  kinds_.resize(seen_.size());
  for (std::uint32_t key = 0; key < seen_.size(); ++key)
    kinds_[key] = seen_[key] == 0 ? none : kind_of(source, key, options, add, none);
  if ((seen_.back() & kTouched) == 0) return;
  // A read of the whole bank that did not come back names no account.
  if ((all & kMoney) != 0 && (seen_.back() & ~unsigned{kTouched}) == 0) kinds_.back() = Kind::kBank;
  if (kinds_.back() == Kind::kBank) return;
  constexpr const char* kNames[] = {"register", "text", "list", "set", "counter"};
  only_key_ = builder_.key(builder_.text(kNames[static_cast<unsigned>(kinds_.back())]));
}

History Draft::resolve(const Source& source, const Options& options, ReadSummary& summary) {
  if (micros_.size() > kMostEvents || pending_.size() > kMostEvents)
    throw HistoryError(source.name(), 0, 0, "more than 4294967294 operations");
  decide(source, options);
  std::size_t at = 0;
  for (const Pending& pending : pending_) {
    builder_.begin(pending.session);
    for (std::uint32_t i = 0; i < pending.count; ++i) put(source, micros_[at++], pending, options, summary);
    builder_.finish(pending.end);
  }
  return builder_.build(options.real_time);
}

void Draft::put(const Source& source, const Micro& micro, const Pending& pending, const Options& options,
                ReadSummary& summary) {
  const std::uint32_t key = micro.key == kOnlyKey ? only_key_ : micro.key;
  const Kind kind = kinds_[slot(micro.key)];
  const auto amount = [&] {
    if (!micro.value.is_integer()) fail_line(source, pending.end.line, "the amount must be an integer");
  };
  switch (micro.verb) {
    case Verb::kAppend:
      return builder_.event(kind == Kind::kText ? EventKind::kAppendText : EventKind::kAppend, key, micro.value);
    case Verb::kWrite:
    case Verb::kPut:
      return builder_.event(EventKind::kWrite, key, micro.value);
    case Verb::kCas:
      return builder_.cas(key, micro.expected, micro.value);
    case Verb::kAdd:
    case Verb::kIncrement:
      if (kind == Kind::kCounter) amount();
      return builder_.event(kind == Kind::kCounter ? EventKind::kIncrement : EventKind::kAdd, key, micro.value);
    case Verb::kTransfer:
      amount();
      return builder_.transfer(key, static_cast<std::uint32_t>(micro.range), micro.value);
    case Verb::kBalance:
      return builder_.event(EventKind::kReadBalance, key, micro.value);
    case Verb::kRead:
    case Verb::kGet:
      return put_read(source, micro, key, kind, pending, options, summary);
  }
}

void Draft::put_read(const Source& source, const Micro& micro, std::uint32_t key, Kind kind, const Pending& pending,
                     const Options& options, ReadSummary& summary) {
  const bool unknown = micro.shown == Shown::kUnknown;
  if (kind == Kind::kList) {
    if (unknown) return builder_.unknown_read(EventKind::kReadList, key);
    const std::span<const Value> all(elements_.data() + (micro.range >> 24), micro.range & kCountMask);
    builder_.read_elements(EventKind::kReadList, key, all);
    return;
  }
  if (kind == Kind::kSet) {
    if (unknown) return builder_.unknown_read(EventKind::kReadSet, key);
    return put_set(micro, key, summary);
  }
  if (kind == Kind::kCounter) {
    if (unknown || micro.shown == Shown::kNil) return builder_.unknown_read(EventKind::kReadCounter, key);
    return builder_.event(EventKind::kReadCounter, key, micro.value);
  }
  if (kind == Kind::kBank && micro.key == kOnlyKey) return;
  if (kind == Kind::kBank) fail_line(source, pending.end.line, "an account of a bank is read by itself");
  if (unknown) return builder_.unknown_read(EventKind::kRead, key);
  const bool zero = micro.value.is_integer() && micro.value.number() == 0;
  const bool initial = options.zero_is_initial && zero && (seen_[slot(micro.key)] & kZeroWritten) == 0;
  builder_.event(EventKind::kRead, key, initial ? Value{} : micro.value);
}

void Draft::put_set(const Micro& micro, std::uint32_t key, ReadSummary& summary) {
  const auto first = elements_.begin() + static_cast<std::ptrdiff_t>(micro.range >> 24);
  scratch_.assign(first, first + static_cast<std::ptrdiff_t>(micro.range & kCountMask));
  std::sort(scratch_.begin(), scratch_.end());
  const auto end = std::unique(scratch_.begin(), scratch_.end());
  summary.repeated_elements += static_cast<std::uint64_t>(scratch_.end() - end);
  scratch_.erase(end, scratch_.end());
  builder_.read_elements(EventKind::kReadSet, key, scratch_);
}

}  // namespace tidemark::checkers
