// Under any program of faults: a stream stays in order and delivers at most once (copies and reordering excepted, which
// stay within their bounds), the parts of every delay add up, and after all faults have ended every message sent on a
// connection that is still open has arrived. The same program twice is the same run.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "sim/net/network.h"

namespace tidemark::sim {
namespace {

class Numbered final : public Payload {
 public:
  Numbered(std::uint64_t which, std::uint32_t bytes)
      : Payload(static_cast<std::uint16_t>(1 + which % 2)), number(which), bytes_(bytes) {}
  std::uint32_t wire_bytes() const override { return bytes_; }
  std::uint64_t digest() const override { return number; }
  std::string describe() const override { return std::to_string(number); }
  const std::uint64_t number;

 private:
  const std::uint32_t bytes_;
};

constexpr std::uint32_t kDisplacement = 4;

/// What every step of a program is made of; drawn once, so that it can run twice.
struct Step {
  int action;
  std::uint32_t kind;
  std::uint32_t from;
  std::uint32_t to;
  std::uint32_t bytes;
  std::int64_t wait_us;
  std::uint32_t pick;
};

/// What came out of one end, in the order of arrival.
struct Stream {
  std::vector<std::uint64_t> sent;
  std::vector<std::uint64_t> delivered;
};

struct World final : NetworkObserver {
  struct Node final : Receiver, Acceptor {
    Node(World& owner, std::uint32_t id) : world(owner), process(owner.scheduler, id, "p" + std::to_string(id)) {}
    void on_accept(std::unique_ptr<Connection> connection) override {
      connection->set_receiver(this);
      ends.push_back(std::move(connection));
    }
    void on_message(Connection&, const PayloadRef&) override {}
    void on_close(Connection& connection, CloseReason) override {
      ends.erase(std::find_if(ends.begin(), ends.end(), [&](const auto& end) { return end.get() == &connection; }));
    }
    World& world;
    Process process;
    Transport* transport = nullptr;
    std::vector<std::unique_ptr<Connection>> ends;
  };

  World(const NetworkOptions& options, std::uint64_t seed, const SchedulerOptions& scheduling)
      : scheduler(scheduling), streams(seed), network(scheduler, streams, options) {
    network.add_observer(this);
    const char* const sites[] = {"IAD", "IAD/2", "FRA"};
    for (std::uint32_t id = 1; id <= 3; ++id) {
      nodes.push_back(std::make_unique<Node>(*this, id));
      Node& node = *nodes.back();
      node.transport = &network.attach(node.process, network.sites().at(sites[id - 1]));
      node.process.set_factory([&node](Process&) {
        node.transport->listen(&node);
        return std::make_unique<Program>();
      });
      node.process.start();
    }
  }
  ~World() override { network.shut_down(); }

  void on_send(const MessageView& view) override {
    streams_of[{view.connection, view.from}].sent.push_back(static_cast<const Numbered&>(view.payload).number);
    RC_ASSERT(streams_of[std::pair(view.connection, view.from)].sent.size() == view.number);
  }
  void on_deliver(const MessageView& view, const DelaySplit& split) override {
    RC_ASSERT(split.total() == scheduler.now() - view.sent);
    for (const Duration part : {split.base, split.jitter, split.slow_path, split.serialisation, split.loss, split.fault,
                                split.queueing, split.held})
      RC_ASSERT(part >= Duration{});
    Stream& stream = streams_of.at({view.connection, view.from});
    stream.delivered.push_back(static_cast<const Numbered&>(view.payload).number);
    RC_ASSERT(stream.sent.at(view.number - 1) == stream.delivered.back());
  }
  void on_copy(const MessageView& view) override {
    const auto number = static_cast<const Numbered&>(view.payload).number;
    RC_ASSERT(number % 2 == 0);  // type 1
  }

  void step(const Step& step);
  FaultHandle begin(const Step& step);
  void release_some();
  void heal();
  void check(bool healed) const;

  Scheduler scheduler;
  StreamRegistry streams;
  Network network;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<FaultHandle> faults;
  std::vector<FaultHandle> holds;
  std::vector<FaultHandle> records;
  std::map<std::pair<std::uint64_t, std::uint32_t>, Stream> streams_of;  // by connection and sender
  std::uint64_t sent = 0;
  bool reordered = false;
};

FaultHandle World::begin(const Step& step) {
  NetworkFaults& api = network.faults();
  RandomStream& chance = streams.stream("fault", std::to_string(faults.size()));
  const bool named = step.kind >= 12;
  const Paths paths =
      named ? one_way({1 + step.from % 3}, {1 + (step.from + 1 + step.to % 2) % 3}) : one_way({step.from}, {step.to});
  const auto some = DurationDistribution::exponential(Duration::microseconds(1 + step.pick * 1000));
  switch (step.kind) {
    case 0:
      return api.delay(paths, {.extra = some, .factor_per_mille = 1000 + step.pick}, chance);
    case 1:
      return api.long_tail(paths, {.probability = 0.3}, chance);
    case 2:
      return api.skew(paths, {some}, chance);
    case 3:
      return api.loss(paths, {.ratio = 0.1 + 0.7 * step.pick / 100, .burst = 1.0 + step.pick % 4}, chance);
    case 4:
      return api.bandwidth(paths, {.bits_per_second = 10'000 + step.pick * 10'000,
                                   .queue_bytes = step.pick % 2 == 0 ? ~std::uint64_t{0} : 100'000});
    case 5:
      return api.send_buffer(paths, {.least_bytes = 1000 * step.pick, .most_bytes = 100'000}, chance);
    case 6:
      return api.connecting(
          paths, {.answer = static_cast<ConnectFault::Answer>(step.pick % 3), .probability = 0.5, .delay = some},
          chance);
    case 7:
      return api.truncate(paths, {.probability = 0.02}, chance);
    case 8:
      return api.random_resets(paths, {.probability = 0.02}, chance);
    case 9:
      return api.partition(paths, step.pick % 2 == 0 ? InFlight::kDrop : InFlight::kDeliver);
    case 10:
      return api.clog(paths);
    case 11:
      return holds.emplace_back(api.hold(paths, {static_cast<std::uint16_t>(1 + step.pick % 2)}));
    case 12:
      return api.duplicate(paths, {.probability = 0.5, .copies = 1 + step.pick % 3, .delay = some, .types = {1}},
                           chance);
    case 13:
      return api.stale(paths, {.probability = 0.5, .delay = some, .types = {1}, .most = 20}, chance);
    case 14:
      reordered = true;
      return api.reorder(paths, {.probability = 0.5, .most = kDisplacement}, chance);
    default:
      return records.emplace_back(api.record(paths, {.types = {1}, .most = 10}));
  }
}

void World::release_some() {
  for (const FaultHandle hold : holds)
    if (network.faults().active(hold))
      for (const auto& held : network.faults().held(hold)) network.faults().release(hold, held);
  for (const FaultHandle record : records)
    if (network.faults().active(record)) network.faults().replay(record, 0, 5);
}

void World::step(const Step& step) {
  Node& node = *nodes[step.from % 3];
  if (step.action < 12) {
    if (!node.process.running() || node.ends.empty()) return;
    Connection& end = *node.ends[step.pick % node.ends.size()];
    for (std::uint32_t i = 0; i <= step.to; ++i) end.send(PayloadRef(new Numbered(sent++, step.bytes)));
  } else if (step.action < 14) {
    if (node.process.running())
      node.ends.push_back(node.transport->connect(1 + (step.from + 1 + step.to % 2) % 3, &node));
  } else if (step.action < 17) {
    faults.push_back(begin(step));
  } else if (step.action == 17) {
    release_some();
    if (!faults.empty()) network.faults().end(faults[step.pick % faults.size()]);
  } else if (step.action == 18) {
    node.process.running() ? node.process.pause() : node.process.resume();
  } else if (step.pick % 4 == 0) {
    if (!node.process.running()) node.process.resume();
    node.process.crash();
    node.ends.clear();
    node.process.start();
  } else if (step.pick % 4 == 1 && !node.ends.empty()) {
    node.ends[step.pick % node.ends.size()]->close();
  } else if (step.pick % 4 == 2) {
    network.faults().half_open(one_way({step.from}, {step.to}), static_cast<Aware>(step.kind % 3));
  } else {
    release_some();
  }
  scheduler.run_until(scheduler.now() + Duration::microseconds(step.wait_us));
}

void World::check(bool healed) const {
  std::map<std::uint64_t, int> open_ends;
  for (const auto& node : nodes)
    for (const auto& end : node->ends) open_ends[Network::id_of(*end)] += end->is_open() ? 1 : 0;
  for (const auto& [key, stream] : streams_of) {
    const auto& [connection, from] = key;
    RC_ASSERT(std::set(stream.delivered.begin(), stream.delivered.end()).size() == stream.delivered.size());
    for (std::size_t i = 0; i < stream.delivered.size(); ++i) {
      const auto place = static_cast<std::size_t>(
          std::lower_bound(stream.sent.begin(), stream.sent.end(), stream.delivered[i]) - stream.sent.begin());
      const std::size_t off = place > i ? place - i : i - place;
      RC_ASSERT(off <= (reordered ? kDisplacement : 0));
    }
    const auto open = open_ends.find(connection);
    if (healed && open != open_ends.end() && open->second == 2)
      RC_ASSERT(stream.delivered.size() == stream.sent.size());
  }
}

/// Ends every fault and waits until nothing is under way.
void World::heal() {
  for (const FaultHandle fault : faults)
    if (network.faults().active(fault)) network.faults().end(fault);
  for (const auto& node : nodes)
    if (!node->process.running()) node->process.resume();
  scheduler.run_until(scheduler.now() + Duration::seconds(1'000'000));
}

struct FaultProgram {
  NetworkOptions options;
  SchedulerOptions scheduling;
  std::uint64_t seed;
  std::vector<Step> steps;
};

FaultProgram any_program() {
  FaultProgram program;
  program.options.jitter_median = *rc::gen::element(Duration{}, 70_us, 3_ms);
  program.options.loss_ratio = *rc::gen::element(0.0, 0.001, 0.3);
  program.options.slow_path_share = *rc::gen::element(0.0, 0.5);
  program.options.slow_path_dwell = 100_ms;
  program.options.bandwidth_bits_per_second = *rc::gen::element<std::int64_t>(0, 1'000'000, 1'000'000'000);
  program.options.half_open_detection = *rc::gen::element(15_s, Duration::seconds(10'000));
  program.seed = *rc::gen::arbitrary<std::uint64_t>();
  if (*rc::gen::arbitrary<bool>()) program.scheduling.tie_seed = program.seed;
  const int count = *rc::gen::inRange(0, 600);
  for (int i = 0; i < count; ++i) {
    program.steps.push_back({*rc::gen::inRange(0, 20), *rc::gen::inRange<std::uint32_t>(0, 16),
                             *rc::gen::inRange<std::uint32_t>(0, 4), *rc::gen::inRange<std::uint32_t>(0, 4),
                             *rc::gen::inRange<std::uint32_t>(0, 20'000),
                             *rc::gen::element<std::int64_t>(0, 0, 1, 500, 10'000, 30'000, 100'000, 2'000'000),
                             *rc::gen::inRange<std::uint32_t>(0, 101)});
  }
  return program;
}

Digest128 run(const FaultProgram& program) {
  World world(program.options, program.seed, program.scheduling);
  for (const std::uint32_t id : {1U, 2U, 3U})
    world.nodes[id - 1]->ends.push_back(world.nodes[id - 1]->transport->connect(1 + id % 3, world.nodes[id - 1].get()));
  for (const Step& step : program.steps) world.step(step);
  world.check(false);
  world.heal();
  world.check(true);
  return world.scheduler.digest();
}

TEST(NetworkFaultProperty, StreamsStayStreamsUnderAnyFaultsAndAllArrivesAfterThem) {
  EXPECT_TRUE(rc::check([] {
    const FaultProgram program = any_program();
    RC_ASSERT(run(program) == run(program));
  }));
}

}  // namespace
}  // namespace tidemark::sim
