// The SQLite library as one run sees it. SQLite keeps a few things per process (mutexes, statistics, the pseudo-random
// generator, the local time zone); this header is where they are fixed, so that a run depends on its seed alone.
#pragma once

#include <cstdint>
#include <string>

namespace tidemark::model::sqlite {

/// Sets the library up: single thread, no memory statistics, local time = UTC. Idempotent; called by every Vfs.
void set_up_library();

/// Puts the process-wide generator where a fresh process with this seed would have it. Call at the start of each run.
void reset_for_run(std::uint64_t seed);

/// The generator's next numbers depend on `seed` alone, whatever ran before. A few nanoseconds; Database calls it
/// before each request with a number of its own stream, so that random() on one copy does not shift another copy.
void seed_generator(std::uint64_t seed);

/// "3.40.1 2022-12-28 ...": part of a run's identity.
std::string library_version();

}  // namespace tidemark::model::sqlite
