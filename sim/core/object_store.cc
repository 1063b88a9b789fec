#include "sim/core/object_store.h"

#include <algorithm>
#include <utility>

namespace tidemark::sim {

Task<ObjectStatus> ObjectStore::put_if_absent(std::string, ObjectBody) {
  co_return ObjectStatus::kError;
}

Task<ListResult> ObjectStore::list_page(std::string prefix, std::string start_after, std::size_t limit) {
  ListResult result = co_await list(std::move(prefix));
  const auto first = std::upper_bound(result.keys.begin(), result.keys.end(), start_after);
  result.ages.resize(result.keys.size());
  result.ages.erase(result.ages.begin(), result.ages.begin() + (first - result.keys.begin()));
  result.keys.erase(result.keys.begin(), first);
  result.truncated = limit != 0 && result.keys.size() > limit;
  if (result.truncated) {
    result.keys.resize(limit);
    result.ages.resize(limit);
  }
  co_return result;
}

}  // namespace tidemark::sim
