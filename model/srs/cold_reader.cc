#include "model/srs/cold_reader.h"

#include "model/srs/cold_format.h"

namespace tidemark::model::srs {
namespace {

struct Listing {
  Bookmark snapshot;
  std::string snapshot_key;           // empty: there is none
  std::vector<std::string> segments;  // with anything after the snapshot, in log order
};

Listing sort_keys(std::string_view database, const std::vector<std::string>& keys) {
  Listing out;
  ColdKey parsed;
  for (const std::string& key : keys) {
    if (!parse_key(database, key, parsed) || parsed.kind != ColdKey::Kind::kSnapshot) continue;
    if (!out.snapshot_key.empty() && parsed.last < out.snapshot) continue;
    out.snapshot = parsed.last;
    out.snapshot_key = key;
  }
  for (const std::string& key : keys) {
    const bool segment = parse_key(database, key, parsed) && parsed.kind == ColdKey::Kind::kSegment;
    if (segment && parsed.last > out.snapshot) out.segments.push_back(key);
  }
  return out;
}

/// Appends what follows the position reached; false when the segment leaves a gap.
bool extend(ColdImage& image, std::vector<EntryRef>& segment) {
  for (EntryRef& entry : segment) {
    if (entry->bookmark() <= image.position()) continue;  // part of the snapshot
    if (entry->previous() != image.position()) return false;
    image.entries.push_back(std::move(entry));
  }
  return true;
}

void damaged(ColdImage& image, const std::string& key, const std::string& problem) {
  image.status = ColdStatus::kDamaged;
  image.problem = key + ": " + problem;
}

}  // namespace

sim::Task<ColdImage> read_cold(const RelaySetup& setup) {
  ColdImage image;
  const sim::ListResult list = co_await setup.env.cold().list(setup.database_name + "/");
  if (list.status != sim::ObjectStatus::kOk) {
    image.status = ColdStatus::kVanished;
    co_return image;
  }
  const Listing listing = sort_keys(setup.database_name, list.keys);
  if (listing.snapshot_key.empty()) co_return image;
  std::string problem;
  image.status = ColdStatus::kVanished;
  const sim::GetResult snapshot = co_await setup.env.cold().get(listing.snapshot_key);
  if (snapshot.status != sim::ObjectStatus::kOk) co_return image;
  if (!decode_snapshot(snapshot.body, setup.page_size, image.snapshot, problem)) {
    damaged(image, listing.snapshot_key, problem);
    co_return image;
  }
  for (const std::string& key : listing.segments) {
    const sim::GetResult got = co_await setup.env.cold().get(key);
    if (got.status != sim::ObjectStatus::kOk) co_return image;
    std::vector<EntryRef> entries;
    if (!decode_segment(got.body, setup.page_size, entries, problem) || !extend(image, entries)) {
      damaged(image, key, problem.empty() ? "it does not continue what comes before it" : problem);
      co_return image;
    }
  }
  image.status = ColdStatus::kOk;
  co_return image;
}

}  // namespace tidemark::model::srs
