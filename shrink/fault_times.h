// What a fault's own times say. Private to shrink/.
#pragma once

#include "sim/nemesis/draw.h"

namespace tidemark::shrink {

/// One instance, at a time that is given.
inline bool at_time(const sim::FaultRequest& fault) {
  return fault.start.on == sim::FaultStart::On::kTime && info(fault.kind).shape != sim::FaultShape::kRun &&
         fault.every == sim::Duration{};
}

/// It has a duration.
inline bool lasts(const sim::FaultRequest& fault) {
  const sim::FaultShape shape = info(fault.kind).shape;
  return shape == sim::FaultShape::kInterval || shape == sim::FaultShape::kOutage;
}

}  // namespace tidemark::shrink
