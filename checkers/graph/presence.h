// Which transactions took effect, and which keys are of which kind: what all inference begins with.
#pragma once

#include <cstdint>
#include <vector>

#include "checkers/record/history.h"

namespace tidemark::checkers::graph {

/// A transaction that is ok took effect, one that failed did not, and one of unknown outcome did if something that it
/// wrote was read: then with all its writes. If nothing of it was read, to leave it out is as good as anything else.
class Presence {
 public:
  explicit Presence(const History& history);
  bool present(std::uint32_t transaction) const { return states_[transaction] == State::kPresent; }
  bool failed(std::uint32_t transaction) const { return states_[transaction] == State::kFailed; }
  std::uint64_t count() const;  // of present ones
  /// Something that it wrote was read. True if that is news.
  bool observe(std::uint32_t transaction) {
    if (states_[transaction] != State::kUnknown) return false;
    states_[transaction] = State::kPresent;
    return true;
  }

 private:
  enum class State : std::uint8_t { kUnknown, kPresent, kFailed };
  std::vector<State> states_;
};

enum class Family : std::uint8_t { kNone, kList, kRegister, kSet, kOther };

/// The kind of each key. kOther: of kinds that no graph is made of, or of several. Of a key that no event names: any.
std::vector<Family> families(const History& history);

}  // namespace tidemark::checkers::graph
