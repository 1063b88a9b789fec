// The inner state of SessionChecker.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "checkers/history/externals.h"
#include "checkers/session/session_checker.h"
#include "checkers/session/session_knowledge.h"

namespace tidemark::checkers {

enum class Guarantee : std::uint8_t { kReadYourWrites, kMonotonicReads, kMonotonicWrites, kWritesFollowReads, kCount };

struct SessionChecker::State {
  using Mark = SessionMark;
  using Known = SessionKnown;

  struct Writer {
    std::uint32_t session = 0;
    std::uint64_t number = 0;
    std::uint64_t index = 0;
  };

  struct SeenList {  // one external read of the transaction in hand
    const MicroOp* op = nullptr;
    std::span<const std::int64_t> elements;
    std::span<const Digest128> prefix;   // prefix[n] = hash of the first n elements
    std::vector<Digest128> own_prefix;   // holds `prefix` where the batch does not
    std::vector<const Writer*> writers;  // of each element; only where several lists are compared
  };

  using ElementOf = std::pair<std::int64_t, std::int64_t>;  // key, element or version

  explicit State(SessionOptions given) : options(given), knowledge(given.remembered_writes) {}

  void take(const Operation& operation);
  void process(bool everything, std::int64_t watermark);
  void judge(const Transaction& transaction, std::uint64_t number);
  void judge_lists(const Transaction& transaction, std::uint64_t number);
  void read_list(const Transaction& transaction, const SeenList& list, std::uint64_t number);
  void check_order(const Transaction& transaction, const SeenList& list);
  void check_element(const Transaction& transaction, const SeenList& list, std::size_t place);
  void check_pair(const Transaction& transaction, const SeenList& seen, const SeenList& other);
  void judge_registers(const Transaction& transaction, std::uint64_t number);
  void check_register_pair(const Transaction& transaction, const MicroOp& seen, const MicroOp& other);
  void note_writes(const Transaction& transaction, std::uint64_t number);
  void write_register(const Transaction& transaction, const MicroOp& op, const Mark& mark);
  void forget_untouched();
  void note_resets(const Transaction& transaction);
  void remember_writer(const Transaction& transaction, const MicroOp& op, std::uint64_t number);
  void forget_oldest_writer();
  /// A reset or a restore may lie between the mark and an operation that ended at complete_ns.
  bool excused(const Mark& mark, std::int64_t complete_ns) const;
  Mark mark_of(const Transaction& transaction, std::uint64_t number) const;
  const Writer* writer(std::int64_t key, std::int64_t element) const;

  void saw(Guarantee guarantee) { ++observations[static_cast<std::size_t>(guarantee)]; }
  void violate(Guarantee guarantee, const Transaction& transaction, const std::string& text);
  std::string what(const Mark& mark) const;  // "operation 9 (ended at 3.0 s, in WEUR)"
  std::string element_name(std::int64_t key, std::int64_t element) const;

  SessionOptions options;
  Batch batch;
  std::uint64_t first_number = 0;  // number of batch.transactions()[0]
  Externals externals;
  std::vector<SeenList> lists;
  SessionKnowledge knowledge;
  boost::unordered_flat_map<ElementOf, Writer, HashPair> writers;
  std::deque<ElementOf> writer_order;
  boost::unordered_flat_map<std::int64_t, OrderRows> rows;  // orders: of writers by element, for the text of witnesses
  struct Verified {
    std::vector<std::uint64_t> prefix;  // hashes of the prefixes whose elements were judged
    std::uint64_t touched = 0;
  };
  boost::unordered_flat_map<std::int64_t, Verified> verified;  // by key
  std::uint64_t swept = 0;                                     // when forget_untouched() last did something
  struct Reset {
    std::uint64_t index;
    std::int64_t invoke_ns;
    std::uint64_t bookmark;  // kUnplaced when unknown
  };
  std::deque<Reset> open_resets;  // fed, not yet judged
  std::uint64_t last_reset = 0;   // greatest bookmark of judged resets

  std::int64_t watermark_ns = INT64_MIN;
  std::array<std::uint64_t, 4> observations{};
  std::array<std::string, 4> witnesses;
  std::array<std::int64_t, 4> broken_ns{};  // when the operation of the witness ended
  bool mixed_models = false;
  bool versions_missing = false;
};

inline constexpr std::uint64_t kUnplaced = ~std::uint64_t{0};

}  // namespace tidemark::checkers
