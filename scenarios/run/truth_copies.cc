// TruthRecorder: replicas, answers, cold storage.
#include <algorithm>

#include "scenarios/run/truth_state.h"

namespace tidemark::scenarios {
namespace {

constexpr std::size_t kRememberedCreations = 4096;

}  // namespace

using checkers::PageImage;
using model::Bookmark;

void TruthRecorder::read_image(const model::PageReader& pages, std::vector<PageImage>& image) const {
  image.clear();
  for (std::uint32_t number = 1; number <= pages.pages(); ++number) {
    const sim::BufferRef page = pages.page(number);
    image.push_back({number, page ? page->digest() : Digest128{}});
  }
}

void TruthRecorder::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at_bookmark,
                                    const model::PageReader& pages) {
  copy(replica).visible = at_bookmark;
  if (!replication_) return;
  auto record = record_at<checkers::ReplicaBooted>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(at_bookmark);
  replication_->on(record);
  if (at_bookmark.is_origin() || scenario_.checks.page_sample_every == 0) return;
  read_image(pages, pages_);
  auto published = record_at<checkers::Published>(now_ns(), database);
  published.replica = replica;
  published.position = position_of(at_bookmark);
  published.size_pages = pages.pages();
  published.pages = pages_;
  published.full_image = true;
  replication_->on(published);
}

void TruthRecorder::on_resumed(std::uint32_t database, std::uint32_t replica, const Bookmark& kept) {
  if (!replication_) return;
  auto record = record_at<checkers::ReplicaResumed>(now_ns(), database);
  record.replica = replica;
  record.kept = position_of(kept);
  replication_->on(record);
}

void TruthRecorder::on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) {
  if (!replication_) return;
  auto record = record_at<checkers::EntryReceived>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(entry->bookmark());
  replication_->on(record);
}

void TruthRecorder::on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                                 const model::PageReader& pages) {
  Copy& published = copy(replica);
  published.visible = entry->bookmark();
  ++published.publications;
  if (!replication_) return;
  auto record = record_at<checkers::Published>(now_ns(), database);
  record.replica = replica;
  record.position = position_of(entry->bookmark());
  record.size_pages = pages.pages();
  record.at_transaction_end = pages.at_transaction_end();
  pages_.clear();
  const std::uint32_t every = scenario_.checks.page_sample_every;
  if (every != 0 && published.publications % every == 0) {
    changed_pages(*entry, pages_);
    for (PageImage& image : pages_) {
      const sim::BufferRef page = pages.page(image.pgno);
      image.digest = page ? page->digest() : Digest128{};
    }
    // A page beyond the size after a shrink is no part of the image.
    pages_.erase(
        std::remove_if(pages_.begin(), pages_.end(), [&](const PageImage& p) { return p.pgno > pages.pages(); }),
        pages_.end());
  }
  record.pages = pages_;
  replication_->on(record);
}

void TruthRecorder::on_lag(const model::LagTruth& lag) {
  const Copy& replica = copy(lag.replica);
  if (replication_) {
    auto record = record_at<checkers::LagSample>(now_ns(), lag.database);
    record.replica = lag.replica;
    record.position = position_of(lag.bookmark);
    record.confirmed_ns = lag.confirmed.ns();
    record.published_ns = lag.published.ns();
    record.floor_ns = replica.floor.ns();
    replication_->on(record);
  }
  if (sink_ == nullptr) return;
  LagParts parts;
  parts.database = lag.database;
  parts.replica = lag.replica;
  parts.flush_wait = lag.flushed - lag.confirmed;
  parts.wire_base = replica.base;
  parts.wire_extra = lag.arrived - lag.flushed - replica.base;
  const sim::Instant ready = std::max(lag.arrived, lag.complete);
  parts.gap = ready - lag.arrived;
  parts.publish = lag.published - ready;
  parts.clock = lag.clock_error;
  sink_->on_lag(parts);
}

void TruthRecorder::on_snapshot_stored(std::uint32_t database, const Bookmark& label, const model::PageReader& image) {
  read_image(image, pages_);
  auto record = record_at<checkers::SnapshotStored>(now_ns(), database);
  record.label = position_of(label);
  record.image = pages_;
  replication_->on(record);
}

void TruthRecorder::on_segment_stored(std::uint32_t database, const Bookmark& previous, const Bookmark& last) {
  auto record = record_at<checkers::SegmentStored>(now_ns(), database);
  record.from = position_of(previous);
  record.to = position_of(last);
  replication_->on(record);
}

void TruthRecorder::on_object_removed(std::uint32_t database, const Bookmark& last) {
  auto record = record_at<checkers::ColdRemoved>(now_ns(), database);
  record.up_to = position_of(last);
  replication_->on(record);
}

void TruthRecorder::on_restore(std::uint32_t database, const Bookmark& restored, const Bookmark& target,
                               const Bookmark& undo) {
  databases_.at(database)->restores.begin({restored, target, undo});
  history_.restore_began(database, restored, target, cluster_->scheduler().now());
}

void TruthRecorder::on_time_found(std::uint32_t database, sim::Instant asked, const Bookmark& newest,
                                  const Bookmark& found) {
  if (!replication_) return;
  auto record = record_at<checkers::TimeFound>(now_ns(), database);
  record.asked_ns = asked.ns();
  record.newest = position_of(newest);
  record.found = position_of(found);
  replication_->on(record);
}

/// The entry is confirmed, or lost: then nothing was restored.
void TruthRecorder::restore_ended(std::uint32_t database, const Bookmark& restored, const Bookmark& target,
                                  const Bookmark& undo, bool took_effect) {
  history_.restore_ended(database, restored, took_effect, cluster_->scheduler().now());
  if (!replication_ || !took_effect) return;
  auto record = record_at<checkers::Restored>(now_ns(), database);
  record.restored = position_of(restored);
  record.target = position_of(target);
  record.undo = position_of(undo);
  replication_->on(record);
}

/// `problem` is empty when the request was refused, or changed nothing, as it must be.
void TruthRecorder::hostile_answered(std::uint32_t database, const std::string& problem) {
  if (!replication_) return;
  auto record = record_at<checkers::HostileAnswered>(now_ns(), database);
  record.problem = problem;
  replication_->on(record);
}

void TruthRecorder::note_created(std::uint32_t database, std::uint32_t session, const Bookmark& created) {
  if (created.is_origin()) return;
  if (session == model::kHostileSession) hostile_answered(database, "a hostile request made entry " + created.text());
  created_.push_back({session, cluster_->scheduler().now(), created});
  if (created_.size() > kRememberedCreations) created_.pop_front();
}

void TruthRecorder::on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const Bookmark& created) {
  note_created(database, session, created);
  if (!replication_) return;
  auto record = record_at<checkers::RequestFailed>(now_ns(), database);
  record.session = session;
  record.outcome_unknown = unknown;
  record.created_entry = !created.is_origin();
  record.created = position_of(created);
  replication_->on(record);
}

/// A client says that its operation surely had no effect: nothing that its requests made may ever be confirmed.
void TruthRecorder::client_failed(std::uint32_t database, std::uint32_t session, sim::Instant invoked) {
  if (!replication_) return;
  for (auto created = created_.rbegin(); created != created_.rend() && created->at >= invoked; ++created) {
    if (created->session != session) continue;
    auto record = record_at<checkers::RequestFailed>(now_ns(), database);
    record.session = session;
    record.created_entry = true;
    record.created = position_of(created->bookmark);
    replication_->on(record);
  }
}

void TruthRecorder::on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                               std::span<const model::SqlValue> params, const Bookmark& entry) {
  history_.on_created(database, session, sql, params, entry);
}

void TruthRecorder::on_response(const model::ResponseTruth& response) {
  history_.on_response(response);
  if (!replication_) return;
  note_created(response.database, response.session, response.created);
  const std::string asked = response.asked == nullptr ? std::string() : response.asked->text();
  const std::string returned = response.returned == nullptr ? std::string() : response.returned->text();
  auto record = record_at<checkers::Response>(response.sent.ns(), response.database);
  record.operation = ++responses_;
  record.session = response.session;
  record.node = response.node;
  record.is_primary = response.node_is_primary;
  record.region = response.region;
  record.claimed_primary = response.claimed_primary;
  record.claimed_region = response.claimed_region;
  record.required_bookmark = asked;
  record.returned_bookmark = returned;
  record.state = position_of(response.state);
  record.wrote = !response.created.is_origin();
  record.created = position_of(response.created);
  record.started_ns = response.started.ns();
  record.made_up = history_.made_up(response.session);
  replication_->on(record);
}

}  // namespace tidemark::scenarios
