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

using Drawn = RunCheckpoints::Drawn;

/// "7:3" at the end of a point.
bool read_draws(std::istream& line, std::vector<Drawn>& drawn, std::size_t streams) {
  for (std::string word; line >> word;) {
    std::uint32_t stream = 0, more = 0;
    const char* const end = word.data() + word.size();
    const auto at = std::from_chars(word.data(), end, stream);
    if (at.ec != std::errc() || at.ptr == end || *at.ptr != ':' || stream >= streams) return false;
    if (std::from_chars(at.ptr + 1, end, more).ec != std::errc()) return false;
    drawn.push_back({stream, more});
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
  const bool good = word == "point" && Digest128::parse(digest, point.digest.digest) &&
                    read_draws(line, point.drawn, read.streams.size());
  read.points.push_back(std::move(point));
  return good;
}

std::vector<Drawn> sum_of(const std::vector<Drawn>& a, const std::vector<Drawn>& b) {
  std::vector<Drawn> sum;
  for (std::size_t i = 0, j = 0; i < a.size() || j < b.size();) {
    const bool first = j == b.size() || (i < a.size() && a[i].stream <= b[j].stream);
    Drawn next = first ? a[i++] : b[j++];
    if (first && j < b.size() && b[j].stream == next.stream) next.times += b[j++].times;
    sum.push_back(next);
  }
  sum.shrink_to_fit();
  return sum;
}

/// Goes through the points of a run and adds up what was drawn.
class Walk {
 public:
  explicit Walk(const RunCheckpoints& run) : run_(run), draws_(run.streams.size()) {}
  bool ended() const { return next_ == run_.points.size(); }
  const sim::Checkpoint& point() const { return run_.points[next_].digest; }
  /// Counts what was drawn until point().
  void arrive() {
    for (; counted_ <= next_; ++counted_)
      for (const Drawn& drawn : run_.points[counted_].drawn) draws_[drawn.stream] += drawn.times;
  }
  void go_on() { ++next_; }
  /// At the point of the last arrive(); sorted by name.
  std::vector<sim::StreamRegistry::Draws> draws() const {
    std::vector<sim::StreamRegistry::Draws> draws;
    for (std::size_t i = 0; i < draws_.size(); ++i) draws.push_back({run_.streams[i], draws_[i]});
    std::sort(draws.begin(), draws.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return of_the_run(std::move(draws));
  }

 private:
  const RunCheckpoints& run_;
  std::vector<std::uint64_t> draws_;
  std::size_t next_ = 0;
  std::size_t counted_ = 0;
};

}  // namespace

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
    thin_out();
    if (event.sequence % stride_ != 0) return;
  }
  made_.points.push_back({{event.sequence, event.when, event.digest}, drawn_since()});
}

/// Leaves the second, fourth, ...: the multiples of the doubled stride. What was drawn before one that goes counts for
/// the next.
void CheckpointRecorder::thin_out() {
  std::size_t kept = 0;
  for (std::size_t i = 1; i < made_.points.size(); i += 2) {
    std::vector<Drawn> both = sum_of(made_.points[i - 1].drawn, made_.points[i].drawn);
    made_.points[kept] = std::move(made_.points[i]);
    made_.points[kept++].drawn = std::move(both);
  }
  made_.points.resize(kept);
  stride_ *= 2;
}

std::vector<Drawn> CheckpointRecorder::drawn_since() {
  std::vector<Drawn> drawn;
  std::uint32_t stream = 0;
  cluster_->streams().each([&](std::string_view, std::uint64_t draws) {
    if (stream == draws_.size()) draws_.push_back(0);
    if (draws != draws_[stream]) drawn.push_back({stream, static_cast<std::uint32_t>(draws - draws_[stream])});
    draws_[stream++] = draws;
  });
  drawn.shrink_to_fit();
  return drawn;
}

void write_checkpoints(const std::string& folder, const RunCheckpoints& checkpoints) {
  std::string text = std::string(kHead) + "\n";
  for (std::size_t i = 0; i < checkpoints.streams.size(); ++i)
    text += fmt::format("stream {} {}\n", i, checkpoints.streams[i]);
  for (const RunCheckpoints::Point& point : checkpoints.points) {
    text += fmt::format("point {} {} {}", point.digest.sequence, point.digest.when.ns(), point.digest.digest.hex());
    for (const Drawn& drawn : point.drawn) text += fmt::format(" {}:{}", drawn.stream, drawn.times);
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

bool draws_the_plan(std::string_view stream) {
  return stream.starts_with("faults/");
}

std::vector<sim::StreamRegistry::Draws> of_the_run(std::vector<sim::StreamRegistry::Draws> draws) {
  std::erase_if(draws, [](const auto& one) { return draws_the_plan(one.name); });
  return draws;
}

CheckpointDifference compare(const RunCheckpoints& stored, const RunCheckpoints& replayed) {
  CheckpointDifference difference;
  std::uint64_t equal_up_to = 0;
  for (Walk a(stored), b(replayed); !a.ended() && !b.ended();) {
    if (a.point().sequence != b.point().sequence) {
      (a.point().sequence < b.point().sequence ? a : b).go_on();
      continue;
    }
    a.arrive();
    b.arrive();
    if (difference.draws_seen_at == 0) {
      difference.draws = different_draws(a.draws(), b.draws());
      if (!difference.draws.empty()) difference.draws_seen_at = a.point().sequence;
    }
    if (a.point() != b.point()) {
      difference.interval = {equal_up_to, a.point().sequence};
      return difference;
    }
    equal_up_to = a.point().sequence;
    a.go_on();
    b.go_on();
  }
  return difference;
}

}  // namespace tidemark::cli
