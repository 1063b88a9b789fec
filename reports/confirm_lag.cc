#include "reports/confirm_lag.h"

#include <algorithm>
#include <cmath>

#include "base/assert.h"
#include "reports/number.h"
#include "reports/published.h"

namespace tidemark::reports {
namespace {

constexpr std::size_t kDensityBins = 400;  // one per ms; the last one holds everything above

std::vector<std::uint64_t> density_of(const SampleSet& samples) {
  std::vector<std::uint64_t> bins;
  samples.for_each([&bins](std::int64_t value_ns, std::uint64_t count) {
    const std::int64_t whole_ms = std::max<std::int64_t>(value_ns, 0) / 1'000'000;
    const std::size_t bin = std::min<std::size_t>(static_cast<std::size_t>(whole_ms), kDensityBins - 1);
    if (bin >= bins.size()) bins.resize(bin + 1);
    bins[bin] += count;
  });
  return bins;
}

CauseSplit split_of(const std::int64_t (&sums)[6], std::uint64_t count) {
  if (count == 0) return {};
  const auto mean = [&](int i) { return ms(sums[i]) / static_cast<double>(count); };
  return {mean(0), mean(1), mean(2), mean(3), mean(4), mean(5)};
}

}  // namespace

std::uint32_t ConfirmLagCollector::add_database(const std::string& name, const std::string& primary,
                                                const std::string& region) {
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    if (databases_[i].name == name && databases_[i].primary == primary) return static_cast<std::uint32_t>(i);
  }
  databases_.push_back({name, primary, region, {}});
  return static_cast<std::uint32_t>(databases_.size() - 1);
}

std::uint32_t ConfirmLagCollector::add_replica(std::uint32_t database, const std::string& site,
                                               const std::string& region, std::int64_t floor_ns) {
  TIDEMARK_ASSERT(database < databases_.size(), "add the database first");
  for (std::size_t i = 0; i < replicas_.size(); ++i) {
    if (replicas_[i].database == database && replicas_[i].site == site) return static_cast<std::uint32_t>(i);
  }
  Replica replica;
  replica.database = database;
  replica.site = site;
  replica.region = region;
  replica.floor_ns = floor_ns;
  replicas_.push_back(std::move(replica));
  return static_cast<std::uint32_t>(replicas_.size() - 1);
}

void ConfirmLagCollector::add_lag(const LagRecord& lag) {
  TIDEMARK_ASSERT(lag.replica < replicas_.size(), "add the replica first");
  Replica& replica = replicas_[lag.replica];
  replica.lags.add(lag.total_ns());
  const std::int64_t causes[6] = {lag.flush_wait_ns, lag.wire_base_ns, lag.wire_extra_ns,
                                  lag.gap_ns,        lag.publish_ns,   lag.clock_ns};
  for (int i = 0; i < 6; ++i) replica.cause_sums_ns[i] += causes[i];
  // A wrong clock can make a measured lag too short; what is judged is the true one.
  if (lag.total_ns() - lag.clock_ns < replica.floor_ns) ++replica.below_floor;
}

void ConfirmLagCollector::add_commit(std::uint32_t database, std::int64_t latency_ns) {
  TIDEMARK_ASSERT(database < databases_.size(), "add the database first");
  databases_[database].commits.add(latency_ns);
}

void ConfirmLagCollector::add_run(const std::string& scenario, std::uint64_t seed, const std::string& digest,
                                  double virtual_seconds) {
  head_.scenario = scenario;
  head_.seeds.push_back(seed);
  head_.digest = digest;
  head_.virtual_seconds += virtual_seconds;
}

std::vector<std::string> ConfirmLagCollector::regions(std::uint32_t database) const {
  std::vector<std::string> names;
  for (const Replica& replica : replicas_) {
    if (replica.database == database && std::find(names.begin(), names.end(), replica.region) == names.end()) {
      names.push_back(replica.region);
    }
  }
  const std::string& primary = databases_[database].region;
  std::stable_sort(names.begin(), names.end(), [&primary](const std::string& a, const std::string& b) {
    // Published cells first, in the order of the published table, which goes by lag; then by name.
    const double unpublished = 1e9;
    const double lag_a = published_confirm_lag_ms(primary, a).value_or(unpublished);
    const double lag_b = published_confirm_lag_ms(primary, b).value_or(unpublished);
    if (lag_a != lag_b) return lag_a < lag_b;
    return lag_a == unpublished ? a < b : a > b;  // WEUR before EEUR, as published
  });
  return names;
}

LagCell ConfirmLagCollector::cell(std::uint32_t database, const std::string& region) const {
  LagCell cell;
  cell.database = databases_[database].name;
  cell.primary = databases_[database].primary;
  cell.primary_region = databases_[database].region;
  cell.replica_region = region;
  cell.published_ms = published_confirm_lag_ms(cell.primary_region, region);
  SampleSet pooled;
  std::int64_t sums[6] = {};
  for (const Replica& replica : replicas_) {
    if (replica.database != database || replica.region != region) continue;
    const double site_p50 = ms(replica.lags.percentile_ns(0.5));
    const double floor = ms(replica.floor_ns);
    cell.least_site_p50_ms = cell.sites == 0 ? site_p50 : std::min(cell.least_site_p50_ms, site_p50);
    cell.most_site_p50_ms = std::max(cell.most_site_p50_ms, site_p50);
    cell.floor_ms = cell.sites == 0 ? floor : std::min(cell.floor_ms, floor);
    cell.below_floor += replica.below_floor;
    ++cell.sites;
    pooled.add(replica.lags);
    for (int i = 0; i < 6; ++i) sums[i] += replica.cause_sums_ns[i];
  }
  cell.samples = pooled.count();
  cell.exact = pooled.exact();
  cell.p50_ms = ms(pooled.percentile_ns(0.50));
  cell.p95_ms = ms(pooled.percentile_ns(0.95));
  cell.p99_ms = ms(pooled.percentile_ns(0.99));
  cell.causes = split_of(sums, cell.samples);
  cell.density = density_of(pooled);
  if (cell.published_ms && cell.samples > 0) cell.error_pct = (cell.p50_ms / *cell.published_ms - 1.0) * 100.0;
  return cell;
}

ConfirmLagReport ConfirmLagCollector::report() const {
  ConfirmLagReport report = head_;
  for (std::uint32_t database = 0; database < databases_.size(); ++database) {
    for (const std::string& region : regions(database)) {
      report.cells.push_back(cell(database, region));
      const std::optional<double>& error = report.cells.back().error_pct;
      if (error) report.worst_error_pct = std::max(report.worst_error_pct.value_or(0.0), std::abs(*error));
    }
    const Database& d = databases_[database];
    report.commits.push_back({d.name, d.primary, d.commits.count(), ms(d.commits.percentile_ns(0.50)),
                              ms(d.commits.percentile_ns(0.95)), ms(d.commits.percentile_ns(0.99))});
  }
  return report;
}

bool parse_format(const std::string& text, Format& format) {
  static constexpr std::pair<const char*, Format> kFormats[] = {{"text", Format::kText},
                                                                {"md", Format::kMarkdown},
                                                                {"csv", Format::kCsv},
                                                                {"json", Format::kJson},
                                                                {"html", Format::kHtml}};
  for (const auto& [name, value] : kFormats) {
    if (text == name) return format = value, true;
  }
  return false;
}

}  // namespace tidemark::reports
