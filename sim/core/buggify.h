// Buggify (B1, B3-B6): marked places of the code that take their unlikely branch when a run says so.
//
// A place (site) is named by a literal that is stable across versions: "follower/ack-late". Each site has a random
// stream of its own, "buggify/<site>", so that a new site changes no other. When a site is asked for the first time in
// a run it is drawn whether it is on for the whole run (25 %); when on it fires in 25 % of its passes. While its class
// is off (the default) a pass costs one branch, draws nothing, and is not counted.
//
// Who marks a site must keep the code correct with every answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/random.h"
#include "sim/core/time.h"

namespace tidemark::sim {

/// Which sites: a class is switched as a whole.
enum class BuggifyClass : std::uint8_t {
  kBranch,  // B1: any unlikely branch
  kDelay,   // B3: an extra wait before or after send, sync, publish, unlock
  kOrder,   // B4: peers in another order, a batch split or merged
  kEarly,   // B5: checkpoint now, snapshot now, drop a cache, close a connection
  kError,   // B6: a call returns its documented error
};

class Buggify {
 public:
  /// `streams` must outlive it. 1/4 and 1/4 are the values of FoundationDB.
  explicit Buggify(StreamRegistry& streams) : streams_(streams) {}
  Buggify(const Buggify&) = delete;
  Buggify& operator=(const Buggify&) = delete;

  /// Calls nest: each enable() needs its disable().
  void enable(BuggifyClass of) { ++enabled_[static_cast<std::size_t>(of)]; }
  void disable(BuggifyClass of);
  bool enabled(BuggifyClass of) const { return enabled_[static_cast<std::size_t>(of)] > 0; }

  /// True when the site fires: take the unlikely branch.
  bool fires(std::string_view site, BuggifyClass of = BuggifyClass::kBranch) {
    if (!enabled(of)) [[likely]]
      return false;
    return pass(site, of);
  }
  /// B3: how long to wait here; mostly zero. Drawn uniformly up to longest_delay().
  Duration delay(std::string_view site);
  Duration longest_delay() const { return longest_delay_; }
  void set_longest_delay(Duration longest) { longest_delay_ = longest; }
  /// B4: permutes the items when the site fires.
  template <typename Sequence>
  void reorder(std::string_view site, Sequence& items) {
    if (!fires(site, BuggifyClass::kOrder)) return;
    RandomStream& random = sites_.find(site)->second.random;
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
  }

  struct SiteReport {
    std::string site;
    bool on = false;
    std::uint64_t passes = 0;
    std::uint64_t fired = 0;
  };
  /// Sites that were passed while their class was on, by name.
  std::vector<SiteReport> sites() const;
  /// All firings of the class.
  std::uint64_t fired(BuggifyClass of) const { return fired_[static_cast<std::size_t>(of)]; }

 private:
  static constexpr std::size_t kClasses = 5;
  struct Site {
    RandomStream& random;
    bool on = false;
    std::uint64_t passes = 0;
    std::uint64_t fired = 0;
  };
  bool pass(std::string_view site, BuggifyClass of);

  StreamRegistry& streams_;
  std::array<std::uint32_t, kClasses> enabled_{};
  std::array<std::uint64_t, kClasses> fired_{};
  Duration longest_delay_ = Duration::milliseconds(20);
  std::map<std::string, Site, std::less<>> sites_;
};

}  // namespace tidemark::sim
