#include "sim/core/distribution.h"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <limits>
#include <map>
#include <utility>

namespace tidemark::sim {
namespace {

__extension__ using Wide = __int128;

// A draw u of 64 bits is a probability u / 2^64. Below one half it is the tail probability q of the lower side, else
// ~u is that of the upper side. Each side has 39 octaves of q, [2^-40, 2^-39) to [2^-2, 2^-1), of kSteps rows each, and
// one last row for q = 1/2. Smaller q count as 2^-40.
constexpr int kOctaves = 39;
constexpr int kStepBits = 5;
constexpr int kSteps = 1 << kStepBits;
constexpr int kRows = kOctaves * kSteps + 1;
constexpr int kLowestBit = 24;  // of q in 2^-64: 2^24 / 2^64 = 2^-40
constexpr std::uint64_t kHalf = std::uint64_t{1} << 63;

using Side = std::array<std::int64_t, kRows>;

/// q of a row: exact.
double tail_of_row(int row) {
  const double step = 1.0 / static_cast<double>(std::uint64_t{1} << (40 - row / kSteps));
  return step * (1.0 + static_cast<double>(row % kSteps) / kSteps);
}

/// Rows around q and the linear interpolation between them, in integers. `q` < 2^63.
std::int64_t interpolate(const Side& side, std::uint64_t q) {
  if (q < std::uint64_t{1} << kLowestBit) return side[0];
  const int zeros = std::countl_zero(q);
  const std::uint64_t fraction = q << zeros << 1;  // what follows the leading one
  const int row = (63 - zeros - kLowestBit) * kSteps + static_cast<int>(fraction >> (64 - kStepBits));
  const auto rest = static_cast<std::uint32_t>(fraction << kStepBits >> 32);
  const std::int64_t from = side[static_cast<std::size_t>(row)];
  const std::int64_t to = side[static_cast<std::size_t>(row) + 1];
  return from + static_cast<std::int64_t>((static_cast<Wide>(to) - from) * rest >> 32);
}

std::int64_t to_ns(double value, std::int64_t cap_ns) {
  if (value >= static_cast<double>(cap_ns)) return cap_ns;
  constexpr double kLowest = -9.2e18;
  if (value <= kLowest) return static_cast<std::int64_t>(kLowest);
  return static_cast<std::int64_t>(value < 0 ? value - 0.5 : value + 0.5);
}

/// Standard normal quantiles of the lower side, made once: every lognormal and normal table is made of them.
const std::array<double, kRows>& normal_rows() {
  static const std::array<double, kRows> rows = [] {
    std::array<double, kRows> made{};
    for (int row = 0; row < kRows; ++row)
      made[static_cast<std::size_t>(row)] = deterministic_normal_quantile(tail_of_row(row));
    return made;
  }();
  return rows;
}

}  // namespace

struct DurationDistribution::Table {
  enum class Form { kConstant, kUniform, kRows, kMixture };
  Form form = Form::kConstant;
  std::int64_t low_ns = 0;             // kConstant, kUniform
  std::uint64_t width_ns = 0;          // kUniform: number of values
  std::shared_ptr<const Table> first;  // kMixture
  std::shared_ptr<const Table> second;
  std::uint64_t ratio = 0;

  std::int64_t at(std::uint64_t u) const;  // kRows
  std::int64_t sample(RandomStream& random) const;
  std::int64_t quantile(std::uint64_t u) const;
  double below_or_at(std::int64_t value_ns) const;
};

/// A table of form kRows: 20 KB that the other forms do without.
struct DurationDistribution::RowsTable final : Table {
  Side lower{};  // quantile(q)
  Side upper{};  // quantile(1 - q)

  /// `quantile(row, tail, upper)` in nanoseconds.
  template <typename Quantile>
  RowsTable(std::int64_t cap_ns, const Quantile& quantile_of) {
    form = Form::kRows;
    for (int row = 0; row < kRows; ++row) {
      const double tail = tail_of_row(row);
      lower[static_cast<std::size_t>(row)] = to_ns(quantile_of(row, tail, false), cap_ns);
      upper[static_cast<std::size_t>(row)] = to_ns(quantile_of(row, tail, true), cap_ns);
    }
    TIDEMARK_ASSERT(lower.front() <= lower.back() && upper.back() <= upper.front());
  }

  enum class Family : std::uint8_t { kLognormal, kExponential, kNormal, kPareto };
  struct Key {
    Family family;
    std::int64_t scale_ns;
    std::uint64_t shape;  // the bits of the double, or nanoseconds
    std::int64_t cap_ns;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  /// The table of `key`, which names all that `quantile_of` depends on. Every client, disk and store has the same few
  /// distributions; they share immutable tables. The cache outlives a run, but it cannot influence one: what it gives
  /// is a pure function of the key.
  template <typename Quantile>
  static std::shared_ptr<const Table> shared(const Key& key, const Quantile& quantile_of) {
    static std::map<Key, std::shared_ptr<const Table>> cache;
    constexpr std::size_t kMostUnused = 64;
    const auto found = cache.find(key);
    if (found != cache.end()) return found->second;
    if (cache.size() >= kMostUnused)
      std::erase_if(cache, [](const auto& entry) { return entry.second.use_count() == 1; });
    auto made = std::make_shared<RowsTable>(key.cap_ns, quantile_of);
    cache.emplace(key, made);
    return made;
  }
};

std::int64_t DurationDistribution::Table::at(std::uint64_t u) const {
  const auto& rows = static_cast<const RowsTable&>(*this);
  return u < kHalf ? interpolate(rows.lower, u) : interpolate(rows.upper, ~u);
}

std::int64_t DurationDistribution::Table::sample(RandomStream& random) const {
  switch (form) {
    case Form::kRows:
      return at(random());
    case Form::kConstant:
      return low_ns;
    case Form::kUniform:
      return low_ns + static_cast<std::int64_t>(random.below(width_ns));
    case Form::kMixture: {
      const bool takes_second = random.chance_fixed(ratio);
      return (takes_second ? second : first)->sample(random);
    }
  }
  return 0;
}

/// P(X <= value), from the table: bisection over the draw.
double DurationDistribution::Table::below_or_at(std::int64_t value_ns) const {
  if (form == Form::kMixture) {
    const double share = static_cast<double>(ratio) / 18446744073709551616.0;
    return (1.0 - share) * first->below_or_at(value_ns) + share * second->below_or_at(value_ns);
  }
  std::uint64_t low = 0;  // smallest draw whose value is above value_ns, or the number of draws
  std::uint64_t high = ~std::uint64_t{0};
  if (quantile(high) <= value_ns) return 1.0;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (quantile(middle) > value_ns)
      high = middle;
    else
      low = middle + 1;
  }
  return static_cast<double>(low) / 18446744073709551616.0;
}

std::int64_t DurationDistribution::Table::quantile(std::uint64_t u) const {
  switch (form) {
    case Form::kRows:
      return at(u);
    case Form::kConstant:
      return low_ns;
    case Form::kUniform:
      return low_ns + static_cast<std::int64_t>(static_cast<Wide>(u) * static_cast<Wide>(width_ns) >> 64);
    case Form::kMixture:
      break;
  }
  const double p = static_cast<double>(u) / 18446744073709551616.0;
  std::int64_t low = std::min(first->quantile(0), second->quantile(0));
  std::int64_t high = std::max(first->quantile(~std::uint64_t{0}), second->quantile(~std::uint64_t{0}));
  while (low < high) {
    const auto middle = static_cast<std::int64_t>((static_cast<Wide>(low) + high) >> 1);
    if (below_or_at(middle) >= p)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

Duration DurationDistribution::sample(RandomStream& random) const {
  return Duration::nanoseconds(table_->sample(random));
}

Duration DurationDistribution::quantile(double p) const {
  TIDEMARK_ASSERT(p >= 0.0 && p <= 1.0);
  return Duration::nanoseconds(table_->quantile(probability(p)));
}

DurationDistribution DurationDistribution::constant(Duration value) {
  auto table = std::make_shared<Table>();
  table->low_ns = value.ns();
  return DurationDistribution(std::move(table));
}

DurationDistribution DurationDistribution::uniform(Duration low, Duration high) {
  TIDEMARK_ASSERT(low <= high);
  auto table = std::make_shared<Table>();
  table->form = Table::Form::kUniform;
  table->low_ns = low.ns();
  table->width_ns = static_cast<std::uint64_t>(high.ns()) - static_cast<std::uint64_t>(low.ns()) + 1;
  TIDEMARK_ASSERT(table->width_ns != 0 && table->width_ns < kHalf, "uniform over too wide a range");
  return DurationDistribution(std::move(table));
}

DurationDistribution DurationDistribution::lognormal(Duration median, double sigma, Duration cap) {
  TIDEMARK_ASSERT(median.ns() >= 0 && sigma >= 0.0);
  if (median.ns() == 0) return constant(median);
  const auto scale = static_cast<double>(median.ns());
  const std::array<double, kRows>& normal = normal_rows();
  const RowsTable::Key key{RowsTable::Family::kLognormal, median.ns(), std::bit_cast<std::uint64_t>(sigma), cap.ns()};
  return DurationDistribution(RowsTable::shared(key, [&](int row, double, bool upper) {
    const double z = normal[static_cast<std::size_t>(row)];
    return scale * deterministic_exp(sigma * (upper ? -z : z));
  }));
}

DurationDistribution DurationDistribution::exponential(Duration mean) {
  TIDEMARK_ASSERT(mean.ns() > 0);
  const auto scale = static_cast<double>(mean.ns());
  const RowsTable::Key key{RowsTable::Family::kExponential, mean.ns(), 0, Duration::max().ns()};
  return DurationDistribution(RowsTable::shared(key, [&](int, double tail, bool upper) {
    return -scale * (upper ? deterministic_log(tail) : deterministic_log1m(tail));
  }));
}

DurationDistribution DurationDistribution::normal(Duration mean, Duration deviation) {
  TIDEMARK_ASSERT(deviation.ns() >= 0);
  const auto scale = static_cast<double>(deviation.ns());
  const std::array<double, kRows>& normal = normal_rows();
  const RowsTable::Key key{RowsTable::Family::kNormal, mean.ns(), static_cast<std::uint64_t>(deviation.ns()),
                           Duration::max().ns()};
  return DurationDistribution(RowsTable::shared(key, [&](int row, double, bool upper) {
    const double z = normal[static_cast<std::size_t>(row)];
    return static_cast<double>(mean.ns()) + scale * (upper ? -z : z);
  }));
}

DurationDistribution DurationDistribution::pareto(Duration minimum, double alpha, Duration cap) {
  TIDEMARK_ASSERT(minimum.ns() > 0 && alpha > 0.0 && cap >= minimum);
  const auto scale = static_cast<double>(minimum.ns());
  const RowsTable::Key key{RowsTable::Family::kPareto, minimum.ns(), std::bit_cast<std::uint64_t>(alpha), cap.ns()};
  return DurationDistribution(RowsTable::shared(key, [&](int, double tail, bool upper) {
    const double log_survival = upper ? deterministic_log(tail) : deterministic_log1m(tail);
    return scale * deterministic_exp(-log_survival / alpha);
  }));
}

DurationDistribution DurationDistribution::mixture(DurationDistribution first, DurationDistribution second,
                                                   double ratio) {
  auto table = std::make_shared<Table>();
  table->form = Table::Form::kMixture;
  table->first = std::move(first.table_);
  table->second = std::move(second.table_);
  table->ratio = probability(ratio);
  return DurationDistribution(std::move(table));
}

}  // namespace tidemark::sim
