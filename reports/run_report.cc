#include "reports/run_report.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/utf8.h"

namespace tidemark::reports {
namespace {

using checkers::Validity;
using checkers::Verdict;

bool is_expected(const RunReport& report, const std::string& name) {
  return std::find(report.expect.begin(), report.expect.end(), name) != report.expect.end();
}

/// How the table names the verdict of one check.
std::string outcome_text(const RunReport& report, const Verdict& check) {
  const bool invalid = check.validity == Validity::kInvalid;
  if (is_expected(report, check.name)) return invalid ? "violated, as expected" : "NOT VIOLATED, though expected";
  return invalid ? (check.liveness ? "VIOLATED (liveness)" : "VIOLATED") : to_text(check.validity);
}

std::string indented(const std::string& text) {
  std::string out = "    ";
  for (const char c : printable(text)) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + "\n";
}

std::string check_table(const RunReport& report) {
  std::size_t width = 5;
  for (const Verdict& check : report.checks) width = std::max(width, check.name.size());
  std::string out;
  for (const Verdict& check : report.checks) {
    const std::string nothing = check.observations == 0 ? "  (saw nothing: proves nothing)" : "";
    out += fmt::format("  {:<{}}  {:<9}  {} observations{}\n", check.name, width, outcome_text(report, check),
                       check.observations, nothing);
    if (!check.witness.empty()) out += indented(check.witness);
  }
  return out;
}

std::string action_table(const RunReport& report) {
  if (report.actions.empty()) return "";
  std::size_t width = 0;
  for (const ActionFigures& action : report.actions) width = std::max(width, action.name.size());
  std::string out = "what clients did\n";
  for (const ActionFigures& action : report.actions) {
    out += fmt::format("  {:<{}}  {:>6} done", action.name, width, action.ok);
    if (action.failed > 0) out += fmt::format(", {} failed", action.failed);
    if (action.unknown > 0) out += fmt::format(", {} of unknown outcome", action.unknown);
    if (!action.error.empty()) out += fmt::format("; first error: {}", printable(action.error));
    out += "\n";
  }
  return out;
}

std::string throughput(const RunReport& report) {
  std::string out = fmt::format("{} operations, {} events, {:.3f} virtual seconds", report.operations, report.events,
                                report.virtual_seconds);
  if (report.wall_seconds <= 0) return out + "\n";
  return out + fmt::format(" in {:.2f} s ({:.0f} virtual seconds, {:.0f} operations, {:.0f} events per second)\n",
                           report.wall_seconds, report.virtual_seconds / report.wall_seconds,
                           static_cast<double>(report.operations) / report.wall_seconds,
                           static_cast<double>(report.events) / report.wall_seconds);
}

void add_check(JsonWriter& json, const RunReport& report, const Verdict& check) {
  json.begin_object().key("name").text(check.name).key("verdict").text(to_text(check.validity));
  json.key("witness").text(check.witness).key("observations").number(check.observations);
  json.key("liveness").boolean(check.liveness).key("expected").boolean(is_expected(report, check.name));
  if (check.at_ns) json.key("at_ns").number(*check.at_ns);
  json.end_object();
}

}  // namespace

std::string run_text(const RunReport& report) {
  std::string out = check_table(report) + action_table(report) + faults_text(report.faults) + throughput(report);
  if (report.stopped)
    out += fmt::format("stopped at the first violation: after {} operations, {} events, {:.6f} s\n", report.operations,
                       report.events, report.virtual_seconds);
  out += fmt::format("verdict {}\n", report.verdict);
  if (report.verdict == "invalid" || report.verdict == "unknown") {
    const std::string commit = report.build.commit.substr(0, 12) + (report.build.dirty ? " (dirty)" : "");
    out += fmt::format("reproduce: {}   # tidemark {}, commit {}\n", report.reproduce, report.build.version, commit);
  }
  return out + fmt::format("digest {}\n", report.digest);
}

std::string run_line(const RunReport& report) {
  std::string broken;
  for (const Verdict& check : report.checks) {
    if (check.validity != Validity::kInvalid) continue;
    broken += (broken.empty() ? "  violated: " : ", ") + check.name;
  }
  std::string faults;
  if (!report.faults.faults.empty()) faults = fmt::format("  {} faults", report.faults.struck());
  if (report.faults.without_effect() > 0) faults += fmt::format(" ({} without effect)", report.faults.without_effect());
  return fmt::format("seed {}  {}  {} operations{}  {:.2f} s{}  digest {}\n", report.seed, report.verdict,
                     report.operations, faults, report.wall_seconds, broken, report.digest);
}

void add_run_members(JsonWriter& json, const RunReport& report) {
  json.key("scenario").text(report.scenario).key("seed").number(report.seed).key("verdict").text(report.verdict);
  json.key("digest")
      .text(report.digest)
      .key("events")
      .number(report.events)
      .key("operations")
      .number(report.operations);
  json.key("virtual_seconds").number(report.virtual_seconds).key("wall_seconds").fixed(report.wall_seconds, 3);
  if (report.stopped) json.key("stopped_at_violation").boolean(true);
  json.key("checks").begin_array();
  for (const Verdict& check : report.checks) add_check(json, report, check);
  json.end_array().key("expect").begin_array();
  for (const std::string& name : report.expect) json.text(name);
  json.end_array();
  json.key("actions").begin_array();
  for (const ActionFigures& action : report.actions) {
    json.begin_object().key("name").text(action.name).key("ok").number(action.ok).key("failed").number(action.failed);
    json.key("unknown").number(action.unknown).key("error").text(action.error).end_object();
  }
  json.end_array();
  add_fault_members(json, report.faults);
  json.key("reproduce").text(report.reproduce).key("build").begin_object();
  json.key("version")
      .text(report.build.version)
      .key("commit")
      .text(report.build.commit)
      .key("dirty")
      .boolean(report.build.dirty);
  json.key("compiler").text(report.build.compiler).key("sqlite").text(report.build.sqlite).end_object();
}

std::string run_json(const RunReport& report, JsonWriter::Style style) {
  JsonWriter json(style);
  json.begin_object();
  add_run_members(json, report);
  return json.end_object().str() + "\n";
}

}  // namespace tidemark::reports
