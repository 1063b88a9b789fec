// Enumerated crashes: in a run of thirty writes with a checkpoint, a snapshot and a takeover each process is crashed at
// every I/O and every send, before and after it, with and without its machine's power, and followers and the control
// plane with every disk image that the loss of power may leave. Nothing that was confirmed is lost, nothing that was
// not is shown, and everybody comes to rest again: every verdict of every run is valid.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

#include "crash_points.h"

namespace tidemark {
namespace {

constexpr int kMostMessages = 5;
const std::string kOthers = "others";  // workers and clients
const std::vector<std::string> kStorage = {"shop/primary",     "shop/standby-1",  "shop/standby-2",  "shop/follower-1",
                                           "shop/follower-2",  "shop/follower-3", "shop/follower-4", "shop/follower-5",
                                           "shop/replica-EWR", "control"};

bool has_storage(const std::string& node) {
  return std::find(kStorage.begin(), kStorage.end(), node) != kStorage.end();
}

/// What one test did; a violation is reported with the command line that shows it.
class Tally {
 public:
  void add(const CrashPoint& point, const CrashOutcome& outcome) {
    ++runs_;
    if (outcome.struck && outcome.violations.empty()) return;
    if (++bad_ > kMostMessages) return;
    std::string command = "tidemark run faults/takeover_every_io";
    for (const std::string& set : point.overrides()) command += " --set '" + set + "'";
    ADD_FAILURE() << command << "\n" << (outcome.struck ? outcome.violations : "never got there");
  }
  std::uint64_t runs() const { return runs_; }
  ~Tally() { EXPECT_EQ(bad_, 0) << "of " << runs_ << " crashes"; }

 private:
  std::uint64_t runs_ = 0;
  int bad_ = 0;
};

TEST(CrashPoints, AreThousandsInARunWithThirtyWritesACheckpointASnapshotAndATakeover) {
  const CrashPoints points;
  EXPECT_EQ(points.reference().exit_code({}), 0);
  EXPECT_GE(points.reference().availability.entries_confirmed, 30U);
  EXPECT_EQ(points.reference().availability.takeovers, 1U);
  EXPECT_GE(points.checkpoints(), 1U);
  EXPECT_GE(points.snapshots(), 2U) << "one after the first";
  std::uint64_t acts = 0;
  std::size_t storage = 0;
  for (const std::string& node : points.nodes()) {
    acts += points.acts(node, "io") + points.acts(node, "send");
    storage += has_storage(node) ? 1 : 0;
  }
  EXPECT_EQ(storage + 1, kStorage.size()) << "only the second standby has nothing to do";
  std::printf("%llu acts, %llu crash points\n", static_cast<unsigned long long>(acts),
              static_cast<unsigned long long>(acts * 4));
  EXPECT_GT(acts * 4, 4000U);
}

struct Part {
  std::string node;
  std::string at;
};

class CrashPointsOf : public testing::TestWithParam<Part> {
 protected:
  static void SetUpTestSuite() { points_ = new CrashPoints; }
  static void TearDownTestSuite() {
    delete points_;
    points_ = nullptr;
  }
  static std::vector<std::string> targets() {
    if (GetParam().node != kOthers) return {GetParam().node};
    std::vector<std::string> result = points_->nodes();
    std::erase_if(result, has_storage);
    return result;
  }
  static inline const CrashPoints* points_ = nullptr;
};

TEST_P(CrashPointsOf, LoseNothingConfirmedAndShowNothingUnconfirmed) {
  Tally tally;
  for (const std::string& node : targets()) {
    const std::uint64_t acts = points_->acts(node, GetParam().at);
    for (std::uint64_t n = 1; n <= acts; ++n) {
      for (const bool power : {false, true}) {
        for (const bool after : {false, true}) {
          const CrashPoint point{node, GetParam().at, n, after, power, 0};
          tally.add(point, points_->crash(point));
        }
      }
    }
  }
  std::printf("%llu crash points\n", static_cast<unsigned long long>(tally.runs()));
}

std::vector<Part> parts() {
  std::vector<Part> result;
  for (const std::string& node : kStorage)
    for (const char* at : {"io", "send"}) result.push_back({node, at});
  result.push_back({kOthers, "send"});
  return result;
}

std::string part_name(const testing::TestParamInfo<Part>& info) {
  std::string name = info.param.node + "_" + info.param.at;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Every, CrashPointsOf, testing::ValuesIn(parts()), part_name);

/// The files of hosts and replicas are thrown away when they start; followers and the control plane live on theirs.
class CrashPointsWithEveryImageOf : public CrashPointsOf {};

TEST_P(CrashPointsWithEveryImageOf, LoseNothingConfirmedAndShowNothingUnconfirmed) {
  Tally tally;
  std::uint64_t points = 0;
  std::uint64_t complete = 0;
  const std::uint64_t acts = points_->acts(GetParam().node, GetParam().at);
  for (std::uint64_t n = 1; n <= acts; ++n) {
    for (const bool after : {false, true}) {
      CrashPoint point{GetParam().node, GetParam().at, n, after, true, 1};
      const CrashOutcome first = points_->crash(point);
      tally.add(point, first);
      while (++point.image <= first.images) tally.add(point, points_->crash(point));
      ++points;
      complete += first.every_image ? 1 : 0;
    }
  }
  std::printf("%llu disk images at %llu crash points, every possible one at %llu of them\n",
              static_cast<unsigned long long>(tally.runs()), static_cast<unsigned long long>(points),
              static_cast<unsigned long long>(complete));
  EXPECT_GE(tally.runs(), points);
  EXPECT_GE(complete * 10, points * 9);
}

std::vector<Part> parts_that_live_on_their_disk() {
  std::vector<Part> result = parts();
  std::erase_if(result, [](const Part& part) {
    return part.node != "control" && part.node.find("follower") == std::string::npos;
  });
  return result;
}

INSTANTIATE_TEST_SUITE_P(Every, CrashPointsWithEveryImageOf, testing::ValuesIn(parts_that_live_on_their_disk()),
                         part_name);

/// A mistake that only a crash at the right place shows: without the second fault the same run is valid.
struct Planted {
  const char* bug;
  const char* node;
  const char* at;
  const char* verdict;
};

class CrashPointsWithAMistake : public testing::TestWithParam<Planted> {};

TEST_P(CrashPointsWithAMistake, ShowIt) {
  const Planted& planted = GetParam();
  const CrashPoints points(planted.bug);
  EXPECT_EQ(points.reference().exit_code({}), 0) << "it shows without a second fault";
  const std::uint64_t acts = points.acts(planted.node, planted.at);
  for (std::uint64_t n = 1; n <= acts; ++n) {
    for (const bool after : {false, true}) {
      CrashPoint point{planted.node, planted.at, n, after, true, 1};
      for (std::uint64_t images = 1; point.image <= images; ++point.image) {
        const CrashOutcome outcome = points.crash(point);
        images = outcome.images;
        if (outcome.violations.find(std::string(planted.verdict) + ": ") == std::string::npos) continue;
        RecordProperty("act", static_cast<int>(n));
        return;
      }
    }
  }
  FAIL() << planted.bug << " survived every crash of " << planted.node << " at its " << acts << " " << planted.at
         << "s";
}

INSTANTIATE_TEST_SUITE_P(Planted, CrashPointsWithAMistake,
                         testing::Values(Planted{"A2", "shop/follower-1", "io", "Q"},
                                         Planted{"A7", "shop/follower-1", "io", "CMONO"},
                                         Planted{"A26", "shop/follower-1", "io", "LIVE"},
                                         Planted{"B8", "shop/primary", "send", "IMG"},
                                         Planted{"D14", "control", "send", "FENCE"}),
                         [](const auto& row) { return std::string(row.param.bug); });

TEST(CrashPointsReference, AloneShowsMistakesThatNeedNoFurtherCrash) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"A1", "Q"}, {"B2", "DUR"}, {"B11", "CMONO"}, {"D1", "CKPT"}, {"E16", "GC"}, {"F1", "HIDE"}, {"H5", "GATE"}};
  for (const auto& [bug, verdict] : rows) {
    const CrashPoints points(bug);
    const std::vector<checkers::Verdict>& verdicts = points.reference().verdicts;
    EXPECT_TRUE(std::any_of(
        verdicts.begin(), verdicts.end(),
        [&](const checkers::Verdict& v) { return v.name == verdict && v.validity == checkers::Validity::kInvalid; }))
        << bug << " survived";
  }
}

}  // namespace
}  // namespace tidemark
