#include "scenarios/sql_table.h"

#include <gtest/gtest.h>

#include "model/types/sql_workload.h"
#include "scenarios/literals.h"
#include "scenarios/loader.h"
#include "scenarios/source_text.h"

namespace tidemark::scenarios {
namespace {

using model::SqlGenerator;
using model::SqlValue;
using model::SqlWorkload;

constexpr const char* kHead =
    "[scenario]\nname = \"own\"\nduration = \"10 s\"\n[[database]]\nname = \"a\"\nprimary = \"IAD\"\n[workload]\nkind "
    "= "
    "\"sql\"\n";
constexpr const char* kTables =
    "[sql]\nschema = [\"CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)\", '''INSERT INTO t VALUES (1, 'one');\nINSERT "
    "INTO t VALUES (2, 'a \"quoted\" one') -- the last''']\n"
    "[[statement]]\nname = \"put\"\nweight = 3\nbatch = [\"INSERT OR REPLACE INTO t VALUES (:k, :v)\", \"SELECT v FROM "
    "t "
    "WHERE k = :k\"]\nwith = [\"k = zipf 1 to 9 exponent 0.5\", \"v = choice red, 'it''s', 7, null\"]\n"
    "[[statement]]\nname = \"get\"\nsql = \"SELECT v, ':no' FROM t WHERE k = :k OR k = :k -- :neither\"\nwith = [\"k = "
    "uniform -3 to 9\"]\n"
    "[[assertion]]\nname = \"short\"\nsql = \"SELECT k, v FROM t WHERE length(v) > 100\"\nsays = \"{v} is long\"\n";

LoadResult load(const std::string& tables, const std::vector<std::string>& sets = {}) {
  return load_scenario(kHead + tables, "own.toml", sets);
}

const SqlWorkload& workload_of(const LoadResult& result) {
  EXPECT_TRUE(result.ok()) << result.diagnostics.text();
  return *result.scenario.workload.sql;
}

TEST(SqlTable, SaysWhatClientsDo) {
  const LoadResult result = load(kTables);
  const SqlWorkload& workload = workload_of(result);
  ASSERT_EQ(workload.statements.size(), 2U);
  const model::SqlStatement& put = workload.statements[0];
  EXPECT_EQ(put.weight, 3U);
  EXPECT_TRUE(put.is_batch);
  EXPECT_TRUE(put.writes) << "by SQLite's own flag";
  ASSERT_EQ(put.parameters.size(), 2U);
  EXPECT_EQ(put.parameters[0].generator.kind, SqlGenerator::Kind::kZipf);
  EXPECT_EQ(put.parameters[0].generator.exponent, 0.5);
  const std::vector<SqlValue> choices = {std::string("red"), std::string("it's"), std::int64_t{7}, SqlValue()};
  EXPECT_EQ(put.parameters[1].generator.choices, choices);
  EXPECT_FALSE(workload.statements[1].writes);
  EXPECT_EQ(workload.statements[1].parameters[0].generator.low, -3);
  EXPECT_EQ(workload.assertions[0].says, "{v} is long");
}

TEST(SqlTable, WhatIsWrittenIsReadBackEqual) {
  const LoadResult first = load(kTables);
  const LoadResult again = load_scenario(resolved_toml(first.scenario), "again.toml");
  EXPECT_EQ(workload_of(again), workload_of(first));
}

TEST(SqlTable, IsOverriddenByItsNumber) {
  EXPECT_EQ(workload_of(load(kTables, {"statement[0].weight=0"})).statements[0].weight, 0U);
  EXPECT_EQ(workload_of(load(kTables, {"sql.schema=CREATE TABLE t (k INTEGER PRIMARY KEY, v)"})).schema.size(), 1U);
  const LoadResult bad = load(kTables, {"statement[1].sql=SELECT FROM"});
  EXPECT_NE(bad.diagnostics.text().find("--set statement[1].sql=SELECT FROM: statement[1].sql: near \"FROM\""),
            std::string::npos)
      << bad.diagnostics.text();
  EXPECT_FALSE(load(kTables, {"statement[2].weight=1"}).ok());
  EXPECT_FALSE(load(kTables, {"statement[=1"}).ok());
}

TEST(SqlTable, EveryGeneratorIsItsOwnText) {
  for (const std::string text : {"a = uniform 1 to 9", "b = uniform -5 to -5", "c = zipf 0 to 99",
                                 "d = zipf 1 to 3 exponent 2.5", "e = sequence", "f = unique", "g = text 12",
                                 "h = text 0 to 7", "i = choice 1, 'x', null, 2.5, x'00ff'", "j = client", "k = now"}) {
    model::SqlParameter parameter;
    std::string error;
    ASSERT_TRUE(read_parameter(text, parameter, error)) << text << ": " << error;
    EXPECT_EQ(to_text(parameter), text);
  }
}

TEST(SqlTable, NothingElseIsAGenerator) {
  for (const std::string text : {"",
                                 "a",
                                 "= uniform 1 to 2",
                                 "a = ",
                                 "a = uniform",
                                 "a = uniform 1",
                                 "a = uniform 1 to",
                                 "a = uniform 2 to 1",
                                 "a = uniform 1 to 2 3",
                                 "a = uniform 1 to 99999999999999999999",
                                 "a = zipf 1 to 2000000",
                                 "a = zipf 1 to 2 exponent 11",
                                 "a = zipf 1 to 2 exponent",
                                 "a = text -1",
                                 "a = text 2000000",
                                 "a = choice",
                                 "a = choice 1,",
                                 "a = sequence 1",
                                 "a b = now",
                                 "1a = now",
                                 "a = uniformly 1 to 2"}) {
    model::SqlParameter parameter;
    std::string error;
    EXPECT_FALSE(read_parameter(text, parameter, error)) << text;
    EXPECT_NE(error, "") << text;
  }
}

TEST(SqlTable, ActionsAreWrittenDown) {
  const std::string script = "arrival = \"script\"\nclients = 2\n" + std::string(kTables) +
                             "[[operation]]\nclient = 1\nat = \"1 s\"\ndo = \"put(3, 'it''s')\"\n";
  const LoadResult result = load(script);
  const Scenario& scenario = result.scenario;
  workload_of(result);
  ASSERT_EQ(scenario.workload.script.size(), 1U);
  const model::ScriptedStep& step = scenario.workload.script[0].steps[0];
  EXPECT_EQ(step.action, "put");
  const std::vector<SqlValue> values = {std::int64_t{3}, std::string("it's")};
  EXPECT_EQ(step.values, values);
  EXPECT_EQ(load_scenario(resolved_toml(scenario), "again.toml").scenario.workload.script, scenario.workload.script);
}

TEST(OrderedSql, NamesBecomeNumbersOutsideOfQuotesOnly) {
  const model::OrderedSql ordered =
      model::ordered_sql("SELECT :b, ':c', \":d\", [:e], `:f`, :a + :b -- :g\n, /* :h */ :a_1, x::y, :1");
  EXPECT_EQ(ordered.text, "SELECT ?1, ':c', \":d\", [:e], `:f`, ?2 + ?1 -- :g\n, /* :h */ ?3, x:?4, :1");
  ASSERT_EQ(ordered.names.size(), 4U);
  EXPECT_EQ(ordered.names[1].name, "a");
  EXPECT_EQ(ordered.names[0].at, 7U);
}

TEST(Literals, AreReadBackEqual) {
  const std::vector<SqlValue> values = {
      SqlValue(), std::int64_t{-7}, 1.5, -0.25, 1e300, std::string("it's\n"), model::Blob{std::string("\x00\xff", 2)}};
  for (const SqlValue& value : values) {
    const std::string text = literal_of(value) + ")";
    std::string_view rest = text;
    SqlValue read;
    ASSERT_TRUE(eat_literal(rest, read)) << text;
    EXPECT_EQ(read, value) << text;
    EXPECT_EQ(rest, ")");
  }
  for (const std::string_view text : {"", "x'0'", "x'zz'", "'open", "-", "1.2.3", "nil", ")"}) {
    std::string_view rest = text;
    SqlValue read;
    EXPECT_FALSE(eat_literal(rest, read)) << text;
  }
}

/// Line and column of the first '#' of the value of the text in `toml`.
std::string place_of_mark(const std::string& toml, const std::string& value) {
  const Place at = SourceText(toml).at({"f", 1, 5}, value.find('#'));
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

TEST(SourceText, FindsACharacterOfATextInItsFile) {
  EXPECT_EQ(place_of_mark("s = \"ab#\"\n", "ab#"), "1:8");
  EXPECT_EQ(place_of_mark("s = 'ab\\#'\n", "ab\\#"), "1:9");
  EXPECT_EQ(place_of_mark("s = \"a\\n\\\"\\u00e4#\"\n", "a\n\"\xc3\xa4#"), "1:17");
  EXPECT_EQ(place_of_mark("s = \"\xc3\xa4#\"\n", "\xc3\xa4#"), "1:7") << "columns count characters";
  EXPECT_EQ(place_of_mark("s = \"\"\"\nab\n  #\"\"\"\n", "ab\n  #"), "3:3");
  EXPECT_EQ(place_of_mark("s = '''ab\n#'''\n", "ab\n#"), "2:1");
  EXPECT_EQ(place_of_mark("s = \"\"\"\r\nab\r\n\r\n  #\"\"\"\r\n", "ab\n\n  #"), "4:3")
      << "lines may end as on Windows";
  EXPECT_EQ(place_of_mark("s = \"\"\"\nab \\\n    #\"\"\"\n", "ab #"), "3:5");
}

}  // namespace
}  // namespace tidemark::scenarios
