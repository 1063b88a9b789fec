// SessionChecker: the four session guarantees, each by itself, from the client history alone.
//
//   read-your-writes     a read sees every acknowledged write that its session made before
//   monotonic-reads      a read sees everything that earlier reads of its session saw
//   monotonic-writes     who sees a write sees the earlier writes of that session too, and in that order
//   writes-follow-reads  who sees a write sees everything that its session had read before it wrote
//
// "Sees" is judged per key (list, register, or the Orders table): between different keys only within one transaction.
// Registers need the version column. After a reset of the Orders table, what was before it is not required any more;
// likewise after a restore of the database. What the restore brought back is for KnownOrderChecker to judge.
// Streaming like KnownOrderChecker: operations in completion order; advance() bounds the memory.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "checkers/history/operation.h"
#include "checkers/history/verdict.h"

namespace tidemark::checkers {

struct SessionOptions {
  // Writers known by element (for at most four times as many operations), and operations after which a session's
  // knowledge of an untouched key is dropped; 0 = all.
  std::uint64_t remembered_writes = 1U << 16;
  std::uint32_t batch = 512;  // operations to collect before advance() judges
};

class SessionChecker {
 public:
  explicit SessionChecker(SessionOptions options = {});
  ~SessionChecker();
  SessionChecker(SessionChecker&&) noexcept;
  SessionChecker& operator=(SessionChecker&&) noexcept;

  /// The operation is copied in compact form. Operations of one session in completion order.
  void on_operation(const Operation& operation);
  /// No operation that was invoked before `watermark_ns` is still outstanding, or will be fed later.
  void advance(std::int64_t watermark_ns);
  /// Four verdicts, in the order above. Call once.
  std::vector<Verdict> finish();
  /// Of what was judged so far, for a run that is stopped before its end: what is invalid now stays so.
  bool violated() const;
  std::vector<Verdict> so_far() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same for a whole history.
std::vector<Verdict> check_sessions(const std::vector<Operation>& history);

}  // namespace tidemark::checkers
