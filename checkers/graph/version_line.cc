#include "checkers/graph/version_line.h"

#include <algorithm>

namespace tidemark::checkers::graph {

VersionLine::VersionLine(std::uint32_t keys, const RegisterVersions& registers, const MovingOrder& order)
    : order_(order) {
  gather(keys, registers);
  const auto count = static_cast<Version>(versions_.size() - 1);
  std::vector<std::uint32_t>& starts = access_starts_;
  starts.assign(order.nodes().size() + 1, 0);
  for (Version version = 0; version < count; ++version) {
    ++starts[writer(version) + 1];
    for (const Node reader : readers(version)) ++starts[reader + 1];
  }
  for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
  accesses_.resize(starts.back());
  std::vector<std::uint32_t> next(starts.begin(), starts.end() - 1);
  for (Version version = 0; version < count; ++version) {
    accesses_[next[writer(version)]++] = {version, true};
    for (const Node reader : readers(version)) accesses_[next[reader]++] = {version, false};
  }
  line_.resize(count);
  for (Version version = 0; version < count; ++version) line_[version] = version;
  for (std::size_t first = 0, end = 0; first < line_.size(); first = end) {  // they stand by key already
    while (end < line_.size() && key(line_[end]) == key(line_[first])) ++end;
    const auto at = line_.begin();
    std::sort(at + static_cast<std::ptrdiff_t>(first), at + static_cast<std::ptrdiff_t>(end),
              [this](Version a, Version b) { return place(a) < place(b); });
  }
  for (std::uint32_t slot = 0; slot < count; ++slot) versions_[line_[slot]].slot = slot;
  ranges_.assign(keys, {0, 0, 0});
  queued_.assign(count, 0);
  // What is early comes first: then what goes wrong later rests on little that was decided here.
  for (std::size_t i = order.nodes().size(); i-- > 0;) {
    const Node node = order.nodes()[i];
    for (std::uint32_t j = starts[node]; j < starts[node + 1]; ++j) {
      if (accesses_[j].write) look_again(accesses_[j].version);
    }
  }
}

void VersionLine::gather(std::uint32_t keys, const RegisterVersions& registers) {
  const std::span<const RegisterRead> reads = registers.reads();
  std::size_t next = 0;
  for (std::uint32_t key = 0; key < keys; ++key) {
    for (const Node writer : registers.writers(key)) {
      versions_.push_back({key, writer, static_cast<std::uint32_t>(readers_.size()), 0});
      while (next < reads.size() &&
             (reads[next].key < key || (reads[next].key == key && reads[next].writer < writer))) {
        ++next;
      }
      for (; next < reads.size() && reads[next].key == key && reads[next].writer == writer; ++next) {
        const bool known = readers_.size() > versions_.back().first_reader && readers_.back() == reads[next].reader;
        if (!known) readers_.push_back(reads[next].reader);
      }
    }
  }
  versions_.push_back({keys, kNoNode, static_cast<std::uint32_t>(readers_.size()), 0});
}

void VersionLine::look_again(Version version) {
  if (queued_[version] != 0 || readers(version).empty()) return;
  queued_[version] = 1;
  queue_.push_back(version);
}

void VersionLine::touch(Version version) {
  const Entry& entry = versions_[version];
  Range& range = ranges_[entry.key];
  if (range.round != round_) {
    range = {entry.slot, entry.slot, round_};
    keys_.push_back(entry.key);
  }
  range.first = std::min(range.first, entry.slot);
  range.last = std::max(range.last, entry.slot);
}

void VersionLine::follow(std::vector<Node>& moved) {
  if (moved.empty()) return;
  ++round_;
  keys_.clear();
  for (const Node node : moved) {
    for (std::uint32_t i = access_starts_[node]; i < access_starts_[node + 1]; ++i) {
      if (accesses_[i].write) {
        touch(accesses_[i].version);
      } else {
        look_again(accesses_[i].version);
      }
    }
  }
  moved.clear();
  for (const std::uint32_t key : keys_) sort(key);
}

/// By insertion: the order has changed in few places. What has another neighbour now is looked at again.
void VersionLine::sort(std::uint32_t key) {
  Range& range = ranges_[key];
  std::uint32_t latest = 0;
  for (std::uint32_t slot = range.first; slot <= range.last; ++slot) latest = std::max(latest, place(line_[slot]));
  while (same_key(range.last + 1, key) && place(line_[range.last + 1]) < latest) ++range.last;
  std::uint32_t first = range.first;
  for (std::uint32_t slot = range.first; slot <= range.last; ++slot) {
    const Version version = line_[slot];
    const std::uint32_t at = place(version);
    std::uint32_t to = slot;
    for (; to > 0 && same_key(to - 1, key) && place(line_[to - 1]) > at; --to) line_[to] = line_[to - 1];
    line_[to] = version;
    steps_ += slot - to + 1;
    first = std::min(first, to);
  }
  if (first > 0 && same_key(first - 1, key)) --first;
  for (std::uint32_t slot = first; slot <= range.last; ++slot) {
    versions_[line_[slot]].slot = slot;
    look_again(line_[slot]);
  }
}

bool VersionLine::find_overwritten(Version& version, Version& next) {
  for (; !queue_.empty(); queue_.pop_back()) {
    version = queue_.back();
    const Entry& entry = versions_[version];
    if (same_key(entry.slot + 1, entry.key)) {
      next = line_[entry.slot + 1];
      steps_ += readers(version).size();
      for (const Node reader : readers(version)) {
        if (order_.place(reader) > place(next)) return true;
      }
    }
    queued_[version] = 0;
  }
  return false;
}

VersionLine::Count VersionLine::count() const {
  Count count;
  for (std::uint32_t slot = 0; slot < line_.size(); ++slot) {
    const std::span<const Node> all = readers(line_[slot]);
    if (all.empty()) continue;
    ++count.read;
    if (!same_key(slot + 1, key(line_[slot]))) continue;
    const std::uint32_t next = place(line_[slot + 1]);
    const bool early = std::any_of(all.begin(), all.end(), [&](Node reader) { return order_.place(reader) > next; });
    count.overwritten += early ? 1 : 0;
  }
  return count;
}

}  // namespace tidemark::checkers::graph
