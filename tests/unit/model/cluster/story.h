// A small language for stories on a real cluster: write and read at a copy, in sessions.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "model/cluster/cluster.h"
#include "model/durable_object/durable_object.h"

namespace tidemark::model::testing {

using namespace sim::literals;

/// One database in Ashburn, replicas in Frankfurt and Sydney, nobody else.
inline ClusterOptions two_replicas() {
  ClusterOptions options;
  options.databases[0].placement = ReplicaPlacement::kExplicit;
  options.databases[0].replica_sites = {"FRA", "SYD"};
  options.late_boot = {};
  options.workload.clients = 0;
  return options;
}

class Story {
 public:
  explicit Story(ClusterOptions options = two_replicas(), ClusterObservers observers = {})
      : cluster(std::move(options), observers) {
    EXPECT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  }

  using Answer = boost::intrusive_ptr<D1Response>;
  /// Asks the copy and runs until it answers; nullptr when it has not within 10 s.
  Answer ask(const std::string& node, const std::string& sql, SessionToken token) {
    Pending pending;
    start(pending, node, sql, std::move(token));
    for (int i = 0; i < 10'000 && pending.answer == nullptr; ++i) cluster.run(1_ms);
    return pending.answer;
  }
  /// As ask(), one transaction of several statements.
  Answer batch(const std::string& node, const std::vector<std::string>& sqls, SessionToken token) {
    boost::intrusive_ptr<D1Request> request(new D1Request);
    request->id = ++last_;
    request->token = std::move(token);
    request->batch = true;
    for (const std::string& sql : sqls) request->statements.push_back({sql, {}});
    const std::uint32_t process = cluster.find(node)->process;
    Pending pending;
    cluster.process(process).spawn(run(cluster.durable_object(process), std::move(request), pending));
    for (int i = 0; i < 10'000 && pending.answer == nullptr; ++i) cluster.run(1_ms);
    return pending.answer;
  }
  struct Pending {
    Answer answer;
  };
  /// Asks and returns at once. `pending` must stay.
  void start(Pending& pending, const std::string& node, const std::string& sql, SessionToken token) {
    const NodeInfo* const info = cluster.find(node);
    ASSERT_NE(info, nullptr) << node;
    boost::intrusive_ptr<D1Request> request(new D1Request);
    request->id = ++last_;
    request->token = std::move(token);
    request->statements.push_back({sql, {}});
    cluster.process(info->process).spawn(run(cluster.durable_object(info->process), std::move(request), pending));
  }
  Bookmark visible(const std::string& node) { return cluster.replica_relay(cluster.find(node)->process)->visible(); }

  Cluster cluster;

 private:
  static sim::Task<void> run(DurableObject* object, boost::intrusive_ptr<const D1Request> request, Pending& pending) {
    Answer answer = co_await object->answer(std::move(request));
    pending.answer = std::move(answer);
  }
  std::uint64_t last_ = 0;
};

inline constexpr char kFrankfurt[] = "db-a/replica-FRA";
inline constexpr char kSydney[] = "db-a/replica-SYD";
inline constexpr char kPrimary[] = "db-a/primary";
inline constexpr char kInsert[] = "INSERT INTO Orders VALUES ('c1', 'o1', 7)";
inline constexpr char kSelect[] = "SELECT quantity FROM Orders";

}  // namespace tidemark::model::testing
