#include "steer/cells.h"

#include <algorithm>

#include "base/assert.h"
#include "model/control/database_control.h"
#include "model/protocol/control_messages.h"

namespace tidemark::steer {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
constexpr std::uint32_t kMore = 32;  // the digit is not the last of its number

std::string role_word(std::uint32_t role) {
  switch (static_cast<Role>(role)) {
    case Role::kHost:
      return "host";
    case Role::kFollower:
      return "follower";
    case Role::kReplica:
      return "replica";
    case Role::kWorker:
      return "worker";
    case Role::kClient:
      return "client";
    case Role::kControl:
      return "control";
  }
  return "?";
}

constexpr auto number(Phase phase) {
  return static_cast<std::uint32_t>(phase);
}

std::string phase_word(std::uint32_t phase) {
  constexpr auto kLast = static_cast<std::uint32_t>(model::LeaderPhase::kBroken);
  if (phase >= number(Phase::kControl0)) {
    const std::uint32_t state = phase - number(Phase::kControl0);
    if (state > static_cast<std::uint32_t>(model::control::DatabaseState::kRetiring)) return "?";
    return std::string(to_text(static_cast<model::control::DatabaseState>(state)));
  }
  const auto leader = [](std::uint32_t value) {
    return value > kLast ? std::string("?") : std::string(to_text(static_cast<model::LeaderPhase>(value)));
  };
  if (phase == number(Phase::kBeside0) + kLast + 1) return "leader none";
  if (phase >= number(Phase::kBeside0)) return "leader " + leader(phase - number(Phase::kBeside0));
  if (phase >= number(Phase::kHost0)) return leader(phase - number(Phase::kHost0));
  switch (static_cast<Phase>(phase)) {
    case Phase::kDown:
      return "down";
    case Phase::kPaused:
      return "paused";
    case Phase::kRunning:
      return "running";
    case Phase::kBooting:
      return "booting";
    default:
      return "?";
  }
}

std::string step_word(std::uint32_t step) {
  static const std::vector<std::string> kWords = {
      "commit",    "confirm",    "checkpoint",      "ack",    "trim",   "boot", "publish",     "snapshot", "segment",
      "cold-trim", "membership", "promise",         "cut",    "rewind", "lead", "leader-gone", "restore",  "time-found",
      "rejoin",    "refusal",    "unknown-outcome", "answer", "strike",
  };
  if (step >= static_cast<std::uint32_t>(Step::kFrom0))
    return "from " + phase_word(step - static_cast<std::uint32_t>(Step::kFrom0));
  if (step < static_cast<std::uint32_t>(Step::kCommit)) {
    const std::string_view kind = sim::to_text(static_cast<sim::EventKind>(step));
    return kind == "unknown" ? "?" : std::string(kind);
  }
  const std::size_t place = step - static_cast<std::uint32_t>(Step::kCommit);
  return place < kWords.size() ? kWords[place] : "?";
}

std::string fault_word(std::uint32_t fault) {
  if (fault == 0) return "none";
  const std::vector<sim::FaultKindInfo>& kinds = sim::fault_kinds();
  if (fault > kinds.size()) return "?";
  return kinds[fault - 1].id + " " + kinds[fault - 1].name;
}

}  // namespace

CellWords cell_words(Cell cell) {
  return {role_word(cell >> 20 & 15), phase_word(cell >> 14 & 63), step_word(cell >> 7 & 127), fault_word(cell & 127)};
}

std::string cell_name(Cell cell) {
  const CellWords words = cell_words(cell);
  return words.role + " | " + words.phase + " | " + words.step + " | " + words.fault;
}

std::uint8_t bucket_of(std::uint64_t count) {
  return count <= 1 ? 0 : count < 8 ? 1 : count < 64 ? 2 : 3;
}

std::vector<Feature> CellMap::features() const {
  std::vector<Feature> features;
  for (const Slot& slot : slots_) {
    if (slot.key == 0) continue;
    for (std::uint8_t bucket = 0; bucket <= bucket_of(slot.count); ++bucket)
      features.push_back(make_feature(slot.key - 1, bucket));
  }
  std::sort(features.begin(), features.end());
  return features;
}

std::string pack_features(const std::vector<Feature>& features) {
  std::string text;
  std::uint32_t last = 0;
  for (const Feature feature : features) {
    TIDEMARK_ASSERT(text.empty() || feature > last, "features ascend");
    std::uint32_t rest = feature - last;
    last = feature;
    for (; rest >= kMore; rest /= kMore) text += kDigits[kMore + rest % kMore];
    text += kDigits[rest];
  }
  return text;
}

bool unpack_features(std::string_view text, std::vector<Feature>& features) {
  features.clear();
  std::uint64_t last = 0, value = 0;
  unsigned shift = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos || shift > 30) return false;
    value |= static_cast<std::uint64_t>(digit % kMore) << shift;
    shift += 5;
    if (digit >= kMore) continue;
    if (value == 0 && !features.empty()) return false;
    last += value;
    if (last > UINT32_MAX) return false;
    features.push_back(static_cast<Feature>(last));
    value = 0;
    shift = 0;
  }
  return shift == 0;
}

}  // namespace tidemark::steer
