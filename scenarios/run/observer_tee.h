// ObserverTee: hands every call of the model to two observers, in this order.
#pragma once

#include <cstdint>
#include <span>

#include "model/types/observer.h"

namespace tidemark::scenarios {

class ObserverTee final : public model::Observer {
 public:
  /// Neither is owned.
  ObserverTee(model::Observer& first, model::Observer& second) : first_(first), second_(second) {}

  void on_commit(std::uint32_t database, const model::EntryRef& entry) override;
  void on_sqlite_commit(std::uint32_t database, std::uint32_t node, std::uint32_t frames, std::uint32_t pages) override;
  void on_confirmed(std::uint32_t database, const model::Bookmark& bookmark) override;
  void on_checkpoint(std::uint32_t database, std::uint32_t node, bool primary, const model::Bookmark& up_to) override;
  void on_follower_durable(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_ack(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_confirmed(std::uint32_t database, std::uint32_t follower, const model::Bookmark& bookmark) override;
  void on_follower_trim(std::uint32_t database, std::uint32_t follower, const model::Bookmark& up_to) override;
  void on_replica_boot(std::uint32_t database, std::uint32_t replica, const model::Bookmark& at,
                       const model::PageReader& pages) override;
  void on_received(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry) override;
  void on_published(std::uint32_t database, std::uint32_t replica, const model::EntryRef& entry,
                    const model::PageReader& pages) override;
  void on_lag(const model::LagTruth& lag) override;
  void on_snapshot(std::uint32_t database, const model::Bookmark& label, const model::PageReader& pages) override;
  void on_segment(std::uint32_t database, const model::Bookmark& previous, const model::Bookmark& last) override;
  void on_cold_removed(std::uint32_t database, const model::Bookmark& up_to) override;
  void on_follower_set(std::uint32_t database, std::span<const std::uint32_t> followers) override;
  void on_promise(std::uint32_t database, std::uint32_t follower, std::uint32_t epoch) override;
  void on_follower_cut(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last) override;
  void on_follower_stored(std::uint32_t database, std::uint32_t follower, const model::Bookmark& last,
                          const model::Bookmark& previous, const model::Bookmark& entry) override;
  void on_follower_rewound(std::uint32_t database, std::uint32_t follower, const model::Bookmark& after,
                           const model::Bookmark& confirmed) override;
  void on_leader(std::uint32_t database, std::uint32_t host, std::uint32_t epoch, const model::Bookmark& at) override;
  void on_leader_gone(std::uint32_t database, std::uint32_t host, std::uint32_t epoch) override;
  void on_restore(std::uint32_t database, const model::Bookmark& restored, const model::Bookmark& target,
                  const model::Bookmark& undo) override;
  void on_time_found(std::uint32_t database, sim::Instant asked, const model::Bookmark& newest,
                     const model::Bookmark& found) override;
  void on_resumed(std::uint32_t database, std::uint32_t replica, const model::Bookmark& kept) override;
  void on_failure(std::uint32_t database, std::uint32_t session, bool unknown, const model::Bookmark& created) override;
  void on_created(std::uint32_t database, std::uint32_t session, std::string_view sql,
                  std::span<const model::SqlValue> params, const model::Bookmark& entry) override;
  void on_response(const model::ResponseTruth& response) override;

 private:
  model::Observer& first_;
  model::Observer& second_;
};

}  // namespace tidemark::scenarios
