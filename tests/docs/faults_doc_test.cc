// docs/faults.md says what the program does, and its examples load.
#include <gtest/gtest.h>

#include "doc_text.h"
#include "scenarios/loader.h"
#include "sim/nemesis/fault.h"

namespace tidemark {
namespace {

constexpr const char* kScenario = R"([scenario]
name = "example"
duration = "60 s"

[[database]]
name = "shop"
primary = "IAD"
replicas = ["SJC", "LHR"]

)";

TEST(FaultsPage, EndsWithTheKindsThatThereAre) {
  const std::string page = doc_text("faults.md");
  const std::string kinds = sim::fault_kinds_markdown();
  ASSERT_GE(page.size(), kinds.size());
  EXPECT_TRUE(page.compare(page.size() - kinds.size(), kinds.size(), kinds) == 0)
      << "docs/faults.md is not up to date: run ./dev docs";
}

TEST(FaultsPage, HasExamplesThatLoad) {
  std::size_t examples = 0;
  for (const std::string& example : code_blocks(doc_text("faults.md"), "toml")) {
    const scenarios::LoadResult loaded = scenarios::load_scenario(kScenario + example, "example.toml");
    EXPECT_TRUE(loaded.ok()) << example << loaded.diagnostics.text();
    examples += loaded.ok() ? loaded.scenario.faults.size() : 0;
  }
  EXPECT_GE(examples, 100U);
}

TEST(FaultsPage, HasAnExampleOfEveryKindWithEveryParameter) {
  for (const sim::FaultKindInfo& row : sim::fault_kinds()) {
    if (!row.injectable()) continue;
    const scenarios::LoadResult loaded = scenarios::load_scenario(kScenario + fault_example(row), "example.toml");
    ASSERT_TRUE(loaded.ok()) << row.id << ": " << loaded.diagnostics.text();
    const sim::FaultRequest& fault = loaded.scenario.faults.at(0);
    EXPECT_EQ(fault.kind, row.kind);
    for (const sim::FaultParameter& value : fault.parameters) {
      const sim::ParameterInfo& parameter = *row.parameter(value.name);
      EXPECT_EQ(value.word, parameter.word) << row.id;
      EXPECT_EQ(value.number, parameter.fallback) << row.id;
    }
    EXPECT_NE(effect_text(row), "");
  }
}

}  // namespace
}  // namespace tidemark
