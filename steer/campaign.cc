#include "steer/campaign.h"

#include <algorithm>
#include <array>

#include "scenarios/run/runner.h"
#include "sim/core/random.h"
#include "steer/mutate.h"

namespace tidemark::steer {
namespace {

constexpr std::uint64_t kWhole = 1ULL << 20;  // the weight of a feature that one run reached
constexpr std::size_t kMostGrounds = 64;
constexpr std::uint64_t kUnit = 1024;
/// Of a way that was not tried: so many new features. Of every way: it never counts as less than that.
constexpr std::uint64_t kHope = 200, kLeast = 10;
/// How much a new feature counts that was reached in this way. Faults that meet find more than the number of features
/// tells, and what a scenario draws besides faults is not in the features at all: new seeds with many faults count
/// most.
constexpr std::array<std::uint64_t, kWays> kShare = {0, 1, 1, 1, 5};
constexpr std::array<std::string_view, kWays> kWayWords = {"blind", "vary", "crowd", "graft", "pack"};

}  // namespace

std::string_view to_text(Way way) {
  return kWayWords[static_cast<std::size_t>(way)];
}

bool parse_way(std::string_view text, Way& way) {
  const auto found = std::find(kWayWords.begin(), kWayWords.end(), text);
  if (found == kWayWords.end()) return false;
  way = static_cast<Way>(found - kWayWords.begin());
  return true;
}

Campaign::Campaign(const scenarios::Scenario& scenario) : scenario_(scenario) {
  yield_.fill(kHope * kUnit);
}

const Ground& Campaign::ground(std::uint64_t seed) {
  if (grounds_.size() >= kMostGrounds && grounds_.count(seed) == 0) grounds_.clear();
  std::unique_ptr<Ground>& known = grounds_[seed];
  if (!known) known = std::make_unique<Ground>(scenario_, seed);
  return *known;
}

const sim::FaultPlan& Campaign::plan_of(const Entry& entry) {
  return entry.plan ? *entry.plan : ground(entry.seed).drawn();
}

const Campaign::Entry* Campaign::draw_entry(sim::RandomStream& random) const {
  std::vector<std::uint64_t> weights;
  std::uint64_t sum = 0;
  for (const Entry& entry : corpus_) {
    std::uint64_t weight = 0;
    for (const std::uint32_t place : entry.features) weight += kWhole / (frequency_[place] * frequency_[place]);
    weight = weight / (1 + entry.children) + 1;
    weights.push_back(weight);
    sum += weight;
  }
  if (sum == 0) return nullptr;
  std::uint64_t at = random.below(sum);
  for (std::size_t i = 0; i < corpus_.size(); ++i) {
    if (at < weights[i]) return &corpus_[i];
    at -= weights[i];
  }
  return nullptr;
}

std::vector<std::uint64_t> Campaign::weights_of(const std::vector<Mark>& marks) const {
  std::vector<std::uint64_t> weights;
  for (const Mark& mark : marks) {
    std::uint64_t runs = 1;
    // With any fault, or none: the frequency of the cell without one is close enough.
    const auto known = places_.find(make_feature(mark.cell, 0));
    if (known != places_.end()) runs = frequency_[known->second];
    weights.push_back(kWhole / std::max<std::uint64_t>(1, runs));
  }
  return weights;
}

Choice Campaign::choose(std::uint64_t run) {
  Choice blind;
  blind.run = blind.seed = run;
  try {
    return mutated(blind);
  } catch (const scenarios::ScenarioError&) {
    return blind;  // the run says what is wrong with this seed
  }
}

Choice Campaign::mutated(Choice choice) {
  const std::uint64_t run = choice.run;
  sim::StreamRegistry streams(run);
  sim::RandomStream& random = streams.stream("hunt", "steer");
  const Way way = draw_way(random);
  if (way == Way::kBlind || corpus_.empty()) return choice;
  const Entry* const entry = draw_entry(random);
  const Entry* const donor = draw_entry(random);
  if (entry == nullptr || donor == nullptr) return choice;
  const bool same_seed = way == Way::kVary || way == Way::kCrowd;
  const bool many = way == Way::kCrowd || way == Way::kPack;
  const sim::FaultPlan donated = plan_of(*donor);
  const std::vector<std::uint64_t> weights = weights_of(entry->marks);
  const std::uint64_t seed = same_seed ? entry->seed : run;
  const sim::FaultPlan plan = same_seed ? plan_of(*entry) : ground(run).drawn();
  Material material{ground(seed), entry->marks, weights, same_seed, &donated};
  material.least = 3;
  material.grow_to = many ? kMostFaults / 2 + random.below(kMostFaults / 2 + 1) : 0;
  Mutated made = mutate(plan, material, random);
  if (made.how.empty()) return choice;
  choice.way = way;
  choice.seed = seed;
  choice.plan = std::move(made.plan);
  choice.parent = entry->run;
  choice.how = std::move(made.how);
  return choice;
}

Way Campaign::draw_way(sim::RandomStream& random) const {
  if (random.chance(1, kBlindOf)) return Way::kBlind;
  std::uint64_t sum = 0;
  for (std::size_t way = 1; way < kWays; ++way) sum += yield_[way] * kShare[way];
  std::uint64_t at = random.below(sum);
  for (std::size_t way = 1; way < kWays; ++way) {
    if (at < yield_[way] * kShare[way]) return static_cast<Way>(way);
    at -= yield_[way] * kShare[way];
  }
  return Way::kBlind;
}

void Campaign::take(const Choice& choice, const Reached& reached, bool failed) {
  ++runs_;
  for (Entry& entry : corpus_)
    if (entry.run == choice.parent) ++entry.children;
  std::uint64_t fresh = 0;
  Entry entry;
  for (const Feature feature : reached.features) {
    const auto [known, added] = places_.emplace(feature, frequency_.size());
    if (added) frequency_.push_back(0);
    fresh += added;
    ++frequency_[known->second];
    entry.features.push_back(known->second);
    if ((feature & 7) != 0) continue;
    CellCount& count = cells_[cell_of(feature)];
    count.cell = cell_of(feature);
    if (++count.runs == 1) count.first = choice.run;
  }
  std::uint64_t& yield = yield_[static_cast<std::size_t>(choice.way)];
  yield = std::max(kLeast * kUnit, (yield * 7 + fresh * kUnit) / 8);
  if (fresh == 0 || failed) return;
  entry.run = choice.run;
  entry.seed = choice.seed;
  entry.plan = choice.plan;
  entry.marks = reached.marks;
  corpus_.push_back(std::move(entry));
}

std::vector<CellCount> Campaign::map() const {
  std::vector<CellCount> cells;
  for (const auto& [cell, count] : cells_) cells.push_back(count);
  std::stable_sort(cells.begin(), cells.end(), [](const CellCount& a, const CellCount& b) { return a.runs < b.runs; });
  return cells;
}

}  // namespace tidemark::steer
