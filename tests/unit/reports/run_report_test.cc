#include "reports/run_report.h"

#include <gtest/gtest.h>

namespace tidemark::reports {
namespace {

using checkers::Validity;
using checkers::Verdict;

Verdict check(const char* name, Validity validity, const char* witness, std::uint64_t observations) {
  Verdict verdict;
  verdict.name = name;
  verdict.validity = validity;
  verdict.witness = witness;
  verdict.observations = observations;
  return verdict;
}

RunReport failed_run() {
  RunReport report;
  report.scenario = "orders";
  report.seed = 5;
  report.verdict = "invalid";
  report.digest = "00112233445566778899aabbccddeeff";
  report.events = 1000;
  report.operations = 20;
  report.virtual_seconds = 30;
  report.wall_seconds = 0.5;
  report.checks = {check("sequential", Validity::kValid, "", 20),
                   check("HIDE", Validity::kInvalid, "entry 3 was shown\nbefore it was confirmed", 7),
                   check("GC", Validity::kValid, "", 0)};
  report.reproduce = "tidemark run smoke/orders --seed 5";
  report.build = {"0.1.0", "0123456789abcdef0123456789abcdef01234567", true, "GNU 12.2.0", "3.40.1"};
  return report;
}

TEST(RunText, ShowsWitnessReproduceLineAndDigestLast) {
  EXPECT_EQ(run_text(failed_run()),
            "  sequential  valid      20 observations\n"
            "  HIDE        VIOLATED   7 observations\n"
            "    entry 3 was shown\n"
            "    before it was confirmed\n"
            "  GC          valid      0 observations  (saw nothing: proves nothing)\n"
            "20 operations, 1000 events, 30.000 virtual seconds in 0.50 s (60 virtual seconds, 40 operations, 2000 "
            "events per second)\n"
            "verdict invalid\n"
            "reproduce: tidemark run smoke/orders --seed 5   # tidemark 0.1.0, commit 0123456789ab (dirty)\n"
            "digest 00112233445566778899aabbccddeeff\n");
}

TEST(RunText, ShowsHowActionsEndedAndWhatAlwaysFails) {
  RunReport report = failed_run();
  report.actions = {{"lend", 211, 0, 2, "no answer"}, {"join-library", 0, 47, 0, "malformed JSON\x07"}};
  EXPECT_NE(run_text(report).find("what clients did\n"
                                  "  lend             211 done, 2 of unknown outcome; first error: no answer\n"
                                  "  join-library       0 done, 47 failed; first error: malformed JSON\\x07\n"),
            std::string::npos)
      << run_text(report);
  EXPECT_NE(run_json(report, JsonWriter::Style::kCompact)
                .find("{\"name\":\"join-library\",\"ok\":0,\"failed\":47,\"unknown\":0,\"error\":\"malformed JSON"),
            std::string::npos);
}

TEST(RunText, ShowsBytesThatAreNoText) {
  RunReport report = failed_run();
  report.checks[1].witness = "the value is '\xff\x1b[2J\xc3\xa4'";
  EXPECT_NE(run_text(report).find("the value is '\\xff\\x1b[2J\xc3\xa4'"), std::string::npos) << run_text(report);
}

TEST(RunText, NamesExpectedViolations) {
  RunReport report = failed_run();
  report.expect = {"HIDE", "GC"};
  const std::string text = run_text(report);
  EXPECT_NE(text.find("violated, as expected"), std::string::npos);
  EXPECT_NE(text.find("NOT VIOLATED, though expected"), std::string::npos);
}

TEST(RunText, IsQuietAboutReproducingAGoodRun) {
  RunReport report = failed_run();
  report.verdict = "valid";
  EXPECT_EQ(run_text(report).find("reproduce"), std::string::npos);
}

TEST(RunJson, HasTheStableFields) {
  const std::string json = run_json(failed_run(), JsonWriter::Style::kCompact);
  for (const char* field : {"\"scenario\":\"orders\"", "\"seed\":5", "\"verdict\":\"invalid\"", "\"digest\":\"0011",
                            "\"events\":1000", "\"operations\":20", "\"virtual_seconds\":30", "\"wall_seconds\":0.500",
                            "\"name\":\"HIDE\",\"verdict\":\"invalid\"", "shown\\nbefore"}) {
    EXPECT_NE(json.find(field), std::string::npos) << field << " in " << json;
  }
}

FaultOutcome fault(std::uint64_t id, const char* kind, const char* name, std::optional<double> start,
                   std::uint64_t effects) {
  FaultOutcome outcome;
  outcome.id = id;
  outcome.kind = kind;
  outcome.name = name;
  outcome.targets = {"shop/follower-1", "shop/follower-2"};
  outcome.status = start ? "ended" : "never began";
  outcome.start = start;
  if (start) outcome.end = *start + 1.5;
  outcome.effects = effects;
  outcome.hits = {{"shop/follower-1", "follower", "member"}};
  return outcome;
}

RunReport faulty_run() {
  RunReport report = failed_run();
  report.faults.faults = {fault(1, "P1", "kill", 2.25, 3), fault(2, "N4", "loss", 4, 0),
                          fault(3, "P1", "kill", std::nullopt, 0)};
  report.faults.left_out = 1;
  report.faults.availability = {1.5, 1, 2.125, 3, true, 1, 0, 60, 0, 4};
  return report;
}

TEST(RunText, NamesFaultsThatDidNothingAndTheFiguresOfAvailability) {
  EXPECT_NE(run_text(faulty_run())
                .find("3 faults: 2 struck, 1 of them without effect, 1 never began\n"
                      "  without effect: fault 2 (N4 loss) of shop/follower-1, shop/follower-2\n"
                      "  never began: fault 3 (P1 kill) of shop/follower-1, shop/follower-2\n"
                      "without a primary 1.500 s (longest 1.000 s), longest wait of a client 2.125 s, 3 unknown\n"
                      "1 takeovers, 60 entries confirmed, 0 of them lost, 4 unconfirmed entries dropped\n"),
            std::string::npos)
      << run_text(faulty_run());
  EXPECT_NE(run_line(faulty_run()).find("20 operations  2 faults (1 without effect)  0.50 s"), std::string::npos);
}

TEST(RunJson, HasFaultsAndAvailability) {
  const std::string json = run_json(faulty_run(), JsonWriter::Style::kCompact);
  for (const char* part :
       {"{\"id\":1,\"kind\":\"P1\",\"name\":\"kill\",\"target\":[\"shop/follower-1\",\"shop/follower-2\"],"
        "\"status\":\"ended\",\"start\":2.25,\"end\":3.75,\"effects\":3,\"overlapped\":false,"
        "\"hits\":[{\"node\":\"shop/follower-1\",\"role\":\"follower\",\"phase\":\"member\"}]}",
        "\"status\":\"never began\",\"start\":null,\"end\":null", "\"faults_left_out\":1",
        "\"availability\":{\"without_primary\":1.5,\"longest_without_primary\":1,\"longest_wait\":2.125,"
        "\"unknown_outcomes\":3,\"takeovers\":1,\"restores\":0,\"entries_confirmed\":60,\"confirmed_lost\":0,"
        "\"unconfirmed_dropped\":4}"})
    EXPECT_NE(json.find(part), std::string::npos) << part << " in " << json;
}

TEST(RunReport, SaysThatTheBudgetWasExceeded) {
  RunReport report = faulty_run();
  EXPECT_EQ(run_text(report).find("budget"), std::string::npos);
  EXPECT_NE(run_json(report, JsonWriter::Style::kCompact).find("\"budget_exceeded\":null"), std::string::npos);
  report.faults.budget_exceeded = "budget exceeded: 7 writes lost";
  EXPECT_NE(run_text(report).find("\nbudget exceeded: 7 writes lost\n"), std::string::npos);
  EXPECT_NE(
      run_json(report, JsonWriter::Style::kCompact).find("\"budget_exceeded\":\"budget exceeded: 7 writes lost\""),
      std::string::npos);
}

TEST(RunLine, NamesWhatWasViolated) {
  EXPECT_EQ(run_line(failed_run()),
            "seed 5  invalid  20 operations  0.50 s  violated: HIDE  digest 00112233445566778899aabbccddeeff\n");
}

}  // namespace
}  // namespace tidemark::reports
