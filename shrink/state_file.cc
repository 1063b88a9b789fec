#include "shrink/state_file.h"

#include <fmt/core.h>

#include <sstream>

#include "base/digest.h"
#include "scenarios/loader.h"

namespace tidemark::shrink {
namespace {

constexpr const char* kHead = "tidemark-shrink 1";

/// The rest of the next line behind `word` and a blank; false when it begins otherwise.
bool line_of(std::istream& in, const std::string& word, std::string& rest) {
  std::string line;
  if (!std::getline(in, line) || line.rfind(word, 0) != 0) return false;
  rest = line.size() > word.size() ? line.substr(word.size() + 1) : "";
  return true;
}

bool read_sizes(const std::string& text, Sizes& sizes) {
  std::istringstream in(text);
  in >> sizes.faults >> sizes.operations >> sizes.clients >> sizes.replicas >> sizes.regions >> sizes.seconds >>
      sizes.lines;
  return !in.fail();
}

}  // namespace

std::string state_text(const State& state, std::uint64_t about) {
  const Sizes& s = state.before;
  std::string text = fmt::format("{}\nof {:016x}\nfailure {}\nruns {}\n", kHead, about, state.failure, state.runs);
  text += fmt::format("before {} {} {} {} {} {} {}\nrefused", s.faults, s.operations, s.clients, s.replicas, s.regions,
                      s.seconds, s.lines);
  for (const std::uint64_t hash : state.refused) text += fmt::format(" {:016x}", hash);
  return text + "\nfile\n" + state.file;
}

std::optional<State> parse_state(const std::string& text, std::uint64_t about, std::string& problem) {
  std::istringstream in(text);
  std::string line;
  State state;
  problem = "is no state of a shrink that this version can resume";
  if (!std::getline(in, line) || line != kHead || !line_of(in, "of", line)) return std::nullopt;
  if (line != fmt::format("{:016x}", about)) {
    problem = "is the state of another scenario, seed or plan";
    return std::nullopt;
  }
  problem = "is damaged";
  std::string runs, sizes, refused, end;
  const bool good = line_of(in, "failure", state.failure) && line_of(in, "runs", runs) &&
                    line_of(in, "before", sizes) && line_of(in, "refused", refused) && line_of(in, "file", end);
  if (!good || !read_sizes(sizes, state.before)) return std::nullopt;
  state.runs = std::strtoull(runs.c_str(), nullptr, 10);
  std::istringstream hashes(refused);
  for (std::string hash; hashes >> hash;) state.refused.insert(std::strtoull(hash.c_str(), nullptr, 16));
  state.file = text.substr(static_cast<std::size_t>(in.tellg()));
  if (!scenarios::load_scenario(state.file, "state").ok()) return std::nullopt;
  problem.clear();
  return state;
}

std::uint64_t subject_of(const Request& request) {
  std::string text = scenarios::resolved_toml(request.scenario) + fmt::format("seed {}\n", request.seed);
  if (request.plan) text += digest_of(*request.plan).hex();
  return hash_name(text);
}

}  // namespace tidemark::shrink
