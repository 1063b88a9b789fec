// History: transactions that anybody recorded, in a neutral and compact form that every checker reads.
//
// A transaction is a list of events (micro-operations) in program order, of one session, with an outcome. Keys,
// sessions and texts are interned; a transaction takes 36 bytes, an event 24, an element of a list or set 8. Built once
// by a HistoryBuilder, then immutable.
//
// Order. The transactions of one session stand in the order of the records of their ends, and so do those of different
// sessions. Session order, precedes(): a transaction that is ok stands before what its session began after it had
// ended. A session mostly has one operation open at a time; then, and where the format carries no times, this is the
// order of the records. Two that a session ran at the same time have no order between them. (A session of which more
// than kMostAtOnce are open at a time is ordered by its records all the same.) Nothing follows from the place of an
// operation of unknown outcome, except that it was begun after what its session had done before.
//
// Real time. Where the format carries it, `call` and `ret` are places on one line of instants: of two transactions, one
// ended before the other began exactly if its `ret` is smaller than the other's `call`. An operation of unknown outcome
// has ret = kNever.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checkers/history/operation.h"
#include "checkers/record/value.h"

namespace tidemark::checkers {

enum class EventKind : std::uint8_t {
  kAppend,       // list: `value` goes to its end
  kReadList,     // list: elements() in order
  kWrite,        // register: becomes `value`
  kRead,         // register: `value`, nil = never written
  kCas,          // register: becomes `value` if it was `expected`; the transaction is ok only if it was, fail otherwise
  kAppendText,   // register that holds a text: `value` goes to its end
  kAdd,          // set: `value` is a member now
  kReadSet,      // set: elements() without order or repetition
  kIncrement,    // counter: by `value`, an integer
  kReadCounter,  // counter: `value`
  kTransfer,     // bank: `value` from account `key` to account `other`
  kReadBalance,  // bank: account `key` holds `value`
  kClear,        // any: `key` is as it was in the beginning
};

struct Event {
  EventKind kind = EventKind::kRead;
  bool known = true;  // reads: what was read is known (operations that are ok)
  std::uint32_t key = 0;
  Value value;  // kReadList, kReadSet: nil
  // kCas: History::expected(); kTransfer: the other account's key; lists and sets: the range; kWrite and kRead: the
  // value of a version column that grows with every write of the key, + 1, 0 = not known.
  std::uint64_t other = 0;

  /// Of kWrite and kRead: the value of the version column; -1: not known.
  std::int64_t version() const { return static_cast<std::int64_t>(other) - 1; }
  bool is_read() const;
  /// Changes the state when its transaction takes effect. kCas is both: a read of `expected` and a write.
  bool is_write() const;
};

inline constexpr std::uint32_t kNever = UINT32_MAX;

struct Txn {
  std::uint32_t session = 0;
  Outcome outcome = Outcome::kInfo;
  bool has_write = false;
  std::uint32_t first_event = 0;
  std::uint32_t event_count = 0;
  std::uint32_t call = 0;  // see above; 0 without real time
  std::uint32_t ret = kNever;
  std::uint32_t line = 0;   // of the file, where it ends; 0 = none. A reader stops at 2^32 - 1 lines.
  std::uint32_t index = 0;  // as the history numbers it (":index" of its end), else its place from 0
};

/// What kinds of event occur. A checker says which it can judge.
using EventKinds = std::uint32_t;
constexpr EventKinds bit(EventKind kind) {
  return 1U << static_cast<unsigned>(kind);
}

class History {
 public:
  static constexpr std::uint32_t kMostAtOnce = 64;

  const std::vector<Txn>& transactions() const { return transactions_; }
  std::span<const Event> events(const Txn& txn) const { return {events_.data() + txn.first_event, txn.event_count}; }
  std::span<const Event> events() const { return events_; }
  /// Of kReadList and kReadSet.
  std::span<const Value> elements(const Event& read) const {
    return {elements_.data() + (read.other >> 24), static_cast<std::size_t>(read.other & 0xffffff)};
  }
  Value expected(const Event& cas) const { return elements_[cas.other]; }

  std::uint32_t sessions() const { return static_cast<std::uint32_t>(session_names_.size()); }
  std::uint32_t keys() const { return static_cast<std::uint32_t>(key_names_.size()); }

  /// The order of sessions as chains: of one chain, each that is ok stands before all behind it. The chain of a session
  /// that never did two things at a time is the session. Between chains of one session also_before() says the rest: the
  /// first, which is ok, stands before the second. What follows by way of chains is left out.
  std::uint32_t chain(std::uint32_t txn) const { return chains_.empty() ? transactions_[txn].session : chains_[txn]; }
  std::uint32_t chains() const { return chains_.empty() ? sessions() : chain_count_; }
  std::span<const std::pair<std::uint32_t, std::uint32_t>> also_before() const { return also_before_; }
  /// By the order of their session.
  bool precedes(std::uint32_t from, std::uint32_t to) const;

  EventKinds kinds() const { return kinds_; }
  bool has_real_time() const { return has_real_time_; }
  /// Virtual or wall times of each transaction in ns, where the format carries them; else empty.
  struct Times {
    std::int64_t invoke_ns = 0;
    std::int64_t complete_ns = 0;
  };
  const std::vector<Times>& times() const { return times_; }
  /// The region that served each transaction (text ids of texts()), where the format carries it; else empty.
  const std::vector<std::uint32_t>& regions() const { return regions_; }

  /// As the history writes it: 5, x, "a text" with quotes, nil.
  std::string show(Value value) const;
  std::string show_key(std::uint32_t key) const;
  std::string show_session(std::uint32_t session) const;
  const std::string& text(Value value) const { return texts_[value.text_id()]; }
  const std::string& text(std::uint32_t id) const { return texts_[id]; }
  Value key_value(std::uint32_t key) const { return key_names_[key]; }
  Value session_value(std::uint32_t session) const { return session_names_[session]; }
  /// "append 3 to x", "r x = [1 2]", "cas x 1 -> 2".
  std::string show(const Event& event) const;
  /// All its events, separated by "; ".
  std::string show(const Txn& txn) const;

  /// Bytes of all tables, for statements about memory.
  std::size_t bytes() const;

 private:
  friend class HistoryBuilder;
  struct ChainFinder;
  void find_chains();
  bool ended_before(std::uint32_t from, std::uint32_t to) const;

  std::vector<Txn> transactions_;
  std::vector<Event> events_;
  std::vector<Value> elements_;
  std::vector<Value> key_names_;
  std::vector<Value> session_names_;
  std::vector<std::string> texts_;
  std::vector<Times> times_;
  std::vector<std::uint32_t> regions_;
  std::vector<std::uint32_t> chains_;  // of each transaction; empty: no session did two things at a time
  std::vector<std::pair<std::uint32_t, std::uint32_t>> also_before_;
  std::uint32_t chain_count_ = 0;
  EventKinds kinds_ = 0;
  bool has_real_time_ = false;
};

/// Fills a History. One transaction at a time: begin(), its events, finish(). The caller has paired invocations with
/// completions (formats/pairing.h does) and calls begin() in the order that History asks for.
class HistoryBuilder {
 public:
  HistoryBuilder();
  ~HistoryBuilder();
  HistoryBuilder(HistoryBuilder&&) noexcept;

  /// What was added so far came from `done` of `all` bytes: makes room for the rest as if it went on like that. Saves
  /// the copying of tables that grow.
  void expect(std::size_t done, std::size_t all);

  /// Integers that do not fit are interned as texts.
  Value integer(std::int64_t number);
  Value text(std::string_view text);
  std::uint32_t key(Value name);
  std::uint32_t session(Value name);

  void begin(std::uint32_t session);
  /// Every kind but the four below. `version`, of kWrite and kRead: of a version column, at least 0; -1: not known.
  void event(EventKind kind, std::uint32_t key, Value value, std::int64_t version = -1);
  void unknown_read(EventKind kind, std::uint32_t key);
  /// kReadList and kReadSet; false when there are more than 2^24 - 1 elements.
  bool read_elements(EventKind kind, std::uint32_t key, std::span<const Value> elements);
  void cas(std::uint32_t key, Value expected, Value value);
  void transfer(std::uint32_t from, std::uint32_t to, Value amount);
  /// Drops the transaction that was begun.
  void abandon();

  struct End {
    Outcome outcome = Outcome::kOk;
    std::uint32_t line = 0;
    std::uint32_t index = kNever;  // kNever: its place
    std::uint32_t call = 0;
    std::uint32_t ret = kNever;
    History::Times times{-1, -1};
    std::uint32_t region = kNever;  // text id
  };
  void finish(const End& end);

  /// `real_time`: call and ret mean something.
  History build(bool real_time);

 private:
  struct Tables;
  History history_;
  std::unique_ptr<Tables> tables_;
};

}  // namespace tidemark::checkers
