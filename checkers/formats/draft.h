// Draft: transactions whose operations are read but not yet understood.
//
// Whether ":read" reads a register, a list, a set or a counter is told by everything that happens to its key, at
// last by the whole file. So a reader collects what was done in its own words, and resolve() makes a History of it.
//
// The rule, key by key (docs/history_formats.md has it for people):
//   append where the file has put or get anywhere, or with reads of a plain value: a text; other appends: a list
//   add with reads of integers: a counter; other adds: a set (if nothing was read: a counter if the file has counters)
//   increment: a counter        write, put, cas: a register
//   only reads: of a set literal a set, of a sequence a list, of a plain value a register; of nil, what others are:
//   a list if there are lists, else a set, a counter, a register.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "checkers/formats/format.h"
#include "checkers/formats/syntax/source.h"
#include "checkers/record/history.h"

namespace tidemark::checkers {

enum class Verb : std::uint8_t { kAppend, kRead, kWrite, kCas, kAdd, kIncrement, kTransfer, kBalance, kPut, kGet };

/// What a read says.
enum class Shown : std::uint8_t { kUnknown, kNil, kPlain, kSequence, kSet };

/// An operation that names no key: the register, the list, the set or the counter of the file.
inline constexpr std::uint32_t kOnlyKey = UINT32_MAX;

struct Micro {
  Verb verb = Verb::kRead;
  Shown shown = Shown::kUnknown;  // of reads
  std::uint32_t key = kOnlyKey;   // of the builder
  Value value;                    // what is written, or plainly read
  Value expected;                 // kCas
  std::uint64_t range = 0;        // kSequence, kSet: first element << 24 | their number; kTransfer: the other key
};

class Draft {
 public:
  explicit Draft(HistoryBuilder& builder) : builder_(builder) {}

  HistoryBuilder& builder() { return builder_; }
  std::vector<Value>& elements() { return elements_; }

  /// In the order that History asks for.
  void add(std::uint32_t session, const HistoryBuilder::End& end, std::span<const Micro> micros);

  struct Options {
    bool real_time = false;
    bool texts = false;            // every append is to a text
    bool zero_is_initial = false;  // a read of 0 is one of the initial state unless 0 is written to the key
  };
  /// Throws HistoryError when the operations on a key do not fit together.
  History resolve(const Source& source, const Options& options, ReadSummary& summary);

 private:
  struct Pending {
    std::uint32_t session = 0;
    std::uint32_t count = 0;
    HistoryBuilder::End end;
  };
  enum class Kind : std::uint8_t { kRegister, kText, kList, kSet, kCounter, kBank };

  void note_all();
  std::uint32_t slot(std::uint32_t key) const {
    return key == kOnlyKey ? static_cast<std::uint32_t>(seen_.size()) - 1 : key;
  }
  void decide(const Source& source, Options options);
  [[noreturn]] void conflict(const Source& source, std::uint32_t slot, unsigned unwanted, const char* what) const;
  Kind kind_of(const Source& source, std::uint32_t slot, const Options& options, Kind add, Kind none) const;
  void put(const Source& source, const Micro& micro, const Pending& pending, const Options& options,
           ReadSummary& summary);
  void put_read(const Source& source, const Micro& micro, std::uint32_t key, Kind kind, const Pending& pending,
                const Options& options, ReadSummary& summary);
  void put_set(const Micro& micro, std::uint32_t key, ReadSummary& summary);

  HistoryBuilder& builder_;
  std::vector<Pending> pending_;
  std::vector<Micro> micros_;
  std::vector<Value> elements_;
  std::uint32_t keys_ = 0;           // one more than the largest that was used
  std::vector<std::uint16_t> seen_;  // by slot: bits of what happened to the key
  std::vector<Kind> kinds_;          // by slot
  std::vector<Value> scratch_;
  std::uint32_t only_key_ = kOnlyKey;  // once it has a name
};

/// Throws HistoryError about a line as a whole.
[[noreturn]] void fail_line(const Source& source, std::uint32_t line, std::string message);

}  // namespace tidemark::checkers
