#include "model/sqlite/library.h"

#include <sqlite3.h>

#include <ctime>

#include "base/assert.h"

namespace tidemark::model::sqlite {
namespace {

/// Local time is UTC: the machine's time zone must not reach a run.
int utc_instead_of_local(const void* time, void* out) {
  const auto* seconds = static_cast<const std::time_t*>(time);
  return gmtime_r(seconds, static_cast<std::tm*>(out)) == nullptr ? 1 : 0;
}

}  // namespace

void set_up_library() {
  static const bool done = [] {
    TIDEMARK_ASSERT(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK, "SQLite was used before it was set up");
    TIDEMARK_ASSERT(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    TIDEMARK_ASSERT(sqlite3_initialize() == SQLITE_OK);
    constexpr int kReplaceLocalTime = 2;
    sqlite3_test_control(SQLITE_TESTCTRL_LOCALTIME_FAULT, kReplaceLocalTime, &utc_instead_of_local);
    return true;
  }();
  TIDEMARK_ASSERT(done);
}

void seed_generator(std::uint64_t seed) {
  // SQLite takes an int, and 0 means "ask the operating system".
  const auto folded = static_cast<std::uint32_t>(seed ^ (seed >> 32));
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(folded == 0 ? 1 : folded),
                       static_cast<sqlite3*>(nullptr));
}

void reset_for_run(std::uint64_t seed) {
  set_up_library();
  seed_generator(seed);
}

std::string library_version() {
  return std::string(sqlite3_libversion()) + " " + sqlite3_sourceid();
}

}  // namespace tidemark::model::sqlite
