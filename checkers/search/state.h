// State machines of keys: what a key holds after its events in some order, as a number of fixed size, with undo.
//
// A Program is a History made ready for searches: every event is an action on the state of its key. The state of a key
// is 128 bits and a length: registers hold their value; texts and lists a polynomial hash over two primes near 2^61 of
// what they contain, so that an append costs a multiplication whatever the length; sets the sum of the hashes of their
// members; counters their value. Two different contents are taken for the same with a chance of about 2^-110 for each
// pair that is compared; nothing else in this room is approximate.
//
// Assumes: at the beginning a register is nil, a text empty (which is the same as nil here), a list or set empty, a
// counter 0. On a text, an integer stands for its decimal digits.
//
// Memory: 64 bytes per action (an event is one, a compare-and-set two), 100 per distinct state that is read, and per
// distinct begin of a list or text that is read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "checkers/record/history.h"
#include "checkers/record/judgement.h"

namespace tidemark::checkers::search {

/// What a key is, by the kinds of its events. kMixed: events that do not fit together, or balances of a bank.
enum class Shape : std::uint8_t { kUntouched, kRegister, kText, kList, kSet, kCounter, kMixed };

/// The content of a key, or of an operand.
struct Content {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  std::uint64_t length = 0;
  friend constexpr auto operator<=>(const Content&, const Content&) = default;
};

enum class ActionKind : std::uint8_t {
  kExpect,     // the content is `content`
  kExpectNot,  // it is not
  kPut,        // becomes `content`
  kExtend,     // texts and lists: `content` goes to the end
  kInsert,     // sets: a member
  kAdd,        // counters
  kReset,      // as in the beginning
};

inline constexpr std::uint32_t kNone = UINT32_MAX;

struct Action {
  ActionKind kind = ActionKind::kExpect;
  std::uint32_t key = 0;
  Content content;
  std::uint64_t scale_a = 0;  // kExtend: the power that moves what is there to the left
  std::uint64_t scale_b = 0;
  std::uint32_t want = kNone;      // kExpect of what the transaction found: the wanted state, see Wants
  std::uint32_t producer = kNone;  // changes: see Wants; kInsert: the member
};

/// Which states of keys are read, and by which changes each can come about. A search that has used up every change that
/// could make a state that somebody must still read, is lost: it need not go on.
///
/// Lists and texts grow: a state that only an append can make has a parent, the state before that append. So it is
/// known what must be appended next, long before anybody reads it.
struct Wants {
  struct State {
    std::uint32_t key = 0;
    Content content;
    std::uint32_t parent = kNone;
    bool once = false;  // a single change of the whole program can make it
  };
  std::vector<State> states;
  std::vector<std::uint32_t> producers_of_first;  // CSR: state -> producers
  std::vector<std::uint32_t> producers_of;
  std::vector<std::uint32_t> states_of_first;  // CSR: producer -> states
  std::vector<std::uint32_t> states_of;
  std::uint32_t producers = 0;
  /// By producer: somebody looks for what it makes without being a reader of `states` (a comparison that failed, or
  /// that may have been made).
  std::vector<std::uint8_t> probed;
};

/// What a search may assume beyond the History.
struct Reading {
  /// A compare-and-set that failed had found another value than it expected. Else it says nothing (a client may also
  /// report a refusal as a failure).
  bool failed_cas_compared = false;
};

class Program {
 public:
  Program(const History& history, const Reading& reading);
  ~Program();

  const History& history() const { return history_; }
  std::span<const Action> actions(std::uint32_t txn) const {
    return {actions_.data() + first_[txn], first_[txn + 1] - first_[txn]};
  }
  /// Takes part in an order: ok, or of unknown outcome and able to matter, or a comparison that failed.
  bool takes_part(std::uint32_t txn) const { return role_[txn] != 0; }
  /// Of unknown outcome: may be left out.
  bool optional(std::uint32_t txn) const { return role_[txn] == 2; }
  /// Changes nothing wherever it stands.
  bool only_reads(std::uint32_t txn) const { return only_reads_[txn] != 0; }
  Shape shape(std::uint32_t key) const { return shapes_[key]; }
  const Wants& wants() const { return wants_; }
  /// The wanted state with this content, or kNone.
  std::uint32_t find_wanted(std::uint32_t key, const Content& content) const;
  std::uint32_t members() const { return members_; }
  /// Why the history cannot be searched (a key of shape kMixed, a value that does not fit); empty: it can.
  const std::string& refusal() const { return refusal_; }

 private:
  friend class Compiler;
  struct Index;

  const History& history_;
  std::vector<Action> actions_;
  std::vector<std::uint64_t> first_;
  std::vector<std::uint8_t> role_;
  std::vector<std::uint8_t> only_reads_;
  std::vector<Shape> shapes_;
  Wants wants_;
  std::unique_ptr<Index> index_;
  std::uint32_t members_ = 0;
  std::string refusal_;
};

/// The state of all keys, with undo.
class Machine {
 public:
  explicit Machine(const Program& program);

  /// Carries out the actions in order; false, and nothing has changed, when one of them does not hold.
  bool apply(std::span<const Action> actions);
  /// Whether actions that only read hold now.
  bool holds(std::span<const Action> actions) const;
  const Content& content(std::uint32_t key) const { return keys_[key].content; }
  /// The wanted state that the key is in, or kNone.
  std::uint32_t wanted(std::uint32_t key) const { return keys_[key].wanted; }
  /// Of the state of all keys.
  const Digest128& fingerprint() const { return fingerprint_; }

  std::size_t mark() const { return undo_.size(); }
  void roll_back(std::size_t mark);

 private:
  struct Key {
    Content content;
    std::uint32_t wanted = kNone;
    std::uint32_t generation = 1;  // sets: members of older ones are gone
  };
  struct Undo {
    Key before;
    std::uint32_t key = 0;
    std::uint32_t member = kNone;
    std::uint32_t member_before = 0;
    Digest128 fingerprint;
  };
  void change(const Action& action);

  const Program& program_;
  std::vector<Key> keys_;
  std::vector<std::uint32_t> member_generation_;
  std::vector<Undo> undo_;
  Digest128 fingerprint_;
  std::uint32_t generations_ = 1;
};

}  // namespace tidemark::checkers::search
