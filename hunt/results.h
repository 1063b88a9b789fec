// Results: the results file of a hunt, an SQLite database (docs/hunt.md has the schema).
//
// A file belongs to one campaign: scenario with all options, commit, SQLite. It is refused, never changed, when it is
// no results file, is damaged, is of a newer version or of another campaign, or is in use. Outcomes are added in
// batches: a kill at any moment loses what was not committed, and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hunt/outcome.h"

namespace tidemark::hunt {

/// what() names the file and the cause.
class ResultsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a campaign is.
struct Campaign {
  // Of one campaign are outcomes for which these are equal.
  std::string resolved;  // the scenario, every option with its value
  std::string commit;    // of Tidemark; with "-dirty" when the source tree differed from it
  std::string sqlite;
  // How the user said it, to say it again.
  std::string scenario;  // a name or a file
  std::string options;   // what the command line changed: "--set bugs=F1"
  bool steered = false;  // its "seeds" are numbers of runs, and SteeredRun says what was run

  /// Empty when it is the same campaign, else what differs: "commit 1a2b... there, 3c4d... here".
  std::string difference_to(const Campaign& here) const;
};

/// What a run of a steered hunt was, and what it reached (hunt/steering.h).
struct SteeredRun {
  std::uint64_t run = 0;  // Outcome::seed
  std::uint64_t seed = 0;
  std::string way;           // steer::Way
  std::uint64_t parent = 0;  // the run that it was made from; 0: none
  std::string how;           // what was changed
  std::string plan;          // steer/plan_text.h; empty: as the seed draws it
  std::string reached;       // steer/trial.h

  friend bool operator==(const SteeredRun&, const SteeredRun&) = default;
};

/// One failure class with what was found of it.
struct ClassRow {
  reports::FailureClass failure;
  std::uint64_t count = 0;
  Outcome cheapest;  // fewest events, then smallest seed
};

/// Sums over all outcomes of the file.
struct Totals {
  std::uint64_t seeds = 0, failed = 0, twice = 0;
  std::uint64_t valid = 0, expected = 0, invalid = 0, unknown = 0, none = 0;  // by verdict
  std::uint64_t events = 0, operations = 0;
  double virtual_seconds = 0;
};

class Results {
 public:
  /// Opens the file of this campaign, or makes it; an empty path = in memory. Throws ResultsError.
  Results(const std::string& path, const Campaign& campaign);
  /// Opens the file of whatever campaign. Throws ResultsError, also when there is no such file.
  explicit Results(const std::string& path);
  /// Commits.
  ~Results();
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  const Campaign& campaign() const { return campaign_; }
  /// Every seed once: asserts that this one is not known. A steered campaign says with each what was run.
  void add(const Outcome& outcome, const SteeredRun* steered = nullptr);
  /// Throws ResultsError when the file cannot be written.
  void commit();
  std::uint64_t uncommitted() const { return uncommitted_; }

  /// Sorted.
  std::vector<std::uint64_t> seeds() const;
  /// Seeds of failed runs, those with the fewest events first.
  std::vector<std::uint64_t> failing() const;
  Totals totals() const;
  /// The most frequent first, then by text.
  std::vector<ClassRow> classes() const;
  /// Every outcome by seed.
  void each(const std::function<void(const Outcome&)>& visit) const;
  /// Every run of a steered campaign, by number; none of a blind one.
  void each_steered(const std::function<void(const SteeredRun&, bool failed)>& visit) const;
  std::optional<SteeredRun> steered(std::uint64_t run) const;

 private:
  struct Database;
  void load();
  std::string path_;
  Campaign campaign_;
  std::unique_ptr<Database> database_;
  std::uint64_t uncommitted_ = 0;
};

/// The canonical export: the same for the same outcomes, however they were come by. Without wall times.
std::string export_header(const Campaign& campaign);
std::string export_line(const Outcome& outcome);
/// Of a steered campaign: what a run was.
std::string export_line(const SteeredRun& row);
std::string export_text(const Results& results);

struct Contradiction {
  std::uint64_t seed = 0;
  std::string first_file, second_file;
  Outcome first, second;
};

/// Unites results of one campaign (shards) in a new file `out`. What several files have must be equal; if it is not,
/// that is returned, and `out` is not made. Throws ResultsError.
std::vector<Contradiction> merge_results(const std::string& out, const std::vector<std::string>& files);

}  // namespace tidemark::hunt
