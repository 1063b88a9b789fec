#include "scenarios/run/action_sessions.h"

#include <gtest/gtest.h>

namespace tidemark::scenarios {
namespace {

using model::Bookmark;
using model::SessionToken;

class Sessions : public testing::Test {
 protected:
  static Bookmark at(std::uint32_t sequence) { return {1, sequence, 20'000, {}}; }
  static sim::Instant ms(std::int64_t count) { return sim::Instant::from_ns(count * 1'000'000); }
  model::ClientInvocation invocation(std::int64_t invoked_ms) const {
    model::ClientInvocation made;
    made.session = 4;
    made.ended_session = ended;
    made.made_up = made_up;
    made.invoked = ms(invoked_ms);
    return made;
  }
  void begin(std::int64_t invoked_ms) {
    sessions.on_invoke(invocation(invoked_ms), "act(" + std::to_string(++actions) + ")");
  }
  void answered(std::uint32_t state, std::int64_t started_ms, std::uint32_t created = 0) {
    model::ResponseTruth truth;
    truth.session = 4;
    truth.state = at(state);
    truth.started = ms(started_ms);
    if (created != 0) truth.created = at(created);
    sessions.on_response(truth);
  }
  void end(std::uint32_t bookmark, model::OperationOutcome outcome = model::OperationOutcome::kOk) {
    model::ClientOperation operation;
    operation.invocation = invocation(0);
    operation.outcome = outcome;
    const SessionToken out = bookmark == 0 ? SessionToken() : SessionToken::of(at(bookmark));
    operation.bookmark_out = &out;
    sessions.on_complete(operation);
  }
  /// Names of what is broken.
  std::string broken() const {
    std::string names;
    for (const checkers::Verdict& verdict : sessions.verdicts())
      if (verdict.validity == checkers::Validity::kInvalid) names += verdict.name + " ";
    return names;
  }

  ActionSessions sessions;
  std::uint32_t ended = 0;
  bool made_up = false;
  int actions = 0;
};

TEST_F(Sessions, AReadBehindWhatTheSessionSawIsBroken) {
  begin(10);
  answered(7, 11);
  end(7);
  begin(20);
  answered(6, 21);
  EXPECT_EQ(broken(), "monotonic-reads ");
  EXPECT_NE(sessions.verdicts()[1].witness.find("act(1)"), std::string::npos);
  EXPECT_NE(sessions.verdicts()[1].witness.find("act(2)"), std::string::npos);
}

TEST_F(Sessions, AReadBehindItsOwnWriteIsBrokenWhateverTheBookmarkSays) {
  begin(10);
  answered(7, 11, 7);
  end(3);  // a bookmark from before
  begin(20);
  answered(6, 21);
  EXPECT_EQ(broken(), "read-your-writes ");
}

TEST_F(Sessions, AWriteIsRememberedThroughActionsThatWriteNothing) {
  begin(10);
  answered(7, 11, 7);
  end(3);
  begin(20);
  answered(8, 21);
  end(3);
  begin(30);
  answered(6, 31);
  EXPECT_EQ(broken(), "read-your-writes ");
}

TEST_F(Sessions, WhatIsAsNewIsInOrder) {
  begin(10);
  answered(7, 11, 7);
  end(7);
  begin(20);
  answered(7, 21);
  answered(9, 22);
  end(9);
  EXPECT_EQ(broken(), "");
  EXPECT_EQ(sessions.verdicts()[0].observations, 2U);
}

TEST_F(Sessions, AnAnswerThatGotLostPromisesNothing) {
  begin(10);
  answered(9, 11);  // on the way it is lost, and the read is repeated elsewhere
  answered(7, 12);
  end(7);
  begin(20);
  answered(8, 21);
  EXPECT_EQ(broken(), "");
}

TEST_F(Sessions, AnErrorPromisesNothing) {
  begin(10);
  answered(9, 11, 9);
  end(0, model::OperationOutcome::kInfo);
  begin(20);
  answered(8, 21);
  EXPECT_EQ(broken(), "");
}

TEST_F(Sessions, ARequestThatWasGivenUpIsNotOfTheNextAction) {
  begin(10);
  answered(9, 11);
  end(9);
  begin(20);
  answered(8, 19);  // reached the database before this action began
  EXPECT_EQ(broken(), "");
}

TEST_F(Sessions, AMadeUpBookmarkPromisesNothing) {
  begin(10);
  answered(9, 11);
  end(9);
  made_up = true;
  begin(20);
  answered(8, 21);
  EXPECT_EQ(broken(), "");
}

TEST_F(Sessions, AnotherSessionBeginsAnew) {
  begin(10);
  answered(9, 11);
  end(9);
  ended = 4;
  begin(20);
  answered(8, 21);
  EXPECT_EQ(broken(), "");
}

}  // namespace
}  // namespace tidemark::scenarios
