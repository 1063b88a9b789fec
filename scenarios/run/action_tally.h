// ActionTally: how the actions of an application ended, one line for each: what always fails is not to go unseen
// because nothing was broken by it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/apps/application.h"

namespace tidemark::scenarios {

struct ActionCount {
  std::string name;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;   // surely without effect
  std::uint64_t unknown = 0;  // no answer, or an error after something was written
  std::string error;          // the first one
};

class ActionTally {
 public:
  /// In this order; what is none of them comes behind.
  explicit ActionTally(const std::vector<model::ActionShape>& actions);
  void ended(const model::EndedAction& action);
  const std::vector<ActionCount>& counts() const { return counts_; }

 private:
  std::vector<ActionCount> counts_;
};

}  // namespace tidemark::scenarios
