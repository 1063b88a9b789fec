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
  kA7,
  kA8,
  kA10,
  kA11,
  kA13,
  kA16,
  kA17,
  kA19,
  kA20,
  kA22,
  kA23,
  kA25,
  kA26,
  kA27,
  kA28,
  kA29,
  kA33,
  kA34,
  kA35,
  kB1,
  kB2,
  kB4,
  kB5,
  kB7,
  kB8,
  kB11,
  kB14,
  kB17,
  kC1,
  kC2,
  kC7,
  kC10,
  kC16,
  kC19,
  kD1,
  kD5,
  kD10,
  kD13,
  kD14,
  kE1,
  kE2,
  kE4,
  kE5,
  kE7,
  kE8,
  kE10,
  kE11,
  kE13,
  kE14,
  kE16,
  kE17,
  kE19,
  kE20,
  kE23,
  kE24,
  kE25,
  kE26,
  kE27,
  kE28,
  kF1,
  kF2,
  kF4,
  kF5,
  kF7,
  kF8,
  kF10,
  kF11,
  kF14,
  kF16,
  kF17,
  kF19,
  kF20,
  kF22,
  kF23,
  kF25,
  kF26,
  kF28,
  kF29,
  kF31,
  kF32,
  kG1,
  kG2,
  kG4,
  kG5,
  kG7,
  kG8,
  kG10,
  kG11,
  kG13,
  kG14,
  kG16,
  kG17,
  kG22,
  kG25,
  kG26,
  kG27,
  kG28,
  kG29,
  kG30,
  kH1,
  kH4,
  kH5,
  kH8,
  kH10,
  kL1,
  kM1,
  kM2,
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
  /// How hard it is to find: 1 = dies within 100 seeds of its scenario; 2 = within 10,000, or in a directed scenario.
  std::uint8_t tier = 1;
  /// The shipped scenario in which it is hunted.
  std::string_view scenario;
  /// Why it may survive faults/swarm, where nothing is made for it; empty: no reason is known.
  std::string_view rare = {};
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
