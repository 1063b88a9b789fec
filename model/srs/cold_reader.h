// Reading a database back from cold storage: the newest snapshot and the segments after it, checked.
#pragma once

#include <string>
#include <vector>

#include "model/srs/page_table.h"
#include "model/srs/relay_setup.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

enum class ColdStatus : std::uint8_t {
  kOk,
  kNothing,   // no snapshot yet
  kVanished,  // an object was removed between the listing and the reading, or the store refused: try again
  kDamaged,   // an object fails its checks; `problem` names it
};

struct ColdImage {
  ColdStatus status = ColdStatus::kNothing;
  std::string problem;  // with the key of the object
  PageTable snapshot;
  std::vector<EntryRef> entries;  // what follows the snapshot, without a gap
  const Bookmark& position() const { return entries.empty() ? snapshot.at() : entries.back()->bookmark(); }
};

/// One list and one get per object, one after the other. `setup` must outlive the task.
sim::Task<ColdImage> read_cold(const RelaySetup& setup);

}  // namespace tidemark::model::srs
