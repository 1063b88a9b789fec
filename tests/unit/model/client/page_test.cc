// Clients whose users have a page: actions go to it, and what happens to the client's network happens to it.
#include <gtest/gtest.h>

#include "model/client/client.h"
#include "path_world.h"

namespace tidemark::model::testing {
namespace {

/// Takes 50 ms for each action. Writes down what happens to it.
class SlowPage final : public Page {
 public:
  SlowPage(sim::Process& process, CallLog& log, bool& answers) : process_(process), log_(log), answers_(answers) {}
  ~SlowPage() override { log_.push_back("closed"); }
  sim::Task<RpcAnswer> act(HttpRequestRef request) override {
    log_.push_back(std::get<ActionBody>(request->body).name + " of session " + std::to_string(request->session));
    co_await sim::sleep(process_, 50_ms);
    RpcAnswer answer;
    if (answers_) answer.message.reset(new HttpResponse);
    co_return answer;
  }
  void lose_connection() override { log_.push_back("lost"); }

 private:
  sim::Process& process_;
  CallLog& log_;
  bool& answers_;
};

class Reader final : public User {
 public:
  Reader(CallLog& log, bool& answers) : log_(log), answers_(answers) {}
  ActionBody next(sim::Instant, sim::RandomStream&) override { return {"write", {}}; }
  void answered(const ActionBody&, const HttpResponse* response) override {
    log_.push_back(response != nullptr ? "answered" : "not answered");
  }
  std::unique_ptr<Page> page(const PagePlace& place) override {
    log_.push_back("page of database " + std::to_string(place.database) + " at " + std::to_string(place.object));
    return std::make_unique<SlowPage>(place.process, log_, answers_);
  }

 private:
  CallLog& log_;
  bool& answers_;
};

struct Outcomes final : ClientObserver {
  void on_invoke(const ClientInvocation&) override {}
  void on_complete(const ClientOperation& operation) override { all.push_back(operation.outcome); }
  std::vector<OperationOutcome> all;
};

class ClientsWithAPage : public ::testing::Test {
 protected:
  ClientsWithAPage() {
    options.kind = WorkloadKind::kApplication;
    options.think_time = 10_ms;
    options.new_session_share = 0;
    options.route_change_period = {};
    settings.database = 3;
    settings.object = 7;
    settings.pops = {1, 2, {}};
    settings.observer = &outcomes;
    settings.user = std::make_shared<Reader>(log, answers);
    settings.actions["write"].writes = true;
  }
  void start() { client.emplace(node, options, settings); }
  /// Until an action is under way.
  void until_busy() {
    for (int i = 0; i < 1'000 && !client->busy(); ++i) world.run_for(1_ms);
    ASSERT_TRUE(client->busy());
  }
  CallLog log;
  bool answers = true;
  Outcomes outcomes;
  PathWorld world;
  PathWorld::Node& node = world.node("client", "FRA");
  WorkloadOptions options;
  ClientSettings settings;
  std::optional<Client> client;
};

TEST_F(ClientsWithAPage, DoTheirActionsThere) {
  start();
  until_busy();
  client->stop();
  world.run_for(1_s);
  EXPECT_EQ(log, (CallLog{"page of database 3 at 7", "write of session 1", "answered"}));
  EXPECT_EQ(outcomes.all, (std::vector<OperationOutcome>{OperationOutcome::kOk}));
}

TEST_F(ClientsWithAPage, DoNotKnowWhatAWriteCameToThatThePageSaysNothingOf) {
  answers = false;
  start();
  until_busy();
  client->stop();
  world.run_for(1_s);
  EXPECT_EQ(log.back(), "not answered");
  EXPECT_EQ(outcomes.all, (std::vector<OperationOutcome>{OperationOutcome::kInfo}));
}

TEST_F(ClientsWithAPage, LoseItsConnectionWithTheirNetwork) {
  start();
  until_busy();
  EXPECT_TRUE(client->abandon()) << "what is under way";
  EXPECT_EQ(log.back(), "lost");
  world.run_for(55_ms);
  EXPECT_EQ(log.back(), "answered") << "the page goes on";
  EXPECT_TRUE(client->move_to(2));
  until_busy();
  EXPECT_EQ(
      log, (CallLog{"page of database 3 at 7", "write of session 1", "lost", "answered", "lost", "write of session 1"}))
      << "once, with the next action";
  client->stop();
  world.run_for(1_s);
  EXPECT_FALSE(client->abandon()) << "nothing is under way";
}

}  // namespace
}  // namespace tidemark::model::testing
