#include "scenarios/run/observer_tee.h"

namespace tidemark::scenarios {

using model::Bookmark;

void ObserverTee::on_commit(std::uint32_t database, const model::EntryRef& entry) {
  first_.on_commit(database, entry);
  second_.on_commit(database, entry);
}
void ObserverTee::on_sqlite_commit(std::uint32_t database, std::uint32_t node, std::uint32_t frames,
                                   std::uint32_t pages) {
  first_.on_sqlite_commit(database, node, frames, pages);
  second_.on_sqlite_commit(database, node, frames, pages);
}
void ObserverTee::on_confirmed(std::uint32_t database, const Bookmark& bookmark) {
  first_.on_confirmed(database, bookmark);
  second_.on_confirmed(database, bookmark);
}
void ObserverTee::on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const Bookmark& up_to) {
  first_.on_checkpoint(database, node, primary, up_to);
  second_.on_checkpoint(database, node, primary, up_to);
}
void ObserverTee::on_follower_durable(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  first_.on_follower_durable(database, follower, bookmark);
  second_.on_follower_durable(database, follower, bookmark);
}
void ObserverTee::on_follower_ack(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  first_.on_follower_ack(database, follower, bookmark);
  second_.on_follower_ack(database, follower, bookmark);
}
void ObserverTee::on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const Bookmark& bookmark) {
  first_.on_follower_confirmed(database, follower, bookmark);
  second_.on_follower_confirmed(database, follower, bookmark);
}
void ObserverTee::on_follower_trim(std::uint32_t database, std::uint32_t follower, const Bookmark& up_to) {
  first_.on_follower_trim(database, follower, up_to);
  second_.on_follower_trim(database, follower, up_to);
}
void ObserverTee::on_replica_boot(std::uint32_t database, std::uint32_t replica, const Bookmark& at,
                                  const model::PageReader& pages) {
  first_.on_replica_boot(database, replica, at, pages);
  second_.on_replica_boot(database, replica, at, pages);
}
void ObserverTee::on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) {
  first_.on_received(database, replica, entry);
  second_.on_received(database, replica, entry);
}
void ObserverTee::on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                               const model::PageReader& pages) {
  first_.on_published(database, replica, entry, pages);
  second_.on_published(database, replica, entry, pages);
}
void ObserverTee::on_lag(const model::LagTruth& lag) {
  first_.on_lag(lag);
  second_.on_lag(lag);
}
void ObserverTee::on_snapshot(std::uint32_t database, const Bookmark& label, const model::PageReader& pages) {
  first_.on_snapshot(database, label, pages);
  second_.on_snapshot(database, label, pages);
}
void ObserverTee::on_segment(std::uint32_t database, const Bookmark& previous, const Bookmark& last) {
  first_.on_segment(database, previous, last);
  second_.on_segment(database, previous, last);
}
void ObserverTee::on_cold_removed(std::uint32_t database, const Bookmark& up_to) {
  first_.on_cold_removed(database, up_to);
  second_.on_cold_removed(database, up_to);
}
void ObserverTee::on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) {
  first_.on_follower_set(database, followers);
  second_.on_follower_set(database, followers);
}
void ObserverTee::on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) {
  first_.on_promise(database, follower, epoch);
  second_.on_promise(database, follower, epoch);
}
void ObserverTee::on_follower_cut(std::uint32_t database, std::uint32_t follower, const Bookmark& last) {
  first_.on_follower_cut(database, follower, last);
  second_.on_follower_cut(database, follower, last);
}
void ObserverTee::on_follower_stored(std::uint32_t database, std::uint32_t follower, const Bookmark& last,
                                     const Bookmark& previous, const Bookmark& entry) {
  first_.on_follower_stored(database, follower, last, previous, entry);
  second_.on_follower_stored(database, follower, last, previous, entry);
}

void ObserverTee::on_follower_rewound(std::uint32_t database, std::uint32_t follower, const Bookmark& after,
                                      const Bookmark& confirmed) {
  first_.on_follower_rewound(database, follower, after, confirmed);
  second_.on_follower_rewound(database, follower, after, confirmed);
}

void ObserverTee::on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const Bookmark& at) {
  first_.on_leader(database, host, epoch, at);
  second_.on_leader(database, host, epoch, at);
}
void ObserverTee::on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) {
  first_.on_leader_gone(database, host, epoch);
  second_.on_leader_gone(database, host, epoch);
}
void ObserverTee::on_restore(std::uint32_t database, const Bookmark& restored, const Bookmark& target,
                             const Bookmark& undo) {
  first_.on_restore(database, restored, target, undo);
  second_.on_restore(database, restored, target, undo);
}
void ObserverTee::on_time_found(std::uint32_t database, sim::Instant asked, const Bookmark& newest,
                                const Bookmark& found) {
  first_.on_time_found(database, asked, newest, found);
  second_.on_time_found(database, asked, newest, found);
}
void ObserverTee::on_resumed(std::uint32_t database, std::uint32_t replica, const Bookmark& kept) {
  first_.on_resumed(database, replica, kept);
  second_.on_resumed(database, replica, kept);
}
void ObserverTee::on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const Bookmark& created) {
  first_.on_failure(database, session, unknown, created);
  second_.on_failure(database, session, unknown, created);
}
void ObserverTee::on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                             std::span<const model::SqlValue> params, const Bookmark& entry) {
  first_.on_created(database, session, sql, params, entry);
  second_.on_created(database, session, sql, params, entry);
}
void ObserverTee::on_response(const model::ResponseTruth& response) {
  first_.on_response(response);
  second_.on_response(response);
}

}  // namespace tidemark::scenarios
