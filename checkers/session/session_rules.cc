// The rules of the four guarantees, for lists (append, orders) and for registers with a version column.
#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "checkers/session/session_state.h"

namespace tidemark::checkers {
namespace {

using Mark = SessionMark;

bool contains(std::span<const std::int64_t> elements, std::int64_t element) {
  return std::find(elements.rbegin(), elements.rend(), element) != elements.rend();
}

// The last mark before operation `number`; nullptr when there is none.
const Mark* last_before(std::span<const Mark> marks, std::uint64_t number) {
  if (marks.empty() || marks.front().number >= number) return nullptr;
  if (marks.back().number < number) return &marks.back();
  const auto after = std::lower_bound(marks.begin(), marks.end(), number,
                                      [](const Mark& mark, std::uint64_t limit) { return mark.number < limit; });
  return after == marks.begin() ? nullptr : &*(after - 1);
}

}  // namespace

void SessionChecker::State::judge_lists(const Transaction& transaction, std::uint64_t number) {
  const std::size_t count = externals.reads().size();
  if (lists.size() < count) lists.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const ExternalRead& read = externals.reads()[i];
    SeenList& list = lists[i];
    list.op = read.op;
    list.elements = batch.elements(*read.op).first(read.count);
    list.prefix = batch.prefix(*read.op);
    if (list.prefix.empty()) {
      list.own_prefix.resize(1);
      for (const std::int64_t element : list.elements)
        list.own_prefix.push_back(extend(list.own_prefix.back(), element));
      list.prefix = list.own_prefix;
    }
    list.writers.clear();
    if (count < 2) continue;
    for (const std::int64_t element : list.elements) list.writers.push_back(writer(read.op->key, element));
  }
  for (std::size_t i = 0; i < count; ++i) {
    check_order(transaction, lists[i]);
    for (std::size_t j = 0; j < count; ++j)
      if (i != j) check_pair(transaction, lists[i], lists[j]);
  }
  for (std::size_t i = 0; i < count; ++i) read_list(transaction, lists[i], number);
}

// Read-your-writes and monotonic reads of one list, then what the session knows now.
void SessionChecker::State::read_list(const Transaction& transaction, const SeenList& list, std::uint64_t number) {
  Known& mine = knowledge.touch(transaction.session, list.op->key, number);
  const Mark* const last_read = mine.last_read();
  const std::size_t length = list.elements.size();
  const auto starts_with = [&](const Mark& mark) {
    return mark.length <= length && list.prefix[mark.length] == mark.hash;
  };
  const auto is_excused = [&](const Mark& mark) { return excused(mark, transaction.complete_ns); };
  const auto unsettled = mine.own.begin() + mine.settled;
  mine.settled -= static_cast<std::uint32_t>(std::count_if(mine.own.begin(), unsettled, is_excused));
  std::erase_if(mine.own, is_excused);
  if (mine.settled > 0 && !starts_with(*last_read)) mine.settled = 0;
  for (std::size_t i = mine.settled; i < mine.own.size(); ++i) {
    saw(Guarantee::kReadYourWrites);
    if (contains(list.elements, mine.own[i].element)) continue;
    violate(Guarantee::kReadYourWrites, transaction,
            fmt::format("its own write of {} in {} is missing from what it read",
                        element_name(list.op->key, mine.own[i].element), what(mine.own[i])));
  }
  if (last_read != nullptr) saw(Guarantee::kMonotonicReads);
  if (last_read != nullptr && !starts_with(*last_read) && !excused(*last_read, transaction.complete_ns))
    violate(Guarantee::kMonotonicReads, transaction,
            fmt::format("its own earlier {} had seen {} elements ending with {}, which is not how this one begins",
                        what(*last_read), last_read->length, element_name(list.op->key, last_read->element)));
  Mark mark = mark_of(transaction, number);
  mark.length = length;
  mark.hash = list.prefix[length];
  if (length > 0) mark.element = list.elements.back();
  mine.settled = static_cast<std::uint32_t>(mine.own.size());
  const Mark* const seen = mine.seen().empty() ? nullptr : &mine.seen().back();
  const bool same = seen != nullptr && seen->hash == mark.hash && seen->length == length;
  const bool more = seen == nullptr || seen->length <= length || excused(*seen, transaction.complete_ns);
  mine.read(mark, more && !same);
  if (options.remembered_writes > 0 && mine.seen().size() > 1024) mine.forget_seen(512);
}

// Monotonic writes and writes-follow-reads inside one list: each element once, as long as reads extend each other.
void SessionChecker::State::check_order(const Transaction& transaction, const SeenList& list) {
  Verified& of_key = verified[list.op->key];
  of_key.touched = first_number;
  std::vector<std::uint64_t>& done = of_key.prefix;
  const std::size_t common = std::min(done.size(), list.elements.size());
  std::size_t from = common;
  if (common > 0 && done[common - 1] != list.prefix[common].low) {
    from = 0;
    done.clear();  // another order, or a new epoch: judge it all
  }
  for (std::size_t i = from; i < list.elements.size(); ++i) {
    check_element(transaction, list, i);
    done.push_back(list.prefix[i + 1].low);
  }
}

void SessionChecker::State::check_element(const Transaction& transaction, const SeenList& list, std::size_t place) {
  const std::int64_t key = list.op->key;
  const Writer* by = writer(key, list.elements[place]);
  if (by == nullptr) return;
  const Known* const theirs = knowledge.find(by->session, key);
  if (theirs == nullptr) return;
  const auto name = [&] { return element_name(key, list.elements[place]); };
  // The last writing transaction before it is enough: what came before that is checked where its own elements stand.
  // The same row before that is what a handler wrote that was carried out again: either may be the one that is shown.
  std::uint64_t number = by->number;
  const Mark* last = last_before(theirs->own, number);
  for (; last != nullptr && last->element == list.elements[place]; last = last_before(theirs->own, number))
    number = last->number;
  for (const Mark* own = last; own != nullptr && own->number == last->number;
       own = own == theirs->own.data() ? nullptr : own - 1) {
    saw(Guarantee::kMonotonicWrites);
    if (!contains(list.elements.first(place), own->element) && !excused(*own, transaction.complete_ns))
      violate(
          Guarantee::kMonotonicWrites, transaction,
          fmt::format("it shows {} of session {} (operation {}), but not before it {}, which that session had written "
                      "earlier in {}",
                      name(), by->session, by->index, element_name(key, own->element), what(*own)));
  }
  const Mark* read = last_before(theirs->seen(), number);
  if (read == nullptr) return;
  saw(Guarantee::kWritesFollowReads);
  const bool after = read->length <= place && list.prefix[read->length] == read->hash;
  if (!after && !excused(*read, transaction.complete_ns))
    violate(
        Guarantee::kWritesFollowReads, transaction,
        fmt::format("it shows {} of session {} (operation {}), but not before it all {} elements that session had read "
                    "earlier in {}",
                    name(), by->session, by->index, read->length, what(*read)));
}

// The same between two lists that one transaction read.
void SessionChecker::State::check_pair(const Transaction& transaction, const SeenList& seen, const SeenList& other) {
  for (std::size_t i = 0; i < seen.elements.size(); ++i) {
    const Writer* by = seen.writers[i];
    if (by == nullptr) continue;
    const std::int64_t element = seen.elements[i];
    const Known* const theirs = knowledge.find(by->session, other.op->key);
    if (theirs == nullptr) continue;
    const auto& owns = theirs->own;
    const Mark* last = last_before(owns, by->number);
    for (const Mark* own = last; own != nullptr && own->number == last->number;
         own = own == owns.data() ? nullptr : own - 1) {
      saw(Guarantee::kMonotonicWrites);
      if (!contains(other.elements, own->element) && !excused(*own, transaction.complete_ns))
        violate(Guarantee::kMonotonicWrites, transaction,
                fmt::format(
                    "it shows {} of session {} (operation {}), but not {} in list {}, which that session had written "
                    "earlier in {}",
                    element, by->session, by->index, own->element, other.op->key, what(*own)));
    }
    const Mark* read = last_before(theirs->seen(), by->number);
    if (read == nullptr) continue;
    saw(Guarantee::kWritesFollowReads);
    if (read->length <= other.elements.size() && other.prefix[read->length] == read->hash) continue;
    if (excused(*read, transaction.complete_ns)) continue;
    violate(Guarantee::kWritesFollowReads, transaction,
            fmt::format(
                "it shows {} of session {} (operation {}), but in list {} not the {} elements that session had read "
                "earlier in {}",
                element, by->session, by->index, other.op->key, read->length, what(*read)));
  }
}

void SessionChecker::State::judge_registers(const Transaction& transaction, std::uint64_t number) {
  for (const ExternalRead& read : externals.reads()) {
    const MicroOp& op = *read.op;
    if (op.extra < 0 && op.element == 0) continue;  // initial value; its version may be unknown
    if (op.extra < 0) versions_missing = true;
  }
  for (const ExternalRead& seen : externals.reads())
    for (const ExternalRead& other : externals.reads())
      if (seen.op != other.op) check_register_pair(transaction, *seen.op, *other.op);
  for (const ExternalRead& read : externals.reads()) {
    const MicroOp& op = *read.op;
    Known& mine = knowledge.touch(transaction.session, op.key, number);
    const Mark* const last_read = mine.last_read();
    const auto version = static_cast<std::uint64_t>(std::max<std::int64_t>(op.extra, 0));
    for (const Mark& own : mine.own) {
      saw(Guarantee::kReadYourWrites);
      if (own.length > version && !excused(own, transaction.complete_ns))
        violate(Guarantee::kReadYourWrites, transaction,
                fmt::format("its own {} had written {} with version {}", what(own), own.element, own.length));
    }
    // Only the newest own write matters from now on, but the last two guarantees look further back.
    if (last_read != nullptr) saw(Guarantee::kMonotonicReads);
    if (last_read != nullptr && last_read->length > version && !excused(*last_read, transaction.complete_ns))
      violate(Guarantee::kMonotonicReads, transaction,
              fmt::format("its own earlier {} had seen version {}", what(*last_read), last_read->length));
    Mark mark = mark_of(transaction, number);
    mark.length = version;
    const Mark* const seen = mine.seen().empty() ? nullptr : &mine.seen().back();
    mine.read(mark, seen == nullptr || seen->length < version || excused(*seen, transaction.complete_ns));
    if (options.remembered_writes > 0 && mine.own.size() > 1024)
      mine.own.erase(mine.own.begin(), mine.own.begin() + 512);
    if (options.remembered_writes > 0 && mine.seen().size() > 1024) mine.forget_seen(512);
  }
}

void SessionChecker::State::write_register(const Transaction& transaction, const MicroOp& op, const Mark& mark) {
  if (op.extra < 0) {
    versions_missing = true;
    return;
  }
  const Known& mine = knowledge.touch(transaction.session, op.key, mark.number);
  if (!mine.own.empty()) {
    saw(Guarantee::kMonotonicWrites);
    if (mine.own.back().length >= mark.length && mine.own.back().number < mark.number &&
        !excused(mine.own.back(), transaction.complete_ns))
      violate(Guarantee::kMonotonicWrites, transaction,
              fmt::format("its own earlier {} had got version {} of that key", what(mine.own.back()),
                          mine.own.back().length));
  }
  if (mine.seen().empty()) return;
  saw(Guarantee::kWritesFollowReads);
  const Mark* read = last_before(mine.seen(), mark.number);
  if (read != nullptr && read->length >= mark.length && !excused(*read, transaction.complete_ns))
    violate(Guarantee::kWritesFollowReads, transaction,
            fmt::format("its own earlier {} had already seen version {} of that key", what(*read), read->length));
}

// Who sees a value sees what its writer had written to and read of another key before.
void SessionChecker::State::check_register_pair(const Transaction& transaction, const MicroOp& seen,
                                                const MicroOp& other) {
  const Writer* by = writer(seen.key, seen.element);
  if (by == nullptr) return;
  const Known* const theirs = knowledge.find(by->session, other.key);
  if (theirs == nullptr) return;
  const auto version = static_cast<std::uint64_t>(std::max<std::int64_t>(other.extra, 0));
  const auto check = [&](Guarantee guarantee, std::span<const Mark> marks, const char* did) {
    const Mark* mark = last_before(marks, by->number);
    if (mark == nullptr) return;
    saw(guarantee);
    if (mark->length > version && !excused(*mark, transaction.complete_ns))
      violate(guarantee, transaction,
              fmt::format("it shows {} = {} of session {} (operation {}), which had {} version {} of {} earlier in {}",
                          seen.key, seen.element, by->session, by->index, did, mark->length, other.key, what(*mark)));
  };
  check(Guarantee::kMonotonicWrites, theirs->own, "written");
  check(Guarantee::kWritesFollowReads, theirs->seen(), "read");
}

}  // namespace tidemark::checkers
