// What SQLite takes from the world, for a copy of the database in one process: its stream "sqlite" and its clock.
#pragma once

#include "model/sqlite/vfs.h"
#include "model/srs/relay_setup.h"

namespace tidemark::model::srs {

/// `setup.env` must outlive the copy. SQLite's requests to sleep are ignored: nothing it waits for can change
/// meanwhile.
inline sqlite::Surroundings surroundings_of(const RelaySetup& setup) {
  sim::RandomStream& random = setup.env.random("sqlite");
  Env& env = setup.env;
  const std::int64_t start_ms = std::int64_t{setup.start_day} * 86'400'000;
  return {[&random] { return random(); }, [&env, start_ms] { return start_ms + env.now().ns() / 1'000'000; },
          [](sim::Duration) {}};
}

}  // namespace tidemark::model::srs
