#include "scenarios/operation_table.h"

#include <gtest/gtest.h>

#include "scenarios/loader.h"

namespace tidemark::scenarios {
namespace {

using model::ScriptedOperation;
using Session = ScriptedOperation::Session;
using Kind = model::ScriptedStep::Kind;

std::string file(const std::string& kind, const std::string& operations) {
  return "[scenario]\nname = \"played\"\nduration = \"10 s\"\n[[database]]\nname = \"a\"\nprimary = \"IAD\"\n"
         "[workload]\nkind = \"" +
         kind + "\"\nclients = 4\narrival = \"script\"\n" + operations;
}

Scenario load(const std::string& text, const std::vector<std::string>& sets = {}) {
  const LoadResult result = load_scenario(text, "played.toml", sets);
  EXPECT_TRUE(result.ok()) << result.diagnostics.text();
  return result.scenario;
}

constexpr const char* kLater = "[[operation]]\nclient = 3\nat = \"1.204 s\"\ndo = [\"append 17 to 3\", \"read 4\"]\n";
constexpr const char* kEarlier =
    "[[operation]]\nclient = 1\nat = \"20 ms\"\ndo = [\"read 4\", \"read 5\"]\ntogether = true\nsession = "
    "\"first-primary\"\nvia = \"LHR\"\n";

TEST(OperationTable, SaysWhoDoesWhatWhenAndHow) {
  const std::vector<ScriptedOperation> script = load(file("append", std::string(kLater) + kEarlier)).workload.script;
  ASSERT_EQ(script.size(), 2U);
  EXPECT_EQ(script[0].client, 1U) << "in the order of their times";
  EXPECT_EQ(script[0].session, Session::kFirstPrimary);
  EXPECT_TRUE(script[0].together);
  EXPECT_EQ(script[0].via, "LHR");
  EXPECT_EQ(script[1].at, sim::Duration::milliseconds(1204));
  EXPECT_EQ(script[1].session, Session::kSame);
  ASSERT_EQ(script[1].steps.size(), 2U);
  EXPECT_EQ(script[1].steps[0].kind, Kind::kAppend);
  EXPECT_EQ(script[1].steps[0].value, 17);
  EXPECT_EQ(script[1].steps[0].key, 3);
  EXPECT_EQ(script[1].steps[1].kind, Kind::kRead);
}

TEST(OperationTable, WhatIsWrittenIsReadBackEqual) {
  const char* kOrders =
      "[[operation]]\nclient = 0\nat = \"0 s\"\ndo = \"order o7 of c3, quantity 12\"\n[[operation]]\nclient = 0\nat = "
      "\"1 s\"\ndo = \"list\"\nsession = \"new\"\n[[operation]]\nclient = 0\nat = \"2 s\"\ndo = \"reset\"\n";
  const char* kRegisters = "[[operation]]\nclient = 0\nat = \"1 ns\"\ndo = [\"write 5 to 1\", \"read 1\"]\n";
  for (const std::string& text :
       {file("append", std::string(kLater) + kEarlier), file("orders", kOrders), file("register", kRegisters)}) {
    const Scenario scenario = load(text);
    EXPECT_FALSE(scenario.workload.script.empty());
    EXPECT_EQ(load(resolved_toml(scenario)).workload.script, scenario.workload.script);
  }
}

TEST(OperationTable, IsOverriddenByItsNumber) {
  const std::string text = file("append", kLater);
  EXPECT_EQ(load(text, {"operation[0].at=3 s"}).workload.script[0].at, sim::Duration::seconds(3));
  EXPECT_EQ(load(text, {"operation[0].do=read 9"}).workload.script[0].steps[0].key, 9);
  const LoadResult none = load_scenario(text, "played.toml", {"operation[1].at=3 s"});
  EXPECT_NE(none.diagnostics.text().find("there is no operation [1]"), std::string::npos);
}

TEST(OperationTable, TwoClientsMayLiveInOneCity) {
  EXPECT_EQ(load(file("append", kLater), {"workload.cities=IAD,IAD,LHR"}).workload.cities.size(), 3U);
  EXPECT_FALSE(
      load_scenario(file("append", ""), "played.toml", {"workload.arrival=closed", "workload.cities=IAD,IAD"}).ok());
}

}  // namespace
}  // namespace tidemark::scenarios
