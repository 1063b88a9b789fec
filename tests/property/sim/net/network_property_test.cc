// For any schedule of sends, sizes and pauses, in any weather: each message is delivered once, in order, and never
// faster than light in fibre.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <memory>
#include <vector>

#include "sim/net/network.h"

namespace tidemark::sim {
namespace {

class Numbered final : public Payload {
 public:
  Numbered(std::size_t which, std::uint32_t bytes, Instant when)
      : Payload(1), number(which), sent(when), bytes_(bytes) {}
  std::uint32_t wire_bytes() const override { return bytes_; }
  std::uint64_t digest() const override { return number; }
  std::string describe() const override { return std::to_string(number); }
  const std::size_t number;
  const Instant sent;

 private:
  const std::uint32_t bytes_;
};

/// Collects what arrives at one process, from any number of connections.
struct Collector final : Receiver, Acceptor {
  explicit Collector(const Scheduler& run) : scheduler(run) {}
  void on_accept(std::unique_ptr<Connection> connection) override {
    connection->set_receiver(this);
    accepted.push_back(std::move(connection));
  }
  void on_message(Connection&, const PayloadRef& payload) override {
    const auto& message = static_cast<const Numbered&>(*payload);
    RC_ASSERT(scheduler.now() >= message.sent + floor);
    numbers.push_back(message.number);
  }
  void on_close(Connection&, CloseReason reason) override { reasons.push_back(reason); }
  const Scheduler& scheduler;
  Duration floor;
  std::vector<std::unique_ptr<Connection>> accepted;
  std::vector<std::size_t> numbers;
  std::vector<CloseReason> reasons;
};

NetworkOptions any_weather() {
  NetworkOptions options;
  options.base_scale = *rc::gen::element(0.1, 1.0, 1.3);
  options.jitter_median = *rc::gen::element(Duration{}, 70_us, 3_ms);
  options.slow_path_share = *rc::gen::element(0.0, 0.1, 0.5);
  options.slow_path_dwell = *rc::gen::element(10_ms, Duration::seconds(60));
  options.loss_ratio = *rc::gen::element(0.0, 0.001, 0.1, 0.4);
  options.loss_burst = *rc::gen::element(1.0, 3.0);
  options.bandwidth_bits_per_second = *rc::gen::element<std::int64_t>(0, 1'000'000, 1'000'000'000);
  return options;
}

struct Step {
  int action;  // 0..5 send; 6 pause or resume the receiver; 7 block or unblock the path
  std::int64_t wait_us;
  std::uint32_t bytes;
};

Step any_step() {
  return {*rc::gen::inRange(0, 8), *rc::gen::element<std::int64_t>(0, 0, 1, 500, 20'000, 700'000),
          *rc::gen::inRange<std::uint32_t>(0, 50'000)};
}

TEST(NetworkProperty, EveryMessageArrivesOnceInOrderAndNotFasterThanLight) {
  EXPECT_TRUE(rc::check([] {
    SchedulerOptions scheduling;
    if (*rc::gen::arbitrary<bool>()) scheduling.tie_seed = *rc::gen::arbitrary<std::uint64_t>();
    Scheduler scheduler(scheduling);
    StreamRegistry streams(*rc::gen::arbitrary<std::uint64_t>());
    NetworkOptions options = any_weather();
    options.half_open_detection = Duration::seconds(1'000'000);  // no block ends a connection here
    options.connect_timeout = Duration::seconds(1'000'000);
    const std::string far = *rc::gen::element<std::string>("IAD", "IAD/2", "EWR", "FRA", "GRU", "SIN");
    Process a(scheduler, 1, "a");
    Process b(scheduler, 2, "b");
    Collector receiver(scheduler);
    Collector sender(scheduler);
    Network network(scheduler, streams, options);
    const SiteTable& sites = network.sites();
    Transport& transport = network.attach(a, sites.at("IAD"));
    network.attach(b, sites.at(far)).listen(&receiver);
    receiver.floor = sites.floor(sites.at("IAD"), sites.at(far));
    a.start();
    b.start();
    const auto end = transport.connect(2, &sender);
    std::size_t sent = 0;
    for (int count = *rc::gen::inRange(0, 60); count > 0; --count) {
      const Step step = any_step();
      if (step.action < 6) {
        end->send(PayloadRef(new Numbered(sent++, step.bytes, scheduler.now())));
      } else if (step.action == 6) {
        b.running() ? b.pause() : b.resume();
      } else {
        network.blocked(1, 2) ? network.unblock(1, 2) : network.block(1, 2);
      }
      scheduler.run_until(scheduler.now() + Duration::microseconds(step.wait_us));
    }
    end->close();
    if (!b.running()) b.resume();
    if (network.blocked(1, 2)) network.unblock(1, 2);
    scheduler.run_until(scheduler.now() + Duration::seconds(100'000));
    std::vector<std::size_t> expected(sent);
    for (std::size_t i = 0; i < sent; ++i) expected[i] = i;
    RC_ASSERT(receiver.numbers == expected);
    RC_ASSERT(receiver.reasons == std::vector{CloseReason::kPeerClosed});
    RC_ASSERT(sender.reasons.empty());
    network.shut_down();
  }));
}

}  // namespace
}  // namespace tidemark::sim
