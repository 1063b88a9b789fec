// The report of one run: what was checked and found, how much was done, how to do it again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "checkers/history/verdict.h"
#include "reports/json_writer.h"
#include "reports/run_faults.h"

namespace tidemark::reports {

/// Which program made a run: two runs can only be compared when these are equal.
struct BuildIdentity {
  std::string version;
  std::string commit;    // 40 hex digits, or "unknown"
  bool dirty = false;    // the source tree differed from the commit
  std::string compiler;  // "GNU 12.2.0"
  std::string sqlite;    // "3.40.1 2022-12-28 ..."
};

/// How an application's action ended, over the run.
struct ActionFigures {
  std::string name;
  std::uint64_t ok = 0;
  std::uint64_t failed = 0;
  std::uint64_t unknown = 0;
  std::string error;  // the first one
};

struct RunReport {
  std::string scenario;  // its name
  std::uint64_t seed = 0;
  std::string verdict;  // "valid", "expected", "unknown", "invalid"
  std::string digest;
  std::uint64_t events = 0;
  std::uint64_t operations = 0;
  double virtual_seconds = 0;
  double wall_seconds = 0;
  bool stopped = false;  // at the first violation: the figures above say where
  std::vector<checkers::Verdict> checks;
  std::vector<std::string> expect;
  std::vector<ActionFigures> actions;
  FaultFigures faults;
  std::string reproduce;  // the command that does it again
  BuildIdentity build;
};

/// The table of checks, witnesses, faults, throughput, and on a violation the line that reproduces it; the last line
/// has the digest.
std::string run_text(const RunReport& report);
/// One line for a run among many: "seed 7  valid  12345 operations ... digest ...".
std::string run_line(const RunReport& report);
/// One object: scenario, seed, verdict, digest, events, operations, virtual_seconds, wall_seconds, checks[],
/// faults[], availability, ...
std::string run_json(const RunReport& report, JsonWriter::Style style);
/// The members of that object, for an object that has more.
void add_run_members(JsonWriter& json, const RunReport& report);

}  // namespace tidemark::reports
