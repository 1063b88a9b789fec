#include "model/srs/cold_listing.h"

#include <algorithm>
#include <tuple>

#include "sim/core/wait.h"

namespace tidemark::model::srs {
namespace {

sim::Task<sim::ListResult> list_one_page(const RelaySetup& setup, std::string prefix, std::string start_after) {
  sim::Duration pause = kFirstColdPause;
  for (int attempt = 1;; ++attempt, pause = pause * 2) {
    const bool one = setup.env.unlikely("cold/list-one-by-one", sim::BuggifyClass::kOrder);
    const std::uint32_t keys = one ? 1 : setup.options.cold_list_page;
    sim::ListResult page = co_await setup.env.cold().list_page(prefix, start_after, keys);
    if (page.status == sim::ObjectStatus::kOk || attempt == kColdAttempts) co_return page;
    co_await sim::sleep(setup.env.process(), pause);
  }
}

void sort(std::vector<ColdObject>& objects) {
  std::sort(objects.begin(), objects.end(), [](const ColdObject& a, const ColdObject& b) {
    return std::tie(a.what.first, a.what.last, a.key) < std::tie(b.what.first, b.what.last, b.key);
  });
}

}  // namespace

std::string_view to_text(sim::ObjectStatus status) {
  switch (status) {
    case sim::ObjectStatus::kOk:
      return "ok";
    case sim::ObjectStatus::kNotFound:
      return "not found";
    case sim::ObjectStatus::kError:
      return "error";
    case sim::ObjectStatus::kThrottled:
      return "throttled";
    case sim::ObjectStatus::kTimeout:
      return "timeout";
    case sim::ObjectStatus::kExists:
      return "exists";
  }
  return "";
}

sim::Task<ColdListing> list_cold(const RelaySetup& setup) {
  ColdListing listing;
  // Bug E10: the prefix has no separator, so the objects of every database whose name begins with this one are taken.
  const std::string prefix = setup.database_name + (setup.bugs.has(Bug::kE10) ? "" : "/");
  for (std::string start_after;;) {
    const sim::ListResult page = co_await list_one_page(setup, prefix, start_after);
    if (page.status != sim::ObjectStatus::kOk) {
      listing.problem = "listing: " + std::string(to_text(page.status));
      co_return listing;
    }
    for (std::size_t i = 0; i < page.keys.size(); ++i) {
      const std::string& key = page.keys[i];
      ColdKey what;
      if (!parse_key(std::string_view(key).substr(0, key.find('/', prefix.size() - 1)), key, what)) continue;
      (what.kind == ColdKey::Kind::kSnapshot ? listing.snapshots : listing.segments).push_back({key, what, i < page.ages.size() ? page.ages[i] : sim::Duration{}});
    }
    // Bug E11: the first page is taken for the whole list.
    if (!page.truncated || page.keys.empty() || setup.bugs.has(Bug::kE11)) break;
    start_after = page.keys.back();
  }
  sort(listing.snapshots);
  sort(listing.segments);
  listing.complete = true;
  co_return listing;
}

}  // namespace tidemark::model::srs
