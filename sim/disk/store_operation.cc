#include "sim/disk/store_operation.h"

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "sim/disk/object_body.h"

namespace tidemark::sim {

SimObjectStore::Operation::Operation(SimObjectStore& store, Process& process, Kind kind, std::string key,
                                     ObjectBody body, Page page)
    : store_(store),
      process_(process),
      kind_(kind),
      key_(std::move(key)),
      page_(std::move(page)),
      body_(std::move(body)),
      tag_(hash_name(key_, static_cast<std::uint64_t>(kind))),
      effect_(*this, &Operation::on_effect, nullptr),
      answer_(*this, &Operation::on_answer, &process) {
  next_ = store.first_;
  if (next_ != nullptr) next_->prev_ = this;
  store.first_ = this;
  ++store.pending_;
}

SimObjectStore::Operation::~Operation() {
  if (wait_ != nullptr) wait_->operation_ = nullptr;
  (prev_ != nullptr ? prev_->next_ : store_.first_) = next_;
  if (next_ != nullptr) next_->prev_ = prev_;
  --store_.pending_;
}

void SimObjectStore::Operation::start(Duration service, Duration round_trip) {
  const Duration way_there = round_trip / 2;
  way_back_ = round_trip - way_there;
  left_ = store_.scheduler_.now();
  if (store_.active_ != nullptr) [[unlikely]]
    return start_with_faults(service, way_there);
  store_.scheduler_.arm_after(effect_, way_there + service, tag_);
}

void SimObjectStore::Operation::start_with_faults(Duration service, Duration way_there) {
  decision_ = std::make_unique<StoreFaultSet::Decision>(store_.active_->on_request(request(), service));
  const Instant effect = left_ + way_there + decision_->service;
  if (decision_->takes_effect) store_.scheduler_.arm(effect_, effect + decision_->late, tag_);
  if (!decision_->answer) return;
  status_ = *decision_->answer;
  if (decision_->refused) {
    answer_at(left_ + way_there + way_back_);
  } else {
    answer_at(status_ == ObjectStatus::kTimeout ? left_ + decision_->timeout : effect + way_back_);
  }
}

void SimObjectStore::Operation::take_effect() {
  apply();
  const bool answered = (decision_ != nullptr || store_.active_ != nullptr) && apply_faults();
  if (wait_ == nullptr) {
    delete this;
    return;
  }
  if (answered) return;
  const Duration transfer = kind_ == Kind::kGet ? transfer_time(body_.size(), store_.bytes_per_second_) : Duration{};
  store_.scheduler_.arm_after(answer_, transfer + way_back_, tag_);
}

void SimObjectStore::Operation::apply() {
  // With faults the answer may be decided already: then only the effect on the store counts.
  const bool decided = decision_ != nullptr && decision_->answer.has_value();
  const auto answer = [&](ObjectStatus status) {
    if (!decided) status_ = status;
  };
  switch (kind_) {
    case Kind::kPut:
      put();
      return;
    case Kind::kPutIfAbsent:
      if (store_.peek(key_) != nullptr) return answer(ObjectStatus::kExists);
      put();
      return;
    case Kind::kGet:
      ++store_.statistics_.gets;
      if (const ObjectBody* found = store_.peek(key_)) {
        body_ = *found;
      } else {
        answer(ObjectStatus::kNotFound);
      }
      return;
    case Kind::kList:
      ++store_.statistics_.lists;
      list_ = store_.page_now(key_, page_.start_after, page_.limit);
      return;
    case Kind::kRemove:
      if (store_.observer_ != nullptr && store_.peek(key_) != nullptr) store_.observer_->on_remove(key_);
      store_.remove_now(key_);
      return;
  }
}

void SimObjectStore::Operation::put() {
  if (store_.observer_ != nullptr) store_.observer_->on_put(key_, body_);
  store_.put_now(key_, std::move(body_));
  body_ = {};
}

bool SimObjectStore::Operation::apply_faults() {
  bool hidden = false;
  if (decision_ != nullptr) {
    if (decision_->answer) return true;  // armed when the request left
    if (kind_ == Kind::kList) damage_list(*decision_);
    if (kind_ == Kind::kGet) damage_body(*decision_);
    const StoreFaultSet::Strike& hides =
        status_ == ObjectStatus::kExists ? decision_->hides_loser : decision_->hides_winner;
    hidden = kind_ == Kind::kPutIfAbsent && hides.id != 0;
    if (hidden) count(hides.id);
  }
  const std::optional<Duration> outage =
      store_.active_ != nullptr ? store_.active_->outage(request()) : std::optional<Duration>{};
  if (!hidden && !outage) return false;
  status_ = ObjectStatus::kTimeout;
  body_ = {};
  list_ = {};
  const Duration timeout = std::max(hidden ? decision_->timeout : Duration{}, outage.value_or(Duration{}));
  if (wait_ != nullptr) answer_at(left_ + timeout);
  return true;
}

void SimObjectStore::Operation::damage_list(const StoreFaultSet::Decision& decision) {
  std::uint64_t limit = page_.limit;
  if (decision.page_keys != 0 && (limit == 0 || decision.page_keys < limit)) limit = decision.page_keys;
  list_ = store_.page_now(key_, page_.start_after, limit);
  if (decision.stale.id == 0) return;
  const Instant then = store_.scheduler_.now() - decision.stale_window;
  ListResult stale = store_.page_of(store_.keys_at(then, key_), page_.start_after, limit);
  if (stale.keys != list_.keys) count(decision.stale.id);
  list_ = std::move(stale);
}

void SimObjectStore::Operation::damage_body(const StoreFaultSet::Decision& decision) {
  if (decision.corrupts.id != 0 && body_.size() != 0) {
    body_ = with_flipped_bit(body_, decision.corrupts.random->below(body_.size() * 8));
    count(decision.corrupts.id);
  }
  if (decision.truncates.id != 0 && body_.size() != 0) {
    body_ = prefix_of(body_, decision.truncates.random->below(body_.size()));
    count(decision.truncates.id);
  }
}

void SimObjectStore::Operation::give_answer() {
  Wait* const wait = std::exchange(wait_, nullptr);
  wait->operation_ = nullptr;
  wait->status = status_;
  // An answer that was decided before the effect has nothing in it, and the effect may still need the body.
  const bool empty = effect_.armed();
  if (!empty) {
    wait->body = std::move(body_);
    wait->page = std::move(list_);
    delete this;
  }
  wait->handle_.resume();
}

/// The caller is gone. A request that is on its way still takes effect, unless it is an upload that faults drop.
void SimObjectStore::Operation::abandon() {
  wait_ = nullptr;
  if (answer_.armed()) answer_.cancel();
  const bool upload = kind_ == Kind::kPut || kind_ == Kind::kPutIfAbsent;
  const bool dropped =
      upload && effect_.armed() && store_.active_ != nullptr && store_.active_->drops_upload(request());
  if (!effect_.armed() || dropped) delete this;
}

StoreFaultSet::Request SimObjectStore::Operation::request() const {
  constexpr StoreOps kOperations[] = {kStorePut, kStoreGet, kStoreList, kStoreRemove, kStorePut};
  return {kOperations[static_cast<std::size_t>(kind_)], kind_ == Kind::kPutIfAbsent, process_.id(), key_, body_.size()};
}

void SimObjectStore::Operation::count(StoreFaultId id) const {
  store_.faults_->count(id);
}

}  // namespace tidemark::sim
