// `tidemark hunt`: many seeds in worker processes (hunt/).
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tidemark::cli {

struct HuntArguments {
  std::string scenario;
  std::string seeds;       // "A..B"; empty = from 1 on, until the time is up
  std::string time;        // "10 min"; empty = any
  std::uint64_t jobs = 0;  // 0 = one for each processor that this process may use
  std::vector<std::string> bugs;
  std::vector<std::string> sets;
  bool until_fail = false;
  bool keep_going = false;
  bool steer = false;
  std::string plans;     // folder for plans of steered runs that failed; empty = beside the results file, or here
  std::string database;  // results file; empty = in memory
  std::string first;     // results file of an earlier hunt
  std::string shard;     // "I/N"
  std::string format = "text";
  std::string junit;  // file; empty = none
  std::string time_per_seed = "5 min";
  std::string memory_per_seed = "4 GiB";
};
int hunt_command(const HuntArguments& arguments);

struct HuntExportArguments {
  std::string database;
  std::string out;  // empty = stdout
};
int hunt_export_command(const HuntExportArguments& arguments);

struct HuntMergeArguments {
  std::string out;
  std::vector<std::string> databases;
};
int hunt_merge_command(const HuntMergeArguments& arguments);

struct HuntMapArguments {
  std::string database;
  std::string format = "text";
  std::uint64_t most = 40;  // cells as text; 0 = all
};
int hunt_map_command(const HuntMapArguments& arguments);

struct HuntPlanArguments {
  std::string database;
  std::uint64_t run = 0;
  std::string out;  // empty = stdout
};
int hunt_plan_command(const HuntPlanArguments& arguments);

/// Adds the command to the tree; its callbacks put what is to be done into `action`.
void add_hunt(CLI::App& app, std::function<int()>& action);

}  // namespace tidemark::cli
