#include "model/srs/cold_reader.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "model/srs/cold_chain.h"
#include "sim/core/wait.h"

namespace tidemark::model::srs {
namespace {

/// A checked object, or why there is none. Exactly one of the two contents is set.
struct Read {
  ColdStatus status = ColdStatus::kVanished;
  std::string problem;
  PageTable snapshot;
  std::vector<EntryRef> entries;
};

bool decode(const RelaySetup& setup, const ColdObject& object, const sim::ObjectBody& body, Read& read) {
  if (object.what.kind == ColdKey::Kind::kSegment) {
    read.entries.clear();
    if (!decode_segment(body, setup.page_size, read.entries, read.problem)) return false;
    const bool fits = !read.entries.empty() && read.entries.front()->bookmark() == object.what.first &&
                      read.entries.back()->bookmark() == object.what.last;
    return fits || (read.problem = "it holds other entries than its key says", false);
  }
  // Bug E19: the pages are taken without their checksums.
  const PageChecks checks = setup.bugs.has(Bug::kE19) ? PageChecks::kTrusted : PageChecks::kVerified;
  if (!decode_snapshot(body, setup.page_size, read.snapshot, read.problem, checks)) return false;
  return read.snapshot.at() == object.what.last || (read.problem = "it has another label than its key says", false);
}

/// Damage may be of the answer only, so every failure but a missing object is asked for again.
sim::Task<Read> read_object(const RelaySetup& setup, ColdObject object) {
  Read read;
  sim::Duration pause = kFirstColdPause;
  for (int attempt = 1;; ++attempt, pause = pause * 2) {
    const sim::GetResult got = co_await setup.env.cold().get(object.key);
    if (got.status == sim::ObjectStatus::kOk) {
      read.status = decode(setup, object, got.body, read) ? ColdStatus::kOk : ColdStatus::kDamaged;
      const bool again = attempt < kColdAttempts && setup.env.unlikely("cold/get-again", sim::BuggifyClass::kError);
      if (again) read.status = ColdStatus::kDamaged;
    } else {
      read.status = ColdStatus::kVanished;
      read.problem = to_text(got.status);
    }
    const bool final = read.status == ColdStatus::kOk || got.status == sim::ObjectStatus::kNotFound;
    if (final || attempt == kColdAttempts) break;
    co_await sim::sleep(setup.env.process(), pause);
  }
  if (read.status != ColdStatus::kOk) read.problem = object.key + ": " + read.problem;
  co_return read;
}

/// Segments that are being read while the chain is walked: a store answers many requests at once. Shared by the reader
/// and the tasks that read, whichever ends last.
struct ReadAhead {
  static constexpr std::size_t kAtOnce = 8;
  explicit ReadAhead(const RelaySetup& of) : setup(of) {}
  const RelaySetup setup;
  std::map<std::string, std::optional<Read>> reads;  // by key; nothing while under way
  std::size_t under_way = 0;
  sim::WaitQueue done;
};

sim::Task<void> read_one(std::shared_ptr<ReadAhead> ahead, ColdObject object) {
  Read read = co_await read_object(ahead->setup, object);
  ahead->reads[object.key] = std::move(read);
  --ahead->under_way;
  ahead->done.notify_all();
}

/// Of `wanted`; and lets the segments behind it come.
sim::Task<Read> read_segment(std::shared_ptr<ReadAhead> ahead, const std::vector<ColdObject>& segments,
                             ColdObject wanted) {
  sim::Process& process = ahead->setup.env.process();
  for (;;) {
    auto next = std::find_if(segments.begin(), segments.end(), [&](const auto& o) { return o.key == wanted.key; });
    for (; next != segments.end() && ahead->under_way < ReadAhead::kAtOnce; ++next) {
      if (!ahead->reads.try_emplace(next->key).second) continue;
      ++ahead->under_way;
      process.spawn(read_one(ahead, *next));
    }
    const auto found = ahead->reads.find(wanted.key);
    if (found != ahead->reads.end() && found->second.has_value()) {
      Read read = std::move(*found->second);
      ahead->reads.erase(found);
      co_return read;
    }
    co_await ahead->done.wait(process);
  }
}

/// Keeps the worse of two failures: an object that vanished is a reason to list again, whatever else was found.
void note(ColdImage& image, const Read& read) {
  if (image.problem.empty() || read.status == ColdStatus::kVanished) image.problem = read.problem;
  if (image.status != ColdStatus::kVanished) image.status = read.status;
}

bool within(const ColdObject& snapshot, const ColdGoal& goal) {
  return snapshot.what.last <= goal.up_to && snapshot.what.recorded <= goal.until;
}

}  // namespace

PageTable ColdImage::at_end() const {
  PageTable image = snapshot;
  for (const EntryRef& entry : entries) image.apply(*entry);
  return image;
}

sim::Task<ColdImage> read_cold(const RelaySetup& setup) {
  ColdListing listing = co_await list_cold(setup);
  const ColdGoal everything;
  if (listing.complete) co_return co_await read_cold(setup, std::move(listing), everything);
  ColdImage refused;
  refused.status = ColdStatus::kVanished;
  refused.problem = std::move(listing.problem);
  co_return refused;
}

sim::Task<ColdImage> read_cold(const RelaySetup& setup, ColdListing listing, ColdGoal goal) {
  ColdImage image;
  image.stock.objects = listing.snapshots;
  image.stock.objects.insert(image.stock.objects.end(), listing.segments.begin(), listing.segments.end());
  std::erase_if(listing.snapshots, [&](const ColdObject& snapshot) { return !within(snapshot, goal); });
  std::size_t left = listing.snapshots.size();
  bool found = false;
  while (left > 0 && !found) {
    Read read = co_await read_object(setup, listing.snapshots[--left]);
    found = read.status == ColdStatus::kOk;
    if (found) {
      image.snapshot = std::move(read.snapshot);
    } else {
      note(image, read);
    }
  }
  if (!found) co_return image;  // kNothing, or what the last failure was
  ColdChain chain(setup, image.snapshot, goal);
  const auto ahead = std::make_shared<ReadAhead>(setup);
  for (const ColdObject* next = nullptr; (next = chain.next(listing.segments)) != nullptr;) {
    Read read = co_await read_segment(ahead, listing.segments, *next);
    if (read.status == ColdStatus::kOk) {
      chain.extend(*next, std::move(read.entries));
    } else {
      note(image, read);
      chain.failed(*next);
    }
  }
  // What could not be read does no harm if the chain passed it on another way.
  const bool enough = chain.complete() && chain.position() >= listing.snapshots.back().what.last;
  if (enough) image.status = ColdStatus::kOk;
  if (const std::string fork = chain.fork(listing.segments); !fork.empty()) {
    image.status = ColdStatus::kDamaged;
    image.problem = fork;
  }
  image.entries = chain.take();
  image.stock.snapshot = image.snapshot.at();
  image.stock.has_snapshot = true;
  image.stock.renew = !image.problem.empty();
  for (const EntryRef& entry : image.entries) image.stock.log_bytes += entry->bytes();
  co_return image;
}

}  // namespace tidemark::model::srs
