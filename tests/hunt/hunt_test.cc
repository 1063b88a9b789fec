// Hunts that end early, by themselves or by force, and what they leave.
#include "hunt/hunt.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <random>

#include "hunt/summary.h"
#include "small_hunt.h"

namespace tidemark::hunt {
namespace {

using testing::HasSubstr;

void wait_for(double seconds) {
  const timespec time{0, static_cast<long>(seconds * 1e9)};
  nanosleep(&time, nullptr);
}

/// A process that hunts into `file`.
pid_t start_hunt(const HuntOptions& options, const std::string& file) {
  const pid_t process = fork();
  if (process != 0) return process;
  try {
    hunted(options, slow_run, file);
  } catch (const std::exception&) {
    _exit(1);
  }
  _exit(0);
}

TEST(Hunt, ThatIsKilledAtAnyMomentLosesAndDoublesNothing) {
  constexpr int kKills = 50;
  HuntOptions options = small_options(1, 400);
  options.commit_every = 0.01;
  const std::string undisturbed = hunted(options, slow_run);
  std::mt19937 random(7);
  int kills = 0, resumed = 0;
  for (int campaigns = 0; kills < kKills; ++campaigns) {
    const std::string file = scratch_file("hunt" + std::to_string(campaigns));
    bool ended = false;
    // Longer and longer, so that it comes to its end however slow this machine is.
    for (int attempt = 1; !ended; ++attempt) {
      const pid_t process = start_hunt(options, file);
      wait_for(static_cast<double>(random() % static_cast<unsigned>(10 + 10 * attempt)) / 1000);
      kill(process, SIGKILL);
      int status = 0;
      ASSERT_EQ(waitpid(process, &status, 0), process);
      ended = WIFEXITED(status);
      if (ended) {
        ASSERT_EQ(WEXITSTATUS(status), 0);
      } else {
        ++kills;
      }
    }
    resumed += kills > 0 ? 1 : 0;
    EXPECT_EQ(export_text(Results(file)), undisturbed);
  }
  EXPECT_GT(resumed, 0);
}

TEST(Hunt, GivesTheSameWhateverTheNumberOfWorkers) {
  const std::string one = hunted(small_options(1, 300, 1), plain_run);
  EXPECT_EQ(hunted(small_options(1, 300, 2), plain_run), one);
  EXPECT_EQ(hunted(small_options(1, 300, 5), plain_run), one);
  EXPECT_EQ(std::count(one.begin(), one.end(), '\n'), 306);
}

/// Interrupts when nothing has happened for a while.
class Interrupter : public HuntObserver {
 public:
  void on_progress(const HuntProgress& progress) override {
    quiet_ = progress.runs == runs_ ? quiet_ + 1 : 0;
    runs_ = progress.runs;
  }
  bool interrupted() override { return runs_ > 0 && quiet_ >= 5; }

 private:
  std::uint64_t runs_ = 0;
  int quiet_ = 0;
};

TEST(Hunt, ThatIsInterruptedNamesWhatWasInFlight) {
  const std::string file = scratch_file("hunt.db");
  const HuntOptions options = small_options(1, 100'000);
  const auto stuck_from_20 = [](std::uint64_t seed) {
    while (seed >= 20) pause();
    return plain_run(seed);
  };
  std::vector<std::uint64_t> in_flight;
  {
    Results results(file, campaign());
    Interrupter interrupter;
    const HuntReport report = hunt(options, results, stuck_from_20, interrupter);
    EXPECT_EQ(report.end, HuntEnd::kInterrupted);
    in_flight = report.in_flight;
    const Summary summary{
        results.campaign(), options, report, results.totals(), results.classes(), file, [](auto seed) {
          return "run " + std::to_string(seed);
        }};
    EXPECT_THAT(summary_text(summary), HasSubstr("in flight "));
  }
  // Two workers have two seeds each; of the others some may wait for a second run.
  EXPECT_THAT(in_flight, testing::IsSupersetOf({20, 21, 22, 23}));
  const std::vector<std::uint64_t> kept = Results(file).seeds();
  EXPECT_EQ(kept.size() + in_flight.size(), 23U);
  for (std::uint64_t seed = 1; seed <= 23; ++seed) {
    const bool is_kept = std::binary_search(kept.begin(), kept.end(), seed);
    EXPECT_NE(is_kept, std::binary_search(in_flight.begin(), in_flight.end(), seed)) << seed;
  }
}

TEST(Hunt, StopsAtTheFirstFailureOrWhenTimeIsUp) {
  HuntOptions options = small_options(1, UINT64_MAX);
  options.until_fail = true;
  Results results("", campaign());
  HuntObserver observer;
  EXPECT_EQ(hunt(options, results, slow_run, observer).end, HuntEnd::kFailure);
  EXPECT_EQ(results.totals().failed, 1U);
  EXPECT_EQ(results.classes()[0].cheapest.seed % 17, 0U);
  EXPECT_TRUE(results.classes()[0].cheapest.twice);

  options.until_fail = false;
  options.seconds = 0.05;
  Results more("", campaign());
  const HuntReport report = hunt(options, more, slow_run, observer);
  EXPECT_EQ(report.end, HuntEnd::kTime);
  EXPECT_TRUE(report.in_flight.empty()) << "what was begun is ended";
}

TEST(Hunt, TriesFormerFailuresFirst) {
  HuntOptions options = small_options(1, 100'000, 1);
  options.before = {17 * 500};
  options.until_fail = true;
  Results results("", campaign());
  HuntObserver observer;
  const HuntReport report = hunt(options, results, plain_run, observer);
  EXPECT_EQ(results.classes()[0].cheapest.seed, 17U * 500);
  EXPECT_LT(report.progress.done, 17U);
}

TEST(Summary, NamesClassesWithTheirCheapestSeed) {
  const HuntOptions options = small_options(1, 60);
  Results results("", campaign());
  HuntObserver observer;
  const HuntReport report = hunt(
      options, results,
      [](std::uint64_t seed) {
        Outcome outcome = plain_run(seed);
        if (outcome.failed()) outcome.witness = "<\"odd\" & text>";
        return outcome;
      },
      observer);
  const Summary summary{results.campaign(), options, report, results.totals(), results.classes(), "", [](auto seed) {
                          return "again " + std::to_string(seed);
                        }};
  const std::string text = summary_text(summary);
  EXPECT_THAT(text, HasSubstr("60 done"));
  EXPECT_THAT(text, HasSubstr("57 valid, 3 invalid"));
  EXPECT_THAT(text, HasSubstr("3 in 2 classes"));
  EXPECT_THAT(text, HasSubstr("  LIVE: shape\n    2 seeds; the cheapest is seed 17 (993 events)"));
  EXPECT_THAT(text, HasSubstr("again 34"));
  const std::string json = summary_json(summary);
  EXPECT_THAT(json, HasSubstr("\"cheapest_seed\": 17"));
  EXPECT_THAT(json, HasSubstr("\"exit_code\": 1"));
  const std::string junit = summary_junit(summary);
  EXPECT_THAT(junit, HasSubstr("tests=\"3\" failures=\"2\""));
  EXPECT_THAT(junit, HasSubstr("&lt;&quot;odd&quot; &amp; text&gt;"));
  EXPECT_THAT(junit, HasSubstr("57 seeds as they should be"));
}

}  // namespace
}  // namespace tidemark::hunt
