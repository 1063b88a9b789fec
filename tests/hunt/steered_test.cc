// Steered hunts: the campaign is the same for any number of workers, and goes on after a kill as if there had been
// none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <random>
#include <set>

#include "base/digest.h"
#include "hunt/campaign_map.h"
#include "hunt/hunt.h"
#include "scenarios/loader.h"
#include "scenarios/shipped.h"
#include "small_hunt.h"
#include "steer/trial.h"

namespace tidemark::hunt {
namespace {

using testing::HasSubstr;

const scenarios::Scenario& scenario() {
  static const scenarios::Scenario kScenario = [] {
    std::string error;
    const auto found = scenarios::find_scenario("faults/mistakes/takeovers", error);
    return scenarios::load_scenario(found->text, found->file).scenario;
  }();
  return kScenario;
}

Campaign steered_campaign() {
  Campaign steered = campaign();
  steered.steered = true;
  return steered;
}

/// What it reaches follows from seed and plan alone, as in a real run. Every 17th seed fails.
Outcome fake_run(const steer::Choice& choice, steer::Reached& reached) {
  const std::string text = steer::choice_text(choice);
  const Digest128 digest = digest_text(text.substr(text.find(' ')));
  std::set<steer::Feature> features;
  for (unsigned shift = 0; shift < 40; shift += 10)
    features.insert(steer::make_feature(static_cast<steer::Cell>(digest.low >> shift & 255), 0));
  reached.features.assign(features.begin(), features.end());
  reached.marks = {{sim::Duration::milliseconds(static_cast<std::int64_t>(digest.high % 9000)), "shop/primary", 7}};
  Outcome outcome = plain_run(choice.seed);
  outcome.seed = choice.run;
  outcome.digest = digest.hex();
  return outcome;
}

Outcome slow_fake_run(const steer::Choice& choice, steer::Reached& reached) {
  const timespec time{0, 2'000'000};
  nanosleep(&time, nullptr);
  return fake_run(choice, reached);
}

std::string steered_hunt(const HuntOptions& options, const RunChoice& run, const std::string& file = "") {
  Results results(file, steered_campaign());
  HuntObserver observer;
  hunt_steered(options, results, scenario(), run, observer);
  return export_text(results);
}

TEST(SteeredHunt, ChangesPlansAndSaysWhatItRan) {
  Results results("", steered_campaign());
  HuntObserver observer;
  const HuntReport report = hunt_steered(small_options(1, 120), results, scenario(), fake_run, observer);
  EXPECT_EQ(report.progress.done, 120U);
  EXPECT_GT(report.progress.cells, 100U);
  EXPECT_GT(report.progress.corpus, 20U);
  std::size_t changed = 0;
  results.each_steered([&](const SteeredRun& row, bool failed) {
    changed += !row.plan.empty();
    EXPECT_EQ(failed, row.seed % 17 == 0);
    const auto choice = choice_of(row);
    ASSERT_TRUE(choice.has_value());
    EXPECT_EQ(choice->plan.has_value(), row.way != "blind");
    EXPECT_TRUE(row.way != "blind" || row.seed == row.run);
    EXPECT_TRUE(row.run > Steering::kWindow || row.way == "blind") << "nothing is known yet";
  });
  EXPECT_GT(changed, 50U);
  const CampaignMap map = map_of(results);
  EXPECT_EQ(map.runs, 120U);
  EXPECT_EQ(map.cells.size(), report.progress.cells);
  EXPECT_THAT(map_text(map, 5), HasSubstr("120 runs reached " + std::to_string(map.cells.size()) + " cells"));
  EXPECT_THAT(map_json(map), HasSubstr("\"format\": \"tidemark-campaign-map\""));
}

TEST(SteeredHunt, IsTheSameForAnyNumberOfWorkers) {
  const std::string one = steered_hunt(small_options(1, 90, 1), fake_run);
  EXPECT_EQ(steered_hunt(small_options(1, 90, 3), fake_run), one);
  EXPECT_EQ(steered_hunt(small_options(1, 90, 8), slow_fake_run), one);
}

TEST(SteeredHunt, GoesOnWhereItWas) {
  const std::string file = scratch_file("hunt.db");
  steered_hunt(small_options(1, 40), fake_run, file);
  EXPECT_EQ(steered_hunt(small_options(1, 90), fake_run, file), steered_hunt(small_options(1, 90), fake_run));
}

TEST(SteeredHunt, ThatIsKilledGoesOnAsIfNothingHadBeen) {
  HuntOptions options = small_options(1, 90);
  options.commit_every = 0.01;
  const std::string undisturbed = steered_hunt(options, fake_run);
  std::mt19937 random(11);
  int kills = 0;
  for (int campaigns = 0; kills < 12; ++campaigns) {
    const std::string file = scratch_file("hunt" + std::to_string(campaigns));
    bool ended = false;
    for (int attempt = 1; !ended; ++attempt) {
      const pid_t process = fork();
      if (process == 0) {
        try {
          steered_hunt(options, slow_fake_run, file);
        } catch (const std::exception&) {
          _exit(1);
        }
        _exit(0);
      }
      const timespec time{
          0, static_cast<long>(random() % static_cast<unsigned>(60 + 60 * attempt)) * 1'000'000 % 999'000'000};
      nanosleep(&time, nullptr);
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
    EXPECT_EQ(steered_hunt(options, fake_run, file), undisturbed) << "campaign " << campaigns;
  }
}

TEST(SteeredHunt, ShardsAreMerged) {
  std::vector<std::string> parts;
  for (const std::uint64_t index : {1, 2}) {
    HuntOptions options = small_options(1, 60);
    options.shard = {index, 2};
    parts.push_back(scratch_file("part" + std::to_string(index)));
    steered_hunt(options, fake_run, parts.back());
  }
  const std::string all = scratch_file("all.db");
  EXPECT_TRUE(merge_results(all, parts).empty());
  const Results results(all);
  EXPECT_TRUE(results.campaign().steered);
  EXPECT_EQ(results.seeds().size(), 60U);
  EXPECT_EQ(map_of(results).runs, 60U);
  EXPECT_EQ(results.steered(31), Results(parts[1]).steered(31));
}

TEST(SteeredHunt, ACrashKeepsThePlanThatCausedIt) {
  Results results("", steered_campaign());
  HuntObserver observer;
  const RunChoice run = [](const steer::Choice& choice, steer::Reached& reached) {
    if (choice.plan && choice.run % 5 == 0) abort();
    return fake_run(choice, reached);
  };
  hunt_steered(small_options(1, 60), results, scenario(), run, observer);
  std::size_t crashed = 0;
  results.each([&](const Outcome& outcome) {
    if (!outcome.failed() || outcome.failure->check != "crash") return;
    ++crashed;
    EXPECT_FALSE(results.steered(outcome.seed)->plan.empty());
  });
  EXPECT_GT(crashed, 3U);
}

TEST(SteeredHunt, RefusesBlindAndDamagedFiles) {
  const std::string file = scratch_file("hunt.db"), blind = scratch_file("blind.db");
  steered_hunt(small_options(1, 30), fake_run, file);
  hunted(small_options(1, 30), plain_run, blind);
  EXPECT_THROW(Results(file, campaign()), ResultsError);
  EXPECT_THROW(Results(blind, steered_campaign()), ResultsError);
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, "UPDATE steered SET parent = parent + 1 WHERE run = 25", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(db);
  try {
    const Results results(file, steered_campaign());
    ADD_FAILURE() << "accepted";
  } catch (const ResultsError& error) {
    EXPECT_THAT(error.what(), HasSubstr("is damaged: what run 25 was"));
  }
}

}  // namespace
}  // namespace tidemark::hunt
