// What sessions know of keys: what they wrote, and how far they saw.
//
// Sessions and keys come and go, and mostly a session touches a key a few times within a short while. So what is known
// stands in one store, in places that are used again as soon as they are free, and only their numbers stand in the
// table that finds them: what is touched now mostly is in the cache, however long the history.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "base/digest.h"

namespace tidemark::checkers {

/// Two multiplications; the maps are told that it needs no more mixing.
struct HashPair {
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

/// An earlier operation of a session on one key: what it wrote, or how far it saw.
struct SessionMark {
  std::uint64_t number : 48 = 0;  // order in which operations were fed
  std::uint64_t region : 16 = 0;
  std::uint64_t index = 0;
  std::int64_t complete_ns = 0;
  std::uint64_t bookmark = 0;  // its position; 0 when unknown
  std::int64_t element = 0;    // own writes; reads: the last element that was seen
  std::uint64_t length = 0;    // reads of lists: how many; registers: the version written or seen
  Digest128 hash;              // reads of lists
};
static_assert(sizeof(SessionMark) == 64);  // a line of the cache

/// What one session knows of one key.
class SessionKnown {
 public:
  std::vector<SessionMark> own;  // acknowledged writes
  std::uint32_t settled = 0;     // own[0, settled) were in the last read

  /// nullptr: it has read nothing.
  const SessionMark* last_read() const { return reads_.empty() ? nullptr : &reads_.back(); }
  /// The reads that saw more than all before them.
  std::span<const SessionMark> seen() const { return {reads_.data(), reads_.size() - (apart_ ? 1 : 0)}; }
  /// Now the last one. `more`: one of seen() as well.
  void read(const SessionMark& mark, bool more);
  void forget_seen(std::size_t count);  // the oldest; not all of them
  void forget_all();

 private:
  friend class SessionKnowledge;
  std::vector<SessionMark> reads_;
  std::uint64_t touched_ = 0;
  bool apart_ = false;  // the last read is not one of seen()
};

class SessionKnowledge {
 public:
  /// `window`: operations after which what nobody touched is forgotten; 0: nothing is.
  explicit SessionKnowledge(std::uint64_t window) : window_(window) {}

  /// nullptr: nothing is known. Valid until something is forgotten.
  const SessionKnown* find(std::uint32_t session, std::int64_t key) const {
    const auto found = places_.find(Of{session, key});
    return found == places_.end() ? nullptr : &store_[found->second];
  }
  /// Made if need be. `number`: of the operation, never less than before.
  SessionKnown& touch(std::uint32_t session, std::int64_t key, std::uint64_t number);
  /// All operations up to this one are behind us.
  void advance(std::uint64_t number);
  /// Made so far, in use or free: of most pairs that were known at one time.
  std::size_t places() const { return store_.size(); }

 private:
  using Of = std::pair<std::uint32_t, std::int64_t>;  // session, key
  struct Touch {
    std::uint64_t number;
    Of of;
    std::uint32_t place;
  };

  std::uint32_t free_place();

  std::uint64_t window_;
  boost::unordered_flat_map<Of, std::uint32_t, HashPair> places_;  // in store_
  std::deque<SessionKnown> store_;
  std::vector<std::uint32_t> free_;
  std::deque<Touch> touches_;  // oldest first; what was touched again later is passed over
};

}  // namespace tidemark::checkers
