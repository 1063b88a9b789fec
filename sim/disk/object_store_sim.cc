#include "sim/disk/object_store_sim.h"

#include <coroutine>
#include <utility>

#include "base/digest.h"
#include "sim/core/frame_pool.h"

namespace tidemark::sim {

/// One request under way. Lives from the request to the later of effect and answer; the waiting coroutine may go first.
class SimObjectStore::Operation {
 public:
  enum class Kind : std::uint8_t { kPut, kGet, kList, kRemove };

  Operation(SimObjectStore& store, Process& process, Kind kind, std::string key, ObjectBody body)
      : store_(store),
        kind_(kind),
        key_(std::move(key)),
        body_(std::move(body)),
        tag_(hash_name(key_, static_cast<std::uint64_t>(kind))),
        effect_(*this, &Operation::on_effect, nullptr),
        answer_(*this, &Operation::on_answer, &process) {
    next_ = store.first_;
    if (next_ != nullptr) next_->prev_ = this;
    store.first_ = this;
    ++store.pending_;
  }
  ~Operation() {
    if (wait_ != nullptr) wait_->operation_ = nullptr;
    (prev_ != nullptr ? prev_->next_ : store_.first_) = next_;
    if (next_ != nullptr) next_->prev_ = prev_;
    --store_.pending_;
  }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }

  void start(Duration until_effect, Duration way_back) {
    way_back_ = way_back;
    store_.scheduler_.arm_after(effect_, until_effect, tag_);
  }

  /// What a coroutine waits with. Its destruction, with the frame, gives the answer up.
  class [[nodiscard]] Wait {
   public:
    explicit Wait(Operation* operation) : operation_(operation) { operation_->wait_ = this; }
    ~Wait() {
      if (operation_ != nullptr) operation_->abandon();
    }
    Wait(const Wait&) = delete;
    Wait& operator=(const Wait&) = delete;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) { handle_ = handle; }
    void await_resume() const {}

    ObjectStatus status = ObjectStatus::kOk;
    ObjectBody body;
    std::vector<std::string> keys;

   private:
    friend class Operation;
    Operation* operation_;
    std::coroutine_handle<> handle_;
  };

 private:
  struct OperationTimer : Timer {
    OperationTimer(Operation& owning, Fire fire, Process* process)
        : Timer(fire, EventKind::kObject, process), operation(owning) {}
    Operation& operation;
  };

  static void on_effect(Timer& timer) { static_cast<OperationTimer&>(timer).operation.take_effect(); }
  static void on_answer(Timer& timer) {
    Operation* const operation = &static_cast<OperationTimer&>(timer).operation;
    Wait* const wait = std::exchange(operation->wait_, nullptr);
    wait->operation_ = nullptr;
    wait->status = operation->status_;
    wait->body = std::move(operation->body_);
    wait->keys = std::move(operation->keys_);
    delete operation;
    wait->handle_.resume();
  }

  void take_effect() {
    apply();
    if (wait_ == nullptr) {
      delete this;
      return;
    }
    const Duration transfer = kind_ == Kind::kGet ? transfer_time(body_.size(), store_.bytes_per_second_) : Duration{};
    store_.scheduler_.arm_after(answer_, transfer + way_back_, tag_);
  }

  void apply() {
    switch (kind_) {
      case Kind::kPut:
        store_.put_now(key_, std::move(body_));
        body_ = {};
        return;
      case Kind::kGet:
        ++store_.statistics_.gets;
        if (const ObjectBody* found = store_.peek(key_)) {
          body_ = *found;
        } else {
          status_ = ObjectStatus::kNotFound;
        }
        return;
      case Kind::kList:
        ++store_.statistics_.lists;
        keys_ = store_.keys(key_);
        return;
      case Kind::kRemove:
        store_.remove_now(key_);
        return;
    }
  }

  /// The caller is gone. A request that is on its way still takes effect.
  void abandon() {
    wait_ = nullptr;
    if (!effect_.armed()) delete this;
  }

  SimObjectStore& store_;
  const Kind kind_;
  const std::string key_;  // or the prefix
  ObjectBody body_;        // put: to be stored; get: the result
  std::vector<std::string> keys_;
  const std::uint64_t tag_;
  ObjectStatus status_ = ObjectStatus::kOk;
  Duration way_back_;
  Wait* wait_ = nullptr;
  OperationTimer effect_;
  OperationTimer answer_;
  Operation* prev_ = nullptr;
  Operation* next_ = nullptr;
};

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
  Task<ListResult> list(std::string prefix) override {
    Operation::Wait wait(start(Operation::Kind::kList, std::move(prefix), {}, store_.list_time_.sample(list_random_)));
    co_await wait;
    ListResult result{wait.status, std::move(wait.keys)};
    co_return result;
  }
  Task<ObjectStatus> remove(std::string key) override {
    Operation::Wait wait(
        start(Operation::Kind::kRemove, std::move(key), {}, store_.remove_time_.sample(remove_random_)));
    co_await wait;
    co_return wait.status;
  }

 private:
  Operation* start(Operation::Kind kind, std::string key, ObjectBody body, Duration service) {
    auto* const operation = new Operation(store_, process_, kind, std::move(key), std::move(body));
    const Duration way_there = round_trip_ / 2;
    operation->start(way_there + service, round_trip_ - way_there);
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
  return found == objects_.end() ? nullptr : &found->second;
}

std::vector<std::string> SimObjectStore::keys(std::string_view prefix) const {
  std::vector<std::string> result;
  for (auto at = objects_.lower_bound(prefix); at != objects_.end() && at->first.starts_with(prefix); ++at) {
    result.push_back(at->first);
  }
  return result;
}

void SimObjectStore::put_now(const std::string& key, ObjectBody body) {
  ++statistics_.puts;
  const auto [place, is_new] = objects_.try_emplace(key);
  if (is_new) ++statistics_.objects;
  statistics_.bytes += body.size() - place->second.size();
  place->second = std::move(body);
}

void SimObjectStore::remove_now(std::string_view key) {
  ++statistics_.removes;
  const auto found = objects_.find(key);
  if (found == objects_.end()) return;
  --statistics_.objects;
  statistics_.bytes -= found->second.size();
  objects_.erase(found);
}

}  // namespace tidemark::sim
