#include "model/cluster/cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/sqlite/image.h"
#include "sim/net/network.h"
#include "story.h"

namespace tidemark::model::testing {
namespace {

/// Counts, and checks what must hold of every record whatever the workload.
class Recorder final : public ClientObserver {
 public:
  void on_invoke(const ClientInvocation& invocation) override {
    EXPECT_FALSE(open[invocation.process]) << "one operation at a time per process";
    open[invocation.process] = true;
    for (const MicroOp& op : invocation.ops) {
      if (!op.writes()) continue;
      EXPECT_TRUE(values.insert(op.value).second) << "written values are unique";
    }
  }
  void on_complete(const ClientOperation& operation) override {
    EXPECT_TRUE(open[operation.invocation.process]);
    open[operation.invocation.process] = false;
    ++outcomes[operation.outcome];
    if (operation.outcome != OperationOutcome::kOk) ++errors[std::string(operation.error)];
    if (operation.outcome != OperationOutcome::kOk) return;
    EXPECT_EQ(operation.results.size(), operation.invocation.ops.size());
    ++by_region[std::string(operation.served_by_region)];
    if (operation.bookmark_out->kind() != SessionToken::Kind::kBookmark) return;
    const Bookmark& now = operation.bookmark_out->bookmark();
    Bookmark& before = newest[operation.invocation.session];
    if (now < before) ++went_back;
    before = std::max(before, now);
  }
  std::map<std::uint32_t, bool> open;
  std::map<OperationOutcome, int> outcomes;
  std::map<std::string, int> errors;
  std::map<std::string, int> by_region;
  std::map<std::uint32_t, Bookmark> newest;
  std::set<std::int64_t> values;
  int went_back = 0;
};

ClusterOptions small(std::uint64_t seed = 1) {
  ClusterOptions options;
  options.seed = seed;
  options.workload.clients = 6;
  options.workload.read_share = 0.7;
  options.workload.route_change_period = 1_s;
  return options;
}

Digest128 digest_of(const ClusterOptions& options) {
  Cluster cluster(options, {});
  cluster.setup();
  cluster.run(5_s);
  return cluster.scheduler().digest();
}

TEST(Cluster, RunsOrdersToAQuietEnd) {
  Recorder recorder;
  Cluster cluster(small(), {nullptr, &recorder});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  EXPECT_EQ(cluster.run(20_s), sim::RunEnd::kLimit);
  EXPECT_TRUE(cluster.quiesce(30_s)) << cluster.unfinished();
  const ClusterStatistics statistics = cluster.statistics();
  EXPECT_GT(statistics.operations_ok, 100U);
  EXPECT_EQ(statistics.operations_fail + statistics.operations_info, 0U);
  EXPECT_TRUE(recorder.errors.empty()) << recorder.errors.begin()->first;
  EXPECT_GT(statistics.forwarded, 0U);
  EXPECT_EQ(recorder.went_back, 0) << "a session that changes its PoP never goes back";
  EXPECT_GT(recorder.by_region.size(), 2U) << "clients all over the world are served near them";
}

TEST(Cluster, RunsRegistersAndListsWithConcurrentReads) {
  for (const WorkloadKind kind : {WorkloadKind::kRegister, WorkloadKind::kAppend}) {
    ClusterOptions options = small(3);
    options.workload.kind = kind;
    options.workload.concurrent_share = 0.4;
    Recorder recorder;
    Cluster cluster(options, {nullptr, &recorder});
    ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
    cluster.run(20_s);
    EXPECT_TRUE(cluster.quiesce(30_s)) << cluster.unfinished();
    EXPECT_GT(recorder.values.size(), 50U);
    EXPECT_TRUE(recorder.errors.empty()) << recorder.errors.begin()->first;
    EXPECT_EQ(recorder.went_back, 0);
    const bool second_lane = std::any_of(recorder.open.begin(), recorder.open.end(),
                                         [&](const auto& entry) { return entry.first >= options.workload.clients; });
    EXPECT_TRUE(second_lane) << "the second of two concurrent reads is a process of its own";
  }
}

TEST(Cluster, OpenLoopKeepsItsRate) {
  ClusterOptions options = small();
  options.workload.arrival = Arrival::kOpen;
  options.workload.rate_per_second = 20;
  Cluster cluster(options, {});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle);
  cluster.run(100_s);
  EXPECT_NEAR(static_cast<double>(cluster.statistics().operations_ok), 2000, 200);
}

TEST(Cluster, TheSameSeedGivesTheSameDigestAndAnotherSeedAnother) {
  EXPECT_EQ(digest_of(small(1)), digest_of(small(1)));
  EXPECT_NE(digest_of(small(1)), digest_of(small(2)));
}

TEST(Cluster, ObserversChangeNothing) {
  Recorder recorder;
  Cluster cluster(small(1), {nullptr, &recorder});
  cluster.setup();
  cluster.run(5_s);
  EXPECT_EQ(cluster.scheduler().digest(), digest_of(small(1)));
}

TEST(Cluster, AnIdleReplicaChangesNoDrawOfAnotherStream) {
  const auto draws = [](std::vector<std::string> idle) {
    ClusterOptions options = small(5);
    options.databases[0].idle_replica_sites = std::move(idle);
    Cluster cluster(options, {});
    cluster.setup();
    cluster.run(10_s);
    std::map<std::string, std::uint64_t> counts;
    for (const sim::StreamRegistry::Draws& stream : cluster.streams().draw_counts()) counts[stream.name] = stream.draws;
    return counts;
  };
  const auto without = draws({});
  const auto with = draws({"MRS"});
  for (const auto& [name, count] : without) EXPECT_EQ(with.at(name), count) << name;
  EXPECT_GT(with.size(), without.size());
  for (const auto& [name, count] : with) {
    const bool known = without.count(name) != 0;
    // Its own streams, messages to and from it, and the paths to its metro.
    const bool own = name.find("idle-MRS") != std::string::npos || name.find("MRS") != std::string::npos;
    EXPECT_TRUE(known || own) << name;
  }
}

TEST(Cluster, TheLateReplicaBootsWhileWritesGoOnAndCatchesUp) {
  ClusterOptions options = small();
  options.late_boot = 3_s;
  Cluster cluster(options, {});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle);
  const NodeInfo* const late = cluster.find("db-a/replica-oc");
  ASSERT_NE(late, nullptr);
  cluster.run(2_s);
  EXPECT_EQ(cluster.durable_object(late->process), nullptr);
  cluster.run(3_s);
  EXPECT_NE(cluster.durable_object(late->process), nullptr);
  EXPECT_TRUE(cluster.quiesce(30_s)) << cluster.unfinished();
}

TEST(Cluster, EveryCopyEndsWithTheSamePages) {
  Cluster cluster(small(), {});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle);
  cluster.run(20_s);
  ASSERT_TRUE(cluster.quiesce(30_s)) << cluster.unfinished();
  const auto image_of = [&](std::uint32_t process) {
    std::vector<Digest128> digests;
    for (const sim::BufferRef& page : sqlite::copy_image(sqlite::Image(*cluster.vfs(process))))
      digests.push_back(page->digest());
    return digests;
  };
  const auto primary = image_of(cluster.find("db-a/primary")->process);
  EXPECT_GE(primary.size(), 2U);
  int replicas = 0;
  for (const NodeInfo& node : cluster.nodes()) {
    if (node.role != NodeRole::kReplica) continue;
    EXPECT_EQ(image_of(node.process), primary) << node.name;
    ++replicas;
  }
  EXPECT_EQ(replicas, 6);
}

TEST(Cluster, ExportsFilesOfEveryCopy) {
  struct Sink final : ExportSink {
    void on_copy(const ExportedCopy& copy) override {
      ASSERT_GE(copy.database.size(), 512U);
      EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(copy.database.data()), 15), "SQLite format 3");
      names.push_back(copy.node);
    }
    std::vector<std::string> names;
  } sink;
  Story story;
  ASSERT_TRUE(story.ask(kFrankfurt, kInsert, {}));
  ASSERT_TRUE(story.cluster.quiesce(10_s));
  story.cluster.export_databases(sink);
  EXPECT_EQ(sink.names, (std::vector<std::string>{kPrimary, kFrankfurt, kSydney}));
}

TEST(Cluster, OverloadIsADefiniteFailureWithTheDocumentedText) {
  ClusterOptions options = small();
  options.databases[0].placement = ReplicaPlacement::kExplicit;
  options.late_boot = {};
  options.database.query_overhead = 200_ms;
  options.database.queue_limit = 2;
  options.workload.clients = 20;
  options.workload.think_time = 20_ms;
  Recorder recorder;
  Cluster cluster(options, {nullptr, &recorder});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  cluster.run(10_s);
  EXPECT_GT(recorder.errors["D1_ERROR: D1 DB is overloaded. Too many requests queued."], 0);
  EXPECT_GT(cluster.statistics().overloaded, 0U);
  EXPECT_GT(recorder.outcomes[OperationOutcome::kFail], 0);
}

TEST(Cluster, WriteLoadsWriteAtTheirRateWithoutClients) {
  ClusterOptions options = two_replicas();
  options.databases[0].write_load_per_second = 20;
  options.databases.push_back(options.databases[0]);
  options.databases[1].name = "db-b";
  options.databases[1].primary_site = "DFW";
  Cluster cluster(options, {});
  ASSERT_EQ(cluster.setup(), sim::RunEnd::kIdle) << cluster.unfinished();
  cluster.run(60_s);
  EXPECT_TRUE(cluster.quiesce(10_s)) << cluster.unfinished();
  EXPECT_NEAR(static_cast<double>(cluster.statistics().write_loads), 2400, 250);
  EXPECT_GT(cluster.primary_relay(1)->committed().sequence, 1000U);
}

TEST(Cluster, FollowersStandInDistinctDataCentres) {
  for (const FollowerPlacement placement : {FollowerPlacement::kMetro, FollowerPlacement::kNearestHosts}) {
    ClusterOptions options = two_replicas();
    options.followers = placement;
    Cluster cluster(options, {});
    std::set<std::string> sites = {cluster.find("db-a/primary")->site};
    for (const NodeInfo& node : cluster.nodes()) {
      if (node.role == NodeRole::kFollower) sites.insert(node.site);
    }
    EXPECT_EQ(sites.size(), 8U);
  }
}

TEST(ClusterOptionsProblem, NamesTheKey) {
  ClusterOptions options;
  EXPECT_EQ(options.problem(), "");
  options.databases[0].primary_site = "XYZ";
  EXPECT_EQ(options.problem(), "databases[0].primary_site: unknown site \"XYZ\"");
  options = {};
  options.workload.read_share = 1.5;
  EXPECT_EQ(options.problem(), "workload.read_share: 0 to 1");
  options = {};
  options.databases.push_back({});
  EXPECT_EQ(options.problem(), "databases[1].name: \"db-a\" appears twice");
  options = {};
  options.relay.quorum = 9;
  EXPECT_EQ(options.problem(), "relay.quorum: 1 to the number of followers");
}

}  // namespace
}  // namespace tidemark::model::testing
