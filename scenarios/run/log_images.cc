#include "scenarios/run/log_images.h"

#include <algorithm>
#include <utility>

namespace tidemark::scenarios {
namespace {

constexpr std::size_t kKeptEpochs = 8;
/// Confirmed entries that can be undone all the same: in a run beyond the budget a leader may go on without them.
constexpr std::size_t kKeptConfirmed = 64;

}  // namespace

const PageList* LogImages::add(const model::Entry& entry) {
  const std::uint32_t epoch = entry.bookmark().epoch;
  auto found = lines_.find(epoch);
  if (found == lines_.end() || found->second.tip != entry.previous()) {
    Line line;
    if (!find(entry.previous(), line)) {
      lines_.erase(epoch);
      return nullptr;
    }
    found = lines_.insert_or_assign(epoch, std::move(line)).first;
  }
  apply(found->second, entry);
  while (lines_.size() > kKeptEpochs) lines_.erase(lines_.begin());
  return &found->second.pages;
}

bool LogImages::state_at(const model::Bookmark& at, PageList& pages) const {
  Line line;
  if (at.is_origin() || !find(at, line)) return false;
  pages = std::move(line.pages);
  return true;
}

bool LogImages::find(const model::Bookmark& at, Line& line) const {
  if (at.is_origin()) return true;  // the empty database
  for (auto it = lines_.rbegin(); it != lines_.rend(); ++it) {
    std::size_t back = 0;
    const std::deque<Undo>& steps = it->second.undo;
    bool here = it->second.tip == at;
    while (!here && back < steps.size()) here = steps[steps.size() - ++back].previous == at;
    if (!here) continue;
    line = it->second;
    for (; back > 0; --back) undo(line);
    return true;
  }
  return false;
}

void LogImages::apply(Line& line, const model::Entry& entry) {
  Undo& step = line.undo.emplace_back();
  step.previous = entry.previous();
  step.entry = line.tip = entry.bookmark();
  step.size = line.pages.size();
  const std::size_t size = entry.database_pages();
  // What is cut off comes back with the undo.
  for (std::size_t i = size; i < line.pages.size(); ++i)
    step.pages.emplace_back(static_cast<std::uint32_t>(i), line.pages[i]);
  line.pages.resize(size);
  for (const model::EntryFrame& frame : entry.frames()) {
    if (frame.page == 0 || frame.page > size) continue;
    sim::BufferRef& page = line.pages[frame.page - 1];
    step.pages.emplace_back(frame.page - 1, std::exchange(page, frame.bytes));
  }
}

void LogImages::undo(Line& line) {
  const Undo& step = line.undo.back();
  line.pages.resize(std::max(step.size, line.pages.size()));
  for (auto it = step.pages.rbegin(); it != step.pages.rend(); ++it) line.pages[it->first] = it->second;
  line.pages.resize(step.size);
  line.tip = step.previous;
  line.undo.pop_back();
}

void LogImages::confirm(const model::Bookmark& bookmark) {
  for (auto& [epoch, line] : lines_)
    while (line.undo.size() > kKeptConfirmed && line.undo.front().entry <= bookmark) line.undo.pop_front();
}

}  // namespace tidemark::scenarios
