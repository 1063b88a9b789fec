// The confirm-lag report: how long a write takes from its confirmation at the primary to its confirmation at a replica,
// per database and region of the replicas, split into causes, next to the published figures.
//
// The collector is fed with plain records while a run goes on (or from several runs); the report is a pure function of
// what was fed. A cell pools the samples of all replicas of a region with equal weight: the replica's site is then
// uniform over the region's sites, as in the published table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reports/sample_set.h"

namespace tidemark::reports {

/// One lag, measured by the clocks of the two nodes. The causes add up to total_ns.
struct LagRecord {
  std::uint32_t replica = 0;       // as numbered by add_replica
  std::int64_t flush_wait_ns = 0;  // confirmed at the leader -> the confirm was sent
  std::int64_t wire_base_ns = 0;   // one way on an undisturbed path
  std::int64_t wire_extra_ns = 0;  // jitter, slow path, loss
  std::int64_t gap_ns = 0;         // the entry itself came later than its confirm
  std::int64_t publish_ns = 0;     // until readers see it
  std::int64_t clock_ns = 0;       // error of the replica's clock; may be negative
  std::int64_t total_ns() const {
    return flush_wait_ns + wire_base_ns + wire_extra_ns + gap_ns + publish_ns + clock_ns;
  }
};

/// Means in ms, in the order of LagRecord.
struct CauseSplit {
  double flush_wait_ms = 0;
  double wire_base_ms = 0;
  double wire_extra_ms = 0;
  double gap_ms = 0;
  double publish_ms = 0;
  double clock_ms = 0;
  double total_ms() const { return flush_wait_ms + wire_base_ms + wire_extra_ms + gap_ms + publish_ms + clock_ms; }
};

struct LagCell {
  std::string database;
  std::string primary;         // "IAD"
  std::string primary_region;  // "ENAM"
  std::string replica_region;
  std::optional<double> published_ms;
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
  double floor_ms = 0;  // light in fibre to the nearest replica of the cell
  std::uint64_t samples = 0;
  std::uint64_t below_floor = 0;    // samples that beat light: must be 0
  std::optional<double> error_pct;  // of p50, against published_ms
  double least_site_p50_ms = 0;     // of single replica sites
  double most_site_p50_ms = 0;
  std::uint32_t sites = 0;
  bool exact = true;  // false: percentiles are from a histogram (sample_set.h)
  CauseSplit causes;
  std::vector<std::uint64_t> density;  // counts per millisecond, from 0 ms; the last one holds the rest
};

struct CommitRow {
  std::string database;
  std::string primary;
  std::uint64_t samples = 0;
  double p50_ms = 0;
  double p95_ms = 0;
  double p99_ms = 0;
};

struct ConfirmLagReport {
  std::string scenario;
  std::vector<std::uint64_t> seeds;
  std::string digest;
  double virtual_seconds = 0;
  std::vector<LagCell> cells;  // databases in order of adding; published regions first, then the others by name
  std::vector<CommitRow> commits;
  /// The largest |error_pct| of the published cells; nothing when there is none.
  std::optional<double> worst_error_pct;
};

class ConfirmLagCollector {
 public:
  /// Returns the number that add_replica and add_commit want. Adding a database that is known (name and primary)
  /// returns its number again, so that several runs of a scenario pool.
  std::uint32_t add_database(const std::string& name, const std::string& primary, const std::string& region);
  /// Returns the number that LagRecord wants. `floor_ns`: light in fibre between primary and replica.
  std::uint32_t add_replica(std::uint32_t database, const std::string& site, const std::string& region,
                            std::int64_t floor_ns);
  void add_lag(const LagRecord& lag);
  /// From the commit at the primary to the quorum.
  void add_commit(std::uint32_t database, std::int64_t latency_ns);
  /// Head of the report; seeds and virtual time accumulate.
  void add_run(const std::string& scenario, std::uint64_t seed, const std::string& digest, double virtual_seconds);

  ConfirmLagReport report() const;

 private:
  struct Database {
    std::string name, primary, region;
    SampleSet commits;
  };
  struct Replica {
    std::uint32_t database = 0;
    std::string site, region;
    std::int64_t floor_ns = 0;
    SampleSet lags;
    std::int64_t cause_sums_ns[6] = {};
    std::uint64_t below_floor = 0;
  };
  LagCell cell(std::uint32_t database, const std::string& region) const;
  std::vector<std::string> regions(std::uint32_t database) const;

  std::vector<Database> databases_;
  std::vector<Replica> replicas_;
  ConfirmLagReport head_;
};

enum class Format : std::uint8_t { kText, kMarkdown, kCsv, kJson, kHtml };
/// "text", "md", "csv", "json", "html"; false for others.
bool parse_format(const std::string& text, Format& format);
/// Ends with a line break. The same report gives the same bytes.
std::string render(const ConfirmLagReport& report, Format format);

}  // namespace tidemark::reports
