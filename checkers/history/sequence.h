// Sequence: which operations may follow each other in a history: indexes increase, operations stand in the order of
// their completion, a process has one operation open at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidemark::checkers {

class Sequence {
 public:
  struct Place {
    std::uint64_t index = 0;
    std::uint32_t process = 0;
    std::int64_t invoke_ns = 0;
    std::int64_t complete_ns = 0;
  };
  /// True: it may stand next, and does. Memory: 8 bytes for each process of a number below 65,536, some 40 for others.
  bool follow(const Place& place) {
    if (place.index < next_index_ || place.complete_ns < place.invoke_ns || place.complete_ns < last_complete_ns_)
      return false;
    std::int64_t& free = free_ns(place.process);
    if (place.invoke_ns < free) return false;
    free = place.complete_ns;
    next_index_ = place.index + 1;
    last_complete_ns_ = place.complete_ns;
    return true;
  }
  /// Why follow() said no.
  std::string objection(const Place& place) const;

 private:
  static constexpr std::uint32_t kFew = 1U << 16;

  /// When the process ended its last operation.
  std::int64_t& free_ns(std::uint32_t process) {
    if (process >= kFew) return free_ns_[process];
    if (process >= few_free_ns_.size()) few_free_ns_.resize(std::size_t{process} + 1);
    return few_free_ns_[process];
  }

  std::uint64_t next_index_ = 0;
  std::int64_t last_complete_ns_ = 0;
  std::vector<std::int64_t> few_free_ns_;                    // by process
  std::unordered_map<std::uint32_t, std::int64_t> free_ns_;  // of the others; never iterated
};

}  // namespace tidemark::checkers
