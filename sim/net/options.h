// Every parameter of the network, with unit, default and source. "facts" are read off the sources that
// docs/decisions.md and data/README.md list; "ours" is a choice that no published figure settles. Filled by the scenario loader;
// constant during a run. Ratios and sigmas are plain doubles here and become fixed-point integers or quantile tables
// once, at construction of the Network.
#pragma once

#include <cstdint>
#include <string>

#include "sim/core/time.h"

namespace tidemark::sim {

struct NetworkOptions {
  // Base delay, one way (sim/net/latency.h).

  /// Factor on every base delay between metros. Default 1; stress 1.3 (facts). Results below the fibre floor are raised
  /// to it.
  double base_scale = 1.0;
  /// Pairs without a measured row: one way = this + missing_row_per_mille / 1000 x light in fibre. 4.2 ms and 1.49
  /// (facts: least absolute deviations over 228 pairs of Azure).
  Duration missing_row_constant = Duration::microseconds(4200);
  std::int64_t missing_row_per_mille = 1490;
  /// Round trip inside a colo: 0.1 ms (facts: IBM, same zone 0.07-0.11).
  Duration colo_round_trip = Duration::microseconds(100);
  /// Round trip between data centres of a metro, drawn once per pair and run: lognormal, median 0.6 ms, sigma 0.8,
  /// values outside [0.13, 2.5] ms become the nearer bound (facts: IBM, zones of a region).
  Duration metro_median = Duration::microseconds(600);
  double metro_sigma = 0.8;
  Duration metro_least = Duration::microseconds(130);
  Duration metro_most = Duration::microseconds(2500);

  // Per message.

  /// Added to each message: lognormal, median 0.07 ms, sigma 1.37; stress 0.3 ms, 1.4 (facts). Median zero: no jitter.
  Duration jitter_median = Duration::microseconds(70);
  double jitter_sigma = 1.37;

  // Path state, per directed pair of metros (never inside a metro).

  /// Part of the time that a path is slow: 0.10; stress 0.30 (facts). Zero: never.
  double slow_path_share = 0.10;
  /// Mean length of a slow visit, exponential: 60 s (facts); normal visits last 60 s x (1 - share) / share = 540 s
  /// then.
  Duration slow_path_dwell = Duration::seconds(60);
  /// Added to each message during a slow visit; one exponential value per visit, mean 4 ms; stress 20 ms (facts).
  Duration slow_path_extra = Duration::milliseconds(4);

  // Loss. On a stream it is delay: a lost packet holds back what follows it.

  /// Part of the packets that are lost: 1e-4; stress 1e-3, 1e-2 (facts). At most 0.5. Zero: no loss, no draws.
  double loss_ratio = 1e-4;
  /// Mean number of packets lost in a row (Gilbert-Elliott, all packets of the bad state are lost): 3 (facts). At
  /// least 1.
  double loss_burst = 3.0;
  /// Payload of a packet: 1460 bytes (facts; Ethernet MTU less 40 bytes of headers).
  std::uint32_t packet_bytes = 1460;
  /// Wait when data that got through follows the lost packet: 1.25 round trips after that data (facts: RACK, RFC 8985).
  std::int64_t recovery_per_mille = 1250;
  /// Wait when nothing follows: 2 round trips + 200 ms (facts: tail-loss probe of Linux), doubled for each further
  /// loss.
  std::int64_t probe_round_trips = 2;
  Duration probe_constant = Duration::milliseconds(200);
  /// Upper bound of one such wait: 120 s (ours, after TCP_RTO_MAX of Linux).
  Duration probe_most = Duration::seconds(120);

  // Connections.

  /// Rate of one direction of one connection: 1 Gbit/s (ours). Zero: unlimited.
  std::int64_t bandwidth_bits_per_second = 1'000'000'000;
  /// First wait before a handshake packet that got lost or met a blocked path is sent again, doubled each time: 1 s
  /// (ours, after the initial timeout of RFC 6298).
  Duration handshake_retry = Duration::seconds(1);
  /// The connecting side sees kTimeout when the handshake is not done by then: 5 s (ours). The handshake takes 1 round
  /// trip.
  Duration connect_timeout = Duration::seconds(5);
  /// An end whose peer is gone without a word, or whose data a blocked path held back, sees kReset after this: 15 s
  /// (ours).
  Duration half_open_detection = Duration::seconds(15);

  /// "loss_ratio must be 0 to 0.5": the first field out of its range; empty when all is well.
  std::string problem() const;
};

}  // namespace tidemark::sim
