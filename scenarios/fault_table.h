// [[fault]]: one fault of a scenario, or a random process of faults, as text. Its keys are those below and the
// parameters of its kind (sim/nemesis/fault_kinds.h).
//
//   [[fault]]                       [[fault]]                            [[fault]]
//   kind = "kill"                   kind = "N10"                         kind = "P4"
//   target = "primary"              target = "followers:2"               target = "shop/follower-1"
//   when = "bookmark 100 of shop"   every = "5 s"                        when = "2 s"
//   for = "2 s"                     duration = "500 ms"                  at = "io"  # P4's own parameter
//
// A key that the kind has as a parameter (`at` of P4, `until` of N27) is the parameter; `when` and `for` say the time.
#pragma once

#include <string>
#include <vector>

#include "scenarios/diagnostics.h"
#include "scenarios/document.h"
#include "scenarios/validate.h"
#include "sim/nemesis/draw.h"

namespace tidemark::scenarios {

/// A key of every [[fault]], for messages, the JSON Schema and the documentation.
struct FaultKey {
  const char* name;
  const char* type;  // "text", "text or list of texts", "duration", "count"
  const char* doc;
};
const std::vector<FaultKey>& fault_keys();

/// The table as it was written.
struct FaultTable {
  Place place;
  std::vector<RawKey> keys;
};

/// Every mistake of a single table becomes a message with its place: unknown kind, key or parameter, wrong type or
/// range, an end before the start, keys that exclude each other. Whether targets exist is checked later (validate.h).
/// `places` learns where keys stand: "fault[3].target". `databases` are the names of the scenario: a trigger without
/// one means the first.
sim::FaultRequest read_fault(const FaultTable& table, std::size_t element, const std::vector<std::string>& databases,
                             Places& places, Diagnostics& diagnostics);

/// The lines of the table without its head; read_fault of them gives an equal request.
std::string fault_toml(const sim::FaultRequest& request);

}  // namespace tidemark::scenarios
