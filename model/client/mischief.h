// Mischief: what the nemesis makes one client do (faults X1, X3, X4, X5, X7, X9; sim/nemesis/fault_kinds.h). It is
// asked for from outside and carried out by the client, in whichever life, with its next operations. While nothing is
// asked for, each look costs a branch and draws nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "model/types/bookmark.h"
#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::model {

/// X4: bookmarks that no primary of this database has issued.
enum class StrangeToken : std::uint8_t { kFuture, kOtherDatabase, kOtherEpoch, kMalformed, kEmpty };

/// `like`: what the client holds; kFuture and kOtherEpoch are made from it when it is a bookmark.
SessionToken strange_token(StrangeToken form, const SessionToken& like, sim::RandomStream& random);

class Mischief {
 public:
  using FaultId = std::uint64_t;

  // --- For the nemesis. Streams must outlive the mischief; they are drawn from when the client comes to it. ---

  /// X1: of each write the answer is lost with this chance (fixed point), and until end() a write without an answer is
  /// sent again.
  void lose_answers(FaultId fault, std::uint64_t chance, sim::RandomStream& random);
  /// X5: until end() each operation that can sends so many queries at once. The first of several is asked for.
  void ask_together(FaultId fault, std::uint32_t queries);
  void end(FaultId fault);
  /// X3: so many operations each open a session with the oldest bookmark of the one before.
  void replay_bookmark(FaultId fault, std::uint64_t times);
  /// X4: so many operations each open a session with such a token.
  void present(FaultId fault, StrangeToken form, std::uint64_t times, sim::RandomStream& random);
  /// X7: so many requests are left, each a drawn while after it was sent.
  void abandon(FaultId fault, std::uint64_t times, sim::RandomStream& random);
  /// X9: so many hostile requests are sent in place of operations.
  void send_hostile(FaultId fault, std::uint64_t times, sim::RandomStream& random);
  /// What was carried out for this fault.
  std::uint64_t effects(FaultId fault) const;
  void note_effect(FaultId fault) { ++effects_[fault]; }

  // --- For the client. ---

  /// X1: is the answer lost that has just come?
  bool loses_answer();
  /// X1: how long to wait before the write is sent again; nothing: it is not.
  std::optional<sim::Duration> pause_before_retry();
  /// X5: 0 = as planned. The client says with note_together() that it did.
  std::uint32_t queries_together() const;
  void note_together();
  struct Presented {
    SessionToken token;
    bool strange = false;
  };
  /// X3, X4: what the next session begins with. A replay waits until there is a `saved` bookmark.
  std::optional<Presented> token_to_present(const SessionToken& newest, const SessionToken& saved);
  struct Patience {
    FaultId fault = 0;
    sim::Duration limit;
  };
  /// X7: with the next request. It counts once the client says note_effect().
  std::optional<Patience> patience();
  /// X9: number of the hostile request to send now.
  std::optional<std::uint64_t> hostile_request();

 private:
  enum class What : std::uint8_t { kLoseAnswers, kTogether, kReplay, kPresent, kAbandon, kHostile };
  struct Order {
    FaultId fault = 0;
    What what = What::kReplay;
    std::uint64_t left = 0;  // times; intervals: until end()
    std::uint64_t number = 0;
    StrangeToken form = StrangeToken::kFuture;
    sim::RandomStream* random = nullptr;
  };
  Order* first(What what);
  const Order* first(What what) const { return const_cast<Mischief*>(this)->first(what); }
  /// One of its times is used up.
  void carried_out(Order& order);

  std::vector<Order> orders_;  // in the order in which they came
  std::map<FaultId, std::uint64_t> effects_;
};

}  // namespace tidemark::model
