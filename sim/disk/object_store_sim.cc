#include "sim/disk/object_store_sim.h"

#include <algorithm>
#include <utility>

#include "sim/disk/object_body.h"
#include "sim/disk/store_fault_set.h"
#include "sim/disk/store_operation.h"

namespace tidemark::sim {

class SimObjectStore::Client final : public ObjectStore {
 public:
  Client(SimObjectStore& store, Process& process)
      : store_(store),
        process_(process),
        get_random_(store.streams_.stream("object_store/" + process.name(), "get")),
        put_random_(store.streams_.stream("object_store/" + process.name(), "put")),
        list_random_(store.streams_.stream("object_store/" + process.name(), "list")),
        remove_random_(store.streams_.stream("object_store/" + process.name(), "remove")) {}

  void set_round_trip(Duration round_trip) { round_trip_ = round_trip; }

  Task<ObjectStatus> put(std::string key, ObjectBody body) override {
    const Duration service =
        store_.put_time_.sample(put_random_) + transfer_time(body.size(), store_.bytes_per_second_);
    Operation::Wait wait(start(Operation::Kind::kPut, std::move(key), std::move(body), service));
    co_await wait;
    co_return wait.status;
  }
  Task<GetResult> get(std::string key) override {
    Operation::Wait wait(start(Operation::Kind::kGet, std::move(key), {}, store_.get_time_.sample(get_random_)));
    co_await wait;
    GetResult result{wait.status, std::move(wait.body)};
    co_return result;
  }
  Task<ObjectStatus> put_if_absent(std::string key, ObjectBody body) override {
    const Duration service =
        store_.put_time_.sample(put_random_) + transfer_time(body.size(), store_.bytes_per_second_);
    Operation::Wait wait(start(Operation::Kind::kPutIfAbsent, std::move(key), std::move(body), service));
    co_await wait;
    co_return wait.status;
  }
  Task<ListResult> list(std::string prefix) override {
    ListResult all;
    while (true) {
      Operation::Page next;
      if (!all.keys.empty()) next.start_after = all.keys.back();
      Operation::Wait wait(start(Operation::Kind::kList, prefix, {}, store_.list_time_.sample(list_random_), next));
      co_await wait;
      all.status = wait.status;
      if (wait.status != ObjectStatus::kOk) {
        all.keys.clear();
        all.ages.clear();
      }
      all.keys.insert(all.keys.end(), std::make_move_iterator(wait.page.keys.begin()),
                      std::make_move_iterator(wait.page.keys.end()));
      all.ages.insert(all.ages.end(), wait.page.ages.begin(), wait.page.ages.end());
      if (!wait.page.truncated || wait.status != ObjectStatus::kOk) break;
    }
    co_return all;
  }
  Task<ListResult> list_page(std::string prefix, std::string start_after, std::size_t limit) override {
    Operation::Page page{std::move(start_after), limit};
    Operation::Wait wait(
        start(Operation::Kind::kList, std::move(prefix), {}, store_.list_time_.sample(list_random_), std::move(page)));
    co_await wait;
    wait.page.status = wait.status;
    ListResult result = std::move(wait.page);
    co_return result;
  }
  Task<ObjectStatus> remove(std::string key) override {
    Operation::Wait wait(
        start(Operation::Kind::kRemove, std::move(key), {}, store_.remove_time_.sample(remove_random_)));
    co_await wait;
    co_return wait.status;
  }

 private:
  Operation* start(Operation::Kind kind, std::string key, ObjectBody body, Duration service,
                   Operation::Page page = {}) {
    auto* const operation = new Operation(store_, process_, kind, std::move(key), std::move(body), std::move(page));
    operation->start(service, round_trip_);
    return operation;
  }

  SimObjectStore& store_;
  Process& process_;
  Duration round_trip_;
  RandomStream& get_random_;
  RandomStream& put_random_;
  RandomStream& list_random_;
  RandomStream& remove_random_;
};

SimObjectStore::SimObjectStore(Scheduler& scheduler, StreamRegistry& streams, const ObjectStoreOptions& options)
    : scheduler_(scheduler),
      streams_(streams),
      bytes_per_second_(options.bytes_per_second),
      list_page_keys_(std::max<std::uint64_t>(options.list_page_keys, 1)),
      get_time_(lognormal_or_constant(options.get_median, options.get_sigma)),
      put_time_(lognormal_or_constant(options.put_median, options.put_sigma)),
      list_time_(lognormal_or_constant(options.list_median, options.list_sigma)),
      remove_time_(lognormal_or_constant(options.remove_median, options.remove_sigma)) {}

SimObjectStore::~SimObjectStore() {
  while (first_ != nullptr) delete first_;
}

ObjectStore& SimObjectStore::client(Process& process, Duration round_trip) {
  std::unique_ptr<Client>& client = clients_[process.id()];
  if (client == nullptr) client = std::make_unique<Client>(*this, process);
  client->set_round_trip(round_trip);
  return *client;
}

const ObjectBody* SimObjectStore::peek(std::string_view key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : &found->second.body;
}

std::vector<std::string> SimObjectStore::keys(std::string_view prefix) const {
  std::vector<std::string> result;
  for (auto at = objects_.lower_bound(prefix); at != objects_.end() && at->first.starts_with(prefix); ++at) {
    result.push_back(at->first);
  }
  return result;
}

ListResult SimObjectStore::page_now(const std::string& prefix, const std::string& start_after,
                                    std::uint64_t limit) const {
  if (limit == 0 || limit > list_page_keys_) limit = list_page_keys_;
  ListResult page;
  auto at = start_after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(start_after);
  for (; at != objects_.end() && at->first.starts_with(prefix); ++at) {
    if (page.keys.size() == limit) {
      page.truncated = true;
      break;
    }
    page.keys.push_back(at->first);
  }
  tell_ages(page);
  return page;
}

/// A page of `keys`, which are sorted.
ListResult SimObjectStore::page_of(std::vector<std::string> keys, const std::string& start_after,
                                   std::uint64_t limit) const {
  if (limit == 0 || limit > list_page_keys_) limit = list_page_keys_;
  ListResult page;
  page.keys = std::move(keys);
  page.keys.erase(page.keys.begin(), std::upper_bound(page.keys.begin(), page.keys.end(), start_after));
  page.truncated = page.keys.size() > limit;
  if (page.truncated) page.keys.resize(limit);
  tell_ages(page);
  return page;
}

void SimObjectStore::tell_ages(ListResult& page) const {
  page.ages.clear();
  for (const std::string& key : page.keys) {
    const auto found = objects_.find(key);  // a stale list may show what is gone
    page.ages.push_back(found == objects_.end() ? Duration{} : scheduler_.now() - found->second.stored);
  }
}

std::vector<std::string> SimObjectStore::keys_at(Instant when, std::string_view prefix) const {
  std::map<std::string, bool> existed;
  for (auto change = changes_.rbegin(); change != changes_.rend() && change->when > when; ++change) {
    if (change->key.starts_with(prefix)) existed[change->key] = change->existed;
  }
  std::vector<std::string> result;
  for (std::string& key : keys(prefix)) {
    if (existed.find(key) == existed.end()) result.push_back(std::move(key));
  }
  for (const auto& [key, then] : existed) {
    if (then) result.push_back(key);
  }
  std::sort(result.begin(), result.end());
  return result;
}

void SimObjectStore::put_now(const std::string& key, ObjectBody body) {
  ++statistics_.puts;
  const auto [place, is_new] = objects_.try_emplace(key);
  if (is_new) ++statistics_.objects;
  if (is_new && active_ != nullptr) remember_change(key, false);
  statistics_.bytes += body.size() - place->second.body.size();
  place->second = {std::move(body), scheduler_.now()};
}

void SimObjectStore::remove_now(std::string_view key) {
  ++statistics_.removes;
  const auto found = objects_.find(key);
  if (found == objects_.end()) return;
  if (active_ != nullptr) remember_change(key, true);
  --statistics_.objects;
  statistics_.bytes -= found->second.body.size();
  objects_.erase(found);
}

// --- Faults. ---

void SimObjectStore::remember_change(std::string_view key, bool existed) {
  const std::optional<Duration> window = active_->stale_window();
  if (!window) return;
  while (!changes_.empty() && changes_.front().when < scheduler_.now() - *window) changes_.pop_front();
  changes_.push_back({scheduler_.now(), std::string(key), existed});
}

StoreFaultId SimObjectStore::inject(StoreFault fault, RandomStream& random, StoreScope scope) {
  if (faults_ == nullptr) faults_ = std::make_unique<StoreFaultSet>();
  const StoreFaultId id = faults_->inject(std::move(fault), random, std::move(scope));
  faults_changed();
  return id;
}

void SimObjectStore::end(StoreFaultId id) {
  if (faults_ == nullptr || !faults_->end(id)) return;
  faults_changed();
}

void SimObjectStore::end_all_faults() {
  if (faults_ == nullptr) return;
  faults_->end_all();
  faults_changed();
}

void SimObjectStore::faults_changed() {
  active_ = faults_->any() ? faults_.get() : nullptr;
  if (!faults_->stale_window()) changes_.clear();
}

bool SimObjectStore::active(StoreFaultId id) const {
  return faults_ != nullptr && faults_->active(id);
}

std::uint64_t SimObjectStore::effects(StoreFaultId id) const {
  return faults_ == nullptr ? 0 : faults_->effects(id);
}

bool SimObjectStore::corrupt_object(std::string_view key, RandomStream& random) {
  const auto found = objects_.find(key);
  if (found == objects_.end() || found->second.body.size() == 0) return false;
  found->second.body = with_flipped_bit(found->second.body, random.below(found->second.body.size() * 8));
  return true;
}

bool SimObjectStore::truncate_object(std::string_view key, RandomStream& random) {
  const auto found = objects_.find(key);
  if (found == objects_.end() || found->second.body.size() == 0) return false;
  const std::uint64_t before = found->second.body.size();
  found->second.body = prefix_of(found->second.body, random.below(before));
  statistics_.bytes -= before - found->second.body.size();
  return true;
}

}  // namespace tidemark::sim
