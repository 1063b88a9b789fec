#include "sim/core/clock.h"

#include <algorithm>
#include <array>

#include "base/assert.h"

namespace tidemark::sim {
namespace {

__extension__ using Wide = __int128;

constexpr std::int64_t kUnit = std::int64_t{1} << 30;
/// sin(pi / 2 * i / 64) in parts of kUnit.
constexpr std::array<std::int64_t, 65> kQuarter = {
    0,          26350943,   52686014,   78989349,   105245103,  131437462,  157550647,  183568930,  209476638,
    235258165,  260897982,  286380643,  311690799,  336813204,  361732726,  386434353,  410903207,  435124548,
    459083786,  482766489,  506158392,  529245404,  552013618,  574449320,  596538995,  618269338,  639627258,
    660599890,  681174602,  701339000,  721080937,  740388522,  759250125,  777654384,  795590213,  813046808,
    830013654,  846480531,  862437520,  877875009,  892783698,  907154608,  920979082,  934248793,  946955747,
    959092290,  970651112,  981625251,  992008094,  1001793390, 1010975242, 1019548121, 1027506862, 1034846671,
    1041563127, 1047652185, 1053110176, 1057933813, 1062120190, 1065666786, 1068571464, 1070832474, 1072448455,
    1073418433, 1073741824,
};

std::int64_t scaled(std::int64_t value, std::int64_t parts, std::int64_t whole) {
  return static_cast<std::int64_t>(Wide{value} * parts / whole);
}

/// sin(2 pi * phase / period) in parts of kUnit, linear between the table's points.
std::int64_t sine(std::int64_t phase, std::int64_t period) {
  constexpr std::int64_t kSteps = 4 * (static_cast<std::int64_t>(kQuarter.size()) - 1);
  const auto position = static_cast<std::int64_t>(Wide{phase} * kSteps * kUnit / period);
  const std::int64_t step = position / kUnit;
  const auto point = [](std::int64_t index) {
    constexpr std::int64_t kPerQuarter = kSteps / 4;
    index %= kSteps;
    const std::int64_t in_half = index % (2 * kPerQuarter);
    const std::int64_t value = kQuarter[static_cast<std::size_t>(std::min(in_half, 2 * kPerQuarter - in_half))];
    return index < 2 * kPerQuarter ? value : -value;
  };
  return point(step) + scaled(point(step + 1) - point(step), position % kUnit, kUnit);
}

/// Up to the amplitude in the first quarter, down to its negative until the third, back to 0.
std::int64_t triangle(std::int64_t phase, std::int64_t period) {
  const std::int64_t quarters = scaled(4 * kUnit, phase, period);  // in [0, 4 units)
  if (quarters < kUnit) return quarters;
  if (quarters < 3 * kUnit) return 2 * kUnit - quarters;
  return quarters - 4 * kUnit;
}

/// What one fault adds, `elapsed` after its injection.
struct Offset {
  Duration elapsed;
  Duration operator()(const ClockOffset& fault) const { return fault.offset; }
  Duration operator()(const ClockDrift& fault) const {
    return Duration::nanoseconds(scaled(elapsed.ns(), fault.ppm, 1'000'000));
  }
  Duration operator()(const ClockWave& fault) const {
    const std::int64_t phase = elapsed.ns() % fault.period.ns();
    const std::int64_t height =
        fault.form == ClockWave::Form::kSine ? sine(phase, fault.period.ns()) : triangle(phase, fault.period.ns());
    return Duration::nanoseconds(scaled(fault.amplitude.ns(), height, kUnit));
  }
  Duration operator()(const ClockStrobe& fault) const {
    return elapsed.ns() / fault.half_period.ns() % 2 == 0 ? fault.first : fault.second;
  }
  Duration operator()(const ClockFreeze&) const { return {}; }
};

struct Valid {
  bool operator()(const ClockOffset&) const { return true; }
  bool operator()(const ClockDrift& fault) const { return fault.ppm > -1'000'000 && fault.ppm < 1'000'000; }
  bool operator()(const ClockWave& fault) const { return fault.period.ns() > 0; }
  bool operator()(const ClockStrobe& fault) const { return fault.half_period.ns() > 0; }
  bool operator()(const ClockFreeze&) const { return true; }
};

Duration offset_of(const ClockFault& fault, Duration elapsed) {
  return std::visit(Offset{std::max(elapsed, Duration{})}, fault);
}

}  // namespace

ClockFaultId NodeClock::inject(ClockFault fault) {
  TIDEMARK_ASSERT(std::visit(Valid{}, fault));
  effects_.push_back(0);
  active_.push_back({effects_.size(), scheduler_.now(), fault});
  return effects_.size();
}

void NodeClock::end(ClockFaultId id) {
  std::erase_if(active_, [id](const Active& instance) { return instance.id == id; });
}

bool NodeClock::active(ClockFaultId id) const {
  return std::any_of(active_.begin(), active_.end(), [id](const Active& instance) { return instance.id == id; });
}

std::uint64_t NodeClock::effects(ClockFaultId id) const {
  return id == 0 || id > effects_.size() ? 0 : effects_[id - 1];
}

Instant NodeClock::source() const {
  for (const Active& instance : active_) {
    if (std::holds_alternative<ClockFreeze>(instance.fault)) return instance.since;
  }
  return scheduler_.now();
}

Duration NodeClock::offset() const {
  const Instant from = source();
  Duration total = from - scheduler_.now();
  for (const Active& instance : active_) total += offset_of(instance.fault, from - instance.since);
  return total;
}

Instant NodeClock::read() const {
  const Instant from = source();
  for (const Active& instance : active_) {
    const bool differs = std::holds_alternative<ClockFreeze>(instance.fault)
                             ? instance.since != scheduler_.now()
                             : offset_of(instance.fault, from - instance.since) != Duration{};
    if (differs) ++effects_[instance.id - 1];
  }
  return scheduler_.now() + offset();
}

}  // namespace tidemark::sim
