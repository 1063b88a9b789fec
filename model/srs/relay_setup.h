// RelaySetup: what every part of the storage relay is made with. References, not copies: all of it outlives the
// program.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "model/env.h"
#include "model/protocol/locator.h"
#include "model/types/bugs.h"
#include "model/types/observer.h"
#include "model/types/options.h"

namespace tidemark::model::srs {

struct RelaySetup {
  Env& env;
  const RelayOptions& options;
  const BugSet& bugs;
  Observer& observer;
  std::uint32_t database = 0;      // number of the database in the run, for observers
  std::string database_name;       // prefix of file names and object keys; no '/'
  std::uint32_t page_size = 4096;  // bytes
  std::uint32_t start_day = 0;     // day since 1970 at virtual time zero
  /// Where the primary is. nullptr in worlds whose primary never moves.
  const Locator* locator = nullptr;
  /// Process::id() under which this machine presents itself to others: another than its own in the second life of a
  /// process whose first life goes on; 0 = its own.
  std::uint32_t known_as = 0;

  std::uint32_t identity() const { return known_as != 0 ? known_as : env.process().id(); }

  /// Day since 1970 by this machine's wall clock: the third group of a bookmark.
  std::uint32_t today() const {
    constexpr std::int64_t kDayNs = 86'400'000'000'000;
    return start_day + static_cast<std::uint32_t>(std::max<std::int64_t>(env.wall_now().ns(), 0) / kDayNs);
  }
};

}  // namespace tidemark::model::srs
