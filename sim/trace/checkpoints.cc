#include "sim/trace/checkpoints.h"

namespace tidemark::sim {
namespace {

bool same(const EventRecord& a, const EventRecord& b) {
  return a.sequence == b.sequence && a.when == b.when && a.kind == b.kind && a.process == b.process && a.tag == b.tag &&
         a.digest == b.digest;
}

}  // namespace

void DigestCheckpoints::on_event(const EventRecord& event) {
  if (event.sequence % stride_ != 0) return;
  if (points_.size() == kMost) {
    std::size_t kept = 0;  // the second, fourth, ...: the multiples of the doubled stride
    for (std::size_t i = 1; i < points_.size(); i += 2) points_[kept++] = points_[i];
    points_.resize(kept);
    stride_ *= 2;
    if (event.sequence % stride_ != 0) return;
  }
  points_.push_back({event.sequence, event.when, event.digest});
}

std::optional<DifferingInterval> first_difference(const std::vector<Checkpoint>& a, const std::vector<Checkpoint>& b) {
  std::uint64_t equal_up_to = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    if (a[i].sequence != b[j].sequence) {
      ++(a[i].sequence < b[j].sequence ? i : j);
      continue;
    }
    if (a[i] != b[j]) return DifferingInterval{equal_up_to, a[i].sequence};
    equal_up_to = a[i].sequence;
    ++i;
    ++j;
  }
  return std::nullopt;
}

DivergenceFinder::DivergenceFinder(std::vector<EventRecord> expected, Scheduler& scheduler,
                                   std::function<std::string(std::uint32_t)> name_of)
    : expected_(std::move(expected)), scheduler_(scheduler), name_of_(std::move(name_of)) {}

void DivergenceFinder::on_event(const EventRecord& event) {
  if (diverged_) return;
  if (next_ == 0 && !expected_.empty() && event.sequence < expected_.front().sequence) return;
  if (next_ == expected_.size()) {
    found(event.sequence, nullptr, &event);
  } else if (const EventRecord& expected = expected_[next_++]; !same(expected, event)) {
    found(event.sequence, &expected, &event);
  }
}

void DivergenceFinder::finish() {
  if (!diverged_ && next_ < expected_.size()) found(expected_[next_].sequence, &expected_[next_], nullptr);
}

void DivergenceFinder::found(std::uint64_t sequence, const EventRecord* expected, const EventRecord* actual) {
  TIDEMARK_ASSERT(!diverged_);
  diverged_ = true;
  sequence_ = sequence;
  report_ = "event " + std::to_string(sequence) + " differs: recorded " + describe(expected) + ", replayed " +
            describe(actual);
  scheduler_.stop();
}

std::string DivergenceFinder::describe(const EventRecord* event) const {
  if (event == nullptr) return "nothing (the run ended)";
  std::string name = event->process == 0 ? "world" : name_of_ ? name_of_(event->process) : "process";
  return std::string(to_text(event->kind)) + " of " + name + " (process " + std::to_string(event->process) + ") at " +
         to_text(event->when) + " (" + std::to_string(event->when.ns()) + " ns), tag " + std::to_string(event->tag) +
         ", digest " + event->digest.hex();
}

}  // namespace tidemark::sim
