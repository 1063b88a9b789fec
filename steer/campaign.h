// Campaign: what a steered hunt knows, and which run it tries next.
//
// Runs have numbers. A run is blind (the seed of its number, with the plan that the seed draws) or mutated (the seed of
// an earlier run, or its own, with another plan). Runs that reached a feature that no run before had become entries of
// the corpus, unless they failed. What is tried next favours entries with features that few runs reached, of their
// marks those that few runs have, and ways of making a run (Way) by which many new features were reached.
//
// choose(run) depends on the scenario, on `run` and on what take() was told, in that order, and on nothing else. A
// campaign that is told the runs of an earlier one therefore goes on as that one would have.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scenarios/scenario.h"
#include "steer/cells.h"
#include "steer/collector.h"
#include "steer/ground.h"

namespace tidemark::steer {

/// How a run is made.
enum class Way : std::uint8_t {
  kBlind,  // the seed of its number, as it is
  kVary,   // an entry with a few changes: what led to something rare happens again, up to the first change
  kCrowd,  // an entry with many more faults
  kGraft,  // the seed of its number with a few faults of entries, or aimed at what happened in them
  kPack,   // likewise with many
};
inline constexpr std::size_t kWays = 5;
std::string_view to_text(Way way);
bool parse_way(std::string_view text, Way& way);

/// What is to be run.
struct Choice {
  Way way = Way::kBlind;
  std::uint64_t run = 0;
  std::uint64_t seed = 0;
  std::optional<sim::FaultPlan> plan;  // nothing: as the seed draws it
  std::uint64_t parent = 0;            // the run that it was made from; 0: none
  std::string how;                     // of a mutation: what was changed
};

/// What a run reached.
struct Reached {
  std::vector<Feature> features;
  std::vector<Mark> marks;
};

/// One cell over all runs.
struct CellCount {
  Cell cell = 0;
  std::uint64_t runs = 0;
  std::uint64_t first = 0;  // the run that reached it first
};

class Campaign {
 public:
  /// One run of so many is blind, whatever is known.
  static constexpr std::uint64_t kBlindOf = 4;

  /// The scenario must have faults, and outlive the campaign.
  explicit Campaign(const scenarios::Scenario& scenario);

  Choice choose(std::uint64_t run);
  /// `failed`: it is no entry then; what is next to a failure fails in the same way.
  void take(const Choice& choice, const Reached& reached, bool failed);

  std::size_t cells() const { return cells_.size(); }
  std::size_t features() const { return frequency_.size(); }
  std::size_t corpus() const { return corpus_.size(); }
  std::uint64_t runs() const { return runs_; }
  /// Rarest first, then by cell.
  std::vector<CellCount> map() const;

 private:
  struct Entry {
    std::uint64_t run = 0;
    std::uint64_t seed = 0;
    std::optional<sim::FaultPlan> plan;
    std::vector<std::uint32_t> features;  // places in frequency_
    std::vector<Mark> marks;
    std::uint64_t children = 0;  // runs that were made from it
  };
  /// `choice` is blind; stays so if nothing can be changed.
  Choice mutated(Choice choice);
  const Ground& ground(std::uint64_t seed);
  const sim::FaultPlan& plan_of(const Entry& entry);
  /// nullptr when there is none.
  const Entry* draw_entry(sim::RandomStream& random) const;
  Way draw_way(sim::RandomStream& random) const;
  std::vector<std::uint64_t> weights_of(const std::vector<Mark>& marks) const;

  const scenarios::Scenario& scenario_;
  std::uint64_t runs_ = 0;
  std::vector<Entry> corpus_;
  std::unordered_map<Feature, std::uint32_t> places_;  // looked up, never iterated
  std::vector<std::uint64_t> frequency_;               // runs that reached a feature, by its place
  std::map<Cell, CellCount> cells_;
  std::array<std::uint64_t, kWays> yield_ = {};  // new features of a run of late, by Way, in units of 1/1024
  std::map<std::uint64_t, std::unique_ptr<Ground>> grounds_;  // by seed
};

}  // namespace tidemark::steer
