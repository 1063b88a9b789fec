// KnownOrderChecker: sequential consistency with the bookmark order of the acknowledged writes as the witness order.
//
// The bookmarks only propose an order; the content decides. The checker replays the writes in bookmark order and places
// every session, operation after operation, at the earliest state that fits what it saw and does not lie before the
// state it stood at. Taking the earliest never hurts later operations, so for a given order of the writes the answer is
// exact, in O(operations). Facts: a read must match one state (all its parts together); the reads of a writing
// transaction must match the state just before it; own writes inside a transaction are seen by its later reads; a
// failed write is never seen; a write of unknown outcome may appear anywhere after its invocation, or never.
//
// Streaming: feed operations in completion order, call advance() now and then; memory is bounded by the operations in
// flight, the sessions that have not ended and `retained_states`. A read that fits nothing although its session stands
// before the oldest retained state makes the verdict unknown ("expired"), never valid. Without advance() everything is
// judged in finish(), and the order of the feed does not matter.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "checkers/history/operation.h"
#include "checkers/history/verdict.h"

namespace tidemark::checkers {

struct KnownOrderOptions {
  std::uint64_t retained_states = 1U << 16;  // log positions behind the newest write; 0 = keep all
  std::uint32_t batch = 512;                 // operations to collect before advance() judges
  // Of the retained states, what was acknowledged longer than this before the watermark is dropped too, down to the
  // newest `least_states`; 0 = no limit.
  std::int64_t retained_ns = 0;
  std::uint64_t least_states = 1U << 10;
};

class KnownOrderChecker {
 public:
  explicit KnownOrderChecker(KnownOrderOptions options = {});
  ~KnownOrderChecker();
  KnownOrderChecker(KnownOrderChecker&&) noexcept;
  KnownOrderChecker& operator=(KnownOrderChecker&&) noexcept;

  /// The operation is copied in compact form. Operations of one session in completion order.
  void on_operation(const Operation& operation);
  /// The write of unknown outcome at this index made this entry (Operation::entry) after all; empty: several, so that
  /// its place is not known. Too late once it was seen.
  void learn_entry(std::uint64_t index, const std::string& entry);
  /// It was carried out again and made this entry as well (Operation::later_entries).
  void learn_later_entry(std::uint64_t index, const std::string& entry);
  /// Ground truth about an entry, whether or not an operation is known yet that made it. Confirmed: it is in the log,
  /// so whatever write made it took effect there. Else it never will be: that write did not take effect by it.
  void settle_entry(std::string_view entry, bool confirmed);
  /// No operation that was invoked before `watermark_ns` is still outstanding, or will be fed later.
  void advance(std::int64_t watermark_ns);
  /// Every operation of the session was fed and none will come. What is known of it is forgotten once the operations
  /// fed so far are judged. Never changes a verdict; a caller who keeps whole histories need not call it.
  void end_session(std::uint32_t session);
  /// Judges the rest. Verdict "sequential": invalid with a witness; unknown when the order of the writes is not known
  /// (a write without bookmark, two with the same, one that came too late), when the contradiction depends on where a
  /// write of unknown outcome was put, or when there were no operations. Call once.
  Verdict finish();
  /// Of what was judged so far, for a run that is stopped before its end: what is invalid now stays so.
  bool violated() const;
  Verdict so_far() const;
  /// After finish(): do the bookmarks of acknowledged writes form one order that the contents fit? Verdict
  /// "bookmark-order": the promise of the product, stronger than "sequential".
  Verdict bookmark_order() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::checkers
