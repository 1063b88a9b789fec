// What is in cold storage, by the keys alone: one listing of a database's objects, all pages of it.
//
// A listing is a hint, never the truth: it may miss the newest objects and show some that are gone, and its pages are
// not one state of the store. What follows what is decided by the digests in the objects (cold_reader.h).
#pragma once

#include <string>
#include <vector>

#include "model/srs/cold_format.h"
#include "model/srs/relay_setup.h"
#include "sim/core/task.h"

namespace tidemark::model::srs {

struct ColdObject {
  std::string key;
  ColdKey what;
  sim::Duration age{};  // since it was stored, by the store's clock when it was listed: never more than the truth
};

struct ColdListing {
  bool complete = false;  // false: the store refused, `problem` says how; try again later
  std::string problem;
  std::vector<ColdObject> snapshots;  // by label, oldest first
  std::vector<ColdObject> segments;   // by first bookmark, then by last
};

/// "throttled", "timeout", ...
std::string_view to_text(sim::ObjectStatus status);

/// Pauses before a request to the store is tried again: the first, doubling up to the longest. Ours.
inline constexpr sim::Duration kFirstColdPause = sim::Duration::milliseconds(200);
inline constexpr sim::Duration kLongestColdPause = sim::Duration::seconds(30);
/// A reader asks this often before it gives up for now.
inline constexpr int kColdAttempts = 4;

/// Every page, each asked for at most kColdAttempts times. `setup` must outlive the task.
sim::Task<ColdListing> list_cold(const RelaySetup& setup);

}  // namespace tidemark::model::srs
