// Waiting for a sync without a callback: SQLite's syncs are started deep inside a call that cannot wait.
#pragma once

#include <algorithm>

#include "sim/core/file.h"
#include "sim/core/task.h"
#include "sim/core/wait.h"

namespace tidemark::sim {

/// Resolves when the sync begun last on `file` is complete; then ask file.sync_status(). A sync that was begun
/// meanwhile counts as well. Without faults this is one sleep until the instant that sync() returned. The file must not
/// be removed meanwhile.
inline Task<void> until_synced(Process& process, const File& file) {
  // Under a stall the instant is not final: it is asked again every second.
  constexpr Duration kAskAgain = Duration::seconds(1);
  while (file.synced_at() > process.scheduler().now()) {
    co_await sleep(process, std::min(file.synced_at() - process.scheduler().now(), kAskAgain));
  }
}

}  // namespace tidemark::sim
