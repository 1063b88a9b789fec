#include "sim/net/link.h"

#include <algorithm>

#include "base/assert.h"

namespace tidemark::sim::detail {
namespace {

constexpr double kPacketUnit = 1048576.0;  // 2^20 parts of a packet, so that a Duration table can hold run lengths
constexpr int kPacketShift = 20;

/// 1 + floor(sample) is geometric with this mean (>= 1): the floor of an exponential is geometric, exactly.
DurationDistribution run_length(double mean) {
  if (mean <= 1.0) return DurationDistribution::constant(Duration{});
  const double scale = 1.0 / deterministic_log(mean / (mean - 1.0));
  return DurationDistribution::exponential(Duration::nanoseconds(static_cast<std::int64_t>(scale * kPacketUnit + 0.5)));
}

std::uint64_t packets(const DurationDistribution& run, RandomStream& random) {
  return 1 + static_cast<std::uint64_t>(run.sample(random).ns() >> kPacketShift);
}

/// Mean number of packets between bursts, so that burst / (burst + mean) is the loss ratio.
double good_mean(double ratio, double burst) {
  return ratio <= 0 ? 1.0 : std::max(1.0, burst * (1.0 - ratio) / ratio);
}

Duration normal_dwell_mean(const NetworkOptions& options) {
  if (options.slow_path_share <= 0) return options.slow_path_dwell;
  const double mean = static_cast<double>(options.slow_path_dwell.ns()) * (1.0 - options.slow_path_share);
  return Duration::nanoseconds(static_cast<std::int64_t>(mean / options.slow_path_share + 0.5));
}

DurationDistribution jitter_of(const NetworkOptions& options) {
  if (options.jitter_median == Duration{}) return DurationDistribution::constant(Duration{});
  return DurationDistribution::lognormal(options.jitter_median, options.jitter_sigma);
}

DurationDistribution slow_extra_of(const NetworkOptions& options) {
  if (options.slow_path_extra == Duration{}) return DurationDistribution::constant(Duration{});
  return DurationDistribution::exponential(options.slow_path_extra);
}

std::int64_t ns_per_byte(std::int64_t bits_per_second) {
  if (bits_per_second == 0) return 0;
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>((static_cast<Wide>(8'000'000'000) << 32) / bits_per_second);
}

}  // namespace

LossParameters::LossParameters(double part, double burst)
    : good_run(run_length(good_mean(part, burst))), burst_run(run_length(burst)), ratio(probability(part)) {}

NetworkParameters::NetworkParameters(const NetworkOptions& options)
    : jitter(jitter_of(options)),
      normal_dwell(DurationDistribution::exponential(normal_dwell_mean(options))),
      slow_dwell(DurationDistribution::exponential(options.slow_path_dwell)),
      slow_extra(slow_extra_of(options)),
      loss(options.loss_ratio, options.loss_burst),
      slow_share(probability(options.slow_path_share)),
      ns_per_byte_fixed(ns_per_byte(options.bandwidth_bits_per_second)),
      has_jitter(options.jitter_median > Duration{}),
      has_slow_path(options.slow_path_share > 0 && options.slow_path_extra > Duration{}),
      has_loss(options.loss_ratio > 0) {}

SlowPath::SlowPath(const NetworkParameters& parameters, RandomStream& random)
    : parameters_(parameters), random_(random) {
  begin_visit(random_.chance_fixed(parameters_.slow_share));
}

void SlowPath::begin_visit(bool slow) {
  slow_ = slow;
  extra_ = slow ? parameters_.slow_extra.sample(random_) : Duration{};
  const Duration dwell = (slow ? parameters_.slow_dwell : parameters_.normal_dwell).sample(random_);
  until_ = until_ + std::max(dwell, Duration::nanoseconds(1));
  TIDEMARK_ASSERT(extra_ >= Duration{});
}

void SlowPath::advance(Instant now) {
  while (now >= until_) begin_visit(!slow_);
}

LossChain::LossChain(const LossParameters& parameters, RandomStream& random)
    : parameters_(parameters), random_(random) {
  TIDEMARK_ASSERT(parameters_.ratio > 0);
  good_left_ = packets(parameters_.good_run, random_);
}

LossChain::Outcome LossChain::send_through_burst(std::uint64_t left) {
  TIDEMARK_ASSERT(left >= 1);
  TIDEMARK_ASSERT((good_left_ == 0) != (burst_left_ == 0));
  Outcome outcome{.any = false, .last = false, .all = true};
  while (left > 0) {
    const bool lost = burst_left_ > 0;
    std::uint64_t& run = lost ? burst_left_ : good_left_;
    const std::uint64_t taken = std::min(run, left);
    run -= taken;
    left -= taken;
    outcome.last = lost;
    (lost ? outcome.any : outcome.all) = lost;
    if (run > 0) continue;
    if (lost) {
      good_left_ = packets(parameters_.good_run, random_);
    } else {
      burst_left_ = packets(parameters_.burst_run, random_);
    }
  }
  return outcome;
}

}  // namespace tidemark::sim::detail
