// Switchable protocol mistakes: each one is a mistake that a real system made or could make, planted at exactly one
// site of the model, off by default. A run with one switched on must be caught by the checker that its row names.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tidemark::model {

enum class Bug : std::uint8_t {
  kA1,
  kA2,
  kA4,
  kA5,
  kA20,
  kC1,
  kC2,
  kC16,
  kD1,
  kE2,
  kF1,
  kF2,
  kF8,
  kF10,
  kF25,
  kG1,
  kG2,
  kG4,
  kG5,
  kG8,
  kG11,
  kG13,
  kG22,
  kH8,
  kL1,
  kM1,
  kCount,
};

struct BugInfo {
  Bug bug;
  std::string_view id;       // "F1"
  std::string_view where;    // "replica leader"
  std::string_view mistake;  // what is wrong, one sentence
  std::string_view exposed_by;
  std::string_view caught_by;  // verdict names, comma separated: "HIDE"
  std::string_view origin;     // where such a mistake was made
};

/// Every switchable mistake, in the order of Bug.
std::span<const BugInfo> bug_catalogue();
/// nullptr when there is no such id. Case-sensitive.
const BugInfo* find_bug(std::string_view id);

class BugSet {
 public:
  bool has(Bug bug) const { return bits_.test(static_cast<std::size_t>(bug)); }
  void add(Bug bug) { bits_.set(static_cast<std::size_t>(bug)); }
  bool empty() const { return bits_.none(); }
  /// "none" or ids joined by commas, in catalogue order.
  std::string text() const;

 private:
  std::bitset<static_cast<std::size_t>(Bug::kCount)> bits_;
};

}  // namespace tidemark::model
