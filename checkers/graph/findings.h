// What inference finds without any graph, and what it cannot tell.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "checkers/record/judgement.h"

namespace tidemark::checkers::graph {

/// Contradictions of single reads, the most basic first: those in front make what the later ones say less certain.
enum class Direct : std::uint8_t {
  kGarbage,          // read what nobody wrote
  kG1a,              // read what a transaction wrote that failed
  kDirtyUpdate,      // a transaction that took effect built on one that failed
  kDuplicate,        // a list or set holds an element twice
  kFutureRead,       // read what the transaction itself wrote only later
  kInternal,         // read something else than its own writes before
  kNotRepeatable,    // told as "internal": two reads of one transaction disagree without a write of its own between
  kIncompatible,     // two reads of a list have no common order
  kVersionMismatch,  // a read shows another number of the version column than the write did
  kVersionTwice,     // two writes have the same number
  kG1b,              // read what the writer itself overwrote in the same transaction
  kLostUpdate,       // two transactions built on the same version
  kLongFork,         // two reads of a growing set, each of which lacks something that the other has
};
inline constexpr std::size_t kDirects = 13;
const char* to_text(Direct direct);

class Findings {
 public:
  explicit Findings(std::uint64_t most) : most_(most) {}

  /// False when enough of this kind are kept: the text need not be made, and count() is still right.
  bool wants(Direct direct) { return counts_[static_cast<std::size_t>(direct)]++ < most_; }
  void add(Direct direct, std::vector<std::uint32_t> transactions, std::string fact, std::vector<Step> cycle = {});
  std::uint64_t count(Direct direct) const { return counts_[static_cast<std::size_t>(direct)]; }

  /// Something that has no bearing on a verdict "invalid" but forbids "valid". The first reason is kept.
  void undecided(std::string reason);
  const std::string& reason() const { return reason_; }

  /// The kept ones that `counts` says count, the most basic first.
  template <typename Counts>
  std::vector<Anomaly> anomalies(Counts counts) const {
    std::vector<Anomaly> result;
    for (std::size_t i = 0; i < kDirects; ++i) {
      if (!counts(static_cast<Direct>(i))) continue;
      for (const Anomaly& anomaly : kept_[i]) result.push_back(anomaly);
    }
    return result;
  }

 private:
  std::uint64_t most_;
  std::array<std::uint64_t, kDirects> counts_{};
  std::array<std::vector<Anomaly>, kDirects> kept_;
  std::string reason_;
};

/// "T5": as the history numbers it.
std::string name_of(const History& history, std::uint32_t transaction);

}  // namespace tidemark::checkers::graph
