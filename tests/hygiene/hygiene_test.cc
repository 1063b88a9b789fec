// Hygiene is a test: who may include whom, banned names, file sizes, every test registered, nothing left undone.
//
// The rules are data (tables below); each rule has a test of its own on planted text, so that a rule that stopped
// working is noticed.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace tidemark {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TIDEMARK_SOURCE_DIR;

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Source {
  std::string path;  // relative to the repository
  std::string text;
};

std::vector<Source> sources(const std::set<std::string>& extensions) {
  std::vector<Source> result;
  for (const char* top : {"base", "sim", "model", "checkers", "scenarios", "reports", "steer", "hunt", "matrix",
                          "explain", "shrink", "cli", "tests", "bench"}) {
    if (!fs::exists(kRoot / top)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / top)) {
      if (!entry.is_regular_file() || extensions.count(entry.path().extension().string()) == 0) continue;
      result.push_back({fs::relative(entry.path(), kRoot).generic_string(), read_file(entry.path())});
    }
  }
  std::sort(result.begin(), result.end(), [](const Source& a, const Source& b) { return a.path < b.path; });
  return result;
}

std::vector<std::string> project_includes(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string start = "#include \"";
    if (line.rfind(start, 0) != 0) continue;
    result.push_back(line.substr(start.size(), line.find('"', start.size()) - start.size()));
  }
  return result;
}

std::string top_of(const std::string& path) {
  return path.substr(0, path.find('/'));
}
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// --- who may include whom -------------------------------------------------------------------------------------------

const std::map<std::string, std::set<std::string>> kAllowed = {
    {"base", {"base"}},
    {"sim", {"base", "sim"}},
    {"model", {"base", "sim", "model"}},
    {"checkers", {"base", "checkers"}},
    {"reports", {"base", "checkers", "reports"}},
    {"scenarios", {"base", "sim", "model", "checkers", "reports", "scenarios"}},
    {"steer", {"base", "sim", "model", "scenarios", "steer"}},
    {"hunt", {"base", "model", "checkers", "reports", "scenarios", "steer", "hunt"}},
    {"explain", {"base", "sim", "model", "checkers", "reports", "scenarios", "hunt", "explain"}},
    {"shrink", {"base", "sim", "model", "checkers", "reports", "scenarios", "shrink"}},
    {"matrix", {"base", "model", "checkers", "reports", "scenarios", "steer", "hunt", "shrink", "matrix"}},
    {"cli",
     {"base", "sim", "model", "checkers", "reports", "scenarios", "steer", "hunt", "matrix", "explain", "shrink",
      "cli"}},
};

/// Inside model/ the hops meet through model/protocol and model/types; only model/cluster knows them all.
const std::map<std::string, std::set<std::string>> kModelHops = {
    {"model/types", {"model/types"}},
    {"model/protocol", {"model/types", "model/protocol"}},
    {"model/sqlite", {"model/types", "model/sqlite"}},
    {"model/srs", {"model/types", "model/protocol", "model/sqlite", "model/srs", "model"}},
    {"model/durable_object", {"model/types", "model/protocol", "model/sqlite", "model/durable_object", "model"}},
    {"model/worker", {"model/types", "model/protocol", "model/worker", "model"}},
    {"model/apps", {"model/types", "model/protocol", "model/worker", "model/apps", "model"}},
    {"model/client", {"model/types", "model/protocol", "model/client", "model"}},
};

std::string include_violation(const std::string& path, const std::string& include) {
  const std::string top = top_of(path);
  const auto rule = kAllowed.find(top);
  if (rule == kAllowed.end() || include.find('/') == std::string::npos) return {};
  if (rule->second.count(top_of(include)) == 0)
    return path + " includes " + include + ": " + top + " must not know " + top_of(include);
  const std::string folder = folder_of(path);
  const bool own_app = folder.rfind("model/apps/", 0) == 0 && folder != "model/apps/all";
  const auto hop = kModelHops.find(own_app ? "model/apps" : folder);
  if (hop == kModelHops.end()) return {};
  const std::string target = folder_of(include);
  if (top_of(include) == "model" && hop->second.count(target) == 0 && !(own_app && target == folder)) {
    return path + " includes " + include + ": hops meet through model/protocol";
  }
  if ((target == "sim/net" || target == "sim/disk") && top == "model") {
    return path + " includes " + include + ": only model/cluster knows the simulated network and disk";
  }
  return {};
}

TEST(Hygiene, IncludesFollowTheDirectionOfDependencies) {
  std::size_t seen = 0;
  for (const Source& source : sources({".h", ".cc"})) {
    for (const std::string& include : project_includes(source.text)) {
      ++seen;
      const std::string violation = include_violation(source.path, include);
      EXPECT_TRUE(violation.empty()) << violation;
    }
  }
  EXPECT_GT(seen, 100U);
}

TEST(Hygiene, IncludeRuleCatchesPlantedEdges) {
  EXPECT_NE(include_violation("checkers/session/x.cc", "sim/core/time.h"), "");
  EXPECT_NE(include_violation("sim/net/x.cc", "model/env.h"), "");
  EXPECT_NE(include_violation("model/worker/x.cc", "model/srs/leader.h"), "");
  EXPECT_NE(include_violation("model/srs/x.cc", "sim/net/network.h"), "");
  EXPECT_NE(include_violation("reports/x.cc", "scenarios/runner.h"), "");
  EXPECT_EQ(include_violation("model/cluster/x.cc", "model/srs/leader.h"), "");
}

// --- banned names ---------------------------------------------------------------------------------------------------

struct Ban {
  const char* text;
  const char* why;
  std::set<std::string> except;  // path prefixes
};

const std::vector<Ban> kBans = {
    {"std::random_device", "a run has one source of chance, its seed", {"tests/hygiene"}},
    {"std::mt19937", "named streams only (sim/core/random.h)", {"tests/", "bench/"}},
    {"std::uniform_", "std distributions differ between standard libraries", {"tests/", "bench/"}},
    {"std::normal_distribution", "std distributions differ between standard libraries", {"tests/", "bench/"}},
    {"std::exponential_distribution", "std distributions differ between standard libraries", {"tests/", "bench/"}},
    {"system_clock", "no wall clock in a run", {"cli/", "tests/", "bench/"}},
    {"steady_clock", "no wall clock in a run", {"cli/", "hunt/", "shrink/", "tests/", "bench/"}},
    {"std::thread", "one simulation, one thread", {"tests/hygiene"}},
    {"std::async", "one simulation, one thread", {"tests/hygiene"}},
    {"getenv", "nothing in a run reads the environment", {"cli/", "tests/"}},
    {"-march=native", "the same code everywhere", {"tests/hygiene"}},
};

std::string ban_violation(const std::string& path, const std::string& text) {
  for (const Ban& ban : kBans) {
    if (std::any_of(ban.except.begin(), ban.except.end(),
                    [&](const std::string& prefix) { return path.rfind(prefix, 0) == 0; }))
      continue;
    if (text.find(ban.text) != std::string::npos) return path + " uses " + ban.text + ": " + ban.why;
  }
  return {};
}

TEST(Hygiene, NoBannedNames) {
  for (const Source& source : sources({".h", ".cc"})) {
    const std::string violation = ban_violation(source.path, source.text);
    EXPECT_TRUE(violation.empty()) << violation;
  }
}

TEST(Hygiene, BanCatchesPlantedNames) {
  EXPECT_NE(ban_violation("sim/net/x.cc", "auto t = std::chrono::steady_clock::now();"), "");
  EXPECT_NE(ban_violation("model/worker/x.cc", "std::random_device d;"), "");
  EXPECT_EQ(ban_violation("cli/main.cc", "std::chrono::steady_clock::now()"), "");
}

/// `for (... : name)` over a member or variable that the same file declares as an unordered container.
std::string unordered_iteration(const std::string& path, const std::string& text) {
  std::set<std::string> names;
  std::istringstream declarations(text);
  for (std::string line; std::getline(declarations, line);) {
    const std::size_t at = std::min(line.find("std::unordered_"), line.find("boost::unordered_"));
    if (at == std::string::npos) continue;
    std::size_t end = line.find_last_of(';');
    if (end == std::string::npos) continue;
    std::size_t last = line.find_last_not_of(" {}=", end - 1);
    std::size_t first = line.find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", last);
    if (first != std::string::npos && first < last) names.insert(line.substr(first + 1, last - first));
  }
  std::istringstream loops(text);
  for (std::string line; std::getline(loops, line);) {
    const std::size_t loop = line.find("for (");
    if (loop == std::string::npos) continue;
    for (const std::string& name : names) {
      if (line.find(" : " + name + ")", loop) != std::string::npos) return path + " iterates over unordered " + name;
    }
  }
  return {};
}

TEST(Hygiene, NoIterationOverUnorderedContainers) {
  for (const Source& source : sources({".h", ".cc"})) {
    if (source.path == "tests/unit/sim/trace/nondeterminism_test.cc") continue;  // plants exactly this
    std::string text = source.text;
    if (source.path.size() > 3 && source.path.substr(source.path.size() - 3) == ".cc") {
      const fs::path header = kRoot / (source.path.substr(0, source.path.size() - 3) + ".h");
      if (fs::exists(header)) text = read_file(header) + "\n" + text;
    }
    const std::string violation = unordered_iteration(source.path, text);
    EXPECT_TRUE(violation.empty()) << violation;
  }
}

TEST(Hygiene, UnorderedRuleCatchesAPlantedLoop) {
  EXPECT_NE(unordered_iteration("x.cc", "std::unordered_map<int, int> by_id_;\nfor (auto& [k, v] : by_id_) {}\n"), "");
  EXPECT_EQ(unordered_iteration("x.cc", "std::map<int, int> by_id_;\nfor (auto& [k, v] : by_id_) {}\n"), "");
}

// --- what a compiler gets wrong -------------------------------------------------------------------------------------

/// g++ 12 never resumes a coroutine whose co_await stands inside a condition or behind && and ||: the awaited value has
/// to get a name first.
std::string awaiting_condition(const std::string& path, const std::string& text) {
  std::istringstream lines(text);
  std::size_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const std::size_t await = line.find("co_await");
    if (await == std::string::npos || line.find("//") < await) continue;
    std::size_t begin = line.find("if (");
    if (begin == std::string::npos) begin = line.find("while (");
    bool inside = line.find("&& co_await") != std::string::npos || line.find("|| co_await") != std::string::npos;
    if (begin != std::string::npos && begin < await) {
      const std::string before = line.substr(begin, await - begin);
      inside = inside || std::count(before.begin(), before.end(), '(') > std::count(before.begin(), before.end(), ')');
    }
    if (inside) return path + ":" + std::to_string(number) + ": co_await inside a condition";
  }
  return "";
}

TEST(Hygiene, AwaitedValuesAreNamedBeforeTheyAreTested) {
  for (const Source& source : sources({".h", ".cc"})) {
    if (source.path == "tests/hygiene/hygiene_test.cc") continue;
    EXPECT_EQ(awaiting_condition(source.path, source.text), "");
  }
  EXPECT_NE(awaiting_condition("x.cc", "  if (co_await gate() == kOpen) {"), "");
  EXPECT_NE(awaiting_condition("x.cc", "  const bool ok = ready && co_await gate();"), "");
  EXPECT_EQ(awaiting_condition("x.cc", "  while (open_ > 0) co_await drained_.wait(process());"), "");
}

// --- size, leftovers, registration ----------------------------------------------------------------------------------

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(Hygiene, FilesStaySmall) {
  for (const Source& source : sources({".h", ".cc"})) {
    const bool header = source.path.back() == 'h';
    const bool test = source.path.rfind("tests/", 0) == 0;
    const std::size_t limit = test ? 800 : header ? 300 : 600;
    EXPECT_LE(lines_of(source.text), limit) << source.path << ": split it by idea";
  }
}

std::string leftover(const std::string& path, const std::string& text) {
  if (path.rfind("tests/hygiene", 0) == 0) return {};
  for (const std::string word : {"TO"
                                 "DO",
                                 "FIX"
                                 "ME",
                                 "XX"
                                 "X:",
                                 "not "
                                 "implemented"}) {
    if (text.find(word) != std::string::npos) return path + " contains " + word;
  }
  return {};
}

TEST(Hygiene, NothingIsLeftUndone) {
  for (const Source& source : sources({".h", ".cc", ".toml", ".txt"})) {
    const std::string violation = leftover(source.path, source.text);
    EXPECT_TRUE(violation.empty()) << violation;
  }
  EXPECT_NE(leftover("sim/x.cc", std::string("// TO") + "DO later"), "");
}

TEST(Hygiene, HeadersHaveAnIncludeGuardAndAnOpeningComment) {
  for (const Source& source : sources({".h"})) {
    EXPECT_NE(source.text.find("#pragma once"), std::string::npos) << source.path;
    if (source.path.rfind("tests/", 0) != 0 && source.path != "base/version.h") {
      EXPECT_EQ(source.text.rfind("//", 0), 0U) << source.path << ": say what the header is for";
    }
  }
}

TEST(Hygiene, EveryTestFileIsRegistered) {
  std::set<std::string> registered;
  std::istringstream list(read_file(TIDEMARK_TEST_LIST));
  for (std::string line; std::getline(list, line);) registered.insert(line);
  for (const Source& source : sources({".cc"})) {
    const std::string& path = source.path;
    const bool is_test = path.rfind("tests/", 0) == 0 && path.size() > 8 && path.substr(path.size() - 8) == "_test.cc";
    if (is_test) {
      EXPECT_EQ(registered.count(path), 1U) << path << " is in no test program";
    }
  }
  EXPECT_GT(registered.size(), 10U);
}

/// Output of a program that was started in the wrong folder is easily committed.
TEST(Hygiene, NothingLiesAtTheTopThatDoesNotBelongThere) {
  const std::set<std::string> known = {".ci",         ".clang-format",
                                       ".clang-tidy", ".git",
                                       ".gitignore",  "CMakeLists.txt",
                                       "LICENSE",     "CMakePresets.json",
                                       "README.md",   "base",
                                       "bench",       "build",
                                       "checkers",    "cli",
                                       "cmake",       "data",
                                       "dev",         "docs",
                                       "explain",     "hunt",
                                       "shrink",      "model",
                                       "reports",     "scenarios",
                                       "sim",         "tests",
                                       ".cache",      "out",
                                       "matrix",      "steer"};
  for (const fs::directory_entry& entry : fs::directory_iterator(kRoot))
    EXPECT_EQ(known.count(entry.path().filename().string()), 1U) << entry.path().filename();
}

TEST(Hygiene, ReadmeNamesBothCommands) {
  const std::string readme = read_file(kRoot / "README.md");
  EXPECT_NE(readme.find("./dev demo"), std::string::npos);
  EXPECT_NE(readme.find("./dev test"), std::string::npos);
}

}  // namespace
}  // namespace tidemark
