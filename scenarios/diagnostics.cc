#include "scenarios/diagnostics.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

namespace tidemark::scenarios {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool before(const Diagnostic& a, const Diagnostic& b) {
  const auto line = [](const Diagnostic& d) {
    return d.place.line == 0 ? std::numeric_limits<std::uint32_t>::max() : d.place.line;
  };
  if (line(a) != line(b)) return line(a) < line(b);
  return a.place.column < b.place.column;
}

}  // namespace

std::string Diagnostic::text() const {
  if (place.line == 0) return fmt::format("{}: {}", place.file, message);
  return fmt::format("{}:{}:{}: {}", place.file, place.line, place.column, message);
}

void Diagnostics::add(const Place& place, std::string message) {
  ++count_;
  if (kept_.size() < kLimit) kept_.push_back({place, std::move(message)});
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  std::vector<Diagnostic> ordered = kept_;
  std::stable_sort(ordered.begin(), ordered.end(), before);
  return ordered;
}

std::string Diagnostics::text() const {
  std::string text;
  for (const Diagnostic& diagnostic : sorted()) text += diagnostic.text() + "\n";
  if (count_ > kept_.size()) text += fmt::format("... and {} more\n", count_ - kept_.size());
  return text;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the dynamic programme: two back (for swaps), previous, current.
  std::vector<std::size_t> two_back(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) current[j] = std::min(current[j], two_back[j - 2] + 1);
    }
    std::swap(two_back, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestWord = 200;  // longer is no slip of the finger, and the distance is quadratic
  if (word.size() > kLongestWord) return {};
  const std::string* best = nullptr;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best = &candidate;
    best_distance = distance;
  }
  return best == nullptr ? std::string{} : fmt::format(" (did you mean {}?)", *best);
}

}  // namespace tidemark::scenarios
