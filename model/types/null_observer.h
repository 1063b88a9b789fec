// NullObserver: for runs that nobody watches.
#pragma once

#include "model/types/observer.h"

namespace tidemark::model {

class NullObserver : public Observer {
 public:
  void on_commit(std::uint32_t, const EntryRef&) override {}
  void on_sqlite_commit(std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t) override {}
  void on_confirmed(std::uint32_t, const Bookmark&) override {}
  void on_checkpoint(std::uint32_t, std::uint32_t, bool, const Bookmark&) override {}
  void on_follower_durable(std::uint32_t, std::uint32_t, const Bookmark&) override {}
  void on_follower_ack(std::uint32_t, std::uint32_t, const Bookmark&) override {}
  void on_follower_confirmed(std::uint32_t, std::uint32_t, const Bookmark&) override {}
  void on_follower_trim(std::uint32_t, std::uint32_t, const Bookmark&) override {}
  void on_replica_boot(std::uint32_t, std::uint32_t, const Bookmark&, const PageReader&) override {}
  void on_received(std::uint32_t, std::uint32_t, const EntryRef&) override {}
  void on_published(std::uint32_t, std::uint32_t, const EntryRef&, const PageReader&) override {}
  void on_lag(const LagTruth&) override {}
  void on_snapshot(std::uint32_t, const Bookmark&, const PageReader&) override {}
  void on_segment(std::uint32_t, const Bookmark&, const Bookmark&) override {}
  void on_cold_removed(std::uint32_t, const Bookmark&) override {}
  void on_response(const ResponseTruth&) override {}
};

}  // namespace tidemark::model
