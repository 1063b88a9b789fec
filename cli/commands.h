// The commands: arguments in, exit code out. Data goes to stdout, messages to stderr. Bad input throws UsageError.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tidemark::cli {

/// Bad usage or a bad input file. what() is what the user sees, without "tidemark:"; exit code 64.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct RunArguments {
  std::string scenario;
  std::string seed;   // empty = the scenario's
  std::string seeds;  // "A..B"; empty = one run
  std::vector<std::string> sets;
  std::string plan;  // plan.json; empty = faults are drawn
  std::string out;   // run folder; empty = none
  std::string format = "text";
  bool trace = false;
  bool keep_databases = false;
  bool stop_on_first = false;
  bool online = false;  // stop a run at its first violation
};
int run_command(const RunArguments& arguments);

struct CheckArguments {
  std::string history;
  std::string format = "auto";
  std::string model = "sequential";
  std::string output = "text";
  bool explain = false;  // of our own histories; others are explained always
  std::string svg;       // files to write; empty = none
  std::string html;
  std::string minimal;
  bool online = false;  // check_online_command
  double longest_operation_s = 30;
  // The models bank, counter and set; with another model, bad usage.
  std::optional<std::int64_t> total;
  std::optional<std::int64_t> start;
  std::vector<std::string> accounts;
  bool negative_balances = false;
  bool real_time = false;
};
int check_command(const CheckArguments& arguments);
/// Reads our JSON Lines from a file or a pipe ("-" = stdin), judges them as they come, stops at the first violation.
/// Memory does not grow with the length.
int check_online_command(const CheckArguments& arguments);

struct HistoryConvertArguments {
  std::string in;
  std::string out;            // "-" = stdout
  std::string from = "auto";  // a format, or by what the file begins with
  std::string to = "auto";    // a format, or by the ending of `out`
};
int history_convert_command(const HistoryConvertArguments& arguments);

struct ConfirmLagArguments {
  std::vector<std::string> inputs;  // scenarios or run folders
  std::vector<std::string> seeds;   // for scenarios; empty = the scenario's
  std::vector<std::string> sets;
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int confirm_lag_command(const ConfirmLagArguments& arguments);

struct CoverageArguments {
  std::vector<std::string> inputs;  // scenarios, run folders, or folders of run folders
  std::string seeds;                // "A..B" for scenarios; empty = the scenario's one
  std::vector<std::string> sets;
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int coverage_command(const CoverageArguments& arguments);

struct StalenessArguments {
  std::string history;  // a file, or a run folder
  std::string from = "auto";
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int staleness_command(const StalenessArguments& arguments);

struct EdgeCacheArguments {
  std::string scenario = "apps/edge_cache_calm";  // of the application edge-cache
  std::string seed;                               // empty = the scenario's
  std::vector<std::string> sets;
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int edge_cache_command(const EdgeCacheArguments& arguments);

struct BookstoreArguments {
  std::string scenario = "apps/bookstore_world";  // of the application bookstore
  std::string seed;                               // empty = the scenario's
  std::vector<std::string> sets;
  std::string format = "text";
  std::string out;  // file; empty = stdout
};
int bookstore_command(const BookstoreArguments& arguments);

struct InsightsArguments {
  std::string scenario = "apps/northwind_calm";
  std::string seed;  // empty = the scenario's
  std::vector<std::string> sets;
  std::string format = "text";
  std::string sort = "time";
  std::size_t top = 10;
  std::string out;  // file; empty = stdout
};
int insights_command(const InsightsArguments& arguments);

struct RunReportArguments {
  std::string folder;
  std::string format = "text";
};
int run_report_command(const RunReportArguments& arguments);

struct ScenarioCheckArguments {
  std::vector<std::string> scenarios;
  std::vector<std::string> sets;
  bool resolved = false;
};
int scenario_check_command(const ScenarioCheckArguments& arguments);
int scenario_schema_command();
int scenario_list_command(const std::string& format);

int bugs_command(const std::string& format);
int faults_command(const std::string& format);

}  // namespace tidemark::cli
