// ln, exp and the normal quantile without libm: additions, multiplications, divisions and square roots only, which IEEE
// 754 defines to the last bit. The build forbids fused multiply-add, so every compiler computes the same numbers.
#include <bit>
#include <cmath>
#include <cstdint>

#include "base/assert.h"
#include "sim/core/distribution.h"

namespace tidemark::sim {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01;  // 33 bits of ln 2: exact when multiplied by small integers
constexpr double kLn2Low = 1.90821492927058770002e-10;

template <int N>
double horner(const double (&coefficients)[N], double x) {
  double sum = coefficients[N - 1];
  for (int i = N - 2; i >= 0; --i) sum = sum * x + coefficients[i];
  return sum;
}

/// 2 * artanh(s) for |s| < 0.18: ln((1 + s) / (1 - s)).
double log_ratio(double s) {
  static constexpr double kOddReciprocals[] = {1.0,        1.0 / 3.0,  1.0 / 5.0,  1.0 / 7.0,  1.0 / 9.0,  1.0 / 11.0,
                                               1.0 / 13.0, 1.0 / 15.0, 1.0 / 17.0, 1.0 / 19.0, 1.0 / 21.0, 1.0 / 23.0};
  return 2.0 * s * horner(kOddReciprocals, s * s);
}

}  // namespace

double deterministic_log(double x) {
  TIDEMARK_ASSERT(x >= 2.2250738585072014e-308 && x <= 1.7976931348623157e308, "logarithm of a number out of range");
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double mantissa = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3ff0000000000000ULL);
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5;
    ++exponent;
  }
  return exponent * kLn2High + (exponent * kLn2Low + log_ratio((mantissa - 1.0) / (mantissa + 1.0)));
}

double deterministic_log1m(double x) {
  TIDEMARK_ASSERT(x >= 0.0 && x < 1.0);
  // (1 - x - 1) / (1 - x + 1), without losing small x to the rounding of 1 - x.
  return x < 0.25 ? log_ratio(-x / (2.0 - x)) : deterministic_log(1.0 - x);
}

double deterministic_exp(double x) {
  if (x > 709.0) x = 709.0;
  if (x < -708.0) return 0.0;
  const int power = static_cast<int>(x * 1.4426950408889634 + (x < 0 ? -0.5 : 0.5));
  const double rest = (x - power * kLn2High) - power * kLn2Low;  // |rest| <= 0.35
  static constexpr double kReciprocalFactorials[] = {1.0,
                                                     1.0,
                                                     1.0 / 2.0,
                                                     1.0 / 6.0,
                                                     1.0 / 24.0,
                                                     1.0 / 120.0,
                                                     1.0 / 720.0,
                                                     1.0 / 5040.0,
                                                     1.0 / 40320.0,
                                                     1.0 / 362880.0,
                                                     1.0 / 3628800.0,
                                                     1.0 / 39916800.0,
                                                     1.0 / 479001600.0,
                                                     1.0 / 6227020800.0,
                                                     1.0 / 87178291200.0,
                                                     1.0 / 1307674368000.0};
  return horner(kReciprocalFactorials, rest) * std::bit_cast<double>(static_cast<std::uint64_t>(power + 1023) << 52);
}

// Algorithm AS 241 (PPND16) of M. J. Wichura, Applied Statistics 37 (1988): relative error about 1e-16.
double deterministic_normal_quantile(double p) {
  TIDEMARK_ASSERT(p > 0.0 && p < 1.0);
  static constexpr double kCentreTop[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                                          1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                          3.3430575583588128105e+4, 2.5090809287301226727e+3};
  static constexpr double kCentreBottom[] = {1.0,
                                             4.2313330701600911252e+1,
                                             6.8718700749205790830e+2,
                                             5.3941960214247511077e+3,
                                             2.1213794301586595867e+4,
                                             3.9307895800092710610e+4,
                                             2.8729085735721942674e+4,
                                             5.2264952788528545610e+3};
  static constexpr double kNearTop[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                                        3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                                        2.27238449892691845833e-2, 7.74545014278341407640e-4};
  static constexpr double kNearBottom[] = {1.0,
                                           2.05319162663775882187e0,
                                           1.67638483018380384940e0,
                                           6.89767334985100004550e-1,
                                           1.48103976427480074590e-1,
                                           1.51986665636164571966e-2,
                                           5.47593808499534494600e-4,
                                           1.05075007164441684324e-9};
  static constexpr double kFarTop[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                                       2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                       2.71155556874348757815e-5, 2.01033439929228813265e-7};
  static constexpr double kFarBottom[] = {1.0,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15};
  const double centred = p - 0.5;
  if (centred >= -0.425 && centred <= 0.425) {
    const double r = 0.180625 - centred * centred;
    return centred * horner(kCentreTop, r) / horner(kCentreBottom, r);
  }
  const double tail = centred < 0.0 ? p : 1.0 - p;
  const double r = std::sqrt(-deterministic_log(tail));
  const double magnitude = r <= 5.0 ? horner(kNearTop, r - 1.6) / horner(kNearBottom, r - 1.6)
                                    : horner(kFarTop, r - 5.0) / horner(kFarBottom, r - 5.0);
  return centred < 0.0 ? -magnitude : magnitude;
}

}  // namespace tidemark::sim
