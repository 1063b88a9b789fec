// EdgePop: the cache of one PoP, and what it tells the others.
//
// It is in the memory of the PoP's worker: a crash empties it, and nobody sends again what a PoP missed while it was
// down (a cache that outlived the crash would then show what was purged meanwhile). A purge travels over the network
// like any request, once: POST /api/action purge(kind, name, ...) with the write's bookmark in its header; kind is
// "url", "record" or "table". Nobody waits for it. A PoP that cannot be reached keeps what it has.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/apps/application.h"
#include "model/apps/edge_cache/cache_store.h"
#include "model/protocol/rpc.h"

namespace tidemark::model {

/// What is done wrong on purpose (docs/apps/edge_cache.md).
struct EdgeMistakes {
  bool hit_keeps_bookmark = false;
  bool untouched_retagged = false;
  bool lists_patched = false;
};

class EdgePop final : public WorkerMemory {
 public:
  /// `context` must outlive it.
  EdgePop(const AppContext& context, const CacheOptions& options, EdgeMistakes mistakes);

  /// "FRA".
  std::string_view name() const { return name_; }
  sim::Instant now() const { return context_.env.now(); }

  /// nullptr: the database has to be asked. Good until the next call. `held`: what the session holds.
  const CachedAnswer* look_up(const ActionBody& page, const SessionToken& held);
  /// A query for the page has shown this, at this bookmark.
  void keep(const ActionBody& page, std::vector<ResultSetRef> shown, const SessionToken& read_at);
  /// A write that went through this PoP took effect: the row is now as `shown` (state, row) says, at `at`.
  void written(const ActionBody& write, const std::vector<ResultSetRef>& shown, const SessionToken& at);
  /// Pairs of kind and name; anything else is passed over. What was there is read again by the rule of `refill`.
  void purge(const std::vector<SqlValue>& names, const SessionToken& at) { drop(names, at, ""); }

 private:
  std::vector<SqlValue> purged_by(const ActionBody& write, std::int64_t category) const;
  bool updates_here(const ActionBody& write) const;
  void drop(const std::vector<SqlValue>& names, const SessionToken& at, const std::string& except);
  void patch_lists(const std::vector<ResultSetRef>& shown, const SessionToken& at);
  void retag_untouched(const ActionBody& write, const SessionToken& at);
  void put(CachedAnswer answer);
  void tell_others(const std::vector<SqlValue>& names, const SessionToken& at);
  sim::Task<void> tell(std::uint32_t worker, std::vector<SqlValue> names, SessionToken at);
  sim::Task<void> refill(ActionBody page, SessionToken at);

  const AppContext& context_;
  const CacheOptions options_;
  const EdgeMistakes mistakes_;
  const std::string name_;
  CacheStore store_;
  std::map<std::uint32_t, std::unique_ptr<RpcClient>> others_;  // by Process::id() of their worker
};

}  // namespace tidemark::model
