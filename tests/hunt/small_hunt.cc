#include "small_hunt.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/digest.h"

namespace tidemark::hunt {

std::string scratch_file(const std::string& name) {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  const std::filesystem::path folder =
      std::filesystem::path(TIDEMARK_SCRATCH) / (std::string(test->test_suite_name()) + "." + test->name());
  std::filesystem::create_directories(folder);
  const std::string path = (folder / name).string();
  for (const char* ending : {"", "-wal", "-journal", ".partial"}) std::filesystem::remove(path + ending);
  return path;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Outcome plain_run(std::uint64_t seed) {
  Outcome outcome;
  outcome.seed = seed;
  outcome.verdict = "valid";
  outcome.digest = digest_text(std::to_string(seed)).hex();
  outcome.events = 1000 - seed % 10;
  outcome.operations = seed;
  outcome.virtual_seconds = static_cast<double>(seed) / 3;
  if (seed % 17 == 0) {
    outcome.verdict = "invalid";
    outcome.code = seed % 2 == 0 ? 1 : 3;
    outcome.failure = reports::FailureClass{seed % 2 == 0 ? "Q" : "LIVE", "shape"};
    outcome.witness = "witness of " + std::to_string(seed);
  }
  return outcome;
}

Outcome slow_run(std::uint64_t seed) {
  Digest128 work;
  for (int i = 0; i < 20'000; ++i) work = digest_text("work", work);
  Outcome outcome = plain_run(seed);
  outcome.events += work.low % 2;
  return outcome;
}

HuntOptions small_options(std::uint64_t first, std::uint64_t last, std::size_t jobs) {
  HuntOptions options;
  options.range = {first, last};
  options.pool.jobs = jobs;
  options.pool.seconds_per_job = 60;
  return options;
}

std::string hunted(const HuntOptions& options, const RunSeed& run, const std::string& file) {
  Results results(file, campaign());
  HuntObserver observer;
  hunt(options, results, run, observer);
  return export_text(results);
}

}  // namespace tidemark::hunt
