// Base delays: what a message takes one way before jitter, slow paths, bandwidth and loss. Symmetric.
//
//   inside a colo                  colo_round_trip / 2
//   data centres of one metro      a round trip drawn once per pair and run / 2 (stream "net/<a>~<b>", "metro")
//   two host sites                 data/rtt_hosts.csv / 2 x base_scale
//   one side is not a host         data/rtt_users.csv / 2 x base_scale
//   no row                         (missing_row_constant + 1.49 x fibre) x base_scale
//
// Data centres of a metro are as far from other metros as its colo. Never below the fibre floor: what base_scale below
// 1 pushes under it is raised to it (all measured rows are above it; a test checks them).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/core/distribution.h"
#include "sim/core/random.h"
#include "sim/net/options.h"
#include "sim/net/site.h"

namespace tidemark::sim {

/// Measured round trips between metros.
class MeasuredRoundTrips {
 public:
  /// data/rtt_hosts.csv and data/rtt_users.csv over SiteTable::shipped(); parsed once per program.
  static const MeasuredRoundTrips& shipped();
  /// Texts in the formats of those files; either may be a header only. Nothing on an error (unknown site, a pair twice,
  /// a host row for a site that is no host, a time that is not above zero), and `problem` says where and why.
  static std::optional<MeasuredRoundTrips> parse(const SiteTable& sites, std::string_view hosts_csv,
                                                 std::string_view users_csv, std::string& problem);

  /// Round trip between two different metros; nothing when there is no row. For two hosts only the hosts file counts.
  std::optional<Duration> between(SiteId a, SiteId b) const;
  std::size_t host_pairs() const { return host_pairs_; }
  std::size_t user_pairs() const { return user_pairs_; }

 private:
  bool read(const SiteTable& sites, std::string_view text, bool hosts, std::string& problem);
  std::size_t cell(int a, int b) const { return static_cast<std::size_t>(a) * metros_ + static_cast<std::size_t>(b); }
  std::size_t metros_ = 0;
  std::size_t host_pairs_ = 0;
  std::size_t user_pairs_ = 0;
  std::vector<Duration> round_trips_;  // metros x metros; zero: no row
};

/// Base delays of one run. `sites`, `measured` and `streams` must outlive it.
class RoundTripTable {
 public:
  RoundTripTable(const SiteTable& sites, const MeasuredRoundTrips& measured, const NetworkOptions& options,
                 StreamRegistry& streams);

  /// Base delay one way. May draw (two data centres of a metro, first use in the run; later uses give the same).
  Duration one_way(SiteId a, SiteId b);
  Duration round_trip(SiteId a, SiteId b) { return 2 * one_way(a, b); }
  /// No delivery between the two may take less.
  Duration floor(SiteId a, SiteId b) const { return sites_.floor(a, b); }
  /// The candidate with the least base delay; ties go to the first. Asserts that there is one.
  SiteId closest(SiteId from, const std::vector<SiteId>& candidates);

 private:
  Duration between_metros(SiteId a, SiteId b) const;
  Duration inside_metro(SiteId a, SiteId b);
  const SiteTable& sites_;
  const MeasuredRoundTrips& measured_;
  const NetworkOptions options_;
  const std::int64_t scale_fixed_;  // base_scale x 2^32
  StreamRegistry& streams_;
  DurationDistribution metro_;
  std::map<std::pair<SiteId, SiteId>, Duration> drawn_;  // one way, lesser id first
};

}  // namespace tidemark::sim
