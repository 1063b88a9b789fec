// CacheStore: the answers that one PoP keeps, by URL, and what each depends on: records and tables.
//
// An answer that has expired is never found, and is gone when somebody looks for it. When the answers take more than
// the memory given, those that were used least recently go. Times are those of the process that asks.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "model/protocol/http.h"
#include "model/types/bookmark.h"
#include "model/types/value.h"
#include "sim/core/time.h"

namespace tidemark::model {

struct CachedAnswer {
  ActionBody request;               // what it answers: to be asked again
  std::vector<ResultSetRef> shown;  // as the application shows it
  SessionToken read_at;             // the bookmark that came with it
  sim::Instant stored;
  sim::Instant expires;
  std::vector<std::string> records;  // "item 17": it changes when one of them does
  std::vector<std::string> tables;   // "items": it may change when a row is added to one of them
};

class CacheStore {
 public:
  explicit CacheStore(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

  /// nullptr: there is none. Good until the store is changed.
  const CachedAnswer* find(const std::string& url, sim::Instant now);
  /// Instead of what was there. An answer larger than the whole memory is not kept.
  void put(const std::string& url, CachedAnswer answer);
  /// False when there was none.
  bool drop(const std::string& url);
  /// In their own order.
  std::vector<std::string> urls_of_record(const std::string& record) const { return urls_of(by_record_, record); }
  std::vector<std::string> urls_of_table(const std::string& table) const { return urls_of(by_table_, table); }

  std::vector<std::string> urls() const;

  std::size_t size() const { return entries_.size(); }
  std::uint64_t bytes() const { return bytes_; }

 private:
  using Index = std::map<std::string, std::set<std::string>>;
  struct Entry {
    CachedAnswer answer;
    std::uint64_t bytes = 0;
    std::uint64_t used = 0;  // key of uses_
  };
  static std::vector<std::string> urls_of(const Index& index, const std::string& name);
  static void forget(Index& index, const std::vector<std::string>& names, const std::string& url);
  void erase(std::map<std::string, Entry>::iterator entry);

  const std::uint64_t most_bytes_;
  std::map<std::string, Entry> entries_;  // by URL
  Index by_record_;
  Index by_table_;
  std::map<std::uint64_t, std::string> uses_;  // least recent first
  std::uint64_t last_use_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace tidemark::model
