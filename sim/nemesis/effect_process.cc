// Process kinds, the power-loss kinds of disks (D10-D14), and the correlated kinds that are made of them.
#include <algorithm>

#include "sim/nemesis/effect.h"

namespace tidemark::sim::detail {
namespace {

/// Down for the duration, then started again: P1, P2, D10-D14, R1, R2, R4, R7; R6 for good.
class Outage : public Effect {
 public:
  using Effect::Effect;
  void begin() override {
    down_.resize(strike_.nodes.size());
    const Duration spread = strike_.fault.has_parameter("spread") ? strike_.fault.span("spread") : Duration{};
    if (spread == Duration{}) {
      for (std::size_t i = 0; i < strike_.nodes.size(); ++i) fall(i);
      return;
    }
    // The instants, in order; the k-th belongs to the k-th target.
    for (std::size_t i = 0; i < strike_.nodes.size(); ++i) waits_.push_back(strike_.draw_up_to(spread));
    std::sort(waits_.begin(), waits_.end());
    strike_.tick_after(waits_.front());
  }
  void tick() override {
    fall(next_);
    ++next_;
    if (next_ < waits_.size()) strike_.tick_after(waits_[next_] - waits_[next_ - 1]);
  }
  void end() override {
    if (strike_.fault.kind == FaultKind::kR6) return;
    for (std::size_t i = 0; i < strike_.nodes.size(); ++i)
      if (down_[i]) strike_.holds.release_down(strike_.nodes[i].process, silent());
    if (strike_.fault.kind == FaultKind::kR7 && strike_.fault.word("route_back") == "yes")
      for (const TopologyNode& node : strike_.nodes)
        count_ += strike_.world.migrate_primary(node.database, node.process);
  }
  std::uint64_t effects() const override { return count_; }

 protected:
  void fall(std::size_t i) {
    const std::uint32_t process = strike_.nodes[i].process;
    down_[i] = true;
    const bool lived = strike_.holds.take_down(process, silent());
    // D10-D14 are about what is on the disk afterwards, not about the death itself.
    const bool of_disk = info(strike_.fault.kind).id.front() == 'D';
    if (lived && !of_disk) ++count_;
    if (power()) count_ += strike_.holds.lose_power(process, survivors_of(strike_.fault), strike_.random);
    if (strike_.fault.kind == FaultKind::kR6) strike_.holds.keep_down(process);
  }
  bool power() const {
    if (strike_.fault.kind == FaultKind::kR4) return strike_.fault.word("how") == "power";
    return strike_.fault.kind != FaultKind::kP1 && strike_.fault.kind != FaultKind::kP3;
  }
  bool silent() const {
    if (strike_.fault.kind == FaultKind::kP1) return strike_.fault.word("peers") == "silent";
    return power();
  }

  std::vector<bool> down_;
  std::vector<Duration> waits_;
  std::size_t next_ = 0;
  std::uint64_t count_ = 0;
};

class GracefulStop final : public Outage {  // P3
 public:
  using Outage::Outage;
  void begin() override {
    down_.resize(strike_.nodes.size());
    for (const TopologyNode& node : strike_.nodes) count_ += strike_.world.stop_gracefully(node.process);
    strike_.tick_after(strike_.fault.span("grace"));
  }
  void tick() override {
    for (std::size_t i = 0; i < strike_.nodes.size(); ++i)
      if (!down_[i]) fall(i);
  }
  void end() override {
    tick();
    Outage::end();
  }
};

class KillAtPoint final : public Effect {  // P4
 public:
  using Effect::Effect;
  void begin() override {
    acts_.resize(strike_.nodes.size());
    down_.resize(strike_.nodes.size());
    const std::string& at = strike_.fault.word("at");
    act_ = at == "io" ? ProcessAct::kIo : at == "send" ? ProcessAct::kSend : ProcessAct::kPoint;
    strike_.end_after(Duration::max());  // the duration begins with the kill
  }
  bool on_act(std::uint32_t process, ProcessAct act, std::string_view what) override {
    for (std::size_t i = 0; i < strike_.nodes.size(); ++i) {
      if (strike_.nodes[i].process != process || act != act_ || killed_) continue;
      if (act == ProcessAct::kPoint && what != strike_.fault.word("point")) continue;
      if (++acts_[i] < strike_.fault.number("n")) continue;
      killed_ = true;  // one death in all, also with several targets
      victim_ = i;
      strike_.world.process(process).crash_after_event();
      strike_.tick_after(Duration{});
      return strike_.fault.word("side") == "after";
    }
    return true;
  }
  void tick() override {
    const std::uint32_t process = strike_.nodes[victim_].process;
    const bool power = strike_.fault.word("power") == "lose";
    down_[victim_] = true;
    strike_.holds.take_down(process, power);
    ++count_;
    if (power) lose_power(process);
    strike_.end_after(strike_.fault.duration);
  }
  void end() override {
    for (std::size_t i = 0; i < strike_.nodes.size(); ++i)
      if (down_[i]) strike_.holds.release_down(strike_.nodes[i].process, strike_.fault.word("power") == "lose");
    // Killed, but healed before the tick: it must not stay down.
    if (killed_ && !down_[victim_]) {
      strike_.holds.take_down(strike_.nodes[victim_].process, false);
      strike_.holds.release_down(strike_.nodes[victim_].process, false);
      ++count_;
    }
    killed_ = true;
  }
  std::uint64_t effects() const override { return count_; }
  KillPoint kill_point() const override {
    KillPoint point = point_;
    for (const std::int64_t acts : acts_) point.acts += static_cast<std::uint64_t>(acts);
    return point;
  }

 private:
  void lose_power(std::uint32_t process) {
    const auto image = static_cast<std::uint64_t>(strike_.fault.number("image"));
    if (image == 0) {
      count_ += strike_.holds.lose_power(process, survivors_of(strike_.fault), strike_.random);
      return;
    }
    SurvivorImages images = strike_.holds.images(process);
    images.choose((image - 1) % images.count());
    count_ += strike_.holds.lose_power(process, images);
    point_.images = images.count();
    point_.every_image = images.unit() == SurvivorImages::Unit::kSector;
  }

  ProcessAct act_ = ProcessAct::kIo;
  std::vector<std::int64_t> acts_;
  std::vector<bool> down_;
  bool killed_ = false;
  std::size_t victim_ = 0;
  std::uint64_t count_ = 0;
  KillPoint point_;
};

/// P5 kills all targets again and again; R3 one after the other.
class Restarts final : public Effect {
 public:
  using Effect::Effect;
  void begin() override { tick(); }
  void tick() override { strike_.fault.kind == FaultKind::kP5 ? loop() : roll(); }
  void end() override {
    for (const std::uint32_t process : down_) strike_.holds.release_down(process, false);
    down_.clear();
  }
  std::uint64_t effects() const override { return count_; }

 private:
  void kill(std::uint32_t process) {
    count_ += strike_.holds.take_down(process, false);
    down_.push_back(process);
  }
  void loop() {
    if (!down_.empty()) {
      end();
      if (round_ < strike_.fault.number("times"))
        strike_.tick_after(Duration::milliseconds(1) + strike_.draw_up_to(strike_.fault.span("up")));
      return;
    }
    ++round_;
    for (const TopologyNode& node : strike_.nodes) kill(node.process);
    strike_.tick_after(strike_.fault.span("down"));
  }
  /// Two sequences of events on one timer: the next kill and the next restart, whichever is earlier.
  void roll() {
    const Instant now = strike_.world.scheduler().now();
    while (!due_.empty() && due_.front() <= now) {
      strike_.holds.release_down(down_.front(), false);
      down_.erase(down_.begin());
      due_.erase(due_.begin());
    }
    if (next_ < strike_.nodes.size() && next_kill_ <= now) {
      kill(strike_.nodes[next_++].process);
      due_.push_back(now + strike_.fault.span("down"));
      next_kill_ = now + strike_.fault.span("gap");
    }
    Instant wake = Instant::max();
    if (next_ < strike_.nodes.size()) wake = next_kill_;
    if (!due_.empty()) wake = std::min(wake, due_.front());
    if (wake != Instant::max()) {
      strike_.tick_after(wake - now);
    } else {
      strike_.end_after(Duration{});
    }
  }

  std::int64_t round_ = 0;
  std::size_t next_ = 0;
  Instant next_kill_;
  std::vector<std::uint32_t> down_;
  std::vector<Instant> due_;  // restarts, of down_ in order
  std::uint64_t count_ = 0;
};

class Pause final : public Effect {  // P6, P7
 public:
  using Effect::Effect;
  void begin() override {
    for (const TopologyNode& node : strike_.nodes)
      count_ += strike_.holds.pause(node.process, strike_.fault.kind == FaultKind::kP7);
  }
  void end() override {
    for (const TopologyNode& node : strike_.nodes) strike_.holds.release_pause(node.process);
  }
  std::uint64_t effects() const override { return count_; }

 private:
  std::uint64_t count_ = 0;
};

class SlowNode final : public Effect {  // P8
 public:
  using Effect::Effect;
  void begin() override {
    for (const TopologyNode& node : strike_.nodes) {
      before_ += strike_.world.process(node.process).slowed_events();
      strike_.holds.slow(node.process, strike_.fault.span("cost"));
    }
  }
  void end() override {
    count_ = effects();
    ended_ = true;
    for (const TopologyNode& node : strike_.nodes) strike_.holds.release_slow(node.process, strike_.fault.span("cost"));
  }
  std::uint64_t effects() const override {
    if (ended_) return count_;
    std::uint64_t total = 0;
    for (const TopologyNode& node : strike_.nodes) total += strike_.world.process(node.process).slowed_events();
    return total - before_;
  }

 private:
  std::uint64_t before_ = 0;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

class Yields final : public Effect {  // P16
 public:
  using Effect::Effect;
  void begin() override {
    injection_.random = &strike_.random;
    injection_.chance = chance_of(strike_.fault.number("chance"));
    for (const TopologyNode& node : strike_.nodes) strike_.holds.yields(node.process, injection_);
  }
  void end() override {
    for (const TopologyNode& node : strike_.nodes) strike_.holds.release_yields(node.process, injection_);
  }
  std::uint64_t effects() const override { return injection_.rounds; }

 private:
  YieldInjection injection_;
};

/// P10, P11, P14: what only the model, or the engine's options, can do.
class ProcessOperation final : public Effect {
 public:
  using Effect::Effect;
  void begin() override {
    if (strike_.fault.kind == FaultKind::kP14) count_ += strike_.world.ties_permuted();
    for (const TopologyNode& node : strike_.nodes) {
      if (strike_.fault.kind == FaultKind::kP10) move(node.process);
      if (strike_.fault.kind == FaultKind::kP11) count_ += strike_.world.double_start(node.process, true);
    }
  }
  void end() override {
    if (strike_.fault.kind != FaultKind::kP11) return;
    for (const TopologyNode& node : strike_.nodes) count_ += strike_.world.double_start(node.process, false);
  }
  std::uint64_t effects() const override { return count_; }

 private:
  /// Whoever else holds it down goes on doing so, on the new machine.
  void move(std::uint32_t process) {
    strike_.holds.take_down(process, false);
    if (strike_.world.process(process).state() == ProcessState::kStopped)
      count_ += strike_.world.restart_elsewhere(process, strike_.random);
    strike_.holds.release_down(process, false);
  }
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Effect> make_process_effect(Strike& strike) {
  switch (strike.fault.kind) {
    case FaultKind::kP3:
      return std::make_unique<GracefulStop>(strike);
    case FaultKind::kP4:
      return std::make_unique<KillAtPoint>(strike);
    case FaultKind::kP5:
    case FaultKind::kR3:
      return std::make_unique<Restarts>(strike);
    case FaultKind::kP6:
    case FaultKind::kP7:
      return std::make_unique<Pause>(strike);
    case FaultKind::kP8:
      return std::make_unique<SlowNode>(strike);
    case FaultKind::kP16:
      return std::make_unique<Yields>(strike);
    case FaultKind::kP10:
    case FaultKind::kP11:
    case FaultKind::kP14:
      return std::make_unique<ProcessOperation>(strike);
    default:
      return std::make_unique<Outage>(strike);
  }
}

}  // namespace tidemark::sim::detail
