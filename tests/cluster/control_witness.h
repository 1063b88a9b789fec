// ControlWitness: did the situation that a negative control is about really occur? From ground truth, apart from every
// checker. Of the first database.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "model/types/null_observer.h"
#include "sim/core/scheduler.h"

namespace tidemark {

class ControlWitness final : public model::NullObserver, public sim::EventSink {
 public:
  struct Answer {
    sim::Instant started;
    sim::Instant sent;
    model::Bookmark state;
    model::Bookmark created;  // origin: a read
    bool first_primary = false;
  };

  std::vector<sim::Instant> confirmations;  // when the gate opened
  std::vector<sim::Instant> replica_answers;
  std::vector<Answer> primary_answers;
  std::uint64_t newer_than_asked = 0;     // answers of replicas with a bookmark after the one asked with
  std::uint64_t older_than_its_past = 0;  // answers of a replica to nobody's bookmark, from before an earlier life's
  std::uint64_t boots_into_the_past = 0;
  std::uint64_t takeovers = 0;
  std::set<model::Bookmark> confirmed;  // of the leaders' own entries
  model::Bookmark stored;               // the newest in cold storage

  /// Reads with first-primary that ran at the same time as a write, and saw it or did not.
  std::uint64_t concurrent_reads(bool saw_it) const {
    std::uint64_t count = 0;
    for (const Answer& read : primary_answers) {
      if (!read.first_primary || !read.created.is_origin()) continue;
      count += std::any_of(primary_answers.begin(), primary_answers.end(), [&](const Answer& write) {
        const bool together = write.started < read.sent && read.started < write.sent;
        return together && !write.created.is_origin() && (read.state >= write.created) == saw_it;
      });
    }
    return count;
  }
  static std::size_t between(const std::vector<sim::Instant>& times, sim::Instant from, sim::Instant to) {
    return static_cast<std::size_t>(
        std::count_if(times.begin(), times.end(), [&](sim::Instant time) { return from <= time && time < to; }));
  }
  /// Confirmed entries that were not in cold storage.
  std::uint64_t only_in_logs() const {
    return static_cast<std::uint64_t>(std::distance(confirmed.upper_bound(stored), confirmed.end()));
  }

  void on_event(const sim::EventRecord& event) override { now_ = event.when; }
  void on_commit(std::uint32_t database, const model::EntryRef& entry) override {
    if (database == 0) open_.insert(entry->bookmark());
  }
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override {
    if (database != 0) return;
    confirmations.push_back(now_);
    const auto end = open_.upper_bound(bookmark);
    confirmed.insert(open_.begin(), end);
    open_.erase(open_.begin(), end);
  }
  void on_segment(std::uint32_t database, const model::Bookmark&, const model::Bookmark& last) override {
    if (database == 0) stored = std::max(stored, last);
  }
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader&) override {
    if (database == 0) stored = std::max(stored, label);
  }
  void on_leader(std::uint32_t database, std::uint32_t, std::uint32_t, const model::Bookmark&) override {
    takeovers += database == 0;
  }
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader&) override {
    if (database == 0) visible_[replica] = std::max(visible_[replica], entry->bookmark());
  }
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader&) override {
    if (database != 0) return;
    boots_into_the_past += at < visible_[replica];
    past_[replica] = std::max(past_[replica], visible_[replica]);
  }
  void on_response(const model::ResponseTruth& response) override {
    if (response.database != 0) return;
    using Kind = model::SessionToken::Kind;
    const Kind asked = response.asked == nullptr ? Kind::kNone : response.asked->kind();
    if (response.node_is_primary) {
      primary_answers.push_back(
          {response.started, response.sent, response.state, response.created, asked == Kind::kFirstPrimary});
      return;
    }
    replica_answers.push_back(response.sent);
    if (asked == Kind::kBookmark)
      newer_than_asked += response.returned != nullptr && *response.returned > response.asked->bookmark();
    else
      older_than_its_past += response.state < past_[response.node];
  }

 private:
  sim::Instant now_;
  std::set<model::Bookmark> open_;
  std::map<std::uint32_t, model::Bookmark> visible_;  // by replica: the newest ever
  std::map<std::uint32_t, model::Bookmark> past_;     // ... in earlier lives
};

}  // namespace tidemark
