// The consistency models that `tidemark check --model` knows, and the one entry to all checkers.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "checkers/record/judgement.h"

namespace tidemark::checkers {

enum class Model : std::uint8_t {
  kSequential,          // strong session serializable
  kSerializable,        // without session order
  kStrictSerializable,  // with real time
  kSessionSnapshot,     // strong session snapshot isolation
  kReadCommitted,
  kLinearizable,  // single operations on registers and key-value pairs
  kReadYourWrites,
  kMonotonicReads,
  kMonotonicWrites,
  kWritesFollowReads,
  kBank,  // the total is constant
  kCounter,
  kSet,
};

struct ModelInfo {
  Model model;
  const char* name;       // "sequential", "session-snapshot-isolation", "read-your-writes", ...
  const char* guarantee;  // in plain words, what a client may rely on
  const char* assumes;    // of the history
  const char* unknown;    // when the verdict is unknown
  const char* cost;
  EventKinds kinds;  // that it can judge
};

std::span<const ModelInfo> models();
const ModelInfo& info(Model model);
/// nullptr: none of this name.
const ModelInfo* find_model(std::string_view name);

/// Judges the history. Unknown, with the reason, when it has events that the model does not know. Pure, deterministic,
/// never recursive in the size of the input.
Judgement judge(const History& history, Model model, const JudgeOptions& options = {});

}  // namespace tidemark::checkers
