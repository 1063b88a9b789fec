// Sockets: what a client and an application say to each other over a connection that stays open, through a worker.
#include "model/protocol/socket.h"

#include <gtest/gtest.h>

#include <optional>
#include <set>

#include "model/worker/worker.h"
#include "path_world.h"

namespace tidemark::model::testing {
namespace {

boost::intrusive_ptr<SocketFrame> text(std::string what) {
  boost::intrusive_ptr<SocketFrame> frame(new SocketFrame);
  frame->database = 2;
  frame->text.name = std::move(what);
  return frame;
}

/// Tells everybody what anybody says. Writes down what happens to it.
class Echo final : public App {
 public:
  Echo(RpcServer* sockets, CallLog& log, bool takes) : sockets_(*sockets), log_(log), takes_(takes) {}
  sim::Task<boost::intrusive_ptr<HttpResponse>> handle(HttpRequestRef) override {
    co_return boost::intrusive_ptr<HttpResponse>(new HttpResponse);
  }
  bool socket_opened(RpcPeer peer) override {
    log_.push_back("opened " + std::to_string(peer));
    if (takes_) peers_.insert(peer);
    return takes_;
  }
  void socket_said(RpcPeer peer, SocketFrameRef frame) override {
    log_.push_back(std::to_string(peer) + " said " + frame->text.name);
    for (const RpcPeer other : peers_) sockets_.reply(other, frame);
  }
  void socket_gone(RpcPeer peer) override {
    log_.push_back("gone " + std::to_string(peer));
    peers_.erase(peer);
  }

 private:
  RpcServer& sockets_;
  CallLog& log_;
  const bool takes_;
  std::set<RpcPeer> peers_;
};

class EchoFactory final : public AppFactory {
 public:
  std::unique_ptr<App> make(std::uint32_t database, const AppContext& context) const override {
    EXPECT_EQ(database, 2U);
    return std::make_unique<Echo>(context.sockets, log, takes);
  }
  mutable CallLog log;
  bool takes = true;
};

class NoDirectory final : public Directory {
 public:
  std::uint32_t nearest_copy(std::uint32_t, std::uint32_t) const override { return 0; }
};

struct Browser final : SocketEvents {
  Browser(PathWorld& world, const std::string& name, std::uint32_t worker)
      : node(world.node(name, "LHR")), socket(node.process(), node.network(), worker, 2, {}, *this) {}
  void on_socket_open() override { log.push_back("open"); }
  void on_socket_text(const SocketFrame& frame) override { log.push_back(frame.text.name); }
  void on_socket_lost() override { log.push_back("lost"); }
  CallLog log;
  PathWorld::Node& node;
  Socket socket;
};

class Sockets : public ::testing::Test {
 protected:
  void listen() { worker.emplace(worker_node, directory, factory, options, SessionMode::kBookmark, BugSet()); }
  PathWorld world;
  PathWorld::Node& worker_node = world.node("worker/IAD", "IAD");
  NoDirectory directory;
  EchoFactory factory;
  WorkerOptions options;
  std::optional<Worker> worker;
  Browser ann{world, "ann", worker_node.process().id()};
  Browser ben{world, "ben", worker_node.process().id()};
};

TEST_F(Sockets, WhatIsSaidBeforeTheyOpenWaitsAndTheServerSpeaksUnasked) {
  listen();
  ann.socket.send(text("first"));
  ann.socket.send(text("second"));
  EXPECT_EQ(ann.socket.queued(), 2U);
  ann.socket.open();
  ben.socket.open();
  world.run_for(1_s);
  EXPECT_EQ(ann.socket.queued(), 0U);
  EXPECT_EQ(factory.log, (CallLog{"opened 1", "opened 2", "1 said first", "1 said second"}));
  EXPECT_EQ(ann.log, (CallLog{"open", "first", "second"}));
  EXPECT_EQ(ben.log, ann.log) << "pushed: it has asked for nothing";
}

TEST_F(Sockets, ALostSocketComesBackAndWhatWasInFlightDoesNot) {
  listen();
  ann.socket.open();
  world.run_for(6_s);
  ann.socket.send(text("lost on the way"));
  ann.socket.drop();
  ann.socket.send(text("queued"));
  EXPECT_FALSE(ann.socket.is_open());
  world.run_for(2'900_ms);
  EXPECT_EQ(ann.log, (CallLog{"open", "lost"}));
  world.run_for(1_s);
  EXPECT_EQ(ann.log, (CallLog{"open", "lost", "open", "queued"}));
  EXPECT_EQ(factory.log, (CallLog{"opened 1", "gone 1", "opened 2", "2 said queued"}));
}

TEST_F(Sockets, DelaysGrowUntilASocketWasOpenForLong) {
  ann.socket.open();  // nobody listens: refused after a round trip
  const auto delay_ms = [this] { return ann.socket.next_delay().ns() / 1'000'000; };
  std::vector<std::int64_t> delays = {delay_ms()};
  for (int i = 0; i < 120 && delays.back() < 10'000; ++i) {
    world.run_for(500_ms);
    if (delay_ms() != delays.back()) delays.push_back(delay_ms());
  }
  EXPECT_EQ(delays, (std::vector<std::int64_t>{3'000, 3'900, 5'070, 6'591, 8'568, 10'000}));
  listen();
  world.run_for(12_s);
  ASSERT_TRUE(ann.socket.is_open());
  world.run_for(5_s);
  ann.socket.drop();
  EXPECT_EQ(delay_ms(), 3'000);
}

TEST_F(Sockets, OneThatIsLostSoonHasNotSucceeded) {
  listen();
  ann.socket.open();
  world.run_for(3_s);
  ann.socket.drop();
  EXPECT_EQ(ann.socket.next_delay(), 3_s);
  world.run_for(4_s);
  ASSERT_TRUE(ann.socket.is_open());
  ann.socket.drop();
  EXPECT_EQ(ann.socket.next_delay(), 3'900_ms) << "neither of the two was open for long";
  world.run_for(5_s);
  ann.socket.close();
  ann.socket.open();
  EXPECT_EQ(ann.socket.next_delay(), 3_s) << "begun anew";
}

TEST_F(Sockets, OneThatIsClosedWhileItWaitsForItsNextAttemptMakesNone) {
  listen();
  ann.socket.open();
  world.run_for(1_s);
  ann.socket.drop();
  ann.socket.close();
  world.run_for(20_s);
  EXPECT_EQ(ann.log, (CallLog{"open", "lost"}));
  EXPECT_EQ(factory.log, (CallLog{"opened 1", "gone 1"}));
  ben.socket.open();
  ben.socket.close();
  world.run_for(20_s);
  EXPECT_EQ(ben.log, CallLog()) << "nor one that is closed while it connects";
  EXPECT_EQ(factory.log.size(), 2U);
}

TEST_F(Sockets, AnApplicationWithoutSocketsLetsThemTimeOut) {
  factory.takes = false;
  listen();
  ann.socket.open();
  world.run_for(3'900_ms);
  EXPECT_EQ(ann.socket.next_delay(), 3_s);
  world.run_for(6_s);
  EXPECT_EQ(ann.log, CallLog()) << "it was never open";
  EXPECT_EQ(factory.log.at(0), "opened 1");
  EXPECT_EQ(ann.socket.next_delay(), 3'900_ms) << "the second attempt";
}

TEST_F(Sockets, AClosedSocketStaysClosed) {
  listen();
  ann.socket.open();
  world.run_for(1_s);
  ann.socket.close();
  ann.socket.send(text("forgotten with the next close"));
  ann.socket.close();
  world.run_for(20_s);
  EXPECT_EQ(ann.log, (CallLog{"open"}));
  EXPECT_EQ(factory.log, (CallLog{"opened 1", "gone 1"}));
  ann.socket.open();
  world.run_for(1_s);
  EXPECT_EQ(ann.log, (CallLog{"open", "open"}));
}

TEST(SocketFrames, SayWhatTheyAreAndDifferByContent) {
  EXPECT_EQ(accepted_frame(1)->describe(), "socket: accepted");
  const auto one = text("vote");
  one->text.values = {std::int64_t{7}};
  EXPECT_EQ(one->describe(), R"(socket: {"action":"vote","values":[7]})");
  const auto other = text("vote");
  EXPECT_NE(one->digest(), other->digest());
  other->text.values = {std::int64_t{7}};
  EXPECT_EQ(one->digest(), other->digest());
  ResultSet::Builder rows(column_names({"v"}));
  rows.add_integer(1);
  other->rows = rows.finish();
  EXPECT_NE(one->digest(), other->digest());
  EXPECT_EQ(other->describe(), R"(socket: {"action":"vote","values":[7]} [{"v":1}])");
}

}  // namespace
}  // namespace tidemark::model::testing
