#include "sim/net/latency.h"

#include <algorithm>

#include "base/assert.h"
#include "sim/net/csv.h"
#include "sim/net/shipped_data.h"

namespace tidemark::sim {
namespace {

constexpr std::string_view kHostsHeader = "from,to,rtt_ms,sources";
constexpr std::string_view kUsersHeader = "from,to,rtt_ms";
constexpr double kTwoTo32 = 4294967296.0;

Duration scaled(Duration value, std::int64_t factor_fixed) {
  __extension__ using Wide = __int128;
  return Duration::nanoseconds(static_cast<std::int64_t>(static_cast<Wide>(value.ns()) * factor_fixed >> 32));
}

}  // namespace

const MeasuredRoundTrips& MeasuredRoundTrips::shipped() {
  static const MeasuredRoundTrips table = [] {
    std::string problem;
    auto parsed = parse(SiteTable::shipped(), shipped::rtt_hosts_csv(), shipped::rtt_users_csv(), problem);
    TIDEMARK_ASSERT(parsed.has_value(), problem);
    return *std::move(parsed);
  }();
  return table;
}

std::optional<MeasuredRoundTrips> MeasuredRoundTrips::parse(const SiteTable& sites, std::string_view hosts_csv,
                                                            std::string_view users_csv, std::string& problem) {
  MeasuredRoundTrips table;
  table.metros_ = static_cast<std::size_t>(sites.metros());
  table.round_trips_.resize(table.metros_ * table.metros_);
  if (!table.read(sites, hosts_csv, true, problem) || !table.read(sites, users_csv, false, problem))
    return std::nullopt;
  return table;
}

bool MeasuredRoundTrips::read(const SiteTable& sites, std::string_view text, bool hosts, std::string& problem) {
  std::vector<bool> seen(round_trips_.size());
  CsvReader reader(text, hosts ? kHostsHeader : kUsersHeader);
  while (reader.next()) {
    const auto& row = reader.row();
    const auto from = sites.find(row[0]);
    const auto to = sites.find(row[1]);
    const auto round_trip = parse_decimal(row[2], 6);  // milliseconds as an integer of nanoseconds
    std::string wrong;
    if (!from || !to)
      wrong = "unknown site in \"" + std::string(row[0]) + "," + std::string(row[1]) + "\"";
    else if (from->data_centre() != 0 || to->data_centre() != 0 || *from == *to)
      wrong = "expected two different metros";
    else if (seen[cell(from->metro(), to->metro())])
      wrong = "the pair is there twice";
    else if (!round_trip || *round_trip <= 0)
      wrong = "rtt_ms must be a decimal number above zero";
    else if (hosts && !(sites.site(*from).is_host && sites.site(*to).is_host))
      wrong = "both must be host sites";
    else if (hosts && !parse_decimal(row[3], 0))
      wrong = "sources must be a whole number";
    if (!wrong.empty()) {
      reader.fail(wrong);
      continue;
    }
    seen[cell(from->metro(), to->metro())] = seen[cell(to->metro(), from->metro())] = true;
    ++(hosts ? host_pairs_ : user_pairs_);
    if (!hosts && sites.site(*from).is_host && sites.site(*to).is_host) continue;  // the hosts file decides
    round_trips_[cell(from->metro(), to->metro())] = Duration::nanoseconds(*round_trip);
    round_trips_[cell(to->metro(), from->metro())] = Duration::nanoseconds(*round_trip);
  }
  if (reader.failed()) problem = (hosts ? "host round trips, " : "user round trips, ") + reader.problem();
  return !reader.failed();
}

std::optional<Duration> MeasuredRoundTrips::between(SiteId a, SiteId b) const {
  TIDEMARK_ASSERT(a.metro() != b.metro());
  TIDEMARK_ASSERT(static_cast<std::size_t>(std::max(a.metro(), b.metro())) < metros_);
  const Duration found = round_trips_[cell(a.metro(), b.metro())];
  return found == Duration{} ? std::nullopt : std::optional(found);
}

RoundTripTable::RoundTripTable(const SiteTable& sites, const MeasuredRoundTrips& measured,
                               const NetworkOptions& options, StreamRegistry& streams)
    : sites_(sites),
      measured_(measured),
      options_(options),
      scale_fixed_(static_cast<std::int64_t>(options.base_scale * kTwoTo32 + 0.5)),
      streams_(streams),
      metro_(DurationDistribution::lognormal(options.metro_median, options.metro_sigma, options.metro_most)) {
  TIDEMARK_ASSERT(options.problem().empty(), options.problem());
}

Duration RoundTripTable::one_way(SiteId a, SiteId b) {
  if (a == b) return options_.colo_round_trip / 2;
  const Duration delay = a.metro() == b.metro() ? inside_metro(a, b) : between_metros(a, b);
  TIDEMARK_ASSERT(delay >= floor(a, b));
  return delay;
}

Duration RoundTripTable::between_metros(SiteId a, SiteId b) const {
  const Duration fibre = floor(a, b);
  const std::optional<Duration> measured = measured_.between(a, b);
  const Duration unscaled =
      measured ? *measured / 2 : options_.missing_row_constant + fibre * options_.missing_row_per_mille / 1000;
  return std::max(fibre, scaled(unscaled, scale_fixed_));
}

Duration RoundTripTable::inside_metro(SiteId a, SiteId b) {
  const auto pair = std::minmax(a, b);
  const auto [found, is_new] = drawn_.try_emplace({pair.first, pair.second});
  if (is_new) {
    RandomStream& random = streams_.stream("net/" + sites_.name(pair.first) + "~" + sites_.name(pair.second), "metro");
    found->second = std::max(options_.metro_least, metro_.sample(random)) / 2;
  }
  return found->second;
}

SiteId RoundTripTable::closest(SiteId from, const std::vector<SiteId>& candidates) {
  TIDEMARK_ASSERT(!candidates.empty());
  SiteId best = candidates.front();
  for (const SiteId candidate : candidates)
    if (one_way(from, candidate) < one_way(from, best)) best = candidate;
  return best;
}

}  // namespace tidemark::sim
