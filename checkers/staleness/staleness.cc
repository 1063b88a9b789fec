#include "checkers/staleness/staleness.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "checkers/staleness/places.h"

namespace tidemark::checkers {
namespace {

using staleness::kUnknown;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kAlways = std::numeric_limits<std::int64_t>::max();

struct Ack {
  std::int64_t at;
  std::uint32_t place;
};

struct Read {
  std::int64_t at;
  std::uint32_t place;
  std::uint32_t transaction;
};

/// Writes that were acknowledged so far, by place: how many stand behind a place, and when the oldest of these was
/// acknowledged.
class Acknowledged {
 public:
  explicit Acknowledged(std::size_t places) : counts_(places + 1, 0), oldest_(places + 1, kAlways) {}

  void add(std::size_t place, std::int64_t at) {
    for (std::size_t i = counts_.size() - 1 - place; i < counts_.size(); i += i & (~i + 1)) {
      ++counts_[i];
      oldest_[i] = std::min(oldest_[i], at);
    }
  }
  /// Of places >= `first`.
  std::pair<std::uint64_t, std::int64_t> from(std::size_t first) const {
    std::pair<std::uint64_t, std::int64_t> result{0, kAlways};
    for (std::size_t i = counts_.size() - 1 - first; i > 0; i -= i & (~i + 1)) {
      result.first += counts_[i];
      result.second = std::min(result.second, oldest_[i]);
    }
    return result;
  }

 private:
  std::vector<std::uint64_t> counts_;  // a Fenwick tree, the last place first
  std::vector<std::int64_t> oldest_;
};

class Measure {
 public:
  Measure(const History& history, std::span<const std::int64_t> versions)
      : history_(history), places_(staleness::places_of(history, versions)), samples_(history.transactions().size()) {
    report_.has_times = !history.times().empty();
  }

  StalenessReport run() {
    name_rows();
    gather();
    for (std::uint32_t key = 0; key < history_.keys(); ++key) measure_key(acks_[key], reads_[key]);
    fill(report_.all, kAllReads, 0);
    for (std::uint32_t i = 0; i < report_.regions.size(); ++i) fill(report_.regions[i].figures, kOfRegion, i);
    for (std::uint32_t i = 0; i < report_.sessions.size(); ++i) fill(report_.sessions[i].figures, kOfSession, i);
    const auto empty = [](const StalenessRow& row) { return row.figures.reads == 0; };
    report_.sessions.erase(std::remove_if(report_.sessions.begin(), report_.sessions.end(), empty),
                           report_.sessions.end());
    return std::move(report_);
  }

 private:
  enum Group { kAllReads, kOfRegion, kOfSession };
  struct Sample {
    bool measured = false;
    std::uint64_t behind = 0;
    std::int64_t oldest = kAlways;
  };

  void name_rows() {
    std::map<std::string, std::uint32_t> regions;
    for (const std::uint32_t region : history_.regions()) {
      if (region != kNever) regions.emplace(history_.text(region), 0);
    }
    for (auto& [name, number] : regions) {
      number = static_cast<std::uint32_t>(report_.regions.size());
      report_.regions.push_back({name, {}});
    }
    region_of_.assign(history_.transactions().size(), kUnknown);
    for (std::uint32_t i = 0; i < history_.regions().size(); ++i) {
      if (history_.regions()[i] != kNever) region_of_[i] = regions.at(history_.text(history_.regions()[i]));
    }
    for (std::uint32_t i = 0; i < history_.sessions(); ++i) report_.sessions.push_back({history_.show_session(i), {}});
  }

  std::int64_t call_of(std::uint32_t transaction) const {
    if (report_.has_times) return history_.times()[transaction].invoke_ns;
    return std::int64_t{2} * history_.transactions()[transaction].call;
  }
  /// Acknowledgements and calls of one place of a log: what ended there had not ended when the other began.
  std::int64_t ack_of(std::uint32_t transaction) const {
    if (report_.has_times) return history_.times()[transaction].complete_ns;
    return std::int64_t{2} * history_.transactions()[transaction].ret + 1;
  }

  void gather() {
    acks_.resize(history_.keys());
    reads_.resize(history_.keys());
    std::vector<std::uint32_t> last_reader(history_.keys(), kUnknown);
    for (std::uint32_t i = 0; i < history_.transactions().size(); ++i) {
      const Txn& txn = history_.transactions()[i];
      if (txn.outcome != Outcome::kOk) continue;
      if (report_.has_times && (call_of(i) < 0 || ack_of(i) < 0)) continue;
      for (std::uint32_t event = txn.first_event; event < txn.first_event + txn.event_count; ++event) {
        gather_event(i, event, last_reader);
      }
    }
  }

  void gather_event(std::uint32_t transaction, std::uint32_t event, std::vector<std::uint32_t>& last_reader) {
    const Event& what = history_.events()[event];
    if (!what.is_read()) {
      if (places_[event] != kUnknown) acks_[what.key].push_back({ack_of(transaction), places_[event]});
      return;
    }
    if (!what.known || last_reader[what.key] == transaction) return;
    last_reader[what.key] = transaction;
    if (places_[event] == kUnknown) {
      ++report_.unmeasured_reads;
    } else {
      reads_[what.key].push_back({call_of(transaction), places_[event], transaction});
    }
  }

  void measure_key(std::vector<Ack>& acks, std::vector<Read>& reads) {
    std::sort(acks.begin(), acks.end(),
              [](const Ack& a, const Ack& b) { return std::tie(a.at, a.place) < std::tie(b.at, b.place); });
    std::sort(reads.begin(), reads.end(), [](const Read& a, const Read& b) {
      return std::tie(a.at, a.transaction) < std::tie(b.at, b.transaction);
    });
    std::vector<std::uint32_t> places;
    for (const Ack& ack : acks) places.push_back(ack.place);
    std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
    Acknowledged acknowledged(places.size());
    std::size_t next = 0;
    for (const Read& read : reads) {
      for (; next < acks.size() && acks[next].at <= read.at; ++next) {
        const auto place = std::lower_bound(places.begin(), places.end(), acks[next].place) - places.begin();
        acknowledged.add(static_cast<std::size_t>(place), acks[next].at);
      }
      const auto behind = std::upper_bound(places.begin(), places.end(), read.place) - places.begin();
      const auto [count, oldest] = acknowledged.from(static_cast<std::size_t>(behind));
      Sample& sample = samples_[read.transaction];
      sample.measured = true;
      sample.behind += count;
      sample.oldest = std::min(sample.oldest, oldest);
      if (report_.has_times) note_visibility(std::span<const Ack>(acks).first(next), read);
    }
  }

  void note_visibility(std::span<const Ack> acks, const Read& read) {
    for (std::size_t i = acks.size(); i-- > 0;) {
      const std::int64_t delay = read.at - acks[i].at;
      if (delay >= kVisibilityMs.back() * 3 * kNsPerMs) return;
      std::size_t bucket = kVisibilityMs.size() - 1;
      while (delay < kVisibilityMs[bucket] * kNsPerMs) --bucket;
      const bool seen = acks[i].place <= read.place;
      note(report_.all.visibility[bucket], seen);
      const std::uint32_t region = region_of_[read.transaction];
      if (region != kUnknown) note(report_.regions[region].figures.visibility[bucket], seen);
      note(report_.sessions[history_.transactions()[read.transaction].session].figures.visibility[bucket], seen);
    }
  }

  static void note(Visibility& visibility, bool seen) {
    ++visibility.pairs;
    visibility.seen += seen ? 1 : 0;
  }

  /// Quantiles of the reads of a group. Sorted once by group, so that many sessions cost no more than one.
  void fill(StalenessFigures& figures, Group group, std::uint32_t number) {
    if (!sorted_ || sorted_by_ != group) sort_by(group);
    std::vector<std::uint64_t> versions;
    std::vector<std::uint64_t> times;
    const auto first =
        std::lower_bound(order_.begin(), order_.end(), number,
                         [&](std::uint32_t a, std::uint32_t wanted) { return group_of(a, group) < wanted; });
    for (auto at = first; at != order_.end() && group_of(*at, group) == number; ++at) {
      const Sample& sample = samples_[*at];
      versions.push_back(sample.behind);
      times.push_back(sample.behind == 0 ? 0 : static_cast<std::uint64_t>(call_of(*at) - sample.oldest));
      figures.stale += sample.behind > 0 ? 1 : 0;
    }
    figures.reads = versions.size();
    figures.versions = quantiles(versions);
    if (report_.has_times) figures.ns = quantiles(times);
  }

  std::uint32_t group_of(std::uint32_t transaction, Group group) const {
    if (group == kAllReads) return 0;
    return group == kOfRegion ? region_of_[transaction] : history_.transactions()[transaction].session;
  }

  void sort_by(Group group) {
    order_.clear();
    for (std::uint32_t i = 0; i < samples_.size(); ++i) {
      if (samples_[i].measured) order_.push_back(i);
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return group_of(a, group) < group_of(b, group); });
    sorted_ = true;
    sorted_by_ = group;
  }

  static Quantiles quantiles(std::vector<std::uint64_t>& values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    const auto at = [&values](std::uint64_t percent) {
      return values[(values.size() * percent + 99) / 100 - 1];  // nearest rank
    };
    return {at(50), at(90), at(99), values.back()};
  }

  const History& history_;
  const std::vector<std::uint32_t> places_;
  std::vector<Sample> samples_;  // by transaction
  std::vector<std::vector<Ack>> acks_;
  std::vector<std::vector<Read>> reads_;
  std::vector<std::uint32_t> region_of_;  // number of the row, by transaction
  std::vector<std::uint32_t> order_;
  bool sorted_ = false;
  Group sorted_by_ = kAllReads;
  StalenessReport report_;
};

}  // namespace

StalenessReport measure_staleness(const History& history, std::span<const std::int64_t> versions) {
  if (history.times().empty() && !history.has_real_time()) return {};
  return Measure(history, versions).run();
}

}  // namespace tidemark::checkers
