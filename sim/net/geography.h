// Great circles and the speed of light in fibre, with plain IEEE arithmetic (no libm but sqrt, which IEEE 754 rounds
// exactly): every compiler computes the same nanoseconds.
#pragma once

#include "sim/core/time.h"

namespace tidemark::sim {

/// A place on the sphere, in millionths of a degree.
struct GeoPoint {
  std::int64_t latitude_micro = 0;   // -90'000'000 .. 90'000'000, north positive
  std::int64_t longitude_micro = 0;  // -180'000'000 .. 180'000'000, east positive
};

/// Kilometres along the great circle on a sphere of radius 6371 km (haversine). Error below a metre.
double great_circle_km(GeoPoint a, GeoPoint b);

/// Light in fibre, one way: 4.897 us/km (group index 1.468, as in ITU-T G.652 class fibre).
inline constexpr std::int64_t kFibreNsPerKm = 4897;

/// One way along the great circle in fibre, rounded to the nearest nanosecond. No message may be faster.
Duration fibre_floor(GeoPoint a, GeoPoint b);

}  // namespace tidemark::sim
