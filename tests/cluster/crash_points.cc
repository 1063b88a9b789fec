#include "crash_points.h"

#include <gtest/gtest.h>

#include "model/types/null_observer.h"
#include "scenarios/loader.h"
#include "scenarios/shipped.h"

namespace tidemark {
namespace {

constexpr std::uint64_t kNever = 1'000'000'000;

scenarios::Scenario load(const std::vector<std::string>& overrides) {
  std::string error;
  const auto found = scenarios::find_scenario("faults/takeover_every_io", error);
  EXPECT_TRUE(found.has_value()) << error;
  scenarios::LoadResult loaded = scenarios::load_scenario(found->text, found->file, overrides);
  EXPECT_TRUE(loaded.ok()) << overrides.at(1);
  return loaded.scenario;
}

class Counter final : public model::NullObserver {
 public:
  void on_checkpoint(std::uint32_t, std::uint32_t, bool primary, const model::Bookmark&) override {
    checkpoints += primary ? 1 : 0;
  }
  void on_snapshot(std::uint32_t, const model::Bookmark&, const model::PageReader&) override { ++snapshots; }
  std::uint64_t checkpoints = 0;
  std::uint64_t snapshots = 0;
};

/// Of the second fault. There is none when the run did not get beyond its setup.
sim::FaultReport second(const scenarios::RunResult& result) {
  for (const sim::FaultReport& report : result.faults)
    if (report.kind == sim::FaultKind::kP4) return report;
  return {};
}

std::string violations_of(const scenarios::RunResult& result) {
  std::string text;
  for (const checkers::Verdict& verdict : result.verdicts)
    if (verdict.validity != checkers::Validity::kValid) text += verdict.name + ": " + verdict.witness + "\n";
  return text;
}

}  // namespace

std::vector<std::string> CrashPoint::overrides() const {
  return {"fault[1].target=" + node,
          "fault[1].at=" + at,
          "fault[1].n=" + std::to_string(n),
          std::string("fault[1].side=") + (after ? "after" : "before"),
          std::string("fault[1].power=") + (power ? "lose" : "keep"),
          "fault[1].image=" + std::to_string(image)};
}

CrashPoints::CrashPoints(std::string bugs) : bugs_(std::move(bugs)) {
  Counter counter;
  reference_ = run({"shop/follower-1", "io", kNever, false, false, 0}, &counter);
  checkpoints_ = counter.checkpoints;
  snapshots_ = counter.snapshots;
}

scenarios::RunResult CrashPoints::run(const CrashPoint& point, model::Observer* observer) const {
  std::vector<std::string> overrides = point.overrides();
  overrides.push_back("bugs=" + bugs_);
  const scenarios::Scenario scenario = load(overrides);
  scenarios::RunRequest request{scenario, scenario.seed, "", "", nullptr, nullptr};
  request.observer = observer;
  return scenarios::run_scenario(request);
}

std::vector<std::string> CrashPoints::nodes() const {
  std::vector<std::string> result;
  for (const model::NodeInfo& node : reference_.nodes) {
    // The setup is over by then, and what only other faults bring in is no target.
    const bool target = node.role != model::NodeRole::kSetup && node.role != model::NodeRole::kWriteLoad &&
                        !node.name.ends_with("-again") && node.name.find("-added-") == std::string::npos;
    if (target && acts(node.name, "io") + acts(node.name, "send") > 0) result.push_back(node.name);
  }
  return result;
}

std::uint64_t CrashPoints::acts(const std::string& node, const std::string& at) const {
  return second(run({node, at, kNever, false, false, 0})).kill_point.acts;
}

CrashOutcome CrashPoints::crash(const CrashPoint& point) const {
  const scenarios::RunResult result = run(point);
  const sim::FaultReport report = second(result);
  return {report.effects > 0, report.kill_point.images, report.kill_point.every_image, violations_of(result)};
}

}  // namespace tidemark
