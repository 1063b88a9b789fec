// The report of an edge cache: the same clients under each strategy, next to each other. (Who is answered sooner asks
// for more.)
//
// Fed with plain figures while the runs go on; the report is a pure function of them. Latencies are those of reads, as
// the users of a city have them. A read is stale when something that it does not show was acknowledged before the read
// was asked for; its age is the time between the two.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reports/confirm_lag.h"
#include "reports/sample_set.h"

namespace tidemark::reports {

/// One read that had an answer.
struct EdgeRead {
  std::string city;  // "FRA"
  bool hit = false;  // served from the cache
  std::int64_t latency_ns = 0;
  std::optional<std::int64_t> stale_ns;  // nothing: it misses nothing
  std::uint32_t broken = 0;              // promises to its session that it breaks
};

struct EdgeFigures {
  std::uint64_t reads = 0;
  std::uint64_t hits = 0;
  std::uint64_t broken = 0;
  SampleSet latency;
  SampleSet stale;
  void add(const EdgeRead& read);
};

/// What one strategy made of the load.
struct EdgeStrategy {
  std::string name;
  std::string digest;
  double virtual_seconds = 0;
  std::uint64_t queries = 0;  // requests that copies of the database have executed, writes and refills too
  EdgeFigures all;
  std::map<std::string, EdgeFigures> cities;
  void add(const EdgeRead& read);
};

struct EdgeCacheReport {
  std::string scenario;
  std::uint64_t seed = 0;
  std::vector<EdgeStrategy> strategies;  // the first is what the load on the database is compared with
};

/// Times in ms with one decimal. Ends with a line break. The same report gives the same bytes.
std::string render(const EdgeCacheReport& report, Format format);

}  // namespace tidemark::reports
