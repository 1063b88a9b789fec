// The real program: exit codes, where output goes, help, completion, hostile input.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>

#include "program.h"

namespace tidemark::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

bool is_json(const std::string& text) {
  simdjson::dom::parser parser;
  return parser.parse(text).error() == simdjson::SUCCESS;
}

/// The last line, without its break.
std::string last_line(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  const std::size_t begin = text.rfind('\n', end);
  return text.substr(begin + 1, end - begin);
}

const std::vector<std::string> kShort = {"--set", "scenario.duration=2 s", "--set", "cluster.late_boot=500 ms"};

std::vector<std::string> run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "run");
  arguments.insert(arguments.end(), kShort.begin(), kShort.end());
  return arguments;
}

TEST(Usage, EveryCommandHasHelpWithExamples) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"run"},
                                                          {"check"},
                                                          {"history"},
                                                          {"history", "convert"},
                                                          {"replay"},
                                                          {"report"},
                                                          {"report", "confirm-lag"},
                                                          {"report", "run"},
                                                          {"report", "coverage"},
                                                          {"scenario"},
                                                          {"scenario", "check"},
                                                          {"scenario", "schema"},
                                                          {"scenario", "list"},
                                                          {"bugs"},
                                                          {"bugs", "matrix"},
                                                          {"shrink"},
                                                          {"faults"},
                                                          {"completion"}};
  for (std::vector<std::string> command : commands) {
    command.push_back("--help");
    const Said said = tidemark(command);
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr("Examples:")) << command.front();
    EXPECT_EQ(said.err, "");
  }
}

TEST(Check, AcceptsTheHistoriesOfAllShippedWorkloads) {
  for (const std::string scenario : {"smoke/orders", "smoke/register", "smoke/append"}) {
    const std::string folder = scratch_folder() + "/" + scenario.substr(6);
    ASSERT_EQ(tidemark(run({scenario, "--seed", "5", "--out", folder})).code, 0) << scenario;
    const Said said = tidemark({"check", folder + "/history.jsonl"});
    EXPECT_EQ(said.code, 0) << scenario << said.out << said.err;
  }
}

TEST(Check, RejectsTheHistoryOfARunWithoutSessions) {
  const std::string folder = scratch_folder() + "/run";
  ASSERT_EQ(tidemark({"run", "smoke/orders_no_sessions", "--seed", "1", "--out", folder}).code, 0);
  const Said said = tidemark({"check", folder + "/history.jsonl"});
  EXPECT_EQ(said.code, 1) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr("read-your-writes"));
}

TEST(Usage, ErrorsEndWith64AndKeepStdoutEmpty) {
  const std::vector<std::vector<std::string>> commands = {{},
                                                          {"rnu", "smoke/orders"},
                                                          {"run"},
                                                          {"run", "no/such"},
                                                          {"run", "smoke/orders", "--sed", "1"},
                                                          {"run", "smoke/orders", "--seed", "x"},
                                                          {"run", "smoke/orders", "--seeds", "9..1"},
                                                          {"run", "smoke/orders", "--format", "xml"},
                                                          {"run", "smoke/orders", "--trace"},
                                                          {"run", "smoke/orders", "--set", "relay.quorom=3"},
                                                          {"run", "smoke/orders", "--seed", "1", "--seeds", "1..2"},
                                                          {"check", "no-such-file"},
                                                          {"check", "."},
                                                          {"replay", "."},
                                                          {"report"},
                                                          {"report", "confirm-lag", "no/such"},
                                                          {"scenario"},
                                                          {"completion", "tcsh"}};
  for (const std::vector<std::string>& command : commands) {
    const Said said = tidemark(command);
    EXPECT_EQ(said.code, 64) << testing::PrintToString(command) << said.err;
    EXPECT_EQ(said.out, "") << testing::PrintToString(command);
    EXPECT_NE(said.err, "") << testing::PrintToString(command);
  }
}

TEST(Usage, MisspeltCommandGetsASuggestion) {
  EXPECT_THAT(tidemark({"reprot"}).err, HasSubstr("unknown command reprot (did you mean report?)"));
}

TEST(Usage, VersionNamesCommitCompilerAndSqlite) {
  const Said said = tidemark({"--version"});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.out, StartsWith("tidemark "));
  EXPECT_THAT(said.out, HasSubstr("SQLite 3."));
}

TEST(Run, PrintsTheSeedFirstAndTheDigestLast) {
  const Said said = tidemark(run({"smoke/orders", "--seed", "0x2a"}));
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, StartsWith("seed 42\n"));
  EXPECT_THAT(last_line(said.out), StartsWith("digest "));
}

TEST(Run, IsTheSameFromAnotherFolderAndAfterOtherRuns) {
  const std::string alone = last_line(tidemark(run({"smoke/append", "--seed", "3"})).out);
  const std::string elsewhere = last_line(tidemark(run({"smoke/append", "--seed", "3"}), "/").out);
  EXPECT_EQ(alone, elsewhere);
  const std::string many = tidemark(run({"smoke/append", "--seeds", "1..3"})).out;
  EXPECT_THAT(many, HasSubstr(alone));
  EXPECT_THAT(many, HasSubstr("3 runs: 3 as they should be, 0 not"));
}

TEST(Run, JsonIsOneObjectOnStdout) {
  const Said said = tidemark(run({"smoke/register", "--format", "json"}));
  ASSERT_TRUE(is_json(said.out)) << said.out;
  for (const char* field :
       {"scenario", "seed", "verdict", "digest", "events", "operations", "virtual_seconds", "wall_seconds", "checks"}) {
    EXPECT_THAT(said.out, HasSubstr("\"" + std::string(field) + "\":"));
  }
}

TEST(Run, AViolationEndsWith1AndTheLineThatReproducesIt) {
  const Said said = tidemark(run({"smoke/orders", "--seed", "2", "--set", "bugs=M1"}));
  EXPECT_EQ(said.code, 1) << said.out;
  EXPECT_THAT(said.out,
              HasSubstr("reproduce: tidemark run smoke/orders --seed 2 --set bugs=M1 --set 'scenario.duration=2 s'"));
}

TEST(Run, AnExpectedViolationEndsWith0AndAMissingOneWith1) {
  EXPECT_EQ(tidemark(run({"smoke/orders", "--set", "bugs=M1", "--set", "scenario.expect=META"})).code, 0);
  EXPECT_EQ(tidemark(run({"smoke/orders", "--set", "scenario.expect=META"})).code, 1);
}

TEST(RunFolder, IsCompleteAndReplaysToTheSameEvents) {
  const std::string folder = scratch_folder() + "/run";
  ASSERT_EQ(tidemark(run({"smoke/append", "--seed", "5", "--out", folder, "--trace", "--keep-databases"})).code, 0);
  for (const char* file : {"run.json", "plan.json", "scenario.toml", "history.jsonl", "trace.bin"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + "/" + file)) << file;
  }
  EXPECT_TRUE(is_json(read(folder + "/run.json")));
  EXPECT_TRUE(is_json(read(folder + "/plan.json")));
  EXPECT_TRUE(std::filesystem::exists(folder + "/databases/lists_primary.sqlite"));
  const Said replay = tidemark({"replay", folder});
  EXPECT_EQ(replay.code, 0) << replay.err;
  EXPECT_THAT(replay.err, HasSubstr("equal to the stored run"));
  EXPECT_EQ(tidemark({"report", "run", folder}).code, 0);
  EXPECT_TRUE(is_json(tidemark({"report", "run", folder, "--format", "json"}).out));
  EXPECT_EQ(tidemark({"check", folder + "/history.jsonl"}).code, 0);
}

TEST(Replay, NamesTheFirstDifferingEvent) {
  const std::string folder = scratch_folder() + "/run";
  ASSERT_EQ(tidemark(run({"smoke/append", "--seed", "5", "--out", folder, "--trace"})).code, 0);
  std::string scenario = read(folder + "/scenario.toml");
  const std::string key = "read_share = \"60 %\"";
  ASSERT_NE(scenario.find(key), std::string::npos);
  write(folder + "/scenario.toml", scenario.replace(scenario.find(key), key.size(), "read_share = \"10 %\""));
  const Said replay = tidemark({"replay", folder});
  EXPECT_NE(replay.code, 0);
  EXPECT_THAT(replay.err, HasSubstr("first differing event: number "));
  EXPECT_THAT(replay.err, HasSubstr("  replayed "));
  EXPECT_THAT(replay.err, HasSubstr("    scheduled by event "));
  EXPECT_THAT(replay.err, HasSubstr("draws differ first at event "));
}

TEST(Check, HostileHistoriesEndWith64AndAPlace) {
  const std::string folder = scratch_folder();
  ASSERT_EQ(tidemark(run({"smoke/append", "--seed", "1", "--out", folder + "/run"})).code, 0);
  const std::string good = read(folder + "/run/history.jsonl");
  const std::string second = good.substr(good.find('\n') + 1);
  const std::vector<std::pair<std::string, std::string>> hostile = {{"empty", ""},
                                                                    {"binary", std::string("\x00\xff\x00\x01", 4)},
                                                                    {"truncated", good.substr(0, good.size() / 2)},
                                                                    {"no-header", second},
                                                                    {"other-json", "{\"a\":1}\n"},
                                                                    {"deep", std::string(100'000, '[')},
                                                                    {"long-line", std::string(1'000'000, 'x')},
                                                                    {"twice", good + second}};
  for (const auto& [name, text] : hostile) {
    write(folder + "/" + name, text);
    const Said said = tidemark({"check", folder + "/" + name});
    EXPECT_EQ(said.code, 64) << name << ": " << said.out << said.err;
    EXPECT_THAT(said.err, HasSubstr(name + ":")) << name;
  }
}

TEST(Scenario, BrokenFilesEndWith64AndNoOutput) {
  for (const auto& entry : std::filesystem::directory_iterator(TIDEMARK_BROKEN_SCENARIOS)) {
    if (entry.path().extension() != ".toml") continue;
    const Said said = tidemark({"scenario", "check", entry.path().string()});
    EXPECT_EQ(said.code, 64) << entry.path();
    EXPECT_THAT(said.err, HasSubstr(entry.path().filename().string() + ":")) << entry.path();
    EXPECT_EQ(said.out, "");
  }
}

TEST(Scenario, ListSchemaAndResolvedFilesAreGood) {
  const Said list = tidemark({"scenario", "list"});
  EXPECT_THAT(list.out, HasSubstr("smoke/orders "));
  EXPECT_TRUE(is_json(tidemark({"scenario", "list", "--format", "json"}).out));
  const Said schema = tidemark({"scenario", "schema"});
  EXPECT_TRUE(is_json(schema.out));
  EXPECT_THAT(schema.out, HasSubstr("\"confirm_flush_period\""));
  const std::string file = scratch_folder() + "/resolved.toml";
  write(file, tidemark({"scenario", "check", "published/confirm_lag", "--resolved"}).out);
  const Said again = tidemark({"scenario", "check", file, "--resolved"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, read(file));
}

TEST(Bugs, ListsTheCatalogue) {
  EXPECT_THAT(tidemark({"bugs"}).out, HasSubstr("F1 "));
  EXPECT_TRUE(is_json(tidemark({"bugs", "--format", "json"}).out));
}

TEST(Report, ConfirmLagComesInEveryFormat) {
  for (const char* format : {"text", "md", "csv", "json", "html"}) {
    const Said said =
        tidemark({"report", "confirm-lag", "smoke/register", "--set", "scenario.duration=4 s", "--format", format});
    EXPECT_EQ(said.code, 0) << said.err;
    EXPECT_THAT(said.out, HasSubstr("registers")) << format;
    EXPECT_EQ(is_json(said.out), std::string(format) == "json") << format;
  }
  const std::string html =
      tidemark({"report", "confirm-lag", "smoke/register", "--set", "scenario.duration=4 s", "--format", "html"}).out;
  EXPECT_THAT(html, HasSubstr("<svg"));
  EXPECT_THAT(html, Not(HasSubstr("http")));  // nothing is fetched
}

TEST(Completion, NamesCommandsAndOptionsForEveryShell) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Said said = tidemark({"completion", shell});
    EXPECT_EQ(said.code, 0);
    for (const char* word : {"confirm-lag", "keep-databases", "schema"})
      EXPECT_THAT(said.out, HasSubstr(word)) << shell;
  }
}

}  // namespace
}  // namespace tidemark::cli
