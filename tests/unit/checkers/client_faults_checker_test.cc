// What the checkers ask for when clients make bookmarks up, or send what must be refused.
#include <gtest/gtest.h>

#include "replication_story.h"

namespace tidemark::checkers {
namespace {

constexpr const char* kFuture = "00000001-00000009-00000000-00000000000000000000000000000077";

Validity verdict_of(Story& story, const std::string& name) {
  for (const Verdict& verdict : story.checker.finish())
    if (verdict.name == name) return verdict.validity;
  return Validity::kUnknown;
}

Validity answer_to_made_up(bool by_primary, bool told) {
  Story story;
  story.good();
  story.answer(3, [&](Response& r) {
    r.required_bookmark = kFuture;
    r.made_up = told;
    if (!by_primary) return;
    r.node = 0;
    r.is_primary = r.claimed_primary = true;
    r.region = r.claimed_region = "ENAM";
  });
  return verdict_of(story, "WAIT");
}

TEST(MadeUpBookmark, APrimaryMayAnswerFromItsNewestStateAndAReplicaMustNot) {
  EXPECT_EQ(answer_to_made_up(true, true), Validity::kValid);
  EXPECT_EQ(answer_to_made_up(false, true), Validity::kInvalid);
  EXPECT_EQ(answer_to_made_up(true, false), Validity::kInvalid) << "a session that made nothing up";
}

TEST(HostileRequest, AWrongAnswerBreaksErr) {
  for (const char* problem : {"", "it was answered with success"}) {
    Story story;
    story.good();
    HostileAnswered answered{};
    answered.at_ns = story.now;
    answered.problem = problem;
    story.checker.on(answered);
    EXPECT_EQ(verdict_of(story, "ERR"), *problem == '\0' ? Validity::kValid : Validity::kInvalid);
  }
}

}  // namespace
}  // namespace tidemark::checkers
