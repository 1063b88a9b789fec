// A small world for tests of the network: nodes that log what happens to their connections, with the virtual time.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/process.h"
#include "sim/net/network.h"

namespace tidemark::sim::test {

class TestMessage final : public Payload {
 public:
  explicit TestMessage(int number, std::uint32_t bytes = 100, std::uint16_t type = 1)
      : Payload(type), number_(number), bytes_(bytes) {}
  int number() const { return number_; }
  std::uint32_t wire_bytes() const override { return bytes_; }
  std::uint64_t digest() const override { return static_cast<std::uint64_t>(number_) * 1000003; }
  std::string describe() const override { return "message " + std::to_string(number_); }

 private:
  const int number_;
  const std::uint32_t bytes_;
};

inline PayloadRef message(int number, std::uint32_t bytes = 100, std::uint16_t type = 1) {
  return PayloadRef(new TestMessage(number, bytes, type));
}
inline int number_of(const PayloadRef& payload) {
  return static_cast<const TestMessage&>(*payload).number();
}

/// Jitter, slow paths, loss and bandwidth switched off: all times are exact.
inline NetworkOptions exact_options() {
  NetworkOptions options;
  options.jitter_median = Duration{};
  options.slow_path_share = 0;
  options.loss_ratio = 0;
  options.bandwidth_bits_per_second = 0;
  return options;
}

struct Event {
  Instant when;
  std::string what;
  friend bool operator==(const Event&, const Event&) = default;
};
inline void PrintTo(const Event& event, std::ostream* out) {
  *out << event.when.ns() << " ns " << event.what;
}

struct TestWorld;

/// What a node keeps while it runs; destroyed by a crash, as the program of a real node would be.
struct NodeProgram final : Program {
  std::vector<std::unique_ptr<Connection>> ends;
};

/// One process that listens and logs. Its connections are ends().
class Node final : public Acceptor, public Receiver {
 public:
  Node(TestWorld& world, std::uint32_t id, const std::string& name, const std::string& site);

  Connection& connect(const Node& to) {
    ends().push_back(transport->connect(to.process.id(), this));
    return *ends().back();
  }
  std::vector<std::unique_ptr<Connection>>& ends() { return static_cast<NodeProgram*>(process.program())->ends; }
  void note(const std::string& what);
  void destroy(Connection& connection) {
    auto& all = ends();
    all.erase(std::find_if(all.begin(), all.end(), [&](const auto& end) { return end.get() == &connection; }));
  }
  std::vector<int> numbers() const {
    std::vector<int> found;
    for (const auto& entry : received) found.push_back(entry.second);
    return found;
  }

  void on_accept(std::unique_ptr<Connection> connection) override {
    note("accept " + connection->peer_name());
    Connection& end = *connection;
    ends().push_back(std::move(connection));
    if (receives) end.set_receiver(this);
    if (accepted) accepted(end);
  }
  void on_open(Connection& connection) override {
    note("open " + connection.peer_name());
    if (opened) opened(connection);
  }
  void on_message(Connection& connection, const PayloadRef& payload) override;
  void on_close(Connection& connection, CloseReason reason) override {
    static const char* const kNames[] = {"closed", "reset", "refused", "timeout"};
    note(kNames[static_cast<int>(reason)]);
    if (ended) ended(connection);
  }

  TestWorld& world;
  Process process;
  Transport* transport = nullptr;
  bool listens = true;
  bool receives = true;
  std::vector<Event> log;
  std::vector<std::pair<Instant, int>> received;
  std::function<void(Connection&)> accepted;
  std::function<void(Connection&)> opened;
  std::function<void(Connection&, int)> got;
  std::function<void(Connection&)> ended;
};

struct TestWorld {
  explicit TestWorld(const NetworkOptions& options = exact_options(), std::uint64_t seed = 1)
      : streams(seed), network(scheduler, streams, options) {}
  ~TestWorld() { network.shut_down(); }

  Node& node(const std::string& name, const std::string& site) {
    nodes.push_back(std::make_unique<Node>(*this, static_cast<std::uint32_t>(nodes.size() + 1), name, site));
    return *nodes.back();
  }
  Duration one_way(const std::string& a, const std::string& b) {
    return network.round_trips().one_way(network.sites().at(a), network.sites().at(b));
  }
  void run(Duration duration) { scheduler.run_until(scheduler.now() + duration); }
  void run() { scheduler.run_until(Instant::max()); }

  Scheduler scheduler;
  StreamRegistry streams;
  Network network;
  std::vector<std::unique_ptr<Node>> nodes;
};

inline Node::Node(TestWorld& owner, std::uint32_t id, const std::string& name, const std::string& site)
    : world(owner), process(owner.scheduler, id, name) {
  transport = &owner.network.attach(process, owner.network.sites().at(site));
  process.set_factory([this](Process&) {
    if (listens) transport->listen(this);
    return std::make_unique<NodeProgram>();
  });
  process.start();
}

/// a and b with an open connection from a, at 1 s.
struct Connected : TestWorld {
  explicit Connected(const NetworkOptions& options = exact_options()) : TestWorld(options) { run(1_s); }
  Connection& other_end() { return *b.ends().front(); }
  RandomStream& chance() { return streams.stream("fault", "test"); }
  Node& a = node("a", "IAD");
  Node& b = node("b", "FRA");
  Connection& end = a.connect(b);
  const Duration way = one_way("IAD", "FRA");
  const Duration detection = network.options().half_open_detection;
  NetworkFaults& faults = network.faults();
  const Paths there{{1, 2}};
};

inline Instant at(Duration since_start) {
  return Instant{} + since_start;
}

inline void Node::note(const std::string& what) {
  log.push_back({world.scheduler.now(), what});
}

inline void Node::on_message(Connection& connection, const PayloadRef& payload) {
  received.emplace_back(world.scheduler.now(), number_of(payload));
  if (got) got(connection, number_of(payload));
}

}  // namespace tidemark::sim::test
