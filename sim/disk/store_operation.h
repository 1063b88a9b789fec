// One request to the object store that is under way. Private to sim/disk.
//
// Lives from the request to the later of effect and answer; the waiting coroutine may go first. Without faults the
// effect arms the answer. With faults either may be missing, and the answer may be armed when the request leaves.
#pragma once

#include <coroutine>
#include <optional>
#include <string>
#include <vector>

#include "sim/core/frame_pool.h"
#include "sim/disk/object_store_sim.h"
#include "sim/disk/store_fault_set.h"

namespace tidemark::sim {

class SimObjectStore::Operation {
 public:
  enum class Kind : std::uint8_t { kPut, kGet, kList, kRemove, kPutIfAbsent };
  struct Page {
    std::string start_after;
    std::uint64_t limit = 0;  // 0: the store's
  };

  /// `key`: of a list, the prefix.
  Operation(SimObjectStore& store, Process& process, Kind kind, std::string key, ObjectBody body, Page page);
  ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  static void* operator new(std::size_t size) { return FramePool::allocate(size); }
  static void operator delete(void* memory, std::size_t size) { FramePool::release(memory, size); }

  /// The request leaves: `service` is the time at the store until the effect.
  void start(Duration service, Duration round_trip);

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
    ListResult page;

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
  static void on_answer(Timer& timer) { static_cast<OperationTimer&>(timer).operation.give_answer(); }
  void start_with_faults(Duration service, Duration way_there);
  void take_effect();
  void apply();
  void put();
  /// Changes the result after the effect; true when the answer has been seen to.
  bool apply_faults();
  void damage_list(const StoreFaultSet::Decision& decision);
  void damage_body(const StoreFaultSet::Decision& decision);
  void answer_at(Instant when) { store_.scheduler_.arm(answer_, when, tag_); }
  void give_answer();
  void abandon();
  StoreFaultSet::Request request() const;
  void count(StoreFaultId id) const;

  SimObjectStore& store_;
  Process& process_;
  const Kind kind_;
  const std::string key_;  // or the prefix
  const Page page_;
  ObjectBody body_;  // put: to be stored; get: the result
  ListResult list_;
  const std::uint64_t tag_;
  ObjectStatus status_ = ObjectStatus::kOk;
  Instant left_;
  Duration way_back_;
  Wait* wait_ = nullptr;
  OperationTimer effect_;
  OperationTimer answer_;
  std::unique_ptr<StoreFaultSet::Decision> decision_;  // when a fault was active as the request left
  Operation* prev_ = nullptr;
  Operation* next_ = nullptr;
};

}  // namespace tidemark::sim
