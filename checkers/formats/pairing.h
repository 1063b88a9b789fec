// Pairing: invocations and completions of operations, put together process by process as Jepsen does.
//
// - A process has one operation open at a time; each process is a session. An invocation while one is open is an error
//   that names both lines.
// - ok: happened, as the completion says (as the invocation says where the completion says nothing). fail: did not
//   happen; info: unknown. What those would have done is taken from the invocation.
// - An invocation without completion: unknown outcome, as if an info stood at the end of the file.
// - A completion without invocation counts as an instant. If the whole file has no invocation, it has no real time.
// - Records without a process: a completion belongs to the invocation before it, at most one is open at a time; each
//   operation is a session of its own. A file has processes or has none.
// Places of records in the file, counted over records of clients, are the instants of call and ret.
// Rule: the README of github.com/jepsen-io/history.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/formats/draft.h"

namespace tidemark::checkers {

enum class RecordType : std::uint8_t { kInvoke, kOk, kFail, kInfo };

/// What a record says of itself beyond its micro-operations.
struct Record {
  RecordType type = RecordType::kInvoke;
  bool has_process = false;
  Value process;
  std::uint32_t function = 0;    // of an invocation and its completion the same; 0 = not said
  std::uint32_t index = kNever;  // kNever: not said
  std::int64_t time = -1;        // ns; -1: not said
  std::uint32_t line = 0;
  const char* at = nullptr;  // place, for messages
};

class Pairing {
 public:
  Pairing(const Source& source, Draft& draft, ReadSummary& summary)
      : source_(source), draft_(draft), summary_(summary) {}

  /// True when this record completes an operation whose micro-operations are known from its invocation.
  bool is_begun(const Record& record);
  /// `told`: the record says what is done; otherwise its micro-operations are those of its invocation.
  void add(const Record& record, bool told, const std::vector<Micro>& micros);
  /// At the end of the file.
  void finish();
  /// Whether call and ret mean something.
  bool real_time() const { return invocations_ > 0; }

 private:
  struct Open {
    bool open = false;
    bool told = false;
    std::uint32_t session = 0;
    std::uint32_t place = 0;
    Record record;
    std::vector<Micro> micros;
  };

  std::uint32_t session_of(const Record& record);
  Open& slot_of(const Record& record);
  void invoke(const Record& record, bool told, const std::vector<Micro>& micros);
  void complete(const Record& record, bool told, const std::vector<Micro>& micros);
  void settle(Open& open, const Record& end, std::uint32_t place, const std::vector<Micro>& micros);

  const Source& source_;
  Draft& draft_;
  ReadSummary& summary_;
  std::vector<Open> by_session_;  // of processes
  Open alone_;                    // without process
  bool any_ = false;
  bool processes_ = false;
  std::uint32_t lonely_ = 0;  // operations without process
  std::uint32_t place_ = 0;
  std::uint64_t invocations_ = 0;
};

}  // namespace tidemark::checkers
