// Clocks, the object store, operations of the model, clients, buggify; and the choice of the effect for each kind.
#include "sim/nemesis/effect.h"

namespace tidemark::sim::detail {
namespace {

class ClockInstance final : public Effect {  // C1-C6
 public:
  using Effect::Effect;
  void begin() override {
    for (const TopologyNode& node : strike_.nodes)
      if (NodeClock* clock = strike_.world.clock(node.process))
        injected_.push_back({node.process, clock->inject(clock_fault())});
  }
  void end() override {
    for (const auto& [process, id] : injected_) strike_.world.clock(process)->end(id);
  }
  std::uint64_t effects() const override {
    std::uint64_t total = 0;
    for (const auto& [process, id] : injected_) total += strike_.world.clock(process)->effects(id);
    return total;
  }

 private:
  ClockFault clock_fault() const {
    const Fault& fault = strike_.fault;
    const std::int64_t sign = fault.has_parameter("direction") && fault.word("direction") == "back" ? -1 : 1;
    switch (fault.kind) {
      case FaultKind::kC1:
        return ClockOffset{fault.span("offset") * sign};
      case FaultKind::kC2:
        return ClockDrift{fault.number("rate") * sign};
      case FaultKind::kC3:
        return ClockWave{fault.span("amplitude"), fault.span("period"),
                         fault.word("form") == "sine" ? ClockWave::Form::kSine : ClockWave::Form::kTriangle};
      case FaultKind::kC4:
        return ClockOffset{fault.span("step") * sign};
      case FaultKind::kC5:
        return ClockStrobe{Duration{}, fault.span("step") * sign, fault.span("half_period")};
      default:
        return ClockFreeze{};
    }
  }
  std::vector<std::pair<std::uint32_t, ClockFaultId>> injected_;
};

class StoreInstance final : public Effect {  // S1-S5, S7-S9, R5
 public:
  using Effect::Effect;
  void begin() override {
    SimObjectStore* store = strike_.world.object_store();
    if (store == nullptr) return;
    const Fault& fault = strike_.fault;
    if (fault.has_parameter("where") && fault.word("where") == "stored") {
      damage(*store);
      return;
    }
    if (strike_.cold) inject(*store, {});
    for (const TopologyNode& node : strike_.nodes) inject(*store, {node.process, {}});
  }
  void end() override {
    for (const StoreFaultId id : injected_) strike_.world.object_store()->end(id);
  }
  std::uint64_t effects() const override {
    std::uint64_t total = count_;
    for (const StoreFaultId id : injected_) total += strike_.world.object_store()->effects(id);
    return total;
  }

 private:
  /// Some of the objects that there are now, for good.
  void damage(SimObjectStore& store) {
    for (const std::string& key : store.keys()) {
      if (!strike_.random.chance_fixed(chance_of(strike_.fault.number("chance")))) continue;
      count_ += strike_.fault.kind == FaultKind::kS7 ? store.truncate_object(key, strike_.random)
                                                     : store.corrupt_object(key, strike_.random);
    }
  }
  void inject(SimObjectStore& store, const StoreScope& scope) {
    const auto add = [&](StoreFault what) { injected_.push_back(store.inject(what, strike_.random, scope)); };
    const Fault& fault = strike_.fault;
    const auto answer = [&] { return fault.word("answer") == "error" ? ObjectStatus::kError : ObjectStatus::kTimeout; };
    switch (fault.kind) {
      case FaultKind::kR5:
        add(StoreOutage{fault.span("timeout")});
        return;
      case FaultKind::kS1:
        add(SlowStore{kStoreAll, fault.number("factor") * 1000, fault.span("extra")});
        if (fault.number("throttled") > 0) add(ThrottledStore{kStoreAll, chance_of(fault.number("throttled"))});
        return;
      case FaultKind::kS2:
      case FaultKind::kS3: {
        AmbiguousPut put;
        put.chance = chance_of(fault.number("chance"));
        put.answer = answer();
        if (fault.kind == FaultKind::kS3) {
          put.late_min = Duration::milliseconds(1);
          put.late_max = fault.span("late");
        }
        add(put);
        return;
      }
      case FaultKind::kS4:
        add(StaleList{chance_of(fault.number("chance")), fault.span("window")});
        return;
      case FaultKind::kS5:
        add(SmallPages{static_cast<std::size_t>(fault.number("keys"))});
        return;
      case FaultKind::kS7:
        add(TruncatedBody{chance_of(fault.number("chance"))});
        return;
      case FaultKind::kS8:
        add(CorruptBody{chance_of(fault.number("chance"))});
        return;
      default: {
        TIDEMARK_ASSERT(fault.kind == FaultKind::kS9);
        PartialUpload upload;
        upload.chance = chance_of(fault.number("chance"));
        upload.part_bytes = static_cast<std::uint64_t>(fault.number("part_bytes"));
        upload.answer = answer();
        add(upload);
        return;
      }
    }
  }
  std::vector<StoreFaultId> injected_;
  std::uint64_t count_ = 0;
};

/// M1-M7, S6, B2: one call at the start.
class Operation final : public Effect {
 public:
  using Effect::Effect;
  void begin() override {
    if (strike_.fault.kind == FaultKind::kS6) count_ += strike_.world.neighbour_objects(strike_.random, true);
    if (strike_.fault.kind == FaultKind::kB2) count_ += strike_.world.knobs_drawn();
    for (const TopologyNode& node : strike_.nodes) count_ += operate(node);
  }
  void end() override {
    if (strike_.fault.kind == FaultKind::kS6) count_ += strike_.world.neighbour_objects(strike_.random, false);
  }
  std::uint64_t effects() const override { return count_; }

 private:
  std::uint64_t operate(const TopologyNode& node) {
    FaultWorld& world = strike_.world;
    const Fault& fault = strike_.fault;
    switch (fault.kind) {
      case FaultKind::kM1:
        return world.replace_follower(node.database, node.process);
      case FaultKind::kM2:
        return fault.word("change") == "add" ? world.add_replica(node.database, strike_.random)
                                             : world.remove_replica(node.process);
      case FaultKind::kM3:
        return world.hand_over(node.database);
      case FaultKind::kM5:
        return world.restore(node.database, fault.span("back"), fault.word("undo") == "yes");
      case FaultKind::kM6:
        return world.recreate(node.database);
      case FaultKind::kM7:
        return world.maintain(node.process, fault.word("operation"));
      default:
        return 0;
    }
  }
  std::uint64_t count_ = 0;
};

class Clients final : public Effect {  // X1-X7, X9
 public:
  using Effect::Effect;
  void begin() override { call(true); }
  void end() override {
    if (info(strike_.fault.kind).shape == FaultShape::kInterval) call(false);
  }
  std::uint64_t effects() const override {
    std::uint64_t total = count_;
    for (const TopologyNode& node : strike_.nodes)
      total += strike_.world.client_effects(strike_.fault, node.process);
    return total;
  }

 private:
  void call(bool begin) {
    for (const TopologyNode& node : strike_.nodes)
      count_ += strike_.world.client_fault({strike_.fault, node.process, strike_.random, begin});
  }
  std::uint64_t count_ = 0;
};

class Buggified final : public Effect {  // B1, B3-B6
 public:
  explicit Buggified(Strike& strike) : Effect(strike), of_(class_of(strike.fault.kind)) {}
  void begin() override {
    Buggify* buggify = strike_.world.buggify();
    if (buggify == nullptr) return;
    before_ = buggify->fired(of_);
    if (strike_.fault.kind == FaultKind::kB3) buggify->set_longest_delay(strike_.fault.span("most"));
    buggify->enable(of_);
    on_ = true;
  }
  void end() override {
    if (!on_) return;
    count_ = effects();
    on_ = false;
    strike_.world.buggify()->disable(of_);
  }
  std::uint64_t effects() const override { return on_ ? strike_.world.buggify()->fired(of_) - before_ : count_; }

 private:
  static BuggifyClass class_of(FaultKind kind) {
    return kind == FaultKind::kB1   ? BuggifyClass::kBranch
           : kind == FaultKind::kB3 ? BuggifyClass::kDelay
           : kind == FaultKind::kB4 ? BuggifyClass::kOrder
           : kind == FaultKind::kB5 ? BuggifyClass::kEarly
                                    : BuggifyClass::kError;
  }
  const BuggifyClass of_;
  std::uint64_t before_ = 0;
  std::uint64_t count_ = 0;
  bool on_ = false;
};

}  // namespace

Chance chance_of(std::int64_t parts_per_million) {
  constexpr std::int64_t kMillion = 1'000'000;
  if (parts_per_million >= kMillion) return kAlways;
  return ~std::uint64_t{0} / kMillion * static_cast<std::uint64_t>(parts_per_million);
}

double ratio_of(std::int64_t parts_per_million) {
  return static_cast<double>(parts_per_million) / 1e6;
}

SurvivorOptions survivors_of(const Fault& fault) {
  using Mode = SurvivorOptions::Mode;
  SurvivorOptions options;
  const auto chance = [&](const char* name) { return chance_of(fault.number(name)); };
  if (fault.has_parameter("survivors")) {
    const std::string& word = fault.word("survivors");
    options.mode = word == "none"     ? Mode::kNone
                   : word == "subset" ? Mode::kSubset
                   : word == "all"    ? Mode::kAll
                                      : Mode::kPrefix;
    if (word == "torn") {
      options.tear = kAlways / 2;
      options.torn_sector = kAlways / 4;
      options.garbage = kAlways / 8;
      options.loose_length = kAlways / 4;
    }
  }
  if (fault.kind == FaultKind::kD11) options.tear = chance("tear");
  if (fault.kind == FaultKind::kD12) {
    options.torn_sector = chance("torn");
    options.garbage_rest = chance("garbage_rest");
  }
  if (fault.kind == FaultKind::kD13) options.garbage = chance("garbage");
  if (fault.kind == FaultKind::kD14) options.loose_length = chance("loose");
  return options;
}

std::unique_ptr<Effect> make_effect(Strike& strike) {
  const FaultKind kind = strike.fault.kind;
  TIDEMARK_ASSERT(info(kind).injectable());
  switch (info(kind).id.front()) {
    case 'N':
      return make_network_effect(strike);
    case 'D':
      if (kind >= FaultKind::kD10 && kind <= FaultKind::kD14) return make_process_effect(strike);
      return make_disk_effect(strike);
    case 'P':
      return make_process_effect(strike);
    case 'R':
      return kind == FaultKind::kR5 ? make_world_effect(strike) : make_process_effect(strike);
    default:
      return make_world_effect(strike);
  }
}

std::unique_ptr<Effect> make_world_effect(Strike& strike) {
  const FaultKind kind = strike.fault.kind;
  if (kind == FaultKind::kS6 || kind == FaultKind::kB2) return std::make_unique<Operation>(strike);
  switch (info(kind).id.front()) {
    case 'C':
      return std::make_unique<ClockInstance>(strike);
    case 'S':
    case 'R':
      return std::make_unique<StoreInstance>(strike);
    case 'M':
      return std::make_unique<Operation>(strike);
    case 'X':
      return std::make_unique<Clients>(strike);
    default:
      return std::make_unique<Buggified>(strike);
  }
}

}  // namespace tidemark::sim::detail
