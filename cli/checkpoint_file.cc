#include "cli/checkpoint_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "cli/commands.h"
#include "cli/output.h"

namespace tidemark::cli {
namespace {

constexpr const char* kName = "/checkpoints.txt";
constexpr const char* kHead = "tidemark-checkpoints 1";

/// "7:3" at the end of a point.
bool read_draws(std::istream& line, std::vector<std::uint64_t>& draws) {
  for (std::string word; line >> word;) {
    std::size_t stream = 0;
    std::uint64_t more = 0;
    const char* const end = word.data() + word.size();
    const auto at = std::from_chars(word.data(), end, stream);
    if (at.ec != std::errc() || at.ptr == end || *at.ptr != ':' || stream > 10'000'000) return false;
    if (std::from_chars(at.ptr + 1, end, more).ec != std::errc()) return false;
    if (stream >= draws.size()) draws.resize(stream + 1);
    draws[stream] += more;
  }
  return true;
}

bool read_line(const std::string& text, RunCheckpoints& read) {
  std::istringstream line(text);
  std::string word;
  line >> word;
  if (word == "stream") {
    std::size_t number = 0;
    std::string name;
    line >> number;
    std::getline(line >> std::ws, name);
    read.streams.push_back(name);
    return number + 1 == read.streams.size() && !name.empty();
  }
  RunCheckpoints::Point point;
  std::int64_t when = 0;
  std::string digest;
  line >> point.digest.sequence >> when >> digest;
  point.digest.when = sim::Instant::from_ns(when);
  if (!read.points.empty()) point.draws = read.points.back().draws;
  const bool good = word == "point" && Digest128::parse(digest, point.digest.digest) && read_draws(line, point.draws) &&
                    point.draws.size() <= read.streams.size();
  read.points.push_back(std::move(point));
  return good;
}

}  // namespace

std::vector<sim::StreamRegistry::Draws> RunCheckpoints::draws_at(const Point& point) const {
  std::vector<sim::StreamRegistry::Draws> draws;
  for (std::size_t i = 0; i < point.draws.size(); ++i) draws.push_back({streams[i], point.draws[i]});
  std::sort(draws.begin(), draws.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return draws;
}

void CheckpointRecorder::on_world(model::Cluster& cluster, const scenarios::Scenario&) {
  cluster_ = &cluster;
}

void CheckpointRecorder::on_rest(model::Cluster& cluster, const std::vector<sim::FaultReport>&) {
  cluster.streams().each([this](std::string_view name, std::uint64_t) { made_.streams.emplace_back(name); });
  cluster_ = nullptr;
}

void CheckpointRecorder::on_event(const sim::EventRecord& event) {
  if (cluster_ == nullptr || event.sequence % stride_ != 0) return;
  if (made_.points.size() == kMost) {
    std::size_t kept = 0;  // the second, fourth, ...: the multiples of the doubled stride
    for (std::size_t i = 1; i < kMost; i += 2) std::swap(made_.points[kept++], made_.points[i]);
    made_.points.resize(kept);
    stride_ *= 2;
    if (event.sequence % stride_ != 0) return;
  }
  RunCheckpoints::Point point{{event.sequence, event.when, event.digest}, {}};
  cluster_->streams().each([&point](std::string_view, std::uint64_t draws) { point.draws.push_back(draws); });
  made_.points.push_back(std::move(point));
}

void write_checkpoints(const std::string& folder, const RunCheckpoints& checkpoints) {
  std::string text = std::string(kHead) + "\n";
  for (std::size_t i = 0; i < checkpoints.streams.size(); ++i)
    text += fmt::format("stream {} {}\n", i, checkpoints.streams[i]);
  std::vector<std::uint64_t> before;
  for (const RunCheckpoints::Point& point : checkpoints.points) {
    text += fmt::format("point {} {} {}", point.digest.sequence, point.digest.when.ns(), point.digest.digest.hex());
    before.resize(std::max(before.size(), point.draws.size()));
    for (std::size_t i = 0; i < point.draws.size(); ++i)
      if (point.draws[i] != before[i]) text += fmt::format(" {}:{}", i, point.draws[i] - before[i]);
    before = point.draws;
    text += '\n';
  }
  write_file(folder + kName, text);
}

std::optional<RunCheckpoints> read_checkpoints(const std::string& folder) {
  const std::string path = folder + kName;
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::istringstream file(read_file(path));
  std::string line;
  std::getline(file, line);
  if (line != kHead) throw UsageError(path + ":1: no file of checkpoints of this version");
  RunCheckpoints read;
  for (std::size_t number = 2; std::getline(file, line); ++number)
    if (!read_line(line, read)) throw UsageError(fmt::format("{}:{}: no checkpoint: {}", path, number, line));
  return read;
}

CheckpointDifference compare(const RunCheckpoints& stored, const RunCheckpoints& replayed) {
  CheckpointDifference difference;
  std::uint64_t equal_up_to = 0;
  for (std::size_t i = 0, j = 0; i < stored.points.size() && j < replayed.points.size();) {
    const RunCheckpoints::Point& a = stored.points[i];
    const RunCheckpoints::Point& b = replayed.points[j];
    if (a.digest.sequence != b.digest.sequence) {
      ++(a.digest.sequence < b.digest.sequence ? i : j);
      continue;
    }
    if (difference.draws_seen_at == 0) {
      difference.draws = different_draws(stored.draws_at(a), replayed.draws_at(b));
      if (!difference.draws.empty()) difference.draws_seen_at = a.digest.sequence;
    }
    if (a.digest != b.digest) {
      difference.interval = {equal_up_to, a.digest.sequence};
      return difference;
    }
    equal_up_to = a.digest.sequence;
    ++i;
    ++j;
  }
  if (difference.draws_seen_at == 0) difference.draws.clear();
  return difference;
}

}  // namespace tidemark::cli
