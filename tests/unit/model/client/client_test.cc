#include "model/client/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "model/client/write_load.h"
#include "path_world.h"

namespace tidemark::model::testing {
namespace {

/// A PoP that answers at once: the header is the next of `bookmarks`, the last one stays.
class FakePop final : public RpcHandler {
 public:
  explicit FakePop(PathWorld::Node& node) : node_(node), server_(*this) { node.network().listen(&server_); }
  ~FakePop() override { node_.network().listen(nullptr); }
  std::vector<HttpRequestRef> seen;
  std::vector<SessionToken> bookmarks;
  std::uint16_t status = 200;
  bool effect_unknown = false;
  bool silent = false;

 private:
  void on_request(RpcPeer from, const sim::PayloadRef& message) override {
    const auto request = boost::static_pointer_cast<const HttpRequest>(message);
    seen.push_back(request);
    if (silent) return;
    boost::intrusive_ptr<HttpResponse> response(new HttpResponse);
    response->id = request->id;
    response->status = status;
    response->effect_unknown = effect_unknown;
    response->has_bookmark = status == 200;
    if (!bookmarks.empty()) response->bookmark = bookmarks[std::min(seen.size(), bookmarks.size()) - 1];
    if (const auto* txn = std::get_if<TxnBody>(&request->body)) {
      response->results.resize(txn->ops.size());
      // The second of two reads saw less.
      if (txn->concurrent) response->query_bookmarks = {SessionToken::of(bookmark(9)), SessionToken::of(bookmark(8))};
    }
    server_.reply(from, std::move(response));
  }
  PathWorld::Node& node_;
  RpcServer server_;
};

struct Seen final : ClientObserver {
  void on_invoke(const ClientInvocation& invocation) override { invoked.push_back(invocation); }
  void on_complete(const ClientOperation& operation) override {
    completed.push_back(operation);
    out.push_back(operation.bookmark_out->text());
  }
  std::vector<ClientInvocation> invoked;
  std::vector<ClientOperation> completed;
  std::vector<std::string> out;
};

struct ClientSide {
  explicit ClientSide(const WorkloadOptions& given, std::shared_ptr<User> user = nullptr) : options(given) {
    ClientSettings settings;
    for (const ScriptedOperation& operation : options.script)
      settings.script.push_back({&operation, operation.via.empty() ? 0 : far_node.process().id()});
    settings.number = 1;
    settings.user = std::move(user);
    settings.actions["look"] = {false, HttpMethod::kGet, HttpRoute::kOrders};
    settings.access_latency = 5_ms;
    settings.observer = &observed;
    settings.pops = {near_node.process().id(), second_node.process().id(), {far_node.process().id()}};
    client.emplace(client_node, options, settings);
  }
  WorkloadOptions options;
  PathWorld world;
  PathWorld::Node& client_node = world.node("client-1", "LHR");
  PathWorld::Node& near_node = world.node("worker/LHR", "LHR");
  PathWorld::Node& second_node = world.node("worker/MAN", "MAN");
  PathWorld::Node& far_node = world.node("worker/SYD", "SYD");
  FakePop near{near_node};
  FakePop second{second_node};
  FakePop far{far_node};
  Seen observed;
  std::optional<Client> client;
};

WorkloadOptions workload(WorkloadKind kind = WorkloadKind::kOrders) {
  WorkloadOptions options;
  options.kind = kind;
  options.clients = 4;
  options.think_time = 50_ms;
  options.new_session_share = 0;
  options.route_change_period = {};
  options.reset_period = {};
  options.concurrent_share = 0;
  return options;
}

TEST(Client, KeepsTheGreatestBookmarkAndSendsItWithTheNextRequest) {
  ClientSide side(workload());
  side.near.bookmarks = {SessionToken::of(bookmark(5)), SessionToken::of(bookmark(4)), SessionToken::of(bookmark(6))};
  side.world.run_for(2_s);
  ASSERT_GE(side.near.seen.size(), 4U);
  EXPECT_EQ(side.near.seen[0]->bookmark.kind(), SessionToken::Kind::kNone) << "no header";
  EXPECT_EQ(side.near.seen[1]->bookmark.bookmark(), bookmark(5));
  EXPECT_EQ(side.near.seen[2]->bookmark.bookmark(), bookmark(5)) << "4 is older";
  EXPECT_EQ(side.near.seen[3]->bookmark.bookmark(), bookmark(6));
}

TEST(Client, ANewSessionDropsTheBookmark) {
  WorkloadOptions options = workload();
  options.new_session_share = 1;
  ClientSide side(options);
  side.near.bookmarks = {SessionToken::of(bookmark(5))};
  side.world.run_for(2_s);
  std::set<std::uint32_t> sessions;
  for (const HttpRequestRef& request : side.near.seen) {
    EXPECT_EQ(request->bookmark.kind(), SessionToken::Kind::kNone);
    EXPECT_TRUE(sessions.insert(request->session).second);
    EXPECT_EQ(request->session % 4, 2U) << "unique over 4 clients: this is number 1";
  }
}

TEST(Client, AFirstPrimaryHeaderIsReplacedByTheFirstBookmark) {
  WorkloadOptions options = workload();
  options.new_session_share = 0.3;
  options.first_primary_share = 1;
  ClientSide side(options);
  side.near.bookmarks = {SessionToken::of(bookmark(5))};
  side.world.run_for(10_s);
  std::map<SessionToken::Kind, int> kinds;
  for (const HttpRequestRef& request : side.near.seen) ++kinds[request->bookmark.kind()];
  EXPECT_GT(kinds[SessionToken::Kind::kFirstPrimary], 10);
  EXPECT_GT(kinds[SessionToken::Kind::kBookmark], 50);
}

TEST(Client, MovesBetweenPopsAndTakesItsBookmarkAlong) {
  WorkloadOptions options = workload();
  options.route_change_period = 1_s;
  options.route_change_near_share = 0.5;
  ClientSide side(options);
  side.near.bookmarks = side.second.bookmarks = side.far.bookmarks = {SessionToken::of(bookmark(5))};
  side.world.run_for(60_s);
  EXPECT_GT(side.near.seen.size(), 10U);
  EXPECT_GT(side.second.seen.size(), 10U);
  EXPECT_GT(side.far.seen.size(), 10U);
  EXPECT_EQ(side.far.seen.back()->bookmark.bookmark(), bookmark(5));
  EXPECT_EQ(side.observed.invoked.front().session, side.observed.invoked.back().session);
}

TEST(Client, ReportsOneOperationAtATimeWithItsTimes) {
  ClientSide side(workload());
  side.world.run_for(5_s);
  ASSERT_GE(side.observed.completed.size(), 5U);
  for (std::size_t i = 0; i < side.observed.completed.size(); ++i) {
    const ClientOperation& operation = side.observed.completed[i];
    EXPECT_EQ(operation.outcome, OperationOutcome::kOk);
    EXPECT_GE(operation.completed - operation.invocation.invoked, 10_ms) << "twice the access latency";
    EXPECT_EQ(operation.invocation.invoked, side.observed.invoked[i].invoked);
  }
}

TEST(Client, AnUnknownEffectIsInfoAndRetiresTheProcess) {
  WorkloadOptions options = workload();
  options.read_share = 0;
  ClientSide side(options);
  side.near.status = 500;
  side.near.effect_unknown = true;
  side.world.run_for(1_s);
  ASSERT_GE(side.observed.completed.size(), 2U);
  EXPECT_EQ(side.observed.completed[0].outcome, OperationOutcome::kInfo);
  EXPECT_EQ(side.observed.completed[0].invocation.process, 1U);
  EXPECT_EQ(side.observed.completed[1].invocation.process, 1U + 2 * 4);
}

TEST(Client, ALostPopIsInfoForAWriteAndFailForARead) {
  for (const double read_share : {0.0, 1.0}) {
    WorkloadOptions options = workload();
    options.read_share = read_share;
    ClientSide side(options);
    side.near.silent = true;
    side.world.run_for(1_s);
    ASSERT_EQ(side.near.seen.size(), 1U);
    side.near_node.process().crash();
    side.world.run_for(10_ms);
    ASSERT_EQ(side.observed.completed.size(), 1U);
    EXPECT_EQ(side.observed.completed[0].outcome, read_share == 0 ? OperationOutcome::kInfo : OperationOutcome::kFail);
  }
}

/// Looks; every third time on a new page.
class Looker final : public User {
 public:
  ActionBody next(sim::Instant, sim::RandomStream&) override {
    ++looks_;
    return {"look", {}};
  }
  Opening opening() const override { return looks_ % 3 == 1 ? Opening::kFirstPrimary : Opening::kSame; }

 private:
  int looks_ = 0;
};

TEST(Client, AnActionWithoutAnAnswerEndsItsSessionButNotItsPage) {
  WorkloadOptions options = workload(WorkloadKind::kApplication);
  options.request_timeout = 100_ms;
  ClientSide side(options, std::make_shared<Looker>());
  side.near.bookmarks = {SessionToken::of(bookmark(5))};
  side.near.silent = false;
  while (side.observed.completed.size() < 1) side.world.run_for(10_ms);
  side.near.silent = true;
  while (side.observed.completed.size() < 3) side.world.run_for(10_ms);
  side.near.silent = false;
  while (side.observed.completed.size() < 5) side.world.run_for(10_ms);
  std::vector<std::uint32_t> sessions, pages;
  for (std::size_t i = 0; i < 5; ++i) {
    sessions.push_back(side.observed.invoked[i].session);
    pages.push_back(side.observed.invoked[i].page);
  }
  EXPECT_EQ(sessions, (std::vector<std::uint32_t>{2, 2, 6, 10, 10}));
  EXPECT_EQ(pages, (std::vector<std::uint32_t>{2, 2, 2, 10, 10}));
  EXPECT_EQ(side.near.seen[2]->bookmark.bookmark(), bookmark(5)) << "handed on all the same";
  EXPECT_EQ(side.near.seen[3]->bookmark.kind(), SessionToken::Kind::kFirstPrimary);
  EXPECT_EQ(side.near.seen[3]->method, HttpMethod::kGet);
  EXPECT_EQ(side.near.seen[3]->route, HttpRoute::kOrders);
}

TEST(Client, ReportsConcurrentReadsAsTwoProcessesInBookmarkOrder) {
  WorkloadOptions options = workload(WorkloadKind::kRegister);
  options.concurrent_share = 1;
  ClientSide side(options);
  side.near.bookmarks = {SessionToken::of(bookmark(9))};
  side.world.run_for(300_ms);
  ASSERT_GE(side.observed.completed.size(), 2U);
  EXPECT_EQ(side.observed.completed[0].invocation.process, 1U + 4);
  EXPECT_EQ(side.observed.out[0], bookmark(8).text());
  EXPECT_EQ(side.observed.completed[1].invocation.process, 1U);
  EXPECT_EQ(side.observed.out[1], bookmark(9).text());
}

ScriptedOperation scripted(sim::Duration at, ScriptedStep step) {
  ScriptedOperation operation;
  operation.client = 1;
  operation.at = at;
  operation.steps = {std::move(step)};
  return operation;
}

TEST(Client, PlaysItsScriptAndNothingElse) {
  WorkloadOptions options = workload(WorkloadKind::kAppend);
  options.arrival = Arrival::kScript;
  options.script = {scripted(100_ms, {ScriptedStep::Kind::kAppend, 3, 17, "", "", "", {}}),
                    scripted(101_ms, {ScriptedStep::Kind::kRead, 3, 0, "", "", "", {}}),
                    scripted(900_ms, {ScriptedStep::Kind::kRead, 4, 0, "", "", "", {}})};
  options.script[2].session = ScriptedOperation::Session::kFirstPrimary;
  options.script[2].via = "SYD";
  ClientSide side(options);
  side.near.bookmarks = {SessionToken::of(bookmark(5))};
  side.world.run_for(5_s);
  ASSERT_EQ(side.observed.completed.size(), 3U);
  const auto& completed = side.observed.completed;
  EXPECT_EQ(completed[0].invocation.invoked.since_start(), 100_ms);
  EXPECT_EQ(completed[1].invocation.invoked, completed[0].completed) << "it was busy at 101 ms";
  EXPECT_EQ(completed[2].invocation.invoked.since_start(), 900_ms);
  ASSERT_EQ(side.near.seen.size(), 2U);
  EXPECT_EQ(std::get<TxnBody>(side.near.seen[0]->body).ops[0].value, 17);
  EXPECT_EQ(side.near.seen[1]->bookmark.bookmark(), bookmark(5)) << "the same session";
  ASSERT_EQ(side.far.seen.size(), 1U) << "it moved";
  EXPECT_EQ(side.far.seen[0]->bookmark.kind(), SessionToken::Kind::kFirstPrimary);
}

TEST(Client, StopsAfterTheOperationUnderWay) {
  ClientSide side(workload());
  side.world.run_for(1_s);
  side.client->stop();
  side.world.run_for(1_s);
  const std::size_t seen = side.near.seen.size();
  EXPECT_FALSE(side.client->busy());
  side.world.run_for(10_s);
  EXPECT_EQ(side.near.seen.size(), seen);
}

TEST(Zipf, PrefersLowRanksByTheExponentAndIsUniformAtZero) {
  sim::RandomStream random(1, "zipf");
  const Zipf skewed(10, 1.0);
  const Zipf uniform(10, 0);
  std::map<std::uint32_t, int> a;
  std::map<std::uint32_t, int> b;
  for (int i = 0; i < 100'000; ++i) {
    ++a[skewed.sample(random)];
    ++b[uniform.sample(random)];
  }
  EXPECT_NEAR(a[0], 34'141, 700);  // 1 / H(10) = 0.3414
  EXPECT_NEAR(a[9], 3'414, 300);
  for (std::uint32_t rank = 0; rank < 10; ++rank) EXPECT_NEAR(b[rank], 10'000, 500);
}

TEST(OperationSource, DrawsTheSharesThatWereAskedFor) {
  WorkloadOptions options = workload(WorkloadKind::kAppend);
  options.read_share = 0.6;
  options.batch_share = 0.25;
  sim::RandomStream random(1, "operations");
  ClientLedger ledger;
  OperationSource source(options, 0, random, ledger);
  int batches = 0;
  int reads = 0;
  int ops = 0;
  std::map<std::int64_t, int> appends;
  for (int i = 0; i < 10'000; ++i) {
    const PlannedOperation planned = source.next({});
    const auto& body = std::get<TxnBody>(planned.body);
    batches += body.ops.size() > 1 ? 1 : 0;
    for (const MicroOp& op : body.ops) {
      ++ops;
      reads += op.writes() ? 0 : 1;
      appends[op.key] += op.writes() ? 1 : 0;
    }
  }
  EXPECT_NEAR(batches, 2500, 200);
  EXPECT_NEAR(static_cast<double>(reads) / ops, 0.6, 0.02);
  for (const auto& [key, count] : appends) EXPECT_LT(count * 4, 400) << "lists stay short, key " << key;
}

TEST(OperationSource, ResetsAtTheRateOfAllClientsTogether) {
  WorkloadOptions options = workload();
  options.reset_period = 10_s;  // of 4 clients together
  sim::RandomStream random(1, "operations");
  ClientLedger ledger;
  OperationSource source(options, 0, random, ledger);
  int resets = 0;
  for (int i = 0; i < 40'000; ++i) {
    resets += source.next(sim::Instant() + i * 100_ms).kind == OperationKind::kReset ? 1 : 0;
  }
  EXPECT_NEAR(resets, 100, 30);  // 4,000 s / 40 s
}

TEST(WriteLoad, WritesAtItsRateAndPipelines) {
  PathWorld world;
  PathWorld::Node& load_node = world.node("db/write-load", "IAD");
  PathWorld::Node& pop_node = world.node("worker/IAD", "IAD");
  FakePop pop(pop_node);
  WriteLoad load(load_node, 0, pop_node.process().id(), 50);
  world.run_for(100_s);
  EXPECT_NEAR(static_cast<double>(load.confirmed()), 5000, 300);
  EXPECT_EQ(load.failed(), 0U);
  load.stop();
  pop.silent = true;
  world.run_for(1_s);
  EXPECT_FALSE(load.busy());
}

}  // namespace
}  // namespace tidemark::model::testing
