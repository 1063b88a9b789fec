// Random stories: uploads, leader changes with zombies, orphans of followers, faults of the object store. Whatever was
// reported as uploaded stays readable as the reference image, and so does every state of the retention time.

#include <gtest/gtest.h>

#include <optional>

#include "cold_world.h"

namespace tidemark::model::srs::test {
namespace {

constexpr sim::Chance percent(std::uint64_t share) {
  return ~sim::Chance{0} / 100 * share;
}

/// What went wrong; empty when nothing did.
struct Verdict {
  std::string problem;
  int reads = 0;    // that succeeded while faults were active
  int travels = 0;  // states of the past that were read
  int takeovers = 0;
  std::uint64_t effects = 0;  // of faults
};

class Story {
 public:
  Story(std::uint64_t seed, BugSet bugs) : world_(make_options(seed, bugs)), random_(world_.random) {}

  Verdict tell() {
    leader_ = &world_.first_leader();
    const std::uint64_t steps = 20 + random_.below(40);
    for (std::uint64_t i = 0; i < steps && verdict_.problem.empty(); ++i) step();
    if (verdict_.problem.empty()) heal_and_check();
    for (const sim::StoreFaultId fault : faults_) verdict_.effects += world_.store.effects(fault);
    return verdict_;
  }

 private:
  static ColdWorldOptions make_options(std::uint64_t seed, BugSet bugs) {
    ColdWorldOptions options;
    options.seed = seed;
    options.bugs = bugs;
    sim::StreamRegistry streams(seed);
    sim::RandomStream& random = streams.stream("options", "cold");
    options.relay.segment_period = sim::Duration::milliseconds(500 + static_cast<std::int64_t>(random.below(5000)));
    options.relay.segment_bytes = 500 + random.below(4000);
    options.relay.snapshot_log_percent = 50 + static_cast<std::uint32_t>(random.below(400));
    options.relay.cold_list_page = 1 + static_cast<std::uint32_t>(random.below(20));
    const sim::Duration retentions[] = {{}, 20_s, 120_s, 100'000_s};
    options.relay.cold_retention = retentions[random.below(4)];
    return options;
  }

  void step() {
    const std::uint64_t what = random_.below(100);
    if (what < 45) {
      for (std::uint64_t i = random_.below(12); i > 0 && verdict_.problem.empty(); --i) {
        world_.write(*leader_, epoch_);
        world_.run(sim::Duration::milliseconds(static_cast<std::int64_t>(random_.below(800))));
      }
    } else if (what < 65) {
      world_.run(sim::Duration::seconds(static_cast<std::int64_t>(random_.below(30))));
    } else if (what < 77) {
      inject();
    } else if (what < 82) {
      world_.store.end_all_faults();
    } else if (what < 88) {
      orphan();
    } else if (what < 93) {
      check_read();
    } else {
      take_over();
    }
  }

  void inject() {
    const auto seconds = [&](std::uint64_t most) {
      return sim::Duration::seconds(static_cast<std::int64_t>(random_.below(most)));
    };
    sim::StoreFault fault = sim::SmallPages{1 + random_.below(4)};
    switch (random_.below(9)) {
      case 0: {
        sim::AmbiguousPut put;
        put.chance = percent(60);
        put.answer = random_.chance(1, 2) ? sim::ObjectStatus::kTimeout : sim::ObjectStatus::kError;
        put.late_max = seconds(60);
        fault = put;
        break;
      }
      case 1:
        fault = sim::ThrottledStore{sim::kStoreAll, percent(50)};
        break;
      case 2:
        fault = sim::StaleList{percent(70), seconds(30) + 1_s};
        break;
      case 3:
        fault = sim::TruncatedBody{percent(40)};
        break;
      case 4:
        fault = sim::CorruptBody{percent(40)};
        break;
      case 5: {
        sim::PartialUpload upload;
        upload.chance = percent(60);
        upload.part_bytes = 400;
        fault = upload;
        break;
      }
      case 6: {
        sim::LateRemove late;
        late.answer = random_.chance(1, 2) ? sim::ObjectStatus::kOk : sim::ObjectStatus::kTimeout;
        late.late_max = seconds(60) + 1_s;
        fault = late;
        break;
      }
      case 7:
        fault = sim::StoreOutage{};
        break;
      default:
        break;
    }
    faults_.push_back(world_.store.inject(fault, world_.streams.stream("faults", "store")));
  }

  /// A follower uploads entries that nobody told it to be in cold storage.
  void orphan() {
    const std::size_t from = world_.log.size() - world_.after(world_.uploaded).size();
    if (from >= world_.log.size()) return;
    const std::size_t begin = from + random_.below(world_.log.size() - from);
    const std::size_t end = begin + 1 + random_.below(world_.log.size() - begin);
    ColdWorld::Host& follower = world_.add("follower " + std::to_string(world_.hosts.size()));
    world_.upload(follower, begin, end);
  }

  /// Whatever a reader gets while things go wrong is a true state.
  void check_read() {
    const ColdImage image = world_.read();
    if (image.status != ColdStatus::kOk) return;
    ++verdict_.reads;
    check_image(image.at_end(), image.position(), "a reading during faults");
  }

  void check_image(const PageTable& image, const Bookmark& at, const std::string& what) {
    const PageTable* const reference = world_.reference(at);
    if (reference == nullptr || !same_pages(*reference, image) || image.recorded() != reference->recorded())
      verdict_.problem = what + " gave a wrong state at " + at.text();
  }

  void take_over() {
    ColdWorld::Host& host = world_.add("leader " + std::to_string(++epoch_));
    host.env.clock_error = sim::Duration::milliseconds(static_cast<std::int64_t>(random_.below(4000)) - 2000);
    ColdWorld::Host* const old = leader_;
    switch (random_.below(4)) {
      case 0:
        old->process.crash();
        old->writer.reset();
        break;
      case 1:
        old->writer->stop();
        break;
      case 2:
        old->writer.reset();  // within a process that lives on
        break;
      default:
        break;  // a zombie: it goes on with what is confirmed
    }
    // Followers have dropped what was reported: nothing before it can be had from them.
    for (int attempt = 0; attempt < 400; ++attempt) {
      if (attempt == 200) world_.store.end_all_faults();
      const ColdImage image = world_.read(host);
      const bool usable = image.status == ColdStatus::kOk && image.position() >= world_.uploaded;
      if (usable) {
        check_image(image.at_end(), image.position(), "a takeover");
        if (!verdict_.problem.empty()) return;
        world_.lead(host, image);
        leader_ = &host;
        ++verdict_.takeovers;
        return;
      }
      world_.run(2_s);
    }
    verdict_.problem = "a new leader never finds what was reported as uploaded";
  }

  void heal_and_check() {
    world_.store.end_all_faults();
    world_.run(200_s);  // the longest pause of a writer, the latest effects, a stale list
    const sim::Instant now = leader_->env.now();
    const ColdImage image = world_.read();
    if (image.status != ColdStatus::kOk) {
      verdict_.problem = "cold storage cannot be read after all: " + image.problem;
      return;
    }
    check_image(image.at_end(), image.position(), "the last reading");
    if (verdict_.problem.empty() && image.position() != world_.last())
      verdict_.problem = "the last entry never reached cold storage";
    const sim::Duration retention = world_.options.relay.cold_retention;
    for (std::size_t i = 0; i < world_.images.size() && verdict_.problem.empty(); ++i) {
      // The state was the newest one until its successor was committed.
      const bool newest = i + 1 == world_.images.size();
      if (!newest && now - world_.log[i]->committed() + 4_s > retention) continue;
      const TimeTravelImage found = world_.travel(world_.images[i].at());
      ++verdict_.travels;
      if (found.status != TimeTravelStatus::kOk) {
        verdict_.problem = "state " + std::to_string(i) + " of the retention time is lost: " + found.error;
      } else {
        check_image(found.image, world_.images[i].at(), "Time Travel");
      }
    }
    if (retention > 1000_s && verdict_.problem.empty()) check_times();
    if (retention == sim::Duration{} && verdict_.problem.empty()) check_nothing_is_left();
  }

  /// After the next snapshot nothing is there that it covers: what took effect late, what zombies and followers stored.
  void check_nothing_is_left() {
    for (const auto& host : world_.hosts) {
      if (host.get() != leader_ && host->writer != nullptr) host->writer->stop();
    }
    world_.run(60_s);
    for (const Bookmark before = leader_->writer->snapshot(); leader_->writer->snapshot() == before;) {
      world_.write(*leader_, epoch_, 20);
      world_.run(10_s);
    }
    world_.run(60_s);
    for (const std::string& key : world_.store.keys()) {
      ColdKey what;
      const Bookmark& label = leader_->writer->snapshot();
      const bool needed = parse_key(world_.options.database, key, what) &&
                          (what.kind == ColdKey::Kind::kSnapshot ? what.last >= label : what.last > label);
      if (!needed) verdict_.problem = "left behind: " + key;
    }
  }

  /// A time stands for the newest state recorded at or before it.
  void check_times() {
    for (int i = 0; i < 5 && verdict_.problem.empty(); ++i) {
      const sim::Instant now = world_.reader->env.wall_now();
      const sim::Instant time =
          sim::Instant::from_ns(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(now.ns()))));
      std::size_t state = 0;
      while (state + 1 < world_.images.size() && world_.images[state + 1].recorded() <= time) ++state;
      const TimeTravelBookmark found = world_.find(time);
      if (found.status != TimeTravelStatus::kOk || found.bookmark != world_.images[state].at())
        verdict_.problem = "the wrong bookmark for " + sim::to_text(time) + ": " + found.error + found.bookmark.text();
    }
  }

  ColdWorld world_;
  sim::RandomStream& random_;
  ColdWorld::Host* leader_ = nullptr;
  std::uint32_t epoch_ = 1;
  std::vector<sim::StoreFaultId> faults_;
  Verdict verdict_;
};

TEST(ColdProperty, WhatWasReportedAsUploadedStaysReadableAndSoDoesThePast) {
  Verdict sum;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const Verdict verdict = Story(seed, {}).tell();
    ASSERT_EQ(verdict.problem, "") << "seed " << seed;
    sum.reads += verdict.reads;
    sum.travels += verdict.travels;
    sum.takeovers += verdict.takeovers;
    sum.effects += verdict.effects;
  }
  // The stories are worth telling.
  EXPECT_GT(sum.reads, 300);
  EXPECT_GT(sum.travels, 5000);
  EXPECT_GT(sum.takeovers, 400);
  EXPECT_GT(sum.effects, 4000U);
}

TEST(ColdProperty, TheSameStoriesFindTheMistakes) {
  for (const Bug bug : {Bug::kE4, Bug::kE5, Bug::kE7, Bug::kE11, Bug::kE13, Bug::kE17, Bug::kE19, Bug::kE20}) {
    std::uint64_t seed = 1;
    while (seed <= 400 && Story(seed, cold_bug(bug)).tell().problem.empty()) ++seed;
    EXPECT_LE(seed, 400U) << "bug " << bug_catalogue()[static_cast<std::size_t>(bug)].id;
  }
}

}  // namespace
}  // namespace tidemark::model::srs::test
