#include "sim/net/options.h"

namespace tidemark::sim {
namespace {

bool positive(Duration value) {
  return value > Duration{};
}
bool negative(Duration value) {
  return value < Duration{};
}

/// True when `value` is no number or outside [low, high].
bool outside(double value, double low, double high) {
  return !(value >= low && value <= high);
}

}  // namespace

std::string NetworkOptions::problem() const {
  if (outside(base_scale, 0.01, 1000)) return "base_scale must be 0.01 to 1000";
  if (negative(missing_row_constant)) return "missing_row_constant must not be negative";
  if (missing_row_per_mille < 1000 || missing_row_per_mille > 100'000)
    return "missing_row_per_mille must be 1000 to 100000 (not faster than light in fibre)";
  if (negative(colo_round_trip)) return "colo_round_trip must not be negative";
  if (!positive(metro_median)) return "metro_median must be above zero";
  if (outside(metro_sigma, 0, 10)) return "metro_sigma must be 0 to 10";
  if (negative(metro_least) || metro_most < metro_least)
    return "metro_least must be at least zero and at most metro_most";
  if (negative(jitter_median)) return "jitter_median must not be negative";
  if (outside(jitter_sigma, 0, 10)) return "jitter_sigma must be 0 to 10";
  if (outside(slow_path_share, 0, 0.99)) return "slow_path_share must be 0 to 0.99";
  if (slow_path_dwell < Duration::milliseconds(1)) return "slow_path_dwell must be at least 1 ms";
  if (negative(slow_path_extra)) return "slow_path_extra must not be negative";
  if (outside(loss_ratio, 0, 0.5)) return "loss_ratio must be 0 to 0.5";
  if (loss_ratio > 0 && loss_ratio < 1e-9) return "loss_ratio must be zero or at least 1e-9";
  if (outside(loss_burst, 1, 1e6)) return "loss_burst must be 1 to 1000000 packets";
  if (packet_bytes == 0) return "packet_bytes must be at least 1";
  if (recovery_per_mille < 1000) return "recovery_per_mille must be at least 1000 (one round trip)";
  if (probe_round_trips < 1 || probe_round_trips > 1000) return "probe_round_trips must be 1 to 1000";
  if (!positive(probe_constant)) return "probe_constant must be above zero";
  if (probe_most < probe_constant) return "probe_most must be at least probe_constant";
  if (bandwidth_bits_per_second < 0) return "bandwidth_bits_per_second must not be negative";
  if (bandwidth_bits_per_second > 0 && bandwidth_bits_per_second < 1000)
    return "bandwidth_bits_per_second must be zero (unlimited) or at least 1000";
  if (!positive(handshake_retry)) return "handshake_retry must be above zero";
  if (!positive(connect_timeout)) return "connect_timeout must be above zero";
  if (!positive(half_open_detection)) return "half_open_detection must be above zero";
  return {};
}

}  // namespace tidemark::sim
