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

namespace tidemark::checkers {

enum class Guarantee : std::uint8_t { kReadYourWrites, kMonotonicReads, kMonotonicWrites, kWritesFollowReads, kCount };

/// An earlier operation of a session on one key: what it wrote, or how far it saw.
struct SessionMark {
  std::uint64_t number = 0;  // order in which operations were fed
  std::uint64_t index = 0;
  std::int64_t complete_ns = 0;
  std::uint64_t bookmark = 0;  // its position; 0 when unknown
  std::uint16_t region = 0;
  std::int64_t element = 0;  // own writes; reads: the last element that was seen
  std::uint64_t length = 0;  // reads of lists: how many; registers: the version written or seen
  Digest128 hash;            // reads of lists
};

struct SessionChecker::State {
  using Mark = SessionMark;

  /// What one session knows of one key.
  struct Known {
    std::vector<Mark> own;    // acknowledged writes
    std::size_t settled = 0;  // own[0, settled) were in the read that `settled_by` describes
    Mark settled_by;
    std::vector<Mark> seen;  // reads; lengths only grow
    Mark last_read;
    bool has_read = false;
    std::uint64_t touched = 0;  // number of the last operation of the session on the key
  };

  struct Writer {
    std::uint32_t session = 0;
    std::uint64_t number = 0;
    std::uint64_t index = 0;
    OrderRows row;  // orders: for the text of witnesses
  };

  struct SeenList {  // one external read of the transaction in hand
    const MicroOp* op = nullptr;
    std::span<const std::int64_t> elements;
    std::span<const Digest128> prefix;   // prefix[n] = hash of the first n elements
    std::vector<Digest128> own_prefix;   // holds `prefix` where the batch does not
    std::vector<const Writer*> writers;  // of each element; only where several lists are compared
  };

  using KeyOf = std::pair<std::uint32_t, std::int64_t>;     // session, key
  using ElementOf = std::pair<std::int64_t, std::int64_t>;  // key, element or version

  struct HashPair {  // two multiplications; the maps are told that it needs no more mixing
    using is_avalanching = void;
    template <typename First>
    std::size_t operator()(const std::pair<First, std::int64_t>& pair) const {
      __extension__ using Wide = unsigned __int128;
      const auto fold = [](std::uint64_t a, std::uint64_t b) {
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
      };
      const std::uint64_t first =
          fold(static_cast<std::uint64_t>(pair.first) + 0x632be59bd9b4e019ULL, 0x9e3779b97f4a7c15ULL);
      return fold(first ^ static_cast<std::uint64_t>(pair.second), 0xd6e8feb86659fd93ULL);
    }
  };

  explicit State(SessionOptions given) : options(given) {}

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
  boost::unordered_flat_map<KeyOf, Known, HashPair> known;
  boost::unordered_flat_map<ElementOf, Writer, HashPair> writers;
  std::deque<ElementOf> writer_order;
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
