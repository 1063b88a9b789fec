#include "sim/net/geography.h"

#include <cmath>

#include "base/assert.h"

namespace tidemark::sim {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kEarthRadiusKm = 6371.0;

/// sine for |x| <= pi/2 (Taylor series; the first omitted term is below 1e-17 there).
double sine(double x) {
  const double square = x * x;
  double term = x;
  double sum = x;
  for (int n = 1; n <= 10; ++n) {
    term = -term * square / static_cast<double>(2 * n * (2 * n + 1));
    sum += term;
  }
  return sum;
}

double cosine(double x) {
  return sine(kPi / 2 - (x < 0 ? -x : x));
}  // |x| <= pi/2

/// arc sine for 0 <= x <= 0.72 by Newton's method on sine(); converges to the last bits in four steps.
double small_arc_sine(double x) {
  double angle = x + x * x * x / 6;
  for (int i = 0; i < 5; ++i) angle -= (sine(angle) - x) / cosine(angle);
  return angle;
}

double arc_sine(double x) {
  TIDEMARK_ASSERT(x >= 0.0 && x <= 1.0);
  return x <= 0.71 ? small_arc_sine(x) : kPi / 2 - small_arc_sine(std::sqrt(1 - x * x));
}

double radians(std::int64_t micro_degrees) {
  return static_cast<double>(micro_degrees) * (kPi / 180e6);
}

}  // namespace

double great_circle_km(GeoPoint a, GeoPoint b) {
  std::int64_t turn = a.longitude_micro - b.longitude_micro;  // brought to -180..180 degrees
  if (turn > 180'000'000) turn -= 360'000'000;
  if (turn < -180'000'000) turn += 360'000'000;
  const double half_north = sine(radians(a.latitude_micro - b.latitude_micro) / 2);
  const double half_east = sine(radians(turn) / 2);
  double haversine = half_north * half_north;
  haversine += cosine(radians(a.latitude_micro)) * cosine(radians(b.latitude_micro)) * half_east * half_east;
  if (haversine > 1.0) haversine = 1.0;
  return 2 * kEarthRadiusKm * arc_sine(std::sqrt(haversine));
}

Duration fibre_floor(GeoPoint a, GeoPoint b) {
  return Duration::nanoseconds(
      static_cast<std::int64_t>(great_circle_km(a, b) * static_cast<double>(kFibreNsPerKm) + 0.5));
}

}  // namespace tidemark::sim
