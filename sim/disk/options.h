// Every number of the storage world: unit, default, source. "Measured" figures are read off the sources that
// docs/decisions.md lists ("Statistics of the world come from published measurements"); a row without one says "choice".
#pragma once

#include <cstdint>

#include "sim/core/distribution.h"
#include "sim/core/time.h"

namespace tidemark::sim {

/// A disk of a database host. The default is a data-centre NVMe drive with capacitors: published fsyncs of 4 to 16 KiB
/// take 12 to 58 us. The tail has the exponent of a public histogram of 100,037 fsyncs of a live etcd server.
/// A network volume instead: median 0.8 ms, sigma 0.45, 1 % tail from 4 ms, alpha 1.37, cut at 1 s.
struct DiskOptions {
  /// Duration of one fsync without its data: lognormal with this median ...
  Duration fsync_median = Duration::microseconds(40);
  /// ... and this deviation of the logarithm (measured). 0: always the median.
  double fsync_sigma = 0.5;
  /// Fraction of fsyncs that are drawn from the tail instead (measured). 0: no tail.
  double fsync_tail_ratio = 0.001;
  /// Pareto tail: smallest value, exponent, largest value (measured).
  Duration fsync_tail_minimum = Duration::milliseconds(1);
  double fsync_tail_alpha = 1.37;
  Duration fsync_tail_cap = Duration::milliseconds(250);
  /// Bytes per second at which un-synced data go to the medium during an fsync; 0 = infinite. Choice: a drive's
  /// sustained writing; the published fsync figures contain their 4 to 16 KiB already, which are 2 to 8 us here.
  std::uint64_t bytes_per_second = 2'000'000'000;

  DurationDistribution fsync() const;
};

/// The object store (cold storage). Every operation also costs the caller's round trip to the bucket.
/// Under stress: sigma 1.0.
struct ObjectStoreOptions {
  /// GET, until the first byte: lognormal (measured; with the round trip p99 112 ms, p99.9 164 ms).
  Duration get_median = Duration::milliseconds(35);
  double get_sigma = 0.5;
  /// PUT, besides the transfer: lognormal (measured; p99 199 ms, p99.9 281 ms).
  Duration put_median = Duration::milliseconds(70);
  double put_sigma = 0.45;
  /// LIST: lognormal through p50 24 ms and p99 46 ms of S3 in us-east-1 (measured).
  Duration list_median = Duration::milliseconds(24);
  double list_sigma = 0.28;
  /// DELETE: no published figure; choice: as LIST, both touch metadata only.
  Duration remove_median = Duration::milliseconds(24);
  double remove_sigma = 0.28;
  /// Of one stream, both directions; 0 = infinite. 93 MB/s were measured on S3.
  std::uint64_t bytes_per_second = 90'000'000;
  /// Most keys in one page of a list; S3's limit. Each further page is a request of its own.
  std::uint64_t list_page_keys = 1000;
};

/// lognormal, or constant when `sigma` is 0.
DurationDistribution lognormal_or_constant(Duration median, double sigma);

/// Time to move `bytes`, rounded down; `bytes_per_second` 0 = no time.
constexpr Duration transfer_time(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  __extension__ using Wide = unsigned __int128;
  if (bytes_per_second == 0) return {};
  return Duration::nanoseconds(static_cast<std::int64_t>(Wide{bytes} * 1'000'000'000U / bytes_per_second));
}

}  // namespace tidemark::sim
