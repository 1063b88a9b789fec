// The table of kinds, and faults and plans as text.
#include "sim/nemesis/fault.h"

#include <gtest/gtest.h>

#include <set>

#include "fake_world.h"

namespace tidemark::sim::test {
namespace {

TEST(FaultKinds, AreTheClosedListWithATextForEverything) {
  std::set<std::string> ids;
  std::set<std::string> names;
  for (const FaultKindInfo& row : fault_kinds()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GT(row.meaning.size(), 20U) << row.id;
    EXPECT_EQ(row.meaning.back(), '.') << row.id;
    EXPECT_NE(row.roles, 0) << row.id;
    EXPECT_EQ(find_fault_kind(row.id), &row);
    EXPECT_EQ(find_fault_kind(row.name), &row);
    for (const ParameterInfo& parameter : row.parameters) {
      EXPECT_FALSE(parameter.doc.empty()) << row.id << " " << parameter.name;
      EXPECT_EQ(range_problem(parameter, {parameter.name, parameter.fallback, parameter.word}), "") << row.id;
    }
  }
  EXPECT_EQ(ids.size(), 103U);
  EXPECT_EQ(find_fault_kind("n4")->name, "loss");
  EXPECT_EQ(find_fault_kind("N8"), nullptr);
  EXPECT_FALSE(info(FaultKind::kP17).injectable());
}

TEST(FaultKinds, AreDocumentedWithTheirDefaults) {
  const std::string text = fault_kinds_markdown();
  for (const FaultKindInfo& row : fault_kinds()) {
    EXPECT_NE(text.find("### " + row.id + " " + row.name + "\n"), std::string::npos);
    EXPECT_NE(text.find(row.meaning), std::string::npos);
  }
  EXPECT_NE(text.find("| `loss` | `5 %` | 0.0001 % to 90 % | part of the packets lost |"), std::string::npos);
}

TEST(FaultText, ReadsBackWhatItWrites) {
  FakeWorld world;
  std::uint64_t id = 0;
  for (const FaultKindInfo& row : fault_kinds()) {
    Fault fault = make_fault(row.kind);
    fault.id = ++id;
    fault.targets = {"db-a/follower-1", "link:db-a/host-1>db-a/follower-2"};
    fault.start.after = Duration::nanoseconds(static_cast<std::int64_t>(id) * 1'234'567);
    if (row.shape == FaultShape::kInterval && id % 2 == 0) fault.duration = kUntilHeal;
    std::string problem;
    const std::optional<Fault> back = from_fields(to_fields(fault), problem);
    ASSERT_TRUE(back.has_value()) << row.id << ": " << problem;
    EXPECT_EQ(*back, fault) << row.id;
  }
}

TEST(FaultText, ReadsBackEveryTrigger) {
  for (const std::string text :
       {"1.5 s", "0 s", "bookmark 100 of db-a", "epoch 2 of db-a + 20 ms", "takeover sealing of db-a",
        "checkpoint 3 of db-a", "snapshot 1 of db-a", "trim 1 of db-a", "io 17 of db-a/follower-2",
        "send 5 of db-a/host-1", "point commit-before-append of db-a/host-1 + 1 us"}) {
    FaultStart start;
    std::string problem;
    ASSERT_TRUE(parse_start(text, start, problem)) << problem;
    EXPECT_EQ(to_text(start), text);
  }
}

TEST(FaultText, RefusesWhatItDoesNotUnderstand) {
  FaultStart start;
  std::string problem;
  for (const std::string text : {"", "soon", "5", "-1 s", "bookmark of db-a", "bookmark 0 of db-a", "bookmark 5 db-a",
                                 "epoch 2 of db-a + soon", "sunrise 1 of db-a"}) {
    EXPECT_FALSE(parse_start(text, start, problem)) << text;
    EXPECT_NE(problem.find("bookmark 100 of db-a"), std::string::npos);
  }
  Duration duration;
  EXPECT_TRUE(parse_duration("2.5ms", duration));
  EXPECT_EQ(duration, 2500_us);
  for (const char* text : {"1.5 ns", "1. s", "1", "s", "9999999999 d", "1e3 ms"})
    EXPECT_FALSE(parse_duration(text, duration)) << text;
  std::int64_t ppm = 0;
  EXPECT_TRUE(parse_ratio("0.0001 %", ppm));
  EXPECT_EQ(ppm, 1);
  EXPECT_FALSE(parse_ratio("0.00001 %", ppm));
}

TEST(FaultText, SaysWhatIsWrongWithFields) {
  const auto problem_with = [](FaultFields fields) {
    std::string problem;
    EXPECT_FALSE(from_fields(fields, problem).has_value());
    return problem;
  };
  EXPECT_EQ(problem_with({"1", "N8", {"all"}, "1 s", "1 s", {}}), "there is no fault kind \"N8\"");
  EXPECT_EQ(problem_with({"1", "N4", {"all"}, "1 s", "1 s", {{"lost", "5 %"}}}), "N4 loss has no parameter \"lost\"");
  EXPECT_EQ(problem_with({"1", "N4", {"all"}, "1 s", "1 s", {{"loss", "95 %"}}}), "loss must be 0.0001 % to 90 %");
  EXPECT_EQ(problem_with({"1", "N4", {"all"}, "1 s", "1 s", {{"loss", "5 ms"}}}),
            "loss: \"5 ms\" is not a ratio (\"2 %\")");
  EXPECT_EQ(problem_with({"1", "D18", {"all"}, "1 s", "", {{"form", "wet"}}}), "form must be one of bit-flip, garbage");
  EXPECT_EQ(problem_with({"0", "N4", {"all"}, "1 s", "1 s", {}}), "\"0\" is no number of a fault");
}

TEST(FaultProblems, AreSentencesThatNameTheInstance) {
  FakeWorld world;
  const auto problem_with = [&](FaultKind kind, std::vector<std::string> targets, auto change) {
    Fault fault = make_fault(kind);
    fault.id = 3;
    fault.targets = std::move(targets);
    change(fault);
    return problem_of(fault, world.topology());
  };
  const auto as_is = [](Fault&) {};
  EXPECT_EQ(problem_with(FaultKind::kP1, {"db-a/follower-1"}, as_is), "");
  EXPECT_EQ(problem_with(FaultKind::kP1, {"db-b/follower-1"}, as_is),
            "fault 3 (P1 kill): \"db-b/follower-1\" is no target of this run");
  EXPECT_EQ(problem_with(FaultKind::kD4, {"client-1"}, as_is),
            "fault 3 (D4 io-error): \"client-1\" is a client; this kind hits: primary, follower, replica");
  EXPECT_EQ(problem_with(FaultKind::kP1, {"primary@db-a"}, [](Fault& fault) { fault.duration = Duration{}; }),
            "fault 3 (P1 kill): has no duration");
  EXPECT_EQ(problem_with(FaultKind::kP1, {"primary@db-a"}, [](Fault& fault) { fault.duration = Duration{} - 1_s; }),
            "fault 3 (P1 kill): ends before it begins");
  EXPECT_EQ(problem_with(FaultKind::kM3, {"primary@db-a"}, [](Fault& fault) { fault.duration = 1_s; }),
            "fault 3 (M3 hand-over): happens once: it has no duration");
  EXPECT_EQ(problem_with(FaultKind::kN4, {"link:db-a/host-1>db-a/follower-1"},
                         [](Fault& fault) {
                           fault.start.on = FaultStart::On::kBookmark;
                           fault.start.subject = "db-b";
                         }),
            "fault 3 (N4 loss): waits for \"db-b\", which is no database");
  EXPECT_EQ(problem_with(FaultKind::kP17, {"run"}, as_is).find("fault 3 (P17 zero-progress-guard) cannot be injected"),
            0U);
}

TEST(FaultTargets, AreDrawnFromSelectors) {
  FakeWorld world;
  RandomStream random(1, "targets");
  std::string problem;
  const auto draw_all = [&](std::vector<std::string> selectors, FaultRoles roles = kRolesProcess | kRoleLink) {
    return draw_targets(selectors, world.topology(), roles, random, problem);
  };
  EXPECT_EQ(draw_all({"primary"}), std::vector<std::string>{"primary@db-a"});
  EXPECT_EQ(draw_all({"followers@db-a"}).size(), 5U);
  EXPECT_EQ(draw_all({"followers:2"}).size(), 2U);
  EXPECT_EQ(draw_all({"majority"}).size(), 3U);
  EXPECT_EQ(draw_all({"replica:any"}).size(), 1U);
  EXPECT_EQ(draw_all({"site:FRA"}), (std::vector<std::string>{"db-a/replica-eeur", "worker/FRA", "client-1"}));
  EXPECT_EQ(draw_all({"site:IAD"}, kRoleFollower).size(), 5U);
  EXPECT_EQ(draw_all({"region:EEUR"}, kRoleReplica), std::vector<std::string>{"db-a/replica-eeur"});
  EXPECT_EQ(draw_all({"link:db-a/host-1>db-a/follower-2"}),
            std::vector<std::string>{"link:db-a/host-1>db-a/follower-2"});
  EXPECT_EQ(draw_all({"link:db-a/host-1-followers"}).size(), 10U);
  EXPECT_EQ(draw_all({"all"}, kRolesProcess).size(), 12U);

  EXPECT_TRUE(draw_all({"followers:6"}).empty());
  EXPECT_EQ(problem, "\"followers:6\": there are 5");
  EXPECT_TRUE(draw_all({"db-a/follower-9"}).empty());
  EXPECT_EQ(problem, "there is no target \"db-a/follower-9\"");
  EXPECT_TRUE(draw_all({"followers@db-b"}).empty());
  EXPECT_EQ(problem, "there is no database \"db-b\"");
  EXPECT_TRUE(draw_all({"primary"}, kRoleClient).empty());
  EXPECT_TRUE(draw_all({"link:db-a/host-1>nobody"}).empty());
}

}  // namespace
}  // namespace tidemark::sim::test
