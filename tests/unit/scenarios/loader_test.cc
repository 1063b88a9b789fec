#include "scenarios/loader.h"

#include <gtest/gtest.h>

#include "scenarios/registry.h"
#include "scenarios/shipped.h"

namespace tidemark::scenarios {
namespace {

using sim::Duration;

constexpr const char* kSmall = R"(bugs = "G2,F1"
[scenario]
name = "small"
duration = "5 s"
[relay]
confirm_flush_period = "10 ms"
[[database]]
name = "a"
primary = "IAD"
replicas = ["FRA", "SYD"]
[[database]]
name = "b"
primary = "DFW"
)";

Scenario load(const std::string& text, const std::vector<std::string>& overrides = {}) {
  LoadResult result = load_scenario(text, "small.toml", overrides);
  EXPECT_TRUE(result.ok()) << result.diagnostics.text();
  return result.scenario;
}

std::string complaint(const std::string& override_argument) {
  return load_scenario(kSmall, "small.toml", {override_argument}).diagnostics.text();
}

TEST(Loader, FillsWhatIsGivenAndKeepsDefaults) {
  const Scenario scenario = load(kSmall);
  EXPECT_EQ(scenario.name, "small");
  EXPECT_EQ(scenario.duration, Duration::seconds(5));
  EXPECT_EQ(scenario.relay.confirm_flush_period, Duration::milliseconds(10));
  EXPECT_EQ(scenario.relay.quorum, model::RelayOptions{}.quorum);
  EXPECT_EQ(scenario.bugs.text(), "F1,G2");
  ASSERT_EQ(scenario.databases.size(), 2U);
  EXPECT_EQ(scenario.databases[0].replicas, (std::vector<std::string>{"FRA", "SYD"}));
  EXPECT_EQ(scenario.databases[1].replicas, std::vector<std::string>{DatabaseSpec::kOnePerRegion});
}

TEST(Loader, OverridesAnyKey) {
  const Scenario scenario =
      load(kSmall, {"relay.quorum=4", "net.loss_ratio=2%", "bugs=none", "database.b.primary=SEA",
                    "database[0].replicas=LHR,AMS", "workload.kind=append", "scenario.name=42", "checks.sessions=false",
                    "workload.zipf_exponent=0.5", "workload.cities=[\"IAD\", FRA]"});
  EXPECT_EQ(scenario.relay.quorum, 4U);
  EXPECT_EQ(scenario.net.loss_ratio, 0.02);
  EXPECT_TRUE(scenario.bugs.empty());
  EXPECT_EQ(scenario.databases[1].primary, "SEA");
  EXPECT_EQ(scenario.databases[0].replicas, (std::vector<std::string>{"LHR", "AMS"}));
  EXPECT_EQ(scenario.workload.kind, model::WorkloadKind::kAppend);
  EXPECT_EQ(scenario.name, "42");
  EXPECT_FALSE(scenario.checks.sessions);
  EXPECT_EQ(scenario.workload.zipf_exponent, 0.5);
  EXPECT_EQ(scenario.workload.cities, (std::vector<std::string>{"IAD", "FRA"}));
}

TEST(Loader, OverrideErrorsNameTheArgument) {
  EXPECT_EQ(complaint("relay.quorom=4"),
            "--set relay.quorom=4: unknown key relay.quorom (did you mean relay.quorum?)\n");
  EXPECT_EQ(complaint("relay.quorum"), "--set relay.quorum: expected key=value, such as relay.quorum=4\n");
  EXPECT_NE(complaint("scenario.duration=5").find("--set scenario.duration=5: scenario.duration: 5 has no unit"),
            std::string::npos);
  EXPECT_NE(complaint("database.c.primary=IAD").find("there is no database c"), std::string::npos);
  EXPECT_NE(complaint("database[2].primary=IAD").find("there is no database [2]"), std::string::npos);
  EXPECT_NE(complaint("database.primary=IAD").find("say which database"), std::string::npos);
  EXPECT_NE(complaint("relay.quorum=9").find("--set relay.quorum=9: relay.quorum: 9 acknowledgements"),
            std::string::npos);
}

TEST(Loader, ReportsEveryErrorInTheOrderOfTheFile) {
  const LoadResult result = load_scenario("[scenario]\nname = 3\nduration = 5\n[relay]\nquorom = 1\n", "f");
  EXPECT_EQ(result.diagnostics.count(), 3U);
  const std::vector<Diagnostic> found = result.diagnostics.sorted();
  EXPECT_EQ(found[0].place.line, 2U);
  EXPECT_EQ(found[1].place.line, 3U);
  EXPECT_EQ(found[2].place.line, 5U);
}

TEST(Loader, StopsListingAtTwentyErrorsButCountsAll) {
  std::string text = "[scenario]\nname = \"x\"\n";
  for (int i = 0; i < 30; ++i) text += "unknown_" + std::to_string(i) + " = 1\n";
  const LoadResult result = load_scenario(text, "f");
  EXPECT_EQ(result.diagnostics.count(), 30U);
  EXPECT_EQ(result.diagnostics.sorted().size(), Diagnostics::kLimit);
  EXPECT_NE(result.diagnostics.text().find("... and 10 more"), std::string::npos);
}

TEST(ResolvedFile, LoadsBackToTheSameValues) {
  for (const ShippedScenario& shipped : shipped_scenarios()) {
    const Scenario scenario = load(std::string(shipped.text),
                                   {"bugs=F1", "net.loss_ratio=0.7 %", "scenario.description=a \"quoted\" \\ text"});
    const std::string resolved = resolved_toml(scenario);
    const Scenario again = load(resolved);
    EXPECT_EQ(resolved_toml(again), resolved) << shipped.name;
    for (const Key& key : keys()) {
      const std::size_t elements = key.table == "database" ? scenario.databases.size() : 1;
      for (std::size_t i = 0; i < elements; ++i)
        EXPECT_EQ(key.get(scenario, i), key.get(again, i)) << shipped.name << " " << key.path();
    }
  }
}

TEST(Shipped, EveryScenarioIsValidAndHasADescription) {
  EXPECT_GE(shipped_scenarios().size(), 7U);
  for (const ShippedScenario& shipped : shipped_scenarios()) {
    const Scenario scenario = load(std::string(shipped.text));
    EXPECT_FALSE(scenario.description.empty()) << shipped.name;
    const std::string name(shipped.name);
    EXPECT_EQ(scenario.name, name.substr(name.rfind('/') + 1));
  }
}

TEST(Shipped, IsFoundByNameFromAnyFolder) {
  std::string error;
  for (const char* name : {"smoke/orders", "smoke/orders.toml", "scenarios/smoke/orders.toml", "./smoke/orders"}) {
    const auto found = find_scenario(name, error);
    ASSERT_TRUE(found) << name << ": " << error;
    EXPECT_NE(found->text.find("name = \"orders\""), std::string::npos);
  }
  EXPECT_FALSE(find_scenario("smoke/oders", error));
  EXPECT_NE(error.find("did you mean smoke/orders?"), std::string::npos);
  EXPECT_FALSE(find_scenario("/", error));
  EXPECT_NE(error.find("folder"), std::string::npos);
}

TEST(Registry, EveryKeyHasADocumentedPlaceAndADefaultInRange) {
  Scenario defaults;
  defaults.databases.emplace_back();
  for (const Key& key : keys()) {
    EXPECT_NE(find_table(key.table), nullptr) << key.path();
    EXPECT_FALSE(key.doc.empty()) << key.path();
    EXPECT_EQ(find_key(key.table, key.name), &key) << "twice: " << key.path();
    if (key.required) continue;
    RawValue raw;
    Diagnostics diagnostics;
    const Document document =
        parse_document("x = " + value_text(key, key.get(defaults, 0)) + "\n", "default", diagnostics);
    ASSERT_EQ(document.keys.size(), 1U) << key.path();
    KeyValue value;
    std::string error;
    EXPECT_TRUE(read_value(key, document.keys[0].value, value, error)) << key.path() << ": " << error;
    EXPECT_EQ(value, key.get(defaults, 0)) << key.path();
  }
}

TEST(Registry, AChangedValueSurvivesSetAndGet) {
  for (const Key& key : keys()) {
    Scenario scenario;
    scenario.databases.emplace_back();
    if (key.type > Type::kNumber) continue;
    const bool real = key.type == Type::kRatio || key.type == Type::kRate || key.type == Type::kNumber;
    const KeyValue low = real ? KeyValue(key.range.low) : KeyValue(static_cast<std::int64_t>(key.range.low));
    key.set(scenario, 0, low);
    EXPECT_EQ(key.get(scenario, 0), low) << key.path();
  }
}

TEST(DidYouMean, SuggestsSlipsOnly) {
  EXPECT_EQ(edit_distance("quorum", "quorom"), 1U);
  EXPECT_EQ(edit_distance("clients", "cleints"), 1U);
  EXPECT_EQ(edit_distance("IAD", "iad"), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(did_you_mean("relya", {"net", "relay"}), " (did you mean relay?)");
  EXPECT_EQ(did_you_mean("banana", {"net", "relay"}), "");
  EXPECT_EQ(did_you_mean(std::string(5000, 'x'), {"net"}), "");
}

}  // namespace
}  // namespace tidemark::scenarios
